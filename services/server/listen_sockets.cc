#include "services/server/listen_sockets.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/server/config_checks.h"
#include "services/server/port_owner.h"

namespace bonnie::server {
namespace {

constexpr unsigned kUserTimeoutMillis = 20000;  // as the keepalive's

struct FreeAddresses {
  void operator()(addrinfo* addresses) const { freeaddrinfo(addresses); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

Addresses Resolve(const std::string& host, int port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), absl::StrCat(port).c_str(), &hints, &found) != 0) return nullptr;
  return Addresses(found);
}

template <class Value>
void SetOption(int fd, int level, int option, Value value) {
  setsockopt(fd, level, option, &value, sizeof value);
}

// A socket that listens there; -1 and errno when that cannot be.
int OpenListener(const addrinfo& address, int port, bool share_port) {
  sockaddr_storage where{};
  std::copy_n(reinterpret_cast<const char*>(address.ai_addr), address.ai_addrlen, reinterpret_cast<char*>(&where));
  auto& port_of = where.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(where).sin6_port
                                              : reinterpret_cast<sockaddr_in&>(where).sin_port;
  port_of = htons(static_cast<std::uint16_t>(port));
  const int fd = socket(where.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  SetOption(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  if (share_port) SetOption(fd, SOL_SOCKET, SO_REUSEPORT, 1);
  SetOption(fd, IPPROTO_TCP, TCP_NODELAY, 1);  // accepted connections inherit these
  SetOption(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, kUserTimeoutMillis);
  if (bind(fd, reinterpret_cast<sockaddr*>(&where), address.ai_addrlen) == 0 && listen(fd, SOMAXCONN) == 0) return fd;
  const int error = errno;
  close(fd);
  errno = error;
  return -1;
}

int PortOf(int fd) {
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &size);
  return ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(bound).sin6_port
                                           : reinterpret_cast<sockaddr_in&>(bound).sin_port);
}

}  // namespace

absl::StatusOr<ListenSockets> ListenSockets::Open(const std::string& address, bool share_port) {
  std::string host;
  int port = 0;
  ListenSockets sockets;
  if (!SplitAddress(address, &host, &port) || !sockets.ListenOn(host, port, share_port)) return CannotListen(address);
  return sockets;
}

ListenSockets::ListenSockets(ListenSockets&& other) noexcept : fds_(other.Release()), port_(other.port_) {}

ListenSockets::~ListenSockets() {
  for (int fd : fds_) close(fd);
}

std::vector<int> ListenSockets::Release() { return std::exchange(fds_, {}); }

bool ListenSockets::ListenOn(const std::string& host, int port, bool share_port) {
  port_ = port;
  const Addresses addresses = Resolve(host, port);
  for (const addrinfo* each = addresses.get(); each != nullptr; each = each->ai_next) {
    const int fd = OpenListener(*each, port_, share_port);
    if (fd >= 0) {
      fds_.push_back(fd);
      port_ = PortOf(fd);
    } else if (errno != EADDRNOTAVAIL && errno != EAFNOSUPPORT) {  // a name may stand for IPv6 where there is none
      return false;
    }
  }
  return !fds_.empty();
}

}  // namespace bonnie::server
