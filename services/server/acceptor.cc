#include "services/server/acceptor.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/data_access/status_macros.h"
#include "services/server/config_checks.h"
#include "services/server/port_owner.h"

namespace bonnie::server {
namespace {

constexpr int kPauseMillis = 100;        // when there is no descriptor left; the handshake timeout frees some
constexpr int kReservedDescriptors = 64;  // for sessions, files and reloads
constexpr unsigned kUserTimeoutMillis = 20000;  // of data that nobody acknowledges; as the keepalive's

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

// The kernel gives the lowest free number, so the number of a new descriptor says how many are taken.
bool IsAmongTheLast(int fd) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return false;
  const rlim_t reserved = std::min<rlim_t>(kReservedDescriptors, limit.rlim_cur / 4);
  return static_cast<rlim_t>(fd) >= limit.rlim_cur - reserved;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Acceptor>> Acceptor::Listen(const std::string& address, bool share_port) {
  std::string host;
  int port = 0;
  if (!SplitAddress(address, &host, &port)) return CannotListen(address);
  std::unique_ptr<Acceptor> acceptor(new Acceptor());
  if (!acceptor->ListenOn(host, port, share_port).ok()) return CannotListen(address);
  return acceptor;
}

Acceptor::Acceptor() : wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Acceptor::~Acceptor() {
  const std::uint64_t one = 1;
  if (thread_.joinable() && write(wake_, &one, sizeof one) == sizeof one) thread_.join();
  for (int fd : listeners_) close(fd);
  close(wake_);
}

absl::Status Acceptor::ListenOn(const std::string& host, int port, bool share_port) {
  port_ = port;
  const Addresses addresses = Resolve(host, port);
  for (const addrinfo* each = addresses.get(); each != nullptr; each = each->ai_next) {
    const int fd = OpenListener(*each, port_, share_port);
    if (fd >= 0) {
      listeners_.push_back(fd);
      port_ = PortOf(fd);
    } else if (errno != EADDRNOTAVAIL && errno != EAFNOSUPPORT) {  // a name may stand for IPv6 where there is none
      return absl::UnavailableError("refused");
    }
  }
  return listeners_.empty() ? absl::UnavailableError("no address") : absl::OkStatus();
}

void Acceptor::Start(Take take, Refused refused) {
  take_ = std::move(take);
  refused_ = std::move(refused);
  thread_ = std::thread([this] { Run(); });
}

void Acceptor::Run() {
  bool for_callers = true;
  while (Wait(for_callers)) {
    for_callers = std::all_of(listeners_.begin(), listeners_.end(), [this](int fd) { return AcceptAll(fd); });
  }
}

bool Acceptor::Wait(bool for_callers) {
  std::vector<pollfd> events = {{wake_, POLLIN, 0}};
  if (for_callers) {
    for (int fd : listeners_) events.push_back({fd, POLLIN, 0});
  }
  poll(events.data(), events.size(), for_callers ? -1 : kPauseMillis);
  return events[0].revents == 0;
}

bool Acceptor::AcceptAll(int listener) {
  while (true) {
    const int fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) {
      switch (errno) {
        case EAGAIN:
          return true;
        case EMFILE:
        case ENFILE:
        case ENOBUFS:
        case ENOMEM:
          refused_();
          return false;
        default:
          continue;  // of that one connection: it went away, or the network did
      }
    }
    if (IsAmongTheLast(fd)) {
      close(fd);
      refused_();
    } else {
      take_(fd);
    }
  }
}

}  // namespace bonnie::server
