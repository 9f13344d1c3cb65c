#include "services/records/page_token.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <cstring>
#include <memory>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "services/records/canonical.h"
#include "services/records/openssl_check.h"
#include "services/server/error.h"

namespace bonnie::records {
namespace {

using google::protobuf::Message;

constexpr char kVersion = '\1';
constexpr std::size_t kKeyIdBytes = 4;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kHeaderBytes = 1 + kKeyIdBytes;  // authenticated, not encrypted
constexpr absl::Duration kLifetime = absl::Hours(24);
constexpr absl::Duration kClockSkew = absl::Minutes(5);  // between instances

// What is sealed: of fixed size, so that the length of a token says nothing.
struct Content {
  std::array<unsigned char, 32> call_hash;
  std::int64_t issued_at;  // Unix microseconds
  std::int64_t day;        // since 1970-01-01
  std::int64_t id;
};
static_assert(sizeof(Content) == 56);
constexpr std::size_t kTokenBytes = kHeaderBytes + kNonceBytes + sizeof(Content) + kTagBytes;

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const unsigned char* Bytes(absl::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* Bytes(std::string& text, std::size_t at) { return reinterpret_cast<unsigned char*>(text.data()) + at; }

std::array<unsigned char, 32> Hash(absl::string_view call) {
  std::array<unsigned char, 32> hash{};
  EVP_Digest(call.data(), call.size(), hash.data(), nullptr, EVP_sha256(), nullptr);
  return hash;
}

absl::Status Refusal(absl::string_view reason, absl::string_view message) {
  server::ErrorDetails details;
  details.reason = std::string(reason);
  details.violations.push_back({"page_token", std::string(message)});
  return server::Error(absl::StatusCode::kInvalidArgument, absl::StrCat("page_token: ", message), std::move(details));
}

absl::Status Invalid() {
  return Refusal("PAGE_TOKEN_INVALID",
                 "want a next_page_token as it came, of the last 24 hours; start at the first page again");
}

// Whether the sealed part opens: its tag is right under `key`.
bool Decrypt(const SealingKey& key, const std::string& token, Content* content) {
  const unsigned char* bytes = Bytes(token);
  const unsigned char* nonce = bytes + kHeaderBytes;
  const unsigned char* sealed = nonce + kNonceBytes;
  std::array<unsigned char, kTagBytes> tag;
  std::memcpy(tag.data(), sealed + sizeof(Content), kTagBytes);
  std::array<unsigned char, sizeof(Content)> opened;
  int length = 0;
  const CipherContext context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  const bool right = EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, Bytes(key.token_key), nonce) == 1 &&
                     EVP_DecryptUpdate(context.get(), nullptr, &length, bytes, kHeaderBytes) == 1 &&
                     EVP_DecryptUpdate(context.get(), opened.data(), &length, sealed, sizeof(Content)) == 1 &&
                     EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1 &&
                     EVP_DecryptFinal_ex(context.get(), opened.data() + length, &length) == 1;
  if (right) std::memcpy(content, opened.data(), sizeof(Content));
  return right;
}

}  // namespace

std::string PagedCall(absl::string_view site, absl::string_view method, absl::string_view identity,
                      const Message& request) {
  const std::unique_ptr<Message> copy(request.New());
  copy->CopyFrom(request);
  for (const char* field : {"page_size", "page_token"}) {
    copy->GetReflection()->ClearField(copy.get(), copy->GetDescriptor()->FindFieldByName(field));
  }
  // Lengths first, so that no two calls read the same.
  std::string call = absl::StrCat(site.size(), ".", method.size(), ".", identity.size(), ".", site, method, identity);
  return call + CanonicalBytes(*copy);
}

PageTokens::PageTokens(KeyRing& keys, std::function<absl::Time()> now) : keys_(keys), now_(std::move(now)) {}

std::string PageTokens::Seal(absl::string_view call, const Cursor& cursor) const {
  const Content content{Hash(call), absl::ToUnixMicros(now_()), cursor.date - absl::CivilDay(1970, 1, 1), cursor.id};
  const auto keys = keys_.keys();
  std::string token(kTokenBytes, '\0');
  token[0] = kVersion;
  std::memcpy(Bytes(token, 1), keys->front().id.data(), kKeyIdBytes);
  unsigned char* nonce = Bytes(token, kHeaderBytes);
  MustSucceed(RAND_bytes(nonce, kNonceBytes));
  unsigned char* sealed = nonce + kNonceBytes;
  int length = 0;
  const CipherContext context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  MustSucceed(EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, Bytes(keys->front().token_key), nonce));
  MustSucceed(EVP_EncryptUpdate(context.get(), nullptr, &length, Bytes(token), kHeaderBytes));
  MustSucceed(EVP_EncryptUpdate(context.get(), sealed, &length, reinterpret_cast<const unsigned char*>(&content),
                                sizeof content));
  MustSucceed(EVP_EncryptFinal_ex(context.get(), sealed + length, &length));
  MustSucceed(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, sealed + sizeof content));
  return std::string(absl::WebSafeBase64Escape(token));
}

absl::StatusOr<Cursor> PageTokens::Open(absl::string_view call, absl::string_view token) const {
  if (token.empty()) return Cursor();
  std::string bytes;
  // Encoded again, because the decoder passes over white space, padding and unused bits.
  if (token.size() > 2 * kTokenBytes || !absl::WebSafeBase64Unescape(token, &bytes) || bytes.size() != kTokenBytes ||
      absl::WebSafeBase64Escape(bytes) != token || bytes[0] != kVersion) {
    return Invalid();
  }
  const auto keys = keys_.keys();
  const absl::string_view key_id(bytes.data() + 1, kKeyIdBytes);
  for (const SealingKey& key : *keys) {
    Content content{};
    if (key.id != key_id || !Decrypt(key, bytes, &content)) continue;
    if (content.call_hash != Hash(call)) {
      return Refusal("PAGE_TOKEN_MISMATCH", "want the request as it was for the page before, but for page_size");
    }
    const absl::Duration age = now_() - absl::FromUnixMicros(content.issued_at);
    if (age > kLifetime || age < -kClockSkew) {
      return Refusal("PAGE_TOKEN_EXPIRED", "want a token of the last 24 hours; start at the first page again");
    }
    return Cursor{absl::CivilDay(1970, 1, 1) + content.day, content.id};
  }
  return Invalid();
}

}  // namespace bonnie::records
