#include "clients/cpp/service_credentials.h"

#include <grpcpp/security/credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_certificate_verifier.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <functional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace bonnie::client {
namespace {

using grpc::experimental::TlsCustomVerificationCheckRequest;

constexpr std::size_t kMaxIdentityBytes = 512;  // of a text that the other side wrote
constexpr absl::string_view kMismatch = "its certificate has ";
constexpr absl::string_view kEnd = " (checked by Bonnie)";  // gRPC adds text behind it

// The twin of the services' one (services/server/peer_credentials.cc): the library links nothing of theirs.
// The host name as gRPC checks it, then the identity. Both are done when Verify returns.
class IdentityVerifier final : public grpc::experimental::ExternalCertificateVerifier {
 public:
  explicit IdentityVerifier(std::string identity) : identity_(std::move(identity)) {}

  bool Verify(TlsCustomVerificationCheckRequest* request, std::function<void(grpc::Status)>,
              grpc::Status* status) override {
    host_name_.Verify(
        request, [](const grpc::Status&) {}, status);
    if (!status->ok()) return true;
    std::vector<absl::string_view> uris;
    for (const grpc::string_ref& uri : request->uri_names()) uris.emplace_back(uri.data(), uri.size());
    if (uris.size() == 1 && uris.front() == identity_) return true;
    const std::string found = uris.empty() ? "no identity"
                              : uris.size() == 1
                                  ? absl::StrCat("the identity ", uris.front().substr(0, kMaxIdentityBytes))
                                  : absl::StrCat(uris.size(), " identities");
    *status = grpc::Status(grpc::StatusCode::UNAUTHENTICATED,
                           absl::StrCat(kMismatch, found, ", and the configuration requires ", identity_, kEnd));
    return true;
  }
  void Cancel(TlsCustomVerificationCheckRequest*) override {}

 private:
  const std::string identity_;
  grpc::experimental::HostNameCertificateVerifier host_name_;
};

}  // namespace

std::shared_ptr<grpc::ChannelCredentials> ServiceCredentials(const TlsTexts& texts, const std::string& identity) {
  if (identity.empty()) {
    grpc::SslCredentialsOptions ssl;
    ssl.pem_root_certs = texts.ca;
    ssl.pem_cert_chain = texts.cert;
    ssl.pem_private_key = texts.key;
    return grpc::SslCredentials(ssl);
  }
  const std::vector<grpc::experimental::IdentityKeyCertPair> pair = {{texts.key, texts.cert}};
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(std::make_shared<grpc::experimental::StaticDataCertificateProvider>(texts.ca, pair));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_certificate_verifier(grpc::experimental::ExternalCertificateVerifier::Create<IdentityVerifier>(identity));
  return grpc::experimental::TlsCredentials(options);
}

absl::string_view IdentityMismatchIn(absl::string_view message) {
  const std::size_t begin = message.find(kMismatch), end = message.find(kEnd);
  if (begin == absl::string_view::npos || end == absl::string_view::npos || end < begin) return "";
  return message.substr(begin, end - begin);
}

}  // namespace bonnie::client
