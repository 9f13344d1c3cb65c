#include "services/server/readiness.h"

namespace bonnie::server {
namespace {

constexpr int kFailuresToStop = 3;
constexpr absl::Duration kFailuresSpan = absl::Seconds(10);
constexpr int kSuccessesToServe = 2;

}  // namespace

bool Readiness::Probed(bool success, absl::Time at) {
  if (success) {
    failures_ = 0;
    ++successes_;
    if (ready_ || (ever_ready_ && successes_ < kSuccessesToServe)) return false;
    ready_ = ever_ready_ = true;
    return true;
  }
  successes_ = 0;
  if (++failures_ == 1) first_failure_ = at;
  if (!ready_ || failures_ < kFailuresToStop || at - first_failure_ < kFailuresSpan) return false;
  ready_ = false;
  return true;
}

}  // namespace bonnie::server
