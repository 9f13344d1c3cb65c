// Provokes every error number that can be provoked without a cluster, and looks at what the table makes of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "services/data_access/fault.h"
#include "tests/data_access/real_server.h"
#include "tests/support/fake_driver.h"
#include "tests/support/status_matchers.h"

namespace bonnie::data_access {
namespace {

using absl::StatusCode;
using test_support::IsOk;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

class ErrorProvocationTest : public testing::Test {
 protected:
  static constexpr char kSecret[] = "alice@example.com";

  ErrorProvocationTest() {
    server_.Root(
        "DROP TABLE IF EXISTS child, parent, strict_one, items;"
        "CREATE TABLE items (id BIGINT NOT NULL PRIMARY KEY, name VARCHAR(20) NULL);"
        "CREATE TABLE parent (id BIGINT NOT NULL PRIMARY KEY, email VARCHAR(50), UNIQUE KEY parent_email (email));"
        "CREATE TABLE child (id BIGINT NOT NULL PRIMARY KEY, parent_id BIGINT NOT NULL,"
        " CONSTRAINT child_parent FOREIGN KEY (parent_id) REFERENCES parent (id));"
        "CREATE TABLE strict_one (id BIGINT NOT NULL PRIMARY KEY, small TINYINT NULL, word VARCHAR(5) NULL, day DATE "
        "NULL,"
        " needed INT NOT NULL, CONSTRAINT small_positive CHECK (small > 0));"
        "INSERT INTO parent VALUES (1, 'alice@example.com'); INSERT INTO child VALUES (1, 1);"
        "INSERT INTO items VALUES (1, 'a'), (2, 'b')");
  }

  bool mysql() const { return server_.database().is_mysql(); }
  std::unique_ptr<Connection> Connect(ConnectOptions options) {
    absl::StatusOr<std::unique_ptr<Connection>> connection = server_.driver().Connect(options);
    if (!connection.ok()) ADD_FAILURE() << connection.status();
    return connection.ok() ? *std::move(connection) : nullptr;
  }
  std::unique_ptr<Connection> Connect() { return Connect(server_.options()); }
  // What a statement is refused with; checks that no value shows.
  static absl::Status Refusal(Connection& connection, const char* sql, Phase phase = Phase::kWriting) {
    const absl::Status status = phase == Phase::kReading
                                    ? connection.Query(Statement(Sql{"provoke", sql}), phase).status()
                                    : connection.Execute(Statement(Sql{"provoke", sql}), phase).status();
    EXPECT_THAT(status.ToString(), Not(HasSubstr(kSecret)));
    EXPECT_THAT(status.ToString(), Not(HasSubstr("sevenletters")));
    return status;
  }

