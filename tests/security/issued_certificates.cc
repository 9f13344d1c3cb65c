#include "tests/security/issued_certificates.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "services/server/pem.h"
#include "tests/server/test_server.h"

namespace bonnie::security {
namespace {

using server::Pki;
using server::ReadText;

[[noreturn]] void Stop(const std::string& why) {
  std::fprintf(stderr, "certificates for a test: %s\n", why.c_str());
  std::abort();
}

void AddExtension(X509* certificate, X509* issuer, int id, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, id, value);
  if (extension == nullptr) Stop(value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

server::X509Ptr Sign(EVP_PKEY* key, const std::string& uri, absl::Time not_after, long serial) {
  const std::vector<server::X509Ptr> ca = server::CertificatesIn(ReadText(Pki("ca.pem")));
  const server::KeyPtr ca_key = server::KeyIn(ReadText(Pki("ca.key")));
  server::X509Ptr made(X509_new());
  X509_set_version(made.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), serial);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "O", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("Bonnie"), -1, -1, 0);
  X509_set_issuer_name(made.get(), X509_get_subject_name(ca[0].get()));
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -60);
  ASN1_TIME_set(X509_getm_notAfter(made.get()), absl::ToTimeT(not_after));
  X509_set_pubkey(made.get(), key);
  AddExtension(made.get(), ca[0].get(), NID_basic_constraints, "critical,CA:FALSE");
  AddExtension(made.get(), ca[0].get(), NID_ext_key_usage, "clientAuth");
  AddExtension(made.get(), ca[0].get(), NID_subject_alt_name, absl::StrCat("URI:", uri).c_str());
  AddExtension(made.get(), ca[0].get(), NID_authority_key_identifier, "keyid");
  if (X509_sign(made.get(), ca_key.get(), EVP_sha256()) == 0) Stop("cannot sign");
  return made;
}

}  // namespace

std::string IssueClient(const std::string& uri, absl::Time not_after) {
  static long serial = 1000;
  const std::string name = absl::StrCat("issued-", ++serial);
  const server::KeyPtr key(EVP_EC_gen("P-256"));
  const server::X509Ptr certificate = Sign(key.get(), uri, not_after, serial);
  std::FILE* file = std::fopen(Pki(name + ".pem").c_str(), "w");
  PEM_write_X509(file, certificate.get());
  std::fclose(file);
  file = std::fopen(Pki(name + ".key").c_str(), "w");
  PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
  return name;
}

std::string RevocationList(const std::vector<std::string>& revoked) {
  std::string command = absl::StrCat(BONNIE_SOURCE_DIR, "/deploy/pki/make-crl ", Pki(""));
  for (const std::string& name : revoked) absl::StrAppend(&command, " ", Pki(name + ".pem"));
  if (std::system(command.c_str()) != 0) Stop(command);
  return ReadText(Pki("crl.pem"));
}

}  // namespace bonnie::security
