#include "tests/schema/harness.h"

#include <gtest/gtest.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "services/data_access/mysql_driver.h"
#include "services/data_access/status_macros.h"
#include "services/schema/ddl_session.h"
#include "services/schema/ledger.h"

namespace bonnie::schema {

Harness::Harness(test_support::TestDatabase& database, const std::string& migrations)
    : database_(database), driver_(data_access::MakeMySqlDriver()), dir_(migrations) {
  options_.site = "test";
  options_.connect = Connect();
}

data_access::ConnectOptions Harness::Connect() const {
  data_access::ConnectOptions options;
  options.host = "127.0.0.1";
  options.port = database_.port();
  options.schema = "bonnie";
  options.tls.emplace();
  options.tls->ca_file = database_.ca_file();
  options.credentials = data_access::PasswordFile("bonnie_schema", database_.password_file("schema"));
  return options;
}

std::string Harness::Query(const std::string& sql) {
  const auto answer = database_.RootQuery(sql);
  EXPECT_TRUE(answer.ok()) << answer.status();
  return answer.value_or("");
}

void Harness::Reset() { EXPECT_EQ(database_.Empty(), absl::OkStatus()); }

absl::StatusOr<LedgerState> Harness::Ledger() {
  BONNIE_ASSIGN_OR_RETURN(auto session, DdlSession::Open(*driver_, Connect(), absl::Seconds(2)));
  return ReadLedger(session->session());
}

absl::StatusOr<Plan> Harness::MakePlan(const std::string& target, Direction direction) {
  BONNIE_ASSIGN_OR_RETURN(LedgerState ledger, Ledger());
  BONNIE_ASSIGN_OR_RETURN(auto folder, dir_.Load());
  const auto flavour = database_.is_mysql() ? data_access::Flavour::kMySql : data_access::Flavour::kMariaDb;
  return schema::MakePlan(*folder, ledger, flavour, options_.site, target, direction);
}

absl::Status Harness::Run(const ApplyRequest& request, std::vector<OperationEvent>* events) {
  Runner runner(*driver_, dir_, options_);
  OperationControl control;
  return runner.Run(
      request, absl::StrCat("operation-", absl::ToUnixMicros(absl::Now())),
      [&](const OperationEvent& event) {
        if (events != nullptr) events->push_back(event);
      },
      control);
}

absl::Status Harness::Apply(const std::string& target, Direction direction, std::vector<OperationEvent>* events) {
  BONNIE_ASSIGN_OR_RETURN(Plan plan, MakePlan(target, direction));
  return Run({"tester", target, direction, plan.fingerprint, {"data-loss", "kept-elsewhere"}}, events);
}

std::string Harness::Contents() {
  const std::string tables = Query(
      "SELECT TABLE_NAME, GROUP_CONCAT(COLUMN_NAME ORDER BY ORDINAL_POSITION) FROM information_schema.COLUMNS WHERE "
      "TABLE_SCHEMA = 'bonnie' AND COLUMN_NAME NOT LIKE '%\\_time'"
      "GROUP BY TABLE_NAME ORDER BY TABLE_NAME");
  std::string everything = "DO 0;";
  for (const absl::string_view row : absl::StrSplit(tables, '\n', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> table_and_columns = absl::StrSplit(row, '\t');
    const auto& [table, columns] = table_and_columns;
    absl::StrAppend(&everything, "SHOW CREATE TABLE ", table, ";SELECT ", columns, " FROM ", table, " ORDER BY 1;");
  }
  return Query(everything);
}

}  // namespace bonnie::schema
