#ifndef BONNIE_CLIENTS_CPP_SERVICE_CONFIG_H_
#define BONNIE_CLIENTS_CPP_SERVICE_CONFIG_H_

#include <string>

#include "absl/time/time.h"

namespace bonnie::client {

// How long a call may take, its retries included, where the caller says nothing else.
inline constexpr absl::Duration kSingleTimeout = absl::Seconds(5);
inline constexpr absl::Duration kBatchTimeout = absl::Seconds(10);
inline constexpr absl::Duration kPlanTimeout = absl::Seconds(30);

// gRPC's service config for every Bonnie service: round robin over a name's addresses, UNAVAILABLE retried up to four
// times (safe for writes too, which carry a request id), ApplyPlan never. Pure.
//
// It asks for no health checks of gRPC's own: with one address they hide why a service is not serving, and an identity
// that may not call Health/Watch would see UNAVAILABLE in place of PERMISSION_DENIED.
// `with_timeouts`: give each method the times above; gRPC takes the shorter of them and a call's own deadline.
std::string ServiceConfig(bool with_timeouts);

}  // namespace bonnie::client

#endif  // BONNIE_CLIENTS_CPP_SERVICE_CONFIG_H_
