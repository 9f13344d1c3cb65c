#include "services/server/batch_scheduling.h"

#include <sched.h>

namespace bonnie::server {
namespace {

// Moves this thread between the two ordinary policies; one that runs under a real-time policy is left alone.
void SetPolicy(int policy) {
  const sched_param no_priority = {};
  sched_setscheduler(0, policy, &no_priority);
}

}  // namespace

BatchScheduling::BatchScheduling() : before_(sched_getscheduler(0)) {
  if (before_ == SCHED_OTHER) SetPolicy(SCHED_BATCH);
}

BatchScheduling::~BatchScheduling() {
  if (before_ == SCHED_OTHER) SetPolicy(SCHED_OTHER);
}

}  // namespace bonnie::server
