#include "services/server/tls.h"

#include <grpc/grpc_security.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bonnie/config/v1/config.pb.h"
#include "services/data_access/status_macros.h"
#include "services/server/pem.h"

namespace bonnie::server {
namespace {

absl::Status Bad(const std::string& file, absl::string_view reason) {
  return absl::FailedPreconditionError(absl::StrCat(file, ": ", reason));
}

std::string MinuteText(absl::Time time) { return absl::FormatTime("%Y-%m-%d %H:%M UTC", time, absl::UTCTimeZone()); }

// A certificate made a moment ago by a machine whose clock is ahead; the handshake has the last word.
constexpr absl::Duration kClockSkew = absl::Minutes(1);

absl::Status CheckValidity(const std::string& file, const X509& x509, absl::Time now) {
  const absl::Time from = ToTime(X509_get0_notBefore(&x509)), until = ToTime(X509_get0_notAfter(&x509));
  if (now + kClockSkew < from) return Bad(file, absl::StrCat("the certificate is not valid before ", MinuteText(from)));
  if (now > until) return Bad(file, absl::StrCat("the certificate expired at ", MinuteText(until)));
  return absl::OkStatus();
}

// The CAs that are valid at `now`.
absl::StatusOr<std::vector<X509Ptr>> ValidAuthorities(const std::string& file, const std::string& text,
                                                      absl::Time now) {
  std::vector<X509Ptr> valid;
  absl::Status last = Bad(file, "holds no PEM certificate");
  for (X509Ptr& authority : CertificatesIn(text)) {
    last = CheckValidity(file, *authority, now);
    if (last.ok() && X509_check_ca(authority.get()) == 0) last = Bad(file, "holds a certificate that is no CA's");
    if (last.ok()) valid.push_back(std::move(authority));
  }
  if (valid.empty()) return last;
  return valid;
}

// Whether `authority` signed one of the lists.
bool HasList(X509& authority, const std::vector<CrlPtr>& lists) {
  EVP_PKEY* const key = X509_get0_pubkey(&authority);
  const bool found = std::any_of(lists.begin(), lists.end(), [&](const CrlPtr& list) {
    return X509_NAME_cmp(X509_CRL_get_issuer(list.get()), X509_get_subject_name(&authority)) == 0 &&
           X509_CRL_verify(list.get(), key) == 1;
  });
  ERR_clear_error();
  return found;
}

// A CA without a list, and a list that has expired, are refused: nobody could tell which certificates are revoked.
absl::Status CheckCrls(const TlsFiles& files, const std::vector<X509Ptr>& authorities, absl::Time now,
                       Certificates* read) {
  const std::vector<CrlPtr> lists = CrlsIn(read->crls);
  if (lists.empty()) return Bad(files.crl_file, "holds no PEM certificate revocation list");
  for (const CrlPtr& list : lists) {
    const absl::Time until = ToTime(X509_CRL_get0_nextUpdate(list.get()));
    if (now > until) {
      return Bad(files.crl_file, absl::StrCat("the revocation list of ", NameText(X509_CRL_get_issuer(list.get())),
                                              " expired at ", MinuteText(until)));
    }
    read->crls_until = std::min(read->crls_until, until);
  }
  for (const X509Ptr& authority : authorities) {
    if (HasList(*authority, lists)) continue;
    return Bad(files.crl_file,
               absl::StrCat("holds no revocation list signed by ", NameText(X509_get_subject_name(authority.get())),
                            ", a CA in ", files.client_ca_file));
  }
  return absl::OkStatus();
}

// How long a session ticket can be used at most. A TLS context has a ticket key of its own, so a new context is made;
// that costs 0.8 ms of CPU, too much for each handshake.
constexpr absl::Duration kTicketKeyLife = absl::Seconds(30);

// gRPC asks at each handshake which certificates to use.
grpc_ssl_certificate_config_reload_status FetchConfig(void* tls_and_generation,
                                                      grpc_ssl_server_certificate_config** config);

// Credentials whose certificates can be replaced: the C API has them, the C++ API does not.
class ReloadingCredentials final : public grpc::ServerCredentials {
 public:
  ReloadingCredentials(ServerTls& tls, std::function<absl::Time()> now) : tls_(tls), now_(std::move(now)) {
    credentials_ =
        grpc_ssl_server_credentials_create_with_options(grpc_ssl_server_credentials_create_options_using_config_fetcher(
            GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY, FetchConfig, this));
  }
  ~ReloadingCredentials() override { grpc_server_credentials_release(credentials_); }

  void SetAuthMetadataProcessor(const std::shared_ptr<grpc::AuthMetadataProcessor>&) override {}

