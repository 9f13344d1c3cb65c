#include "services/server/tls.h"

#include <grpc/grpc_security.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <ctime>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/data_access/status_macros.h"

namespace bonnie::server {
namespace {

struct Free {
  void operator()(X509* x509) const { X509_free(x509); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using X509Ptr = std::unique_ptr<X509, Free>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Free>;
using BioPtr = std::unique_ptr<BIO, Free>;

absl::Status Bad(const std::string& file, absl::string_view reason) {
  ERR_clear_error();
  return absl::FailedPreconditionError(absl::StrCat(file, ": ", reason));
}

BioPtr Memory(const std::string& text) { return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

absl::Time ToTime(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return absl::InfinitePast();
  return absl::FromTM(parts, absl::UTCTimeZone());
}

// A certificate made a moment ago by a machine whose clock is ahead; the handshake has the last word.
constexpr absl::Duration kClockSkew = absl::Minutes(1);

absl::Status CheckValidity(const std::string& file, const X509& x509, absl::Time now) {
  const absl::Time from = ToTime(X509_get0_notBefore(&x509)), until = ToTime(X509_get0_notAfter(&x509));
  const auto day = [](absl::Time time) { return absl::FormatTime("%Y-%m-%d %H:%M UTC", time, absl::UTCTimeZone()); };
  if (now + kClockSkew < from) return Bad(file, absl::StrCat("the certificate is not valid before ", day(from)));
  if (now > until) return Bad(file, absl::StrCat("the certificate expired at ", day(until)));
  return absl::OkStatus();
}

absl::StatusOr<X509Ptr> ReadCertificate(const std::string& file, const std::string& text) {
  X509Ptr x509(PEM_read_bio_X509(Memory(text).get(), nullptr, nullptr, nullptr));
  if (x509 == nullptr) return Bad(file, "holds no PEM certificate");
  return x509;
}

// Without this OpenSSL would ask for the passphrase on the terminal.
int NoPassphrase(char*, int, int, void*) { return 0; }

absl::StatusOr<KeyPtr> ReadKey(const std::string& file, const std::string& text) {
  KeyPtr key(PEM_read_bio_PrivateKey(Memory(text).get(), nullptr, NoPassphrase, nullptr));
  if (key == nullptr) return Bad(file, "holds no PEM private key that opens without a passphrase");
  return key;
}

absl::Status CheckAuthorities(const std::string& file, const std::string& text, absl::Time now) {
  const BioPtr bio = Memory(text);
  int found = 0;
  absl::Status last = absl::OkStatus();
  for (X509Ptr x509; x509.reset(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)), x509 != nullptr;) {
    last = CheckValidity(file, *x509, now);
    if (last.ok() && X509_check_ca(x509.get()) == 0) last = Bad(file, "holds a certificate that is no CA's");
    if (last.ok()) ++found;
  }
  ERR_clear_error();  // the end of the file counts as an error
  if (found > 0) return absl::OkStatus();
  return last.ok() ? Bad(file, "holds no PEM certificate") : last;
}

// gRPC asks at each handshake which certificates to use.
grpc_ssl_certificate_config_reload_status FetchConfig(void* tls_and_generation,
                                                      grpc_ssl_server_certificate_config** config);

// Credentials whose certificates can be replaced: the C API has them, the C++ API does not.
class ReloadingCredentials final : public grpc::ServerCredentials {
 public:
  explicit ReloadingCredentials(ServerTls& tls) : tls_(tls) {
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
    if (generation == fetched_) return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
    fetched_ = generation;
    const grpc_ssl_pem_key_cert_pair pair = {now->key.c_str(), now->chain.c_str()};
    *config = grpc_ssl_server_certificate_config_create(now->client_ca.c_str(), &pair, 1);
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
  }

 private:
  int AddPortToServer(const std::string& address, grpc_server* server) override {
    return grpc_server_add_http2_port(server, address.c_str(), credentials_);
  }

  ServerTls& tls_;
  grpc_server_credentials* credentials_;
  int fetched_ = 0;
};

grpc_ssl_certificate_config_reload_status FetchConfig(void* credentials, grpc_ssl_server_certificate_config** config) {
  return static_cast<ReloadingCredentials*>(credentials)->Fetch(config);
}

FileStamp StampOf(const TlsFiles& files) { return FileStamp({files.cert_file, files.key_file, files.client_ca_file}); }

}  // namespace

absl::StatusOr<Certificates> LoadCertificates(const TlsFiles& files, absl::Time now) {
  Certificates read;
  BONNIE_ASSIGN_OR_RETURN(read.chain, ReadFile(files.cert_file));
  BONNIE_ASSIGN_OR_RETURN(read.key, ReadFile(files.key_file));
  BONNIE_ASSIGN_OR_RETURN(read.client_ca, ReadFile(files.client_ca_file));
  BONNIE_ASSIGN_OR_RETURN(const X509Ptr leaf, ReadCertificate(files.cert_file, read.chain));
  BONNIE_RETURN_IF_ERROR(CheckValidity(files.cert_file, *leaf, now));
  BONNIE_ASSIGN_OR_RETURN(const KeyPtr key, ReadKey(files.key_file, read.key));
  if (X509_check_private_key(leaf.get(), key.get()) != 1) {
    return Bad(files.key_file, absl::StrCat("is not the key of the certificate in ", files.cert_file));
  }
  BONNIE_RETURN_IF_ERROR(CheckAuthorities(files.client_ca_file, read.client_ca, now));
  read.not_after = ToTime(X509_get0_notAfter(leaf.get()));
  return read;
}

absl::StatusOr<std::unique_ptr<ServerTls>> ServerTls::Open(TlsFiles files) {
  FileStamp stamp = StampOf(files);  // before reading, so that a change in between is seen
  BONNIE_ASSIGN_OR_RETURN(Certificates certificates, LoadCertificates(files, absl::Now()));
  return std::unique_ptr<ServerTls>(new ServerTls(std::move(files), std::move(stamp), std::move(certificates)));
}

ServerTls::ServerTls(TlsFiles files, FileStamp stamp, Certificates certificates)
    : files_(std::move(files)),
      stamp_(std::move(stamp)),
      certificates_(std::make_shared<const Certificates>(std::move(certificates))),
      credentials_(std::make_shared<ReloadingCredentials>(*this)) {}

absl::StatusOr<bool> ServerTls::Reload() {
  if (!stamp_.Changed()) return false;
  BONNIE_ASSIGN_OR_RETURN(Certificates certificates, LoadCertificates(files_, absl::Now()));
  auto next = std::make_shared<const Certificates>(std::move(certificates));
  absl::MutexLock lock(&mu_);
  certificates_ = std::move(next);
  ++generation_;
  return true;
}

absl::Time ServerTls::not_after() const {
  absl::MutexLock lock(&mu_);
  return certificates_->not_after;
}

std::shared_ptr<const Certificates> ServerTls::current(int* generation) const {
  absl::MutexLock lock(&mu_);
  *generation = generation_;
  return certificates_;
}

}  // namespace bonnie::server
