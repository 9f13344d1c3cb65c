#include "services/records/etag.h"

#include <openssl/evp.h>

#include <array>
#include <cstring>
#include <memory>

#include "absl/strings/escaping.h"

namespace bonnie::records {
namespace {

constexpr std::size_t kEtagBytes = 9;  // 12 characters without padding

// Fetching an algorithm takes a lock that all threads share, so it is done once.
const EVP_MD* Sha256() {
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return sha256;
}

EVP_MD_CTX* ThreadsContext() {
  thread_local const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                                     &EVP_MD_CTX_free);
  return context.get();
}

}  // namespace

std::string MakeEtag(Kind kind, std::int64_t id, std::int64_t row_version, absl::Time update_time) {
  const std::int64_t micros = absl::ToUnixMicros(update_time);
  std::array<char, 1 + 3 * sizeof(std::int64_t)> version;
  version[0] = static_cast<char>(kind);
  std::memcpy(&version[1], &id, sizeof id);
  std::memcpy(&version[9], &row_version, sizeof row_version);
  std::memcpy(&version[17], &micros, sizeof micros);

  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  EVP_MD_CTX* context = ThreadsContext();
  EVP_DigestInit_ex2(context, Sha256(), nullptr);
  EVP_DigestUpdate(context, version.data(), version.size());
  EVP_DigestFinal_ex(context, digest.data(), nullptr);
  return std::string(
      absl::WebSafeBase64Escape(absl::string_view(reinterpret_cast<const char*>(digest.data()), kEtagBytes)));
}

}  // namespace bonnie::records
