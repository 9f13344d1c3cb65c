#ifndef BONNIE_CLIENTS_CPP_STREAM_STOPPER_H_
#define BONNIE_CLIENTS_CPP_STREAM_STOPPER_H_

#include <grpcpp/client_context.h>

#include <functional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace bonnie::client {

// Ends a call that another thread blocks on when somebody wants it to: asks `stop` about ten times a second, on a
// thread of its own, and cancels the call's context once that says true. Does nothing when `stop` is empty. Destroyed
// when the call has ended; `context` outlives it.
class StreamStopper {
 public:
  StreamStopper(grpc::ClientContext& context, const std::function<bool()>& stop);
  ~StreamStopper();
  StreamStopper(const StreamStopper&) = delete;
  StreamStopper& operator=(const StreamStopper&) = delete;

 private:
  absl::Mutex mu_;
  bool ended_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace bonnie::client

#endif  // BONNIE_CLIENTS_CPP_STREAM_STOPPER_H_
