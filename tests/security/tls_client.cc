#include "tests/security/tls_client.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/server/test_server.h"
#include "tests/support/raw_http2.h"

namespace bonnie::security {
namespace {

using server::Pki;

// The value of `name` in bytes of HTTP/2 whose headers are not compressed by Huffman codes: length, name, length,
// value.
std::string HeaderIn(const std::string& bytes, const std::string& name) {
  const std::size_t found = bytes.find(name);
  if (found == std::string::npos || found + name.size() >= bytes.size()) return "";
  const auto length = static_cast<std::size_t>(bytes[found + name.size()]);
  return bytes.substr(found + name.size() + 1, length);
}

}  // namespace

TlsClient::TlsClient(const std::string& identity, int version)
    : context_(SSL_CTX_new(TLS_client_method())), ssl_(SSL_new(context_)) {
  static constexpr unsigned char kProtocols[] = {2, 'h', '2'};
  SSL_set_min_proto_version(ssl_, version);
  SSL_set_max_proto_version(ssl_, version);
  SSL_set_alpn_protos(ssl_, kProtocols, sizeof kProtocols);
  SSL_use_certificate_chain_file(ssl_, Pki(identity + ".pem").c_str());
  SSL_use_PrivateKey_file(ssl_, Pki(identity + ".key").c_str(), SSL_FILETYPE_PEM);
}

TlsClient::~TlsClient() {
  SSL_shutdown(ssl_);  // else OpenSSL takes the session for a broken one
  SSL_free(ssl_);
  SSL_CTX_free(context_);
  if (fd_ >= 0) close(fd_);
}

bool TlsClient::Connect(int port, SSL_SESSION* resume) {
  fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{5, 0};
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return false;
  SSL_set_fd(ssl_, fd_);
  if (resume != nullptr) SSL_set_session(ssl_, resume);
  return SSL_connect(ssl_) == 1;
}

std::string TlsClient::Call(const std::string& method) {
  using namespace test_support;  // NOLINT: frames
  const std::string request =
      test_support::Http2Hello() +
      test_support::Http2Frame(test_support::kHeadersFrame, test_support::kEndHeaders, 1,
                               test_support::GrpcHeaders(method)) +
      test_support::Http2Frame(test_support::kDataFrame, test_support::kEndStream, 1, std::string(5, '\0'));
  if (SSL_write(ssl_, request.data(), static_cast<int>(request.size())) <= 0) return "";
  std::string answer;
  char bytes[4096];
  while (!absl::StrContains(answer, "grpc-status")) {
    const int got = SSL_read(ssl_, bytes, sizeof bytes);
    if (got <= 0) return "";
    answer.append(bytes, static_cast<std::size_t>(got));
  }
  return HeaderIn(answer, "grpc-status");
}

}  // namespace bonnie::security
