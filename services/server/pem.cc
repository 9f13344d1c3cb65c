#include "services/server/pem.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <ctime>

namespace bonnie::server {
namespace {

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using BioPtr = std::unique_ptr<BIO, FreeBio>;

BioPtr BioOf(absl::string_view text) { return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

// Without this OpenSSL would ask for the passphrase on the terminal.
int NoPassphrase(char*, int, int, void*) { return 0; }

}  // namespace

std::vector<X509Ptr> CertificatesIn(absl::string_view pem) {
  const BioPtr bio = BioOf(pem);
  std::vector<X509Ptr> found;
  while (X509* next = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) found.emplace_back(next);
  ERR_clear_error();  // the end of the text counts as an error
  return found;
}

std::vector<CrlPtr> CrlsIn(absl::string_view pem) {
  const BioPtr bio = BioOf(pem);
  std::vector<CrlPtr> found;
  while (X509_CRL* next = PEM_read_bio_X509_CRL(bio.get(), nullptr, nullptr, nullptr)) found.emplace_back(next);
  ERR_clear_error();
  return found;
}

KeyPtr KeyIn(absl::string_view pem) {
  KeyPtr key(PEM_read_bio_PrivateKey(BioOf(pem).get(), nullptr, NoPassphrase, nullptr));
  ERR_clear_error();
  return key;
}

absl::Time ToTime(const ASN1_TIME* time) {
  if (time == nullptr) return absl::InfiniteFuture();
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return absl::InfinitePast();
  return absl::FromTM(parts, absl::UTCTimeZone());
}

std::string NameText(const X509_NAME* name) {
  char* text = X509_NAME_oneline(name, nullptr, 0);
  std::string copy = text == nullptr ? "" : text;
  OPENSSL_free(text);
  return copy;
}

}  // namespace bonnie::server
