#ifndef BONNIE_TESTS_FAULT_LOAD_H_
#define BONNIE_TESTS_FAULT_LOAD_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "tests/records/test_site.h"

namespace bonnie::records {

// Callers that create and read patients without pause, and remember what they were told. A writer sends a request
// again, under its id, until it is answered; so what is in the database at the end must be exactly what was
// acknowledged.
//
// Thread-safe.
class Load {
 public:
  struct Options {
    int writers = 6;
    int readers = 6;
    absl::Duration deadline = absl::Seconds(5);  // of each call
  };

  // Each caller has a channel of its own, made by `connect`.
  using Connect = std::function<std::shared_ptr<grpc::Channel>()>;
  Load(Connect connect, Options options);
  ~Load();

  // Lets every writer finish what it has begun, and ends all.
  void Stop();

  // Calls answered with OK since the start.
  int writes() const { return writes_; }
  int reads() const { return reads_; }
  // Waits until `writes` and `reads` more have succeeded than now; how long it took, or infinite after `limit`.
  absl::Duration WaitForSuccesses(int writes, int reads, absl::Duration limit) const;

  // Of the calls that failed: how often each code came, and how long the longest took.
  struct Failures {
    std::map<grpc::StatusCode, int> codes;
    absl::Duration longest;
    std::map<std::string, int> reasons;
  };
  Failures TakeWriteFailures() ABSL_LOCKS_EXCLUDED(mu_);
  Failures TakeReadFailures() ABSL_LOCKS_EXCLUDED(mu_);

  // After Stop: expects that `database` holds what was acknowledged, once, and nothing else; prints the figures.
  void ExpectExactlyIn(const test_support::TestDatabase& database) const;

 private:
  void Write(int writer);
  void Read();
  static void Count(const grpc::Status& status, absl::Duration took, Failures* failures);

  const Connect connect_;
  const Options options_;
  std::atomic<bool> stop_{false};
  std::atomic<int> writes_{0};
  std::atomic<int> reads_{0};
  std::atomic<std::int64_t> last_id_{1};
  absl::Mutex mu_;
  Failures write_failures_ ABSL_GUARDED_BY(mu_);
  Failures read_failures_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, std::int64_t> acknowledged_;  // ids by names; written under mu_, read after Stop
  std::vector<std::thread> threads_;
};

}  // namespace bonnie::records

#endif  // BONNIE_TESTS_FAULT_LOAD_H_
