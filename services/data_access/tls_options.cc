#include "services/data_access/tls_options.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <filesystem>
#include <memory>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "services/data_access/status_macros.h"

namespace bonnie::data_access {
namespace {

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Certificate = std::unique_ptr<X509, Free>;
using Key = std::unique_ptr<EVP_PKEY, Free>;

absl::Status Refuse(absl::string_view file, absl::string_view reason) {
  ERR_clear_error();
  return absl::FailedPreconditionError(absl::StrCat(file, ": ", reason));
}

absl::StatusOr<std::unique_ptr<BIO, Free>> Open(const std::string& file) {
  std::unique_ptr<BIO, Free> bio(BIO_new_file(file.c_str(), "r"));
  if (bio == nullptr) return Refuse(file, "cannot be read");
  return bio;
}

absl::StatusOr<Certificate> ReadCertificate(const std::string& file) {
  BONNIE_ASSIGN_OR_RETURN(const auto bio, Open(file));
  Certificate certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (certificate == nullptr) return Refuse(file, "holds no PEM certificate");
  if (X509_cmp_current_time(X509_get0_notAfter(certificate.get())) < 0)
    return Refuse(file, "the certificate has expired");
  return certificate;
}

int NoPassword(char*, int, int, void*) { return -1; }  // OpenSSL would ask on the terminal

absl::StatusOr<Key> ReadKey(const std::string& file) {
  BONNIE_ASSIGN_OR_RETURN(const auto bio, Open(file));
  Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassword, nullptr));
  if (key == nullptr) return Refuse(file, "holds no PEM private key (without a password)");
  return key;
}

}  // namespace

absl::Status CheckTlsOptions(const TlsOptions& options) {
  if (options.ca_file.empty())
    return absl::FailedPreconditionError("ca_file: empty, want the CA of the database server");
  BONNIE_RETURN_IF_ERROR(ReadCertificate(options.ca_file).status());
  if (options.cert_file.empty() != options.key_file.empty()) {
    return absl::FailedPreconditionError("cert_file and key_file: one is empty, want both or none");
  }
  if (!options.cert_file.empty()) {
    BONNIE_ASSIGN_OR_RETURN(const Certificate certificate, ReadCertificate(options.cert_file));
    BONNIE_ASSIGN_OR_RETURN(const Key key, ReadKey(options.key_file));
    if (X509_check_private_key(certificate.get(), key.get()) != 1) {
      return Refuse(options.key_file, absl::StrCat("is not the key of ", options.cert_file));
    }
  }
  std::error_code error;
  if (!options.plugin_dir.empty() && !std::filesystem::is_directory(options.plugin_dir, error)) {
    return Refuse(options.plugin_dir, "is not a folder");
  }
  return absl::OkStatus();
}

}  // namespace bonnie::data_access
