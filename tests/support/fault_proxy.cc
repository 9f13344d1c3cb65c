#include "tests/support/fault_proxy.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <iostream>

namespace bonnie::test_support {
namespace {

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

void Close(int* fd) {
  if (*fd >= 0) close(*fd);
  *fd = -1;
}

}  // namespace

struct FaultProxy::Pair {
  int client = -1;
  int server = -1;
};

FaultProxy::FaultProxy(int target_port) : target_port_(target_port) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  wake_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener_, 64) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::cerr << "fault proxy: " << std::strerror(errno) << "\n";
    std::abort();
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Loop(); });
}

FaultProxy::~FaultProxy() {
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
  }
  eventfd_write(wake_, 1);
  thread_.join();
  for (Pair& pair : pairs_) Reset(&pair);
  Close(&listener_);
  Close(&wake_);
}

void FaultProxy::SetMode(Mode mode) {
  {
    absl::MutexLock lock(&mu_);
    mode_ = mode;
  }
  eventfd_write(wake_, 1);
}

void FaultProxy::CutAfterServerBytes(std::int64_t bytes) {
  absl::MutexLock lock(&mu_);
  server_left_ = bytes;
}

void FaultProxy::CutAfterClientBytes(std::int64_t bytes) {
  absl::MutexLock lock(&mu_);
  client_left_ = bytes;
}

std::int64_t FaultProxy::server_bytes() const {
  absl::MutexLock lock(&mu_);
  return server_bytes_;
}

std::int64_t FaultProxy::client_bytes() const {
  absl::MutexLock lock(&mu_);
  return client_bytes_;
}

void FaultProxy::Loop() {
  for (;;) {
    Mode mode;
    {
      absl::MutexLock lock(&mu_);
      if (stopping_) return;
      mode = mode_;
    }
    if (mode == Mode::kReset) {
      for (Pair& pair : pairs_) Reset(&pair);
      pairs_.clear();
    }
    // In a hole nothing is read: what the peers send stays in the sockets' buffers.
    std::vector<pollfd> fds = {{wake_, POLLIN, 0}, {listener_, POLLIN, 0}};
    for (const Pair& pair : pairs_) {
      const short events = mode == Mode::kHole ? 0 : POLLIN;
      fds.push_back({pair.client, events, 0});
      fds.push_back({pair.server, events, 0});
    }
    if (mode == Mode::kHole) fds.resize(2);
    poll(fds.data(), fds.size(), -1);
    eventfd_t ignored;
    if (fds[0].revents != 0) eventfd_read(wake_, &ignored);
    for (size_t i = 2; i < fds.size(); ++i) {
      Pair& pair = pairs_[(i - 2) / 2];
      if (fds[i].revents == 0 || pair.client < 0) continue;
      const bool from_client = i % 2 == 0;
      absl::MutexLock lock(&mu_);
      const bool alive = from_client ? Move(pair.client, pair.server, &client_bytes_, &client_left_)
                                     : Move(pair.server, pair.client, &server_bytes_, &server_left_);
      if (!alive) Reset(&pair);
    }
    pairs_.erase(std::remove_if(pairs_.begin(), pairs_.end(), [](const Pair& pair) { return pair.client < 0; }),
                 pairs_.end());
    if (fds[1].revents != 0) Accept();
  }
}

void FaultProxy::Accept() {
  Pair pair;
  pair.client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  pair.server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Loopback(target_port_);
  const int yes = 1;
  setsockopt(pair.client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  setsockopt(pair.server, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  if (connect(pair.server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return Reset(&pair);
  pairs_.push_back(pair);
}

// False when the connection is over, or is to be cut here.
bool FaultProxy::Move(int from, int to, std::int64_t* passed, std::int64_t* left) {
  char buffer[65536];
  const size_t want = *left < 0 ? sizeof buffer : std::min<size_t>(sizeof buffer, static_cast<size_t>(*left));
  const ssize_t size = read(from, buffer, want);
  if (size <= 0) return false;
  for (ssize_t sent = 0; sent < size;) {
    const ssize_t part = send(to, buffer + sent, static_cast<size_t>(size - sent), MSG_NOSIGNAL);
    if (part <= 0) return false;
    sent += part;
  }
  *passed += size;
  if (*left < 0) return true;
  *left -= size;
  if (*left > 0) return true;
  *left = -1;
  return false;
}

// With a reset, not an orderly end.
void FaultProxy::Reset(Pair* pair) {
  const linger now{1, 0};
  setsockopt(pair->client, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  setsockopt(pair->server, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  Close(&pair->client);
  Close(&pair->server);
}

}  // namespace bonnie::test_support
