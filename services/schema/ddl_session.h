#ifndef BONNIE_SERVICES_SCHEMA_DDL_SESSION_H_
#define BONNIE_SERVICES_SCHEMA_DDL_SESSION_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "services/data_access/driver.h"
#include "services/data_access/session.h"
#include "services/schema/statement_facts.h"

namespace bonnie::schema {

// SQL: whether the current database has a default that is a zero date, or has a zero in it, though the server's
// sql_mode lets no new one in.
inline constexpr char kHasZeroDates[] =
    "IF(FIND_IN_SET('NO_ZERO_DATE', @@GLOBAL.sql_mode) OR FIND_IN_SET('NO_ZERO_IN_DATE', @@GLOBAL.sql_mode),"
    " EXISTS (SELECT 1 FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()"
    " AND DATA_TYPE IN ('date', 'datetime', 'timestamp') AND COLUMN_DEFAULT REGEXP '^.?[0-9]{4}-(00|[0-9]{2}-00)'), 0)";

// Sets a session up for DDL, the same way wherever a schema is made, because its variables shape what the server makes
// of a statement: strict, names quoted, foreign keys checked, no time limit, no generated primary keys where the
// account may switch them off. Dates may be zero where the server's own setting lets them, and where the database has
// such defaults already (or, `takes_zero_dates`, the one that it stands for): a table with one could not be altered at
// all. Blocks for two round trips. Errors of the connection.
absl::Status SetUpDdl(data_access::Connection& connection, absl::Duration lock_wait, bool takes_zero_dates = false);

// What DdlSession::Fingerprint is the hash of, for one object: its SHOW CREATE without an AUTO_INCREMENT counter, or
// (nullopt) that it is not there. Pure.
std::string FingerprintText(const SchemaObject& object, const absl::optional<std::string>& create_statement);

// "SHOW CREATE TABLE `t`", and which column of the answer holds the statement. Pure.
std::pair<std::string, int> ShowCreateOf(const SchemaObject& object);

// A connection of its own for statements that change the schema: unpooled, without read timeout, because an ALTER may
// take hours and giving up on its answer would not stop it. Used by one thread at a time.
class DdlSession {
 public:
  // Connects. `lock_wait`: how long a statement waits for a table that is in use, whole seconds; short, because whoever
  // wants the table meanwhile queues behind it. `takes_zero_dates`: as of SetUpDdl. Errors of Driver::Connect.
  static absl::StatusOr<std::unique_ptr<DdlSession>> Open(data_access::Driver& driver,
                                                          data_access::ConnectOptions options, absl::Duration lock_wait,
                                                          bool takes_zero_dates = false);

  // For statements with bound values, and for transactions.
  data_access::Session& session() { return session_; }
  // Runs one statement as text. Blocks for as long as it takes.
  absl::Status Run(absl::string_view sql);
  // How long statements from now on wait for a table that is in use, whole seconds. One round trip if it changes.
  absl::Status SetLockWait(absl::Duration lock_wait);
  // Whether statements from now on keep a 0 in a column that is, or becomes, AUTO_INCREMENT; else it gets the next
  // number. A trigger, event or routine would remember that for its body. One round trip if it changes.
  absl::Status SetKeepsZeros(bool keeps);
  // Whether there is such an object. Blocks for one round trip.
  absl::StatusOr<bool> Exists(const SchemaObject& object);
  // SHA-256 in hexadecimal of SHOW CREATE of `objects` (of their absence where they are not there), without
  // AUTO_INCREMENT counters, which move with every row. Costs two round trips for each.
  absl::StatusOr<std::string> Fingerprint(const std::vector<SchemaObject>& objects);
  // SHOW CREATE of `object`, byte for byte; nullopt where it is not there. Costs two round trips.
  absl::StatusOr<absl::optional<std::string>> ShowCreate(const SchemaObject& object);

 private:
  DdlSession(std::unique_ptr<data_access::Connection> connection, absl::Duration lock_wait);

  data_access::Connection* const connection_;  // session_ owns it
  data_access::Session session_;
  absl::Duration lock_wait_;
  bool keeps_zeros_ = false;
};

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_DDL_SESSION_H_
