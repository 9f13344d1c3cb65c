#ifndef BONNIE_SERVICES_SERVER_PEM_H_
#define BONNIE_SERVICES_SERVER_PEM_H_

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace bonnie::server {

struct FreeX509 {
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(X509_CRL* list) const { X509_CRL_free(list); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using X509Ptr = std::unique_ptr<X509, FreeX509>;
using CrlPtr = std::unique_ptr<X509_CRL, FreeX509>;
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeX509>;

// The certificates of a PEM text, in its order, up to the first that does not parse. OpenSSL's error queue is empty
// afterwards. The same for the others below.
std::vector<X509Ptr> CertificatesIn(absl::string_view pem);
// Its certificate revocation lists.
std::vector<CrlPtr> CrlsIn(absl::string_view pem);
// Its private key; null when there is none that opens without a passphrase.
KeyPtr KeyIn(absl::string_view pem);

// InfinitePast for a time that does not parse; InfiniteFuture for none (null).
absl::Time ToTime(const ASN1_TIME* time);
// "/O=Bonnie/CN=Bonnie private CA".
std::string NameText(const X509_NAME* name);

}  // namespace bonnie::server

#endif  // BONNIE_SERVICES_SERVER_PEM_H_
