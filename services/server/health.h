#ifndef BONNIE_SERVICES_SERVER_HEALTH_H_
#define BONNIE_SERVICES_SERVER_HEALTH_H_

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "services/server/call.h"

namespace bonnie::server {

// grpc.health.v1.Health, as compiled from the packaged proto: the library's own cannot be described by reflection
// (grpc/grpc#36665), says SERVING before anybody asked the database, and its open Watch streams hold up Shutdown.
//
// Names: "" and each service (set by readiness), `<package>/write` (writes as well), `liveness` (SERVING until the
// process ends; never looks at the database). Each starts NOT_SERVING but liveness. Unknown: NOT_FOUND for Check,
// SERVICE_UNKNOWN for Watch.
//
// Thread-safe; `calls` outlives it.
class Health final : public grpc::health::v1::Health::CallbackService {
 public:
  static constexpr char kLiveness[] = "liveness";

  explicit Health(Calls& calls);
  ~Health() override;

  // Makes the name known, as NOT_SERVING if it was not.
  void Add(const std::string& name) ABSL_LOCKS_EXCLUDED(mu_);
  // Tells watchers when it changes. Nothing happens after Drain, nor for a name that was not added.
  void Set(absl::string_view name, bool serving) ABSL_LOCKS_EXCLUDED(mu_);
  bool serving(absl::string_view name) const ABSL_LOCKS_EXCLUDED(mu_);
  // Every name but liveness is NOT_SERVING from now on.
  void Drain() ABSL_LOCKS_EXCLUDED(mu_);
  // Ends all watches with kUnavailable, and those that come later at once.
  void EndWatches() ABSL_LOCKS_EXCLUDED(mu_);

  grpc::ServerUnaryReactor* Check(grpc::CallbackServerContext* context,
                                  const grpc::health::v1::HealthCheckRequest* request,
                                  grpc::health::v1::HealthCheckResponse* response) override;
  grpc::ServerWriteReactor<grpc::health::v1::HealthCheckResponse>* Watch(
      grpc::CallbackServerContext* context, const grpc::health::v1::HealthCheckRequest* request) override;

 private:
  class Watcher;
  using Status = grpc::health::v1::HealthCheckResponse::ServingStatus;

  Status StatusOf(absl::string_view name) const ABSL_SHARED_LOCKS_REQUIRED(mu_);
  void Register(Watcher* watcher) ABSL_LOCKS_EXCLUDED(mu_);
  void Forget(Watcher* watcher) ABSL_LOCKS_EXCLUDED(mu_);

  Calls& calls_;
  mutable absl::Mutex mu_;
  bool draining_ ABSL_GUARDED_BY(mu_) = false;
  bool watches_ended_ ABSL_GUARDED_BY(mu_) = false;
  absl::flat_hash_map<std::string, bool> names_ ABSL_GUARDED_BY(mu_);
  absl::flat_hash_set<Watcher*> watchers_ ABSL_GUARDED_BY(mu_);
};

}  // namespace bonnie::server

#endif  // BONNIE_SERVICES_SERVER_HEALTH_H_
