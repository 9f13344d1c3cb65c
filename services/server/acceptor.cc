#include "services/server/acceptor.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <utility>

#include "services/data_access/status_macros.h"

namespace bonnie::server {
namespace {

constexpr int kPauseMillis = 100;        // when there is no descriptor left; the handshake timeout frees some
constexpr int kReservedDescriptors = 64;  // for sessions, files and reloads

// The kernel gives the lowest free number, so the number of a new descriptor says how many are taken.
bool IsAmongTheLast(int fd) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return false;
  const rlim_t reserved = std::min<rlim_t>(kReservedDescriptors, limit.rlim_cur / 4);
  return static_cast<rlim_t>(fd) >= limit.rlim_cur - reserved;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Acceptor>> Acceptor::Listen(const std::string& address, bool share_port) {
  BONNIE_ASSIGN_OR_RETURN(ListenSockets sockets, ListenSockets::Open(address, share_port));
  return std::unique_ptr<Acceptor>(new Acceptor(std::move(sockets)));
}

Acceptor::Acceptor(ListenSockets listeners)
    : listeners_(std::move(listeners)), wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Acceptor::~Acceptor() {
  const std::uint64_t one = 1;
  if (thread_.joinable() && write(wake_, &one, sizeof one) == sizeof one) thread_.join();
  close(wake_);
}

void Acceptor::Start(Take take, Refused refused) {
  take_ = std::move(take);
  refused_ = std::move(refused);
  thread_ = std::thread([this] { Run(); });
}

void Acceptor::Run() {
  bool for_callers = true;
  while (Wait(for_callers)) {
    for_callers =
        std::all_of(listeners_.fds().begin(), listeners_.fds().end(), [this](int fd) { return AcceptAll(fd); });
  }
}

bool Acceptor::Wait(bool for_callers) {
  std::vector<pollfd> events = {{wake_, POLLIN, 0}};
  if (for_callers) {
    for (int fd : listeners_.fds()) events.push_back({fd, POLLIN, 0});
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