  RealServer& server_ = RealServer::Shared();
};

TEST_F(ErrorProvocationTest, StatementsThatFailAlone) {
  struct Case {
    const char* sql;
    int mysql_number, mariadb_number;
    StatusCode code;
    const char* reason;
    const char* constraint;
    const char* column;
  } const cases[] = {
      {"INSERT INTO parent VALUES (2, 'alice@example.com')", 1062, 1062, StatusCode::kAlreadyExists, "DUPLICATE",
       "parent_email", ""},
      {"INSERT INTO parent VALUES (1, 'b')", 1062, 1062, StatusCode::kAlreadyExists, "DUPLICATE", "PRIMARY", ""},
      {"DELETE FROM parent WHERE id = 1", 1451, 1451, StatusCode::kFailedPrecondition, "HAS_MEDICAL_RECORDS",
       "child_parent", ""},
      {"INSERT INTO child VALUES (2, 4711)", 1452, 1452, StatusCode::kFailedPrecondition, "PATIENT_NOT_FOUND",
       "child_parent", ""},
      {"INSERT INTO strict_one VALUES (1, -1, NULL, NULL, 1)", 3819, 4025, StatusCode::kInvalidArgument,
       "INVALID_VALUE", "small_positive", ""},
      {"INSERT INTO strict_one VALUES (1, 1, 'sevenletters', NULL, 1)", 1406, 1406, StatusCode::kInvalidArgument,
       "INVALID_VALUE", "", "word"},
      {"INSERT INTO strict_one VALUES (1, 1000, NULL, NULL, 1)", 1264, 1264, StatusCode::kInvalidArgument,
       "INVALID_VALUE", "", "small"},
      {"INSERT INTO strict_one VALUES (1, 'sevenletters', NULL, NULL, 1)", 1366, 1366, StatusCode::kInvalidArgument,
       "INVALID_VALUE", "", "small"},
      {"INSERT INTO strict_one VALUES (1, 1, NULL, '2023-02-30', 1)", 1292, 1292, StatusCode::kInvalidArgument,
       "INVALID_VALUE", "", "day"},
      {"INSERT INTO strict_one VALUES (1, 1, NULL, '0000-00-00', 1)", 1292, 1292, StatusCode::kInvalidArgument,
       "INVALID_VALUE", "", "day"},
      {"INSERT INTO strict_one VALUES (1, 1, NULL, NULL, NULL)", 1048, 1048, StatusCode::kInvalidArgument,
       "INVALID_VALUE", "", "needed"},
      {"INSERT INTO strict_one (id) VALUES (1)", 1364, 1364, StatusCode::kInternal, "SCHEMA_MISMATCH", "", "needed"},
      {"INSERT INTO strict_one VALUES (1, 1 / 0, NULL, NULL, 1)", 1365, 1365, StatusCode::kInvalidArgument,
       "INVALID_VALUE", "", ""},
      {"INSERT INTO no_such_table VALUES (1)", 1146, 1146, StatusCode::kInternal, "SCHEMA_MISMATCH", "", ""},
      {"UPDATE items SET no_such_column = 1", 1054, 1054, StatusCode::kInternal, "SCHEMA_MISMATCH", "", ""},
      {"INSERT INTO items VALUES (", 1064, 1064, StatusCode::kInternal, "INTERNAL", "", ""},
  };
  const auto connection = Connect();
  for (const Case& c : cases) {
    const absl::Status status = Refusal(*connection, c.sql);
    ASSERT_TRUE(FaultOf(status).has_value()) << c.sql << ": " << status;
    const Fault fault = *FaultOf(status);
    EXPECT_EQ(fault.number, mysql() ? c.mysql_number : c.mariadb_number) << c.sql;
    EXPECT_EQ(status.code(), c.code) << c.sql;
    EXPECT_EQ(fault.reason, c.reason) << c.sql;
    EXPECT_EQ(fault.constraint, c.constraint) << c.sql;
    EXPECT_EQ(fault.column, c.column) << c.sql;
    EXPECT_EQ(fault.fate, SessionFate::kKeep) << c.sql;
  }
  EXPECT_THAT(connection->Query(Statement(kGetItem, 1), Phase::kReading), IsOk());  // in step after all of them
}

TEST_F(ErrorProvocationTest, SignalsOfTheDatabasesOwnRules) {
  server_.Root(
      "CREATE TRIGGER items_rule BEFORE DELETE ON items FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = "
      "'alice@example.com'");
  const auto connection = Connect();
  const absl::Status status = Refusal(*connection, "DELETE FROM items WHERE id = 1");
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(FaultOf(status)->number, 1644);
  server_.Root("DROP TRIGGER items_rule");
}

TEST_F(ErrorProvocationTest, MissingRights) {
  server_.Root("REVOKE DELETE ON bonnie.* FROM bonnie_records");
  const absl::Status status = Refusal(*Connect(), "DELETE FROM items WHERE id = 1");
  server_.Root("GRANT DELETE ON bonnie.* TO bonnie_records");
  EXPECT_EQ(FaultOf(status)->number, 1142);
  EXPECT_EQ(FaultOf(status)->reason, "DATABASE_AUTH");
  EXPECT_EQ(FaultOf(status)->caller_code, StatusCode::kUnavailable);
}

TEST_F(ErrorProvocationTest, LoginsThatAreRefused) {
  struct Case {
    const char* name;
    const char* sql;
    const char* schema;
    std::string password;
    std::vector<int> numbers;
  };
  const std::vector<Case> cases = {
      {"wrong password", "", "bonnie", "wrong", {1045}},
      {"no such database", "", "no_such_database", "right", {1044, 1049}},
      {"locked account", "ALTER USER trial ACCOUNT LOCK", "bonnie", "right", {3118, 4151}},
      {"expired password", "ALTER USER trial PASSWORD EXPIRE", "bonnie", "right", {1862, 1820}},
  };
  for (const Case& c : cases) {
    server_.Root(
        "DROP USER IF EXISTS trial; CREATE USER trial IDENTIFIED BY 'right'; GRANT SELECT ON bonnie.* TO trial");
    if (*c.sql != '\0') server_.Root(c.sql);
    ConnectOptions options = server_.options();
    options.schema = c.schema;
    options.credentials = [&c] { return Credentials{"trial", c.password}; };
    const absl::Status status = server_.driver().Connect(options).status();
    ASSERT_TRUE(FaultOf(status).has_value()) << c.name << ": " << status;
    EXPECT_THAT(c.numbers, testing::Contains(FaultOf(status)->number)) << c.name << ": " << status;
    EXPECT_EQ(status.code(), StatusCode::kUnavailable) << c.name;
    EXPECT_TRUE(FaultOf(status)->alarm) << c.name;
    EXPECT_THAT(status.ToString(), Not(HasSubstr("right"))) << c.name;
  }
  server_.Root("DROP USER trial");
}

TEST_F(ErrorProvocationTest, LimitsOfTheServer) {
  server_.Root(
      "DROP USER IF EXISTS trial; CREATE USER trial IDENTIFIED BY 'right' WITH MAX_USER_CONNECTIONS 1; GRANT SELECT ON "
      "bonnie.* TO trial");
  ConnectOptions options = server_.options();
  options.credentials = [] { return Credentials{"trial", "right"}; };
  const auto only = Connect(options);
  const absl::Status second = server_.driver().Connect(options).status();
  EXPECT_EQ(second.code(), StatusCode::kUnavailable);
  EXPECT_THAT(FaultOf(second)->number, AnyOf(1226, 1203));
  EXPECT_FALSE(FaultOf(second)->alarm);
  server_.Root("ALTER USER trial WITH MAX_USER_CONNECTIONS 0 MAX_QUERIES_PER_HOUR 20");
  const auto busy = Connect(options);
  absl::Status spent;
  for (int i = 0; i < 40 && spent.ok(); ++i) spent = busy->QueryText("SELECT 1").status();
  EXPECT_EQ(FaultOf(spent)->number, 1226);
  server_.Root("DROP USER trial");
}

TEST_F(ErrorProvocationTest, DeadlockTakesTheWholeTransaction) {
  const auto a = Connect(), b = Connect();
  for (Connection* connection : {a.get(), b.get()})
    ASSERT_THAT(connection->ExecuteText("START TRANSACTION", Phase::kInTransaction), IsOk());
  ASSERT_THAT(a->Execute(Statement(kUpdateItem, "x", 1), Phase::kInTransaction), IsOk());
  ASSERT_THAT(b->Execute(Statement(kUpdateItem, "y", 2), Phase::kInTransaction), IsOk());
  absl::Status first;
  std::thread other([&] { first = a->Execute(Statement(kUpdateItem, "x", 2), Phase::kInTransaction).status(); });
  absl::SleepFor(absl::Milliseconds(100));
  const absl::Status second = b->Execute(Statement(kUpdateItem, "y", 1), Phase::kInTransaction).status();
  other.join();
  const absl::Status& victim = first.ok() ? second : first;
  ASSERT_TRUE(FaultOf(victim).has_value());
  EXPECT_EQ(FaultOf(victim)->number, 1213);
  EXPECT_TRUE(FaultOf(victim)->retry_transaction);
  EXPECT_EQ(first.ok() + second.ok(), 1);
}

TEST_F(ErrorProvocationTest, LockWaitsAndNoWait) {
  ConnectOptions options = server_.options();
  options.lock_wait_timeout = absl::Seconds(1);
  const auto holder = Connect(), waiter = Connect(options);
  ASSERT_THAT(holder->ExecuteText("START TRANSACTION", Phase::kInTransaction), IsOk());
  ASSERT_THAT(holder->Execute(Statement(kUpdateItem, "x", 1), Phase::kInTransaction), IsOk());
  const absl::Time start = absl::Now();
  const absl::Status waited = waiter->Execute(Statement(kUpdateItem, "y", 1), Phase::kInTransaction).status();
  EXPECT_EQ(FaultOf(waited)->number, 1205);
  EXPECT_EQ(FaultOf(waited)->fate, SessionFate::kRollback);
  EXPECT_LT(absl::Now() - start, absl::Seconds(30));  // of the server's own 50
  const absl::Status refused =
      waiter
          ->Query(Statement(Sql{"nowait", "SELECT id FROM items WHERE id = 1 FOR UPDATE NOWAIT"}),
                  Phase::kInTransaction)
          .status();
  EXPECT_EQ(FaultOf(refused)->number, mysql() ? 3572 : 1205);
  EXPECT_EQ(FaultOf(refused)->reason, "LOCK_TIMEOUT");
}

TEST_F(ErrorProvocationTest, ReadOnlyServerAlsoAtCommit) {
  const auto before = Connect();
  ASSERT_THAT(before->ExecuteText("START TRANSACTION", Phase::kInTransaction), IsOk());
  ASSERT_THAT(before->Execute(Statement(kInsertItem, 7, "x"), Phase::kInTransaction), IsOk());
  std::thread flip([this] { server_.Root("SET GLOBAL read_only = 1"); });  // may wait for the transaction
  absl::SleepFor(absl::Milliseconds(300));
  const absl::Status committed = before->ExecuteText("COMMIT", Phase::kCommitting);
  flip.join();
  // MySQL refuses the COMMIT; MariaDB may let the one through that holds the flip up. Never: refused and yet stored.
  const bool stored = server_.Root("SELECT COUNT(*) FROM items WHERE id = 7") == "1\n";
  EXPECT_EQ(committed.ok(), stored) << committed;
  if (!committed.ok()) {
    EXPECT_EQ(FaultOf(committed)->reason, "DATABASE_READ_ONLY");
  }

  const auto after = Connect();
  EXPECT_TRUE(after->facts().read_only);
  for (const absl::Status& status :
       {after->Execute(Statement(kInsertItem, 8, "x"), Phase::kWriting).status(),
        after->Query(Statement(Sql{"lock", "SELECT id FROM items WHERE id = 1 FOR UPDATE"}), Phase::kInTransaction)
            .status()}) {
    if (status.ok()) continue;  // MariaDB lets a locking read pass
    EXPECT_EQ(FaultOf(status)->number, 1290);
    EXPECT_EQ(FaultOf(status)->fate, SessionFate::kDiscardSite);
  }
  EXPECT_THAT(after->Execute(Statement(kInsertItem, 8, "x"), Phase::kWriting), Not(IsOk()));
  EXPECT_THAT(after->Query(Statement(kGetItem, 1), Phase::kReading), IsOk());
  server_.Root("SET GLOBAL read_only = 0");
}

TEST_F(ErrorProvocationTest, WritesInReadOnlyTransactions) {
  const auto connection = Connect();
  ASSERT_THAT(connection->ExecuteText("START TRANSACTION READ ONLY", Phase::kInTransaction), IsOk());
  const absl::Status status = connection->Execute(Statement(kInsertItem, 7, "x"), Phase::kInTransaction).status();
  EXPECT_EQ(FaultOf(status)->number, 1792);
}

TEST_F(ErrorProvocationTest, TimeLimitOfTheServer) {
  const auto connection = Connect();
  ASSERT_THAT(connection->ExecuteText(mysql() ? "SET max_execution_time = 100" : "SET max_statement_time = 0.1",
                                      Phase::kReading),
              IsOk());
  const char* const slow =
      "SELECT COUNT(*) FROM information_schema.COLLATIONS a, information_schema.COLLATIONS b, "
      "information_schema.COLLATIONS c,"
      " information_schema.COLLATIONS d";
  const absl::Status status = Refusal(*connection, slow, Phase::kReading);
  EXPECT_EQ(status.code(), StatusCode::kDeadlineExceeded);
  EXPECT_EQ(FaultOf(status)->number, mysql() ? 3024 : 1969);
  EXPECT_EQ(FaultOf(status)->fate, SessionFate::kKeep);
}

TEST_F(ErrorProvocationTest, LostSessions) {
  // Killed while idle, and closed by the server for lying idle.
  const auto killed = Connect();
  server_.Root(absl::StrCat("KILL ", killed->facts().connection_id));
  absl::SleepFor(absl::Milliseconds(100));
  const absl::Status after_kill = killed->Query(Statement(kGetItem, 1), Phase::kReading).status();
  EXPECT_EQ(after_kill.code(), StatusCode::kUnavailable) << after_kill;
  EXPECT_EQ(FaultOf(after_kill)->fate, SessionFate::kDiscard);

  const auto idle = Connect();
  ASSERT_THAT(idle->ExecuteText("SET wait_timeout = 1", Phase::kReading), IsOk());
  absl::SleepFor(absl::Milliseconds(2500));
  const absl::Status after_idling = idle->Execute(Statement(kInsertItem, 9, "x"), Phase::kWriting).status();
  EXPECT_EQ(after_idling.code(), StatusCode::kUnavailable) << after_idling;
  EXPECT_EQ(FaultOf(after_idling)->effect, Effect::kUnknown);
  EXPECT_THAT(idle->Ping(), Not(IsOk()));
}

TEST_F(ErrorProvocationTest, TooManyConnectionsForTheServer) {
  RealServer small({"max-connections=10"});  // the least that MariaDB takes
  std::vector<std::unique_ptr<Connection>> open;
  absl::Status refused;
  for (int i = 0; i < 20 && refused.ok(); ++i) {
    absl::StatusOr<std::unique_ptr<Connection>> connection = small.driver().Connect(small.options());
    refused = connection.status();
    if (connection.ok()) open.push_back(*std::move(connection));
  }
  ASSERT_EQ(refused.code(), StatusCode::kUnavailable) << refused;
  EXPECT_EQ(FaultOf(refused)->number, 1040);
}

TEST_F(ErrorProvocationTest, ValuesLargerThanAPacket) {
  RealServer small({"max-allowed-packet=1048576"});
  small.Root("CREATE TABLE large (id BIGINT PRIMARY KEY, t LONGTEXT)");
  ConnectOptions options = small.options();
  absl::StatusOr<std::unique_ptr<Connection>> connection = small.driver().Connect(options);
  ASSERT_THAT(connection, IsOk());
  small.Root("SET GLOBAL max_allowed_packet = 4194304");  // ours was opened before: it still has 1 MiB
  const Sql insert{"large.insert", "INSERT INTO large VALUES (?, ?)"};
  const absl::Status status =
      (*connection)->Execute(Statement(insert, 1, std::string(2 << 20, 'x')), Phase::kWriting).status();
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument) << status;
  EXPECT_EQ(FaultOf(status)->reason, "TOO_LARGE");
  EXPECT_EQ(small.Root("SELECT COUNT(*) FROM large"), "0\n");
}

}  // namespace
}  // namespace bonnie::data_access
