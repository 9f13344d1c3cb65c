#include "services/server/caller_certificates.h"

#include <grpc/grpc_security_constants.h>
#include <grpcpp/security/auth_context.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "services/server/error.h"
#include "services/server/pem.h"
#include "services/server/tls.h"

namespace bonnie::server {
namespace {

constexpr std::size_t kMaxVerdicts = 4096;
// A refusal is decided anew soon: another handshake may bring another chain. So is what a list allows that has expired
// for another CA.
constexpr absl::Duration kShortVerdict = absl::Seconds(1);

struct FreeVerification {
  void operator()(X509_STORE_CTX* context) const { X509_STORE_CTX_free(context); }
  void operator()(STACK_OF(X509) * chain) const { sk_X509_free(chain); }  // not the certificates
};

absl::Status RefusedCertificate(const char* reason, absl::string_view message) {
  ErrorDetails details;
  details.reason = reason;
  return Error(absl::StatusCode::kUnauthenticated, message, std::move(details));
}

absl::Status RefusalFor(int error) {
  switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return RefusedCertificate("CERTIFICATE_EXPIRED", "the client certificate or a CA above it has expired");
    case X509_V_ERR_CERT_REVOKED:
      return RefusedCertificate("CERTIFICATE_REVOKED", "the client certificate is revoked");
    case X509_V_ERR_UNABLE_TO_GET_CRL:
    case X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
    case X509_V_ERR_CRL_NOT_YET_VALID:
    case X509_V_ERR_CRL_HAS_EXPIRED:
    case X509_V_ERR_CRL_SIGNATURE_FAILURE:
      return RefusedCertificate(
          "CRL_UNUSABLE",
          absl::StrCat("no valid revocation list of the client certificate's CA (",
                       X509_verify_cert_error_string(error), "): the server's crl_file must be renewed"));
    default:
      return RefusedCertificate("CERTIFICATE_NOT_TRUSTED", absl::StrCat("the client certificate is not trusted: ",
                                                                        X509_verify_cert_error_string(error)));
  }
}

// The end of the chain is trusted because client_ca_file names it, and ends when that file no longer does: no list can
// be expected for it.
int ExceptTheTrustAnchor(int ok, X509_STORE_CTX* context) {
  if (ok == 1 || X509_STORE_CTX_get_error(context) != X509_V_ERR_UNABLE_TO_GET_CRL) return ok;
  const int last = sk_X509_num(X509_STORE_CTX_get0_chain(context)) - 1;
  return last > 0 && X509_STORE_CTX_get_error_depth(context) == last ? 1 : 0;
}

// A store that trusts what a TLS handshake of gRPC trusts, and the lists.
std::shared_ptr<X509_STORE> MakeStore(absl::string_view authorities, absl::string_view crls) {
  std::shared_ptr<X509_STORE> store(X509_STORE_new(), X509_STORE_free);
  for (const X509Ptr& authority : CertificatesIn(authorities)) X509_STORE_add_cert(store.get(), authority.get());
  for (const CrlPtr& crl : CrlsIn(crls)) X509_STORE_add_crl(store.get(), crl.get());
  X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST);
  if (!crls.empty()) {
    X509_STORE_set_flags(store.get(), X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
    X509_STORE_set_verify_cb(store.get(), ExceptTheTrustAnchor);
  }
  return store;
}

// Verifies `leaf` as a client's; `until` becomes the time at which the first of its chain expires.
absl::Status Verify(X509_STORE& store, X509* leaf, const std::vector<X509Ptr>& sent, absl::Time now,
                    absl::Time* until) {
  const std::unique_ptr<STACK_OF(X509), FreeVerification> untrusted(sk_X509_new_null());
  for (const X509Ptr& certificate : sent) sk_X509_push(untrusted.get(), certificate.get());
  const std::unique_ptr<X509_STORE_CTX, FreeVerification> context(X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), &store, leaf, untrusted.get());
  X509_STORE_CTX_set_purpose(context.get(), X509_PURPOSE_SSL_CLIENT);
  X509_STORE_CTX_set_time(context.get(), 0, absl::ToTimeT(now));
  const bool valid = X509_verify_cert(context.get()) == 1;
  ERR_clear_error();
  if (!valid) return RefusalFor(X509_STORE_CTX_get_error(context.get()));
  const STACK_OF(X509)* chain = X509_STORE_CTX_get0_chain(context.get());
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    *until = std::min(*until, ToTime(X509_get0_notAfter(sk_X509_value(chain, i))));
  }
  return absl::OkStatus();
}

absl::string_view PropertyOf(const grpc::AuthContext& peer, const char* name) {
  const std::vector<grpc::string_ref> values = peer.FindPropertyValues(name);
  return values.empty() ? absl::string_view() : absl::string_view(values[0].data(), values[0].size());
}

}  // namespace

CallerCertificates::CallerCertificates() : store_(MakeStore("", "")) {}

CallerCertificates::~CallerCertificates() = default;

void CallerCertificates::Trust(const Certificates& certificates) {
  std::shared_ptr<X509_STORE> store = MakeStore(certificates.client_ca, certificates.crls);
  absl::MutexLock lock(&mu_);
  store_ = std::move(store);
  crls_until_ = certificates.crls_until;
  verdicts_.clear();
}

absl::Status CallerCertificates::Check(const grpc::AuthContext& peer, absl::Time now) {
  const auto chain = [&peer] { return std::string(PropertyOf(peer, GRPC_X509_PEM_CERT_CHAIN_PROPERTY_NAME)); };
  return Check(PropertyOf(peer, GRPC_X509_PEM_CERT_PROPERTY_NAME), chain, now);
}

absl::Status CallerCertificates::Check(absl::string_view leaf, absl::FunctionRef<std::string()> chain, absl::Time now) {
  {
    absl::ReaderMutexLock lock(&mu_);
    const auto known = verdicts_.find(leaf);
    if (known != verdicts_.end() && now < known->second.until) return known->second.status;
  }
  return Decide(leaf, chain(), now);
}

absl::Status CallerCertificates::Decide(absl::string_view leaf, absl::string_view chain, absl::Time now) {
  const std::vector<X509Ptr> own = CertificatesIn(leaf);
  if (own.size() != 1) return RefusedCertificate("CERTIFICATE_NOT_TRUSTED", "the client certificate cannot be read");
  std::shared_ptr<X509_STORE> store;
  Verdict verdict;
  {
    absl::ReaderMutexLock lock(&mu_);
    store = store_;
    verdict.until = crls_until_;
  }
  verdict.status = Verify(*store, own[0].get(), CertificatesIn(chain), now, &verdict.until);
  if (!verdict.status.ok() || verdict.until <= now) verdict.until = now + kShortVerdict;
  absl::MutexLock lock(&mu_);
  if (store != store_) return verdict.status;  // the files changed meanwhile: the next call decides anew
  if (verdicts_.size() >= kMaxVerdicts) verdicts_.clear();
  verdicts_.insert_or_assign(std::string(leaf), verdict);
  return verdict.status;
}

}  // namespace bonnie::server
