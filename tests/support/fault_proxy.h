#pragma once

#include <cstdint>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace bonnie::test_support {

// A TCP proxy on 127.0.0.1 that fails as networks do. It carries bytes and does not look into them, so TLS passes.
// Thread-safe.
class FaultProxy {
 public:
  enum class Mode {
    kPass,
    kHole,   // takes bytes and passes none on; connections stay open
    kReset,  // every connection is reset at once, new ones too
  };

  // Listens on a free port and connects to `target_port` on 127.0.0.1. Aborts when it cannot listen.
  explicit FaultProxy(int target_port);
  ~FaultProxy();
  FaultProxy(const FaultProxy&) = delete;
  FaultProxy& operator=(const FaultProxy&) = delete;

  int port() const { return port_; }
  // Of all connections, from now on.
  void SetMode(Mode mode) ABSL_LOCKS_EXCLUDED(mu_);
  // Passes on so many more bytes from the server, then resets the connection that brought the last one; once. Negative:
  // never.
  void CutAfterServerBytes(std::int64_t bytes) ABSL_LOCKS_EXCLUDED(mu_);
  // The same for bytes from the client.
  void CutAfterClientBytes(std::int64_t bytes) ABSL_LOCKS_EXCLUDED(mu_);
  // Bytes passed on so far.
  std::int64_t server_bytes() const ABSL_LOCKS_EXCLUDED(mu_);
  std::int64_t client_bytes() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  struct Pair;

  void Loop();
  void Accept();
  bool Move(int from, int to, std::int64_t* passed, std::int64_t* left);
  static void Reset(Pair* pair);

  int listener_ = -1;
  int wake_ = -1;  // an eventfd: the loop has something new to look at
  int port_ = 0;
  const int target_port_;

  mutable absl::Mutex mu_;
  Mode mode_ ABSL_GUARDED_BY(mu_) = Mode::kPass;
  std::int64_t server_bytes_ ABSL_GUARDED_BY(mu_) = 0;
  std::int64_t client_bytes_ ABSL_GUARDED_BY(mu_) = 0;
  std::int64_t server_left_ ABSL_GUARDED_BY(mu_) = -1;
  std::int64_t client_left_ ABSL_GUARDED_BY(mu_) = -1;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;

  std::vector<Pair> pairs_;  // the loop's
  std::thread thread_;
};

}  // namespace bonnie::test_support
