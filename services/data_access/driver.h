#ifndef BONNIE_SERVICES_DATA_ACCESS_DRIVER_H_
#define BONNIE_SERVICES_DATA_ACCESS_DRIVER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "services/data_access/error_table.h"
#include "services/data_access/statement.h"
#include "services/data_access/tls_options.h"

namespace bonnie::data_access {

struct Credentials {
  std::string user;
  std::string password;
};

// Asked at every connect, so that a changed password file is noticed. Must be thread-safe and quick.
using CredentialSource = std::function<absl::StatusOr<Credentials>()>;

// A source that reads `password_file`'s first line each time.
// kFailedPrecondition: the file is missing, empty, or readable by others (the message names it).
CredentialSource PasswordFile(std::string user, std::string password_file);

// Where and as whom to connect: a host with verified TLS, or a unix socket.
struct ConnectOptions {
  std::string host;
  int port = 3306;
  std::string unix_socket;  // excludes host
  std::string schema;
  absl::optional<TlsOptions> tls;  // required with host
  CredentialSource credentials;
  std::string program_name = "bonnie";                // shown in performance_schema
  absl::Duration connect_timeout = absl::Seconds(3);  // rounded up to whole seconds
  absl::Duration read_timeout = absl::Seconds(35);    // whole seconds; the longest RPC + 5 s; infinite for DDL sessions
  absl::Duration lock_wait_timeout = absl::Seconds(3);  // innodb_lock_wait_timeout, whole seconds
  int statement_cache = 64;                             // prepared statements kept per connection
  bool multi_statements = false;                        // only for the schema service's own inspection session
};

// What the server says of itself right after login.
struct ServerFacts {
  Flavour flavour = Flavour::kMySql;
  std::string version;
  std::uint64_t connection_id = 0;
  bool read_only = false;
  bool rollback_on_timeout = false;  // innodb_rollback_on_timeout; groups of writes need it off
  std::int64_t max_allowed_packet = 0;
  absl::Duration wait_timeout;
  std::string tls_version;  // empty without TLS
  absl::Time started;       // when the server was started, by this machine's clock, to about a second
  std::string schema;       // ConnectOptions::schema: the database that is current
};

// One connection to a server, with its prepared statements.
//
// This is the seam: nothing of Connector/C++ shows through it, and no exception crosses it. Every error is a status
// made by Classify, with its Fault. Used by one thread at a time; different connections by different threads.
class Connection {
 public:
  virtual ~Connection() = default;

  // Runs a SELECT, prepared (and kept prepared by its text). Blocks for the answer, at most read_timeout.
  virtual absl::StatusOr<Rows> Query(const Statement& statement, Phase phase) = 0;
  // Runs an INSERT, UPDATE or DELETE, prepared. Answers the rows matched (CLIENT_FOUND_ROWS). Blocks likewise.
  virtual absl::StatusOr<std::int64_t> Execute(const Statement& statement, Phase phase) = 0;
  // Runs one statement as text, without result: BEGIN, COMMIT, ROLLBACK, SET, KILL, DDL. Blocks likewise.
  virtual absl::Status ExecuteText(absl::string_view sql, Phase phase) = 0;
  // Runs a query as text: SHOW, and what cannot be prepared. Blocks likewise.
  virtual absl::StatusOr<Rows> QueryText(absl::string_view sql) = 0;
  // Runs several queries as text, of a connection made with multi_statements; `texts` are without delimiters. One
  // answer each, in their order: one that the server refuses does not keep the others from running. Blocks for one
  // round trip, and one more for each that is refused.
  virtual std::vector<absl::StatusOr<Rows>> QueryTexts(const std::vector<std::string>& texts) = 0;
  // One round trip. kUnavailable: the connection is gone.
  virtual absl::Status Ping() = 0;

  virtual const ServerFacts& facts() const = 0;
};

// Opens connections. Thread-safe.
class Driver {
 public:
  virtual ~Driver() = default;

  // Connects, logs in, sets the session up (UTC, strict sql_mode, READ COMMITTED, lock_wait_timeout) and asks for its
  // facts. Blocks at most about three times connect_timeout (the driver's limit is per read). kUnavailable: refused,
  // unknown name, TLS not verified, login refused, and so on; the Fault's reason tells them apart. kFailedPrecondition:
  // options that cannot be served (TLS missing, files missing).
  virtual absl::StatusOr<std::unique_ptr<Connection>> Connect(const ConnectOptions& options) = 0;
};

}  // namespace bonnie::data_access

#endif  // BONNIE_SERVICES_DATA_ACCESS_DRIVER_H_
