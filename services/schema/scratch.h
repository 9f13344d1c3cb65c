#ifndef BONNIE_SERVICES_SCHEMA_SCRATCH_H_
#define BONNIE_SERVICES_SCHEMA_SCRATCH_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "services/data_access/driver.h"
#include "services/schema/model.h"
#include "services/schema/trial_table.h"

namespace bonnie::schema {

// One statement to run in scratch, and how an error names it.
struct ScratchStatement {
  std::string sql;
  std::string where;  // such as "patients.sql:3" or "revision 0004, statement 2"
  // The text was written from the live database's own definitions: its engines and options are taken as they are.
  bool of_live = false;
};

// What names of scratch databases begin with, unless the configuration says otherwise.
inline constexpr char kScratchPrefix[] = "bonnie_scratch_";

// What a scratch database has of the database that it stands for, and what its name begins with: the scratch account
// has rights on such databases only. Two services on one server have an account and a prefix each, so that neither can
// read or drop the other's.
struct ScratchDefaults {
  std::string charset, collation;
  bool takes_zero_dates = false;
  std::string prefix = kScratchPrefix;
  std::string server_version = {};  // the scratch server must be of it; empty: any
};

// Takes work that nobody waits for, such as dropping what a call has made; false: it does not, and whoever asked does
// it.
using Later = std::function<bool(std::function<void()>)>;

// An empty database of its own on the site's server, under the scratch account, which can touch no other: where the
// server itself says what it makes of a text (canonical form) and whether a plan works (proof). Dropped at the end, by
// `later` where there is one: that takes a server tens of milliseconds.
// Used by one thread at a time. All block; every call ends at the deadline given at Open.
class ScratchDatabase {
 public:
  // Makes one with the defaults of the database that it stands for, its session set like a
  // DdlSession's but without generated primary keys where permitted. kFailedPrecondition SCRATCH_NOT_CONFIGURED,
  // SCRATCH_SERVER_DIFFERS (the scratch server is of another version than the one that it answers for); errors
  // of the connection, naming the scratch account.
  static absl::StatusOr<std::unique_ptr<ScratchDatabase>> Open(data_access::Driver& driver,
                                                               const data_access::ConnectOptions& options,
                                                               const ScratchDefaults& defaults, absl::Time deadline,
                                                               Later later = nullptr);
  virtual ~ScratchDatabase() = default;

  // Runs statements one after the other. `check_foreign_keys`: off while tables come in any order.
  // Each is sent as GateSql returns it (sql_gate/sql_gate.h), of_live ones as NormalizeSql does.
  // kInvalidArgument STATEMENT_REFUSED: the gate or the server refused one; the message begins with its `where` and has
  // the server's own words (scratch holds no data). kDeadlineExceeded. kUnavailable: the connection is gone.
  virtual absl::Status Run(const std::vector<ScratchStatement>& statements, bool check_foreign_keys) = 0;
  // Makes each as a temporary table, on a connection of its own, and answers SHOW CREATE TABLE of it. One that the
  // server refuses has its error and does not keep the others from being made.
  virtual std::vector<absl::StatusOr<std::string>> TryOut(const std::vector<TrialTable>& tables) = 0;
  // What is in it now.
  virtual absl::StatusOr<Schema> Inspect() = 0;
  // SHOW CREATE TABLE of one table in it; nullopt when it is not there.
  virtual absl::StatusOr<absl::optional<std::string>> ShowCreate(const std::string& table) = 0;
  // The name of the database, for whoever asks the server about it from outside.
  virtual const std::string& name() const = 0;
  // Drops all that is in it.
  virtual absl::Status Clear() = 0;
  // What the server remarked on the statements of the last Run, each beginning with its `where`: "…: Note 1831
  // Duplicate index …".
  virtual const std::vector<std::string>& warnings() const = 0;
};

// Drops scratch databases that a process which died left behind: those whose name begins with `prefix`, older than
// `age`, that no connection uses.
absl::Status SweepScratch(data_access::Driver& driver, const data_access::ConnectOptions& options, absl::Duration age,
                          const std::string& prefix);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_SCRATCH_H_
