#ifndef BONNIE_SERVICES_SERVER_STREAM_WATCHER_H_
#define BONNIE_SERVICES_SERVER_STREAM_WATCHER_H_

#include <grpcpp/server_context.h>

#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "services/data_access/budget.h"

namespace bonnie::server {

// Turns "the caller went away" of sync streams into their Cancellation, within 20 ms.
//
// gRPC's sync API tells nobody: somebody has to ask IsCancelled, and a stream's own thread may be waiting for the
// database. The thread sleeps while there are no streams.
//
// Thread-safe.
class StreamWatcher {
 public:
  StreamWatcher();
  ~StreamWatcher();

  // Both live until Remove.
  void Add(grpc::ServerContext* context, data_access::Cancellation* cancellation) ABSL_LOCKS_EXCLUDED(mu_);
  // When this returns, neither is used any more.
  void Remove(grpc::ServerContext* context) ABSL_LOCKS_EXCLUDED(mu_);

 private:
  void Run();
  bool HasWork() const ABSL_SHARED_LOCKS_REQUIRED(mu_) { return stopping_ || !streams_.empty(); }

  absl::Mutex mu_;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  absl::flat_hash_map<grpc::ServerContext*, data_access::Cancellation*> streams_ ABSL_GUARDED_BY(mu_);
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace bonnie::server

#endif  // BONNIE_SERVICES_SERVER_STREAM_WATCHER_H_
