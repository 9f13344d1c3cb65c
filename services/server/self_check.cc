#include "services/server/self_check.h"

#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/data_access/status_macros.h"

namespace bonnie::server {
namespace {

struct Free {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* x509) const { X509_free(x509); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

// A socket; closed at the end.
struct Socket {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  ~Socket() { close(fd); }
};

absl::Status Await(int fd, short events, absl::Time deadline) {
  pollfd wait{fd, events, 0};
  const absl::Duration left = std::max(deadline - absl::Now(), absl::ZeroDuration());
  if (poll(&wait, 1, static_cast<int>(absl::ToInt64Milliseconds(left))) > 0) return absl::OkStatus();
  return absl::DeadlineExceededError("the listener does not answer");
}

absl::Status Connect(int fd, int port, absl::Time deadline) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return absl::OkStatus();
  if (errno != EINPROGRESS) return absl::UnavailableError(absl::StrCat("cannot connect: ", std::strerror(errno)));
  return Await(fd, POLLOUT, deadline);
}

void Present(SSL_CTX* context, const Certificates& own) {
  const Owned<BIO> chain(BIO_new_mem_buf(own.chain.data(), static_cast<int>(own.chain.size())));
  const Owned<BIO> key(BIO_new_mem_buf(own.key.data(), static_cast<int>(own.key.size())));
  const Owned<X509> leaf(PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr));
  const Owned<EVP_PKEY> secret(PEM_read_bio_PrivateKey(key.get(), nullptr, nullptr, nullptr));
  SSL_CTX_use_certificate(context, leaf.get());
  SSL_CTX_use_PrivateKey(context, secret.get());
}

absl::Status ShakeHands(int fd, const Certificates& own, absl::Time deadline) {
  // Nothing is sent but the handshake, to ourselves: there is nobody to verify.
  const Owned<SSL_CTX> context(SSL_CTX_new(TLS_client_method()));
  Present(context.get(), own);
  const Owned<SSL> ssl(SSL_new(context.get()));
  static constexpr unsigned char kProtocols[] = {2, 'h', '2'};
  SSL_set_alpn_protos(ssl.get(), kProtocols, sizeof kProtocols);
  SSL_set_fd(ssl.get(), fd);
  while (true) {
    ERR_clear_error();
    const int done = SSL_connect(ssl.get());
    if (done == 1) return absl::OkStatus();
    const int error = SSL_get_error(ssl.get(), done);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
      ERR_clear_error();
      return absl::UnavailableError("the listener's TLS handshake fails");
    }
    BONNIE_RETURN_IF_ERROR(Await(fd, error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, deadline));
  }
}

// An HTTP/2 server speaks as soon as it has accepted.
absl::Status AwaitSettings(int fd, absl::Time deadline) {
  BONNIE_RETURN_IF_ERROR(Await(fd, POLLIN, deadline));
  char byte = 0;
  return read(fd, &byte, 1) == 1 ? absl::OkStatus() : absl::UnavailableError("the listener closes at once");
}

}  // namespace

absl::Status CheckListener(int port, const Certificates* own, absl::Time deadline) {
  const Socket socket;
  BONNIE_RETURN_IF_ERROR(Connect(socket.fd, port, deadline));
  return own == nullptr ? AwaitSettings(socket.fd, deadline) : ShakeHands(socket.fd, *own, deadline);
}

}  // namespace bonnie::server
