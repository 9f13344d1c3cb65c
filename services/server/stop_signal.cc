#include "services/server/stop_signal.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

#include "absl/time/clock.h"

namespace bonnie::server {
namespace {

sigset_t StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

}  // namespace

StopSignal::StopSignal()
    : signal_fd_([] {
        const sigset_t signals = StopSignals();
        return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
      }()),
      event_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

StopSignal::~StopSignal() {
  close(signal_fd_);
  close(event_fd_);
}

bool StopSignal::Wait(absl::Time deadline) {
  while (true) {
    pollfd fds[] = {{signal_fd_, POLLIN, 0}, {event_fd_, POLLIN, 0}};
    const std::int64_t left = absl::ToInt64Milliseconds(absl::Ceil(deadline - absl::Now(), absl::Milliseconds(1)));
    poll(fds, 2, static_cast<int>(std::clamp<std::int64_t>(left, 0, 3600 * 1000)));
    signalfd_siginfo info;
    std::uint64_t count = 0;
    if (read(signal_fd_, &info, sizeof info) > 0 || read(event_fd_, &count, sizeof count) > 0) return true;
    if (absl::Now() >= deadline) return false;
  }
}

void StopSignal::Stop() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(event_fd_, &one, sizeof one);  // cannot fail below 2^64 - 1 stops
}

void BlockStopSignals() {
  const sigset_t signals = StopSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

}  // namespace bonnie::server
