#include "clients/cli/interrupt.h"

#include <atomic>

namespace bonnie::cli {
namespace {

std::atomic<bool> seen{false};  // lock-free, as a signal handler wants it
static_assert(std::atomic<bool>::is_always_lock_free);

void Remember(int) { seen.store(true, std::memory_order_relaxed); }

}  // namespace

InterruptCatcher::InterruptCatcher() {
  struct sigaction action = {};
  action.sa_handler = Remember;
  action.sa_flags = SA_RESTART | SA_RESETHAND;
  sigaction(SIGINT, &action, &before_);
}

InterruptCatcher::~InterruptCatcher() { sigaction(SIGINT, &before_, nullptr); }

bool InterruptCatcher::interrupted() { return seen.load(std::memory_order_relaxed); }

}  // namespace bonnie::cli
