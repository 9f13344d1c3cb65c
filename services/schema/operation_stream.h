#ifndef BONNIE_SERVICES_SCHEMA_OPERATION_STREAM_H_
#define BONNIE_SERVICES_SCHEMA_OPERATION_STREAM_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "services/schema/convert.h"
#include "services/schema/operations.h"
#include "services/server/call.h"

namespace bonnie::schema {

// Sends the events of `operation` after number `after` as they come, by `send(event)`, which answers whether the caller
// still takes them. Blocks until the operation has ended, and answers how it did. kCancelled: the caller has gone.
template <class Send>
absl::Status StreamOperation(Operation& operation, std::int64_t after, server::StreamCall& call, Send send) {
  constexpr absl::Duration kLookForCaller = absl::Milliseconds(100);
  for (std::int64_t sequence = after;;) {
    // Asked before the events: those that came with the end are sent before it is told.
    const absl::optional<absl::Status> outcome = operation.outcome();
    const absl::optional<Operation::Event> event = operation.After(sequence, absl::Now() + kLookForCaller);
    if (event.has_value()) {
      sequence = event->sequence;
      if (!send(ToProto(operation.id(), *event))) break;
      call.CountSent();
    } else if (outcome.has_value()) {
      return *outcome;
    }
    if (call.cancelled()) break;
  }
  return absl::CancelledError("the caller has gone; the operation goes on");
}

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_OPERATION_STREAM_H_
