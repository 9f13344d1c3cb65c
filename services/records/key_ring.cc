#include "services/records/key_ring.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "services/data_access/status_macros.h"
#include "services/records/openssl_check.h"

namespace bonnie::records {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kIdBytes = 4;

// HKDF-SHA256 without salt: the input is uniform already. `purpose` keeps the derived keys apart.
std::string Derive(absl::string_view key, absl::string_view purpose, std::size_t bytes) {
  std::string derived(bytes, '\0');
  const std::unique_ptr<EVP_KDF, decltype(&EVP_KDF_free)> kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr), &EVP_KDF_free);
  const std::unique_ptr<EVP_KDF_CTX, decltype(&EVP_KDF_CTX_free)> context(EVP_KDF_CTX_new(kdf.get()),
                                                                          &EVP_KDF_CTX_free);
  char digest[] = "SHA256";
  const std::array<OSSL_PARAM, 4> parameters = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, const_cast<char*>(key.data()), key.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, const_cast<char*>(purpose.data()), purpose.size()),
      OSSL_PARAM_construct_end()};
  MustSucceed(
      EVP_KDF_derive(context.get(), reinterpret_cast<unsigned char*>(derived.data()), bytes, parameters.data()));
  return derived;
}

absl::Status Bad(const std::string& file, absl::string_view what) {
  return absl::FailedPreconditionError(absl::StrCat(file, ": ", what));
}

absl::StatusOr<SealingKey> ReadKey(const std::string& file) {
  BONNIE_ASSIGN_OR_RETURN(std::string line, server::ReadFile(file, server::FileAccess::kNothing));
  line.resize(std::min(line.size(), line.find('\n')));
  absl::StripAsciiWhitespace(&line);
  const bool hexadecimal = line.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
  if (line.size() != 2 * kKeyBytes || !hexadecimal) return Bad(file, "want 64 hexadecimal digits on the first line");
  return SealingKey::From(absl::HexStringToBytes(line));
}

absl::StatusOr<SealingKeys> ReadKeys(const std::vector<std::string>& files) {
  SealingKeys keys;
  for (const std::string& file : files) {
    BONNIE_ASSIGN_OR_RETURN(SealingKey key, ReadKey(file));
    keys.push_back(std::move(key));
  }
  return keys;
}

}  // namespace

SealingKey SealingKey::From(absl::string_view key) {
  return {Derive(key, "bonnie key id", kIdBytes), std::string(key), Derive(key, "bonnie request payload", kKeyBytes)};
}

absl::StatusOr<std::unique_ptr<KeyRing>> KeyRing::Open(std::string key_file,
                                                       std::vector<std::string> previous_key_files) {
  std::vector<std::string> files = {std::move(key_file)};
  files.insert(files.end(), previous_key_files.begin(), previous_key_files.end());
  server::FileStamp stamp(files);  // before reading, so that a change in between is seen
  BONNIE_ASSIGN_OR_RETURN(SealingKeys keys, ReadKeys(files));
  return std::unique_ptr<KeyRing>(new KeyRing(std::move(files), std::move(stamp), std::move(keys)));
}

KeyRing::KeyRing(std::vector<std::string> files, server::FileStamp stamp, SealingKeys keys)
    : files_(std::move(files)),
      stamp_(std::move(stamp)),
      keys_(std::make_shared<const SealingKeys>(std::move(keys))) {}

std::shared_ptr<const SealingKeys> KeyRing::keys() const {
  absl::MutexLock lock(&mu_);
  return keys_;
}

absl::StatusOr<bool> KeyRing::Reload() {
  if (!stamp_.Changed()) return false;
  BONNIE_ASSIGN_OR_RETURN(SealingKeys read, ReadKeys(files_));
  absl::MutexLock lock(&mu_);
  keys_ = std::make_shared<const SealingKeys>(std::move(read));
  return true;
}

}  // namespace bonnie::records
