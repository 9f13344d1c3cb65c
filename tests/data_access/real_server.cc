#include "tests/data_access/real_server.h"

#include <gtest/gtest.h>

namespace bonnie::data_access {
namespace {

test_support::TestDatabaseOptions WithLines(std::vector<std::string> server_lines) {
  test_support::TestDatabaseOptions options;
  options.server_lines = std::move(server_lines);
  return options;
}

}  // namespace

RealServer::RealServer(std::vector<std::string> server_lines)
    : database_(WithLines(std::move(server_lines))), driver_(MakeMySqlDriver()) {
  Root(
      "CREATE TABLE items (id BIGINT NOT NULL PRIMARY KEY, name VARCHAR(20) NULL);"
      "GRANT SELECT, INSERT, UPDATE, DELETE ON bonnie.* TO bonnie_records");
}

RealServer& RealServer::Shared() {
  static RealServer server;
  return server;
}

void RealServer::Reset() { Root("TRUNCATE TABLE items"); }

ConnectOptions RealServer::options() const {
  ConnectOptions options;
  options.host = "127.0.0.1";
  options.port = database_.port();
  options.schema = "bonnie";
  options.tls = TlsOptions{database_.ca_file(), "", "", ""};
  options.credentials = PasswordFile("bonnie_records", database_.password_file("records"));
  return options;
}

std::string RealServer::Root(absl::string_view sql) const {
  absl::StatusOr<std::string> printed = database_.RootQuery(sql);
  if (!printed.ok()) ADD_FAILURE() << printed.status();
  return printed.ok() ? *printed : "";
}

}  // namespace bonnie::data_access
