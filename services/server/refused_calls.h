#ifndef BONNIE_SERVICES_SERVER_REFUSED_CALLS_H_
#define BONNIE_SERVICES_SERVER_REFUSED_CALLS_H_

#include <cstdint>

#include "absl/time/time.h"

namespace prometheus {
class Counter;
}

namespace bonnie::server {

class Calls;
class Log;
class Metrics;

// Counts and logs the calls that gRPC refuses before it asks a handler: compressed, too large or malformed requests and
// unknown methods.
//
// gRPC 1.51 shows such a call to nobody: server interceptors and handlers begin with a whole message, and its log names
// compression only. Its own channelz counts each call that it begins. What Calls has not seen of those was refused, or
// is still on its way; a call counts here when it is missing at two looks. Who called, and which method, is not known.
//
// Used by one thread at a time.
class RefusedCalls {
 public:
  // Of the grpc::Server that was made last in this process. The arguments outlive it.
  RefusedCalls(const Calls& calls, Metrics& metrics, Log& log);

  // Takes one look, at `now`; about once a second. Writes at most one line in 10 s. Does not block.
  void Look(absl::Time now);

 private:
  const Calls& calls_;
  Log& log_;
  prometheus::Counter& counter_;
  const std::int64_t server_;  // its id in channelz; 0: none
  std::int64_t missing_ = 0;   // at the last look
  std::int64_t counted_ = 0;   // of those missing
  std::int64_t not_logged_ = 0;
  absl::Time next_line_ = absl::InfinitePast();
};

}  // namespace bonnie::server

#endif  // BONNIE_SERVICES_SERVER_REFUSED_CALLS_H_
