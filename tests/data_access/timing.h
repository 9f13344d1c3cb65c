#ifndef BONNIE_TESTS_DATA_ACCESS_TIMING_H_
#define BONNIE_TESTS_DATA_ACCESS_TIMING_H_

#include <memory>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "services/data_access/budget.h"

namespace bonnie::data_access {

// A budget that ends after `duration`, with a cancellation of its own.
inline Budget In(absl::Duration duration) { return Budget{absl::Now() + duration, std::make_shared<Cancellation>()}; }

// Waits up to 5 s for `condition` to become true. Returns whether it did.
template <class Condition>
bool Eventually(Condition condition) {
  for (const absl::Time end = absl::Now() + absl::Seconds(5); absl::Now() < end && !condition();) {
    absl::SleepFor(absl::Milliseconds(1));
  }
  return condition();
}

}  // namespace bonnie::data_access

#endif  // BONNIE_TESTS_DATA_ACCESS_TIMING_H_
