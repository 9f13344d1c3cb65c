#ifndef BONNIE_SERVICES_RECORDS_WRITE_H_
#define BONNIE_SERVICES_RECORDS_WRITE_H_

#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/data_access/session.h"
#include "services/records/key_ring.h"
#include "services/records/request_log.h"

namespace google::protobuf {
class Message;
}  // namespace google::protobuf

namespace bonnie::records {

// The resource that a write left, and its version; all 0 when there is none.
struct Written {
  std::int64_t id = 0;
  std::int64_t row_version = 0;
};

// Runs a write in one transaction with the entry of its request id, so that either both are kept or neither is, and a
// request sent twice is done once.
//
// Thread-safe. `keys` outlives it.
class Writer {
 public:
  explicit Writer(KeyRing& keys) : keys_(keys) {}

  // What is particular to a request. `write` does it and fills the response; it may run several times, each from the
  // start. `answer_again` fills the response for a resource that an earlier run of the same request left.
  using Write = absl::FunctionRef<absl::StatusOr<Written>(data_access::Querier&)>;
  using AnswerAgain = absl::FunctionRef<absl::Status(data_access::Querier&, std::int64_t id)>;

  // `request` has the fields request_id and validate_only: the latter does everything and keeps nothing, nor its
  // request id. Blocks until the session's budget ends at the latest. What `write` and `answer_again` answer, and:
  // kInvalidArgument `REQUEST_ID_REUSED`: the id came before with another request. kUnavailable, kUnknown:
  // SettleOutcome. kAborted: attempts used up.
  absl::Status Run(data_access::Session& session, absl::string_view principal, absl::string_view method,
                   const google::protobuf::Message& request, Write write, AnswerAgain answer_again) const;

 private:
  KeyRing& keys_;
};

}  // namespace bonnie::records

#endif  // BONNIE_SERVICES_RECORDS_WRITE_H_
