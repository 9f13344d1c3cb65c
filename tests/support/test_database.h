#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace bonnie::test_support {

// $BONNIE_TEST_ENGINE: "mariadb" (also when it is not set) or "mysql".
std::string TestEngine();

struct TestDatabaseOptions {
  std::string engine = TestEngine();
  // The server's pair below pki/, without the extension: "variants/wrong-name", "variants/expired" or
  // "variants/other-ca-server" give a server that must be refused.
  std::string certificate = "mysql";
  bool tls = true;                        // false: a server that offers none, with users that need none
  std::vector<std::string> server_lines;  // more lines for my.cnf, such as "max-connections=5"
};

// A real database server in a temporary folder of its own, with the databases `bonnie`, empty, and `bonnie_ledger`, its
// ledger, and the users bonnie_records, bonnie_schema and bonnie_scratch as in deploy/mysql (without the grants of
// records.sql).
//
// Starting one takes 0.5 s (MariaDB) or 1.5 s (MySQL): share one within a test suite where tests do not disturb each
// other. It is killed and its folder removed at destruction, and also when the process that made it dies.
//
// Used by one thread at a time, but for RootQuery, which is thread-safe. Every method blocks until what it says has
// happened.
class TestDatabase {
 public:
  // Aborts the process, saying why, when the server does not start: no test could go on.
  explicit TestDatabase(TestDatabaseOptions options = {});
  ~TestDatabase();
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

  const std::string& engine() const { return options_.engine; }
  bool is_mysql() const { return options_.engine == "mysql"; }
  int port() const { return port_; }  // on 127.0.0.1; stays the same over Restart()
  const std::string& dir() const { return dir_; }
  std::string socket() const { return dir_ + "/mysql.sock"; }
  std::string log_file() const { return dir_ + "/mysql.log"; }
  std::string ca_file() const { return pki_file("ca.pem"); }
  // A file of the PKI that deploy/pki/make-pki makes: "client.pem", "azure-records.key", "variants/other-ca.pem".
  std::string pki_file(absl::string_view name) const;
  // `user`: "records", "schema" or "scratch".
  std::string password_file(absl::string_view user) const;

  // Runs statements as the local administrator in the database `bonnie` and returns what they print: a line per row,
  // values separated by tabs, no headings. Several threads may ask at once. kInternal: what the client said, when a
  // statement failed.
  absl::StatusOr<std::string> RootQuery(absl::string_view sql) const;
  // Grants of deploy/mysql/records.sql; the tables must exist. kInternal as RootQuery.
  absl::Status GrantRecords() const;
  // Makes the database `schema` anew, without tables, and empties its ledger. kInternal as RootQuery.
  absl::Status Empty(absl::string_view schema = "bonnie") const;
  // Makes the ledger of the database `schema` (deploy/mysql/ledger.sql) unless it is there. kInternal as RootQuery.
  absl::Status MakeLedger(absl::string_view schema) const;

  // Each returns kInternal, with the script's words, when the server did not do it.
  absl::Status Stop();     // orderly; waits for its end
  absl::Status Kill();     // SIGKILL: as a power cut
  absl::Status Restart();  // starts again on the same data and port; first stops it when it runs
  absl::Status Freeze();   // SIGSTOP: connections stay, nothing answers; waits until every thread has stopped
  absl::Status Thaw();     // SIGCONT

 private:
  absl::Status Start();
  absl::Status Signal(int signal) const;

  const TestDatabaseOptions options_;
  std::string dir_;
  int port_ = 0;
};

}  // namespace bonnie::test_support