  grpc_ssl_certificate_config_reload_status Fetch(grpc_ssl_server_certificate_config** config) {
    int generation = 0;
    const std::shared_ptr<const Certificates> now = tls_.current(&generation);
    // gRPC asks under a lock of its own, one handshake at a time.
    const absl::Time at = now_();
    if (generation == fetched_ && at < fetched_at_ + kTicketKeyLife)
      return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
    fetched_ = generation;
    fetched_at_ = at;
    const grpc_ssl_pem_key_cert_pair pair = {now->key.c_str(), now->chain.c_str()};
    *config = grpc_ssl_server_certificate_config_create(now->client_ca.c_str(), &pair, 1);
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
  }

 private:
  int AddPortToServer(const std::string& address, grpc_server* server) override {
    return grpc_server_add_http2_port(server, address.c_str(), credentials_);
  }

  ServerTls& tls_;
  const std::function<absl::Time()> now_;
  grpc_server_credentials* credentials_;
  int fetched_ = 0;
  absl::Time fetched_at_ = absl::InfinitePast();
};

grpc_ssl_certificate_config_reload_status FetchConfig(void* credentials, grpc_ssl_server_certificate_config** config) {
  return static_cast<ReloadingCredentials*>(credentials)->Fetch(config);
}

FileStamp StampOf(const TlsFiles& files) {
  std::vector<std::string> all = {files.cert_file, files.key_file, files.client_ca_file};
  if (!files.crl_file.empty()) all.push_back(files.crl_file);
  return FileStamp(std::move(all));
}

}  // namespace

TlsFiles TlsFilesOf(const config::v1::ServerTls& config) {
  return {config.cert_file(), config.key_file(), config.client_ca_file(), config.crl_file()};
}

absl::StatusOr<Certificates> LoadCertificates(const TlsFiles& files, absl::Time now) {
  Certificates read;
  BONNIE_ASSIGN_OR_RETURN(read.chain, ReadFile(files.cert_file, FileAccess::kRead));
  BONNIE_ASSIGN_OR_RETURN(read.key, ReadFile(files.key_file, FileAccess::kNothing));
  BONNIE_ASSIGN_OR_RETURN(read.client_ca, ReadFile(files.client_ca_file, FileAccess::kRead));
  const std::vector<X509Ptr> chain = CertificatesIn(read.chain);
  if (chain.empty()) return Bad(files.cert_file, "holds no PEM certificate");
  BONNIE_RETURN_IF_ERROR(CheckValidity(files.cert_file, *chain[0], now));
  const KeyPtr key = KeyIn(read.key);
  if (key == nullptr) return Bad(files.key_file, "holds no PEM private key that opens without a passphrase");
  if (X509_check_private_key(chain[0].get(), key.get()) != 1) {
    ERR_clear_error();
    return Bad(files.key_file, absl::StrCat("is not the key of the certificate in ", files.cert_file));
  }
  BONNIE_ASSIGN_OR_RETURN(const std::vector<X509Ptr> authorities,
                          ValidAuthorities(files.client_ca_file, read.client_ca, now));
  read.not_after = ToTime(X509_get0_notAfter(chain[0].get()));
  if (files.crl_file.empty()) return read;
  BONNIE_ASSIGN_OR_RETURN(read.crls, ReadFile(files.crl_file, FileAccess::kRead));
  BONNIE_RETURN_IF_ERROR(CheckCrls(files, authorities, now, &read));
  return read;
}

absl::StatusOr<std::unique_ptr<ServerTls>> ServerTls::Open(TlsFiles files, std::function<absl::Time()> now) {
  FileStamp stamp = StampOf(files);  // before reading, so that a change in between is seen
  BONNIE_ASSIGN_OR_RETURN(Certificates certificates, LoadCertificates(files, now()));
  return std::unique_ptr<ServerTls>(
      new ServerTls(std::move(files), std::move(now), std::move(stamp), std::move(certificates)));
}

ServerTls::ServerTls(TlsFiles files, std::function<absl::Time()> now, FileStamp stamp, Certificates certificates)
    : files_(std::move(files)),
      now_(std::move(now)),
      stamp_(std::move(stamp)),
      certificates_(std::make_shared<const Certificates>(std::move(certificates))),
      credentials_(std::make_shared<ReloadingCredentials>(*this, now_)) {
  callers_.Trust(*certificates_);
}

absl::StatusOr<bool> ServerTls::Reload() {
  if (!stamp_.Changed()) return false;
  BONNIE_ASSIGN_OR_RETURN(Certificates certificates, LoadCertificates(files_, now_()));
  auto next = std::make_shared<const Certificates>(std::move(certificates));
  callers_.Trust(*next);
  absl::MutexLock lock(&mu_);
  certificates_ = std::move(next);
  ++generation_;
  return true;
}

absl::Time ServerTls::not_after() const {
  absl::MutexLock lock(&mu_);
  return certificates_->not_after;
}

absl::Time ServerTls::crls_until() const {
  absl::MutexLock lock(&mu_);
  return certificates_->crls_until;
}

std::shared_ptr<const Certificates> ServerTls::current(int* generation) const {
  absl::MutexLock lock(&mu_);
  *generation = generation_;
  return certificates_;
}

}  // namespace bonnie::server
