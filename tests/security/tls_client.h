#ifndef BONNIE_TESTS_SECURITY_TLS_CLIENT_H_
#define BONNIE_TESTS_SECURITY_TLS_CLIENT_H_

#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace bonnie::security {

struct FreeSession {
  void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
};
using SessionPtr = std::unique_ptr<SSL_SESSION, FreeSession>;

// A TLS connection to 127.0.0.1 that keeps and offers sessions, which gRPC's clients do not. Every wait ends after 5 s.
// Used by one thread.
class TlsClient {
 public:
  // Presents the certificate `identity` of the test PKI and speaks `version` (TLS1_2_VERSION, TLS1_3_VERSION) only.
  TlsClient(const std::string& identity, int version);
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  // Whether the handshake is done; `resume` may be null.
  bool Connect(int port, SSL_SESSION* resume);
  bool resumed() const { return SSL_session_reused(ssl_) == 1; }
  // The grpc-status of one call of `method` (/package.Service/Method) with an empty request: "0", "16"; empty when the
  // connection ends before. Once.
  std::string Call(const std::string& method);
  // What the server gave to resume with. After Call, because TLS 1.3 sends it after the handshake.
  SessionPtr session() const { return SessionPtr(SSL_get1_session(ssl_)); }

 private:
  SSL_CTX* const context_;
  SSL* const ssl_;
  int fd_ = -1;
};

}  // namespace bonnie::security

#endif  // BONNIE_TESTS_SECURITY_TLS_CLIENT_H_
