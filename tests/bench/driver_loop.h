#ifndef BONNIE_TESTS_BENCH_DRIVER_LOOP_H_
#define BONNIE_TESTS_BENCH_DRIVER_LOOP_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/data_access/driver.h"

namespace bonnie::bench {

// What a loop of point selects without any service saw.
struct DriverLoopResult {
  double per_second = 0;
  absl::Duration p50;
};

// Repeats one prepared point select of a patient on `sessions` connections, each on a thread of its own. Blocks for
// `duration`. What a program that talks to the database directly would reach.
absl::StatusOr<DriverLoopResult> RunDriverLoop(data_access::Driver& driver, const data_access::ConnectOptions& connect,
                                               int sessions, const std::vector<std::int64_t>& ids,
                                               absl::Duration duration);

}  // namespace bonnie::bench

#endif  // BONNIE_TESTS_BENCH_DRIVER_LOOP_H_
