#pragma once

#include <memory>

#include "services/data_access/mysql_driver.h"
#include "tests/support/test_database.h"

namespace bonnie::data_access {

// A real server with the table `items`, its driver, and how to connect to it. Shared by the tests of one process:
// starting a server takes a second.
class RealServer {
 public:
  // `server_lines`: more lines of my.cnf.
  explicit RealServer(std::vector<std::string> server_lines = {});

  // The one that tests share. Its table is emptied by Reset.
  static RealServer& Shared();
  void Reset();

  test_support::TestDatabase& database() { return database_; }
  Driver& driver() { return *driver_; }
  // As the records user over verified TLS, who may read and write every table of `bonnie`.
  ConnectOptions options() const;
  // Runs SQL as the administrator; fails the test when it fails. Returns what it printed.
  std::string Root(absl::string_view sql) const;

 private:
  test_support::TestDatabase database_;
  const std::unique_ptr<Driver> driver_;
};

}  // namespace bonnie::data_access
