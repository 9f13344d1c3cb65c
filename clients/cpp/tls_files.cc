#include "clients/cpp/tls_files.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace bonnie::client {
namespace {

template <auto free>
struct Free {
  template <class T>
  void operator()(T* object) const {
    free(object);
  }
};
using Bio = std::unique_ptr<BIO, Free<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;

absl::Status Refuse(absl::string_view setting, absl::string_view file, absl::string_view reason) {
  ERR_clear_error();
  return absl::FailedPreconditionError(absl::StrCat(setting, " ", file, ": ", reason));
}

absl::StatusOr<std::string> ReadFile(absl::string_view setting, const std::string& file) {
  if (file.empty())
    return absl::FailedPreconditionError(absl::StrCat(setting, ": not set, want the path of a PEM file"));
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return Refuse(setting, file, std::strerror(errno));
  std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  if (stream.bad()) return Refuse(setting, file, "could not be read");
  return text;
}

Bio Open(const std::string& text) { return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

Certificate ParseCertificate(const std::string& text) {
  return Certificate(PEM_read_bio_X509(Open(text).get(), nullptr, nullptr, nullptr));
}

std::string TextOf(const ASN1_TIME* time) {
  Bio bio(BIO_new(BIO_s_mem()));
  ASN1_TIME_print(bio.get(), time);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<size_t>(size));
}

}  // namespace

absl::StatusOr<TlsTexts> ReadTlsFiles(const TlsFiles& files, absl::Time now) {
  absl::StatusOr<std::string> ca = ReadFile("ca_file", files.ca_file);
  if (!ca.ok()) return ca.status();
  absl::StatusOr<std::string> cert = ReadFile("cert_file", files.cert_file);
  if (!cert.ok()) return cert.status();
  absl::StatusOr<std::string> key = ReadFile("key_file", files.key_file);
  if (!key.ok()) return key.status();

  if (ParseCertificate(*ca) == nullptr) return Refuse("ca_file", files.ca_file, "holds no PEM certificate");
  const Certificate own = ParseCertificate(*cert);
  if (own == nullptr) return Refuse("cert_file", files.cert_file, "holds no PEM certificate");
  const Key own_key(PEM_read_bio_PrivateKey(Open(*key).get(), nullptr, nullptr, nullptr));
  if (own_key == nullptr) return Refuse("key_file", files.key_file, "holds no unencrypted PEM private key");
  if (X509_check_private_key(own.get(), own_key.get()) != 1) {
    return Refuse("key_file", files.key_file, absl::StrCat("is not the key of ", files.cert_file));
  }
  time_t seconds = absl::ToTimeT(now);
  if (X509_cmp_time(X509_get0_notAfter(own.get()), &seconds) < 0) {
    return Refuse("cert_file", files.cert_file,
                  absl::StrCat("expired at ", TextOf(X509_get0_notAfter(own.get())), "; have it renewed"));
  }
  if (X509_cmp_time(X509_get0_notBefore(own.get()), &seconds) > 0) {
    return Refuse(
        "cert_file", files.cert_file,
        absl::StrCat("is valid from ", TextOf(X509_get0_notBefore(own.get())), " on; is this machine's clock right?"));
  }
  return TlsTexts{*std::move(ca), *std::move(cert), *std::move(key)};
}

}  // namespace bonnie::client
