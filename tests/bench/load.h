#ifndef BONNIE_TESTS_BENCH_LOAD_H_
#define BONNIE_TESTS_BENCH_LOAD_H_

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace bonnie::bench {

// What a run of a load saw.
struct LoadResult {
  double per_second = 0;  // completed calls
  absl::Duration p50;
  absl::Duration p99;
  std::int64_t failed = 0;
};

// One kind of call that a load repeats.
enum class Call { kHealthCheck, kGetPatient };

// A closed loop of unary calls: `in_flight` slots, each sends its next call when the one before is answered.
// Thread-compatible.
class Load {
 public:
  // Opens `connections` connections of their own to `address`. `ids` are the patients that GetPatient asks for, at
  // random.
  Load(std::string address, std::shared_ptr<grpc::ChannelCredentials> credentials, int connections,
       std::vector<std::int64_t> ids);

  // Runs for `duration` after a short warm-up. Blocks.
  LoadResult Run(Call call, int in_flight, absl::Duration duration);

 private:
  std::vector<std::shared_ptr<grpc::Channel>> channels_;
  const std::vector<std::int64_t> ids_;
};

}  // namespace bonnie::bench

#endif  // BONNIE_TESTS_BENCH_LOAD_H_
