#ifndef BONNIE_SERVICES_DATA_ACCESS_FAULT_H_
#define BONNIE_SERVICES_DATA_ACCESS_FAULT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/types/optional.h"

namespace bonnie::data_access {

// Whether a failed write may have reached the data.
enum class Effect { kNone, kUnknown };

// What becomes of the session that met the fault.
enum class SessionFate {
  kKeep,         // still in step, its transaction still alive
  kRollback,     // a ROLLBACK must succeed before it is lent again
  kDiscard,      // closed
  kDiscardSite,  // closed, and every other session of its generation with it
};

// What a database error means, beyond its status code: travels as a payload of absl::Status.
//
// The status code says what this library's caller does next (error_table.h); caller_code and reason say what the caller
// of an RPC is told, and differ where the same number means another thing to him. A Status without a Fault never met
// the database.
struct Fault {
  int number = 0;  // the server's or the driver's; 0 is a driver out of step
  Effect effect = Effect::kNone;
  SessionFate fate = SessionFate::kKeep;
  bool retry_transaction = false;  // the server says: nothing was applied, run the whole unit again
  bool alarm = false;              // an operator must act (login, grants, TLS, schema); trying again soon does not help
  absl::StatusCode caller_code = absl::StatusCode::kInternal;
  std::string reason;      // UPPER_SNAKE_CASE for google.rpc.ErrorInfo
  std::string constraint;  // key or constraint name without its table; safe to show
  std::string column;      // column name when the server named one; safe to show
  // The server's text, where such a text names tables, columns, keys and the like; else empty. For whoever wrote the
  // statement: a literal of it may stand there as a name, and a trigger may borrow the number.
  std::string words;
};

// Makes a status of `code` that carries `fault`. `message` must not hold a value of any row.
absl::Status FaultStatus(absl::StatusCode code, absl::string_view message, const Fault& fault);

// The fault that `status` carries, if any.
absl::optional<Fault> FaultOf(const absl::Status& status);

// kUnavailable, OVERLOADED: a queue of ours is full; nothing reached the database, and trying again later may work.
absl::Status OverloadedError(absl::string_view message);

// The same status with another effect; for whoever knows more about what was sent (a read, a COMMIT).
absl::Status WithEffect(const absl::Status& status, Effect effect);

}  // namespace bonnie::data_access

#endif  // BONNIE_SERVICES_DATA_ACCESS_FAULT_H_
