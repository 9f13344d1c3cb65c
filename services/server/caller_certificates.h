#ifndef BONNIE_SERVICES_SERVER_CALLER_CERTIFICATES_H_
#define BONNIE_SERVICES_SERVER_CALLER_CERTIFICATES_H_

#include <openssl/x509_vfy.h>

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace grpc {
class AuthContext;
}

namespace bonnie::server {

struct Certificates;

// Checks at each call that the caller's certificate is still valid.
//
// TLS checks a certificate at a full handshake only. A connection lives on after that, and a resumed session skips the
// check (TLS 1.2 and 1.3), so an expired or revoked certificate would keep its rights. gRPC 1.51's server credentials
// have no revocation list either. OpenSSL verifies each certificate once: chain, validity, purpose, revocation. The
// verdict is kept until the chain or a revocation list expires, or the files change; a refusal for 1 s. A call costs
// one look-up by the certificate's text.
//
// Thread-safe.
class CallerCertificates {
 public:
  CallerCertificates();
  ~CallerCertificates();

  // Verifies against these client CAs and revocation lists from now on; earlier verdicts are discarded.
  void Trust(const Certificates& certificates) ABSL_LOCKS_EXCLUDED(mu_);

  // kUnauthenticated CERTIFICATE_EXPIRED, CERTIFICATE_REVOKED, CERTIFICATE_NOT_TRUSTED (the CA was removed, or the
  // certificate is not for clients), CRL_UNUSABLE (no revocation list of the issuer is valid at `now`).
  absl::Status Check(const grpc::AuthContext& peer, absl::Time now) ABSL_LOCKS_EXCLUDED(mu_);
  // The same of a certificate, PEM. `chain`, what the caller sent at the handshake, is asked for certificates not seen
  // before.
  absl::Status Check(absl::string_view leaf, absl::FunctionRef<std::string()> chain, absl::Time now)
      ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Verdict {
    absl::Status status;
    absl::Time until;
  };
  absl::Status Decide(absl::string_view leaf, absl::string_view chain, absl::Time now) ABSL_LOCKS_EXCLUDED(mu_);

  mutable absl::Mutex mu_;
  std::shared_ptr<X509_STORE> store_ ABSL_GUARDED_BY(mu_);
  absl::Time crls_until_ ABSL_GUARDED_BY(mu_);
  absl::flat_hash_map<std::string, Verdict> verdicts_ ABSL_GUARDED_BY(mu_);  // by the certificate's PEM
};

}  // namespace bonnie::server

#endif  // BONNIE_SERVICES_SERVER_CALLER_CERTIFICATES_H_
