#include "services/data_access/mysql_driver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <thread>

#include "absl/strings/str_cat.h"
#include "services/data_access/fault.h"
#include "tests/contract/driver_contract.h"
#include "tests/data_access/real_server.h"
#include "tests/support/fake_driver.h"
#include "tests/support/status_matchers.h"

namespace bonnie::data_access {
namespace {

using test_support::IsOk;
using test_support::StatusIs;
using testing::HasSubstr;
using testing::Not;

class MySqlServer final : public ContractServer {
 public:
  MySqlServer() { RealServer::Shared().Reset(); }
  Driver& driver() override { return RealServer::Shared().driver(); }
  ConnectOptions options() const override { return RealServer::Shared().options(); }
};

std::unique_ptr<ContractServer> MakeMySqlServer() { return std::make_unique<MySqlServer>(); }

INSTANTIATE_TEST_SUITE_P(Real, DriverContract, testing::Values(&MakeMySqlServer));

class MySqlDriverTest : public testing::Test {
 protected:
  MySqlDriverTest() { server_.Reset(); }

  std::unique_ptr<Connection> Connect(const ConnectOptions& options) {
    absl::StatusOr<std::unique_ptr<Connection>> connection = server_.driver().Connect(options);
    if (!connection.ok()) ADD_FAILURE() << connection.status();
    return connection.ok() ? *std::move(connection) : nullptr;
  }
  std::unique_ptr<Connection> Connect() { return Connect(server_.options()); }

  // The first row's first column, as text; the error when there is one.
  static std::string Ask(Connection& connection, const char* sql) {
    absl::StatusOr<Rows> rows = connection.QueryText(sql);
    if (!rows.ok()) return rows.status().ToString();
    if (!rows->Next()) return "none";
    std::string text(rows->Text(0));
    return rows->status().ok() ? text : rows->status().ToString();
  }

  RealServer& server_ = RealServer::Shared();
};

TEST_F(MySqlDriverTest, SetsTheSessionUp) {
  const auto connection = Connect();
  EXPECT_EQ(Ask(*connection, "SELECT @@session.time_zone"), "+00:00");
  EXPECT_THAT(Ask(*connection, "SELECT @@session.sql_mode"), HasSubstr("STRICT_ALL_TABLES"));
  EXPECT_EQ(Ask(*connection, "SELECT CAST(@@session.innodb_lock_wait_timeout AS CHAR)"), "3");
  EXPECT_EQ(Ask(*connection, "SELECT CAST(@@session.autocommit + 0 AS CHAR)"), "1");
  const char* const isolation =
      server_.database().is_mysql() ? "SELECT @@session.transaction_isolation" : "SELECT @@session.tx_isolation";
  EXPECT_EQ(Ask(*connection, isolation), "READ-COMMITTED");
  EXPECT_EQ(Ask(*connection, "SELECT @@session.character_set_client"), "utf8mb4");
  EXPECT_THAT(connection->facts().tls_version, HasSubstr("TLSv1."));
}

TEST_F(MySqlDriverTest, RefusesLocalFilesAndSeveralStatementsInOne) {
  const auto connection = Connect();
  EXPECT_THAT(
      connection->ExecuteText("LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE items (name)", Phase::kWriting),
      Not(IsOk()));
  EXPECT_THAT(connection->ExecuteText("DELETE FROM items; DELETE FROM items", Phase::kWriting), Not(IsOk()));
}

TEST_F(MySqlDriverTest, KeepsValuesAsTheyWere) {
  server_.Root(
      "DROP TABLE IF EXISTS kinds; CREATE TABLE kinds (id BIGINT PRIMARY KEY, i BIGINT, u BIGINT UNSIGNED, d DOUBLE,"
      " t VARCHAR(200), b VARBINARY(300), m DECIMAL(20,4), day DATE, at DATETIME(6), flag BOOLEAN, y YEAR)");
  const auto connection = Connect();
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  const std::string text = std::string("José 🩺 \0 nul 'quoted' \\ ?", 29);
  const absl::Time at = absl::FromUnixMicros(1790000000123456);
  ASSERT_THAT(
      connection->Execute(
          Statement(Sql{"kinds.insert",
                        "INSERT INTO kinds VALUES (1, ?, 18446744073709551615, ?, ?, ?, '12.3400', ?, ?, ?, 2026)"},
                    std::numeric_limits<std::int64_t>::min(), 1e-7, text, Bytes{bytes}, absl::CivilDay(1969, 12, 31),
                    at, true),
          Phase::kWriting),
      IsOk());
  for (int time = 0; time < 2; ++time) {  // the second execution reuses the statement
    absl::StatusOr<Rows> rows = connection->Query(
        Statement(Sql{"kinds.get", "SELECT i, u, d, t, b, m, day, at, flag, y, NULL FROM kinds WHERE id = ?"}, 1),
        Phase::kReading);
    ASSERT_THAT(rows, IsOk());
    ASSERT_TRUE(rows->Next());
    EXPECT_EQ(rows->Int64(0), std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(rows->Double(1), 18446744073709551615.0);
    EXPECT_EQ(rows->Double(2), 1e-7);
    EXPECT_EQ(rows->Text(3), text);
    EXPECT_EQ(rows->Text(4), bytes);
    EXPECT_EQ(rows->Text(5), "12.3400");
    EXPECT_EQ(rows->Date(6), absl::CivilDay(1969, 12, 31));
    EXPECT_EQ(rows->Time(7), at);
    EXPECT_EQ(rows->Int64(8), 1);
    EXPECT_EQ(rows->Int64(9), 2026);
    EXPECT_TRUE(rows->IsNull(10));
    EXPECT_THAT(rows->status(), IsOk());
  }
}

// setUInt64 would stick to the parameter: 18446744073709551615 instead of -1.
TEST_F(MySqlDriverTest, KeepsNegativeNumbersNegativeOnAReusedStatement) {
  const auto connection = Connect();
  for (const std::int64_t id : {std::int64_t{5}, std::int64_t{-1}}) {
    ASSERT_THAT(connection->Execute(Statement(kInsertItem, id, "x"), Phase::kWriting), IsOk());
  }
  EXPECT_EQ(server_.Root("SELECT id FROM items ORDER BY id"), "-1\n5\n");
}

TEST_F(MySqlDriverTest, BindsNullAndValuesInTurn) {
  const auto connection = Connect();
  ASSERT_THAT(connection->Execute(Statement(kInsertItem, 1, "a"), Phase::kWriting), IsOk());
  ASSERT_THAT(connection->Execute(Statement(kInsertItem, 2, absl::optional<std::string>()), Phase::kWriting), IsOk());
  ASSERT_THAT(connection->Execute(Statement(kInsertItem, 3, "c"), Phase::kWriting), IsOk());
  EXPECT_EQ(server_.Root("SELECT id, name FROM items ORDER BY id"), "1\ta\n2\tNULL\n3\tc\n");
}

TEST_F(MySqlDriverTest, CarriesLargeValues) {
  server_.Root("DROP TABLE IF EXISTS large; CREATE TABLE large (id BIGINT PRIMARY KEY, t LONGTEXT)");
  const auto connection = Connect();
  const std::string large(3 << 20, 'x');  // sent in pieces above 256 KiB
  const Sql insert{"large.insert", "INSERT INTO large VALUES (?, ?)"};
  ASSERT_THAT(connection->Execute(Statement(insert, 1, large), Phase::kWriting), IsOk());
  ASSERT_THAT(connection->Execute(Statement(insert, 2, "small"), Phase::kWriting), IsOk());
  EXPECT_EQ(server_.Root("SELECT LENGTH(t) FROM large ORDER BY id"), "3145728\n5\n");
  const std::string too_large(static_cast<size_t>(connection->facts().max_allowed_packet), 'x');
  EXPECT_THAT(connection->Execute(Statement(insert, 3, too_large), Phase::kWriting),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(MySqlDriverTest, RefusesTooFewAndTooManyValues) {
  const auto connection = Connect();
  ASSERT_THAT(connection->Execute(Statement(kInsertItem, 1, "a"), Phase::kWriting), IsOk());
  EXPECT_THAT(connection->Execute(Statement(kInsertItem, 2), Phase::kWriting),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("1 values, want 2")));
  EXPECT_THAT(connection->Execute(Statement(kInsertItem, 2, "b", 3), Phase::kWriting),
              StatusIs(absl::StatusCode::kInternal));
  EXPECT_EQ(server_.Root("SELECT COUNT(*) FROM items"), "1\n");
}

TEST_F(MySqlDriverTest, KeepsNoMorePreparedStatementsThanItMay) {
  ConnectOptions options = server_.options();
  options.statement_cache = 4;
  const auto connection = Connect(options);
  for (int i = 0; i < 20; ++i) {
    const std::string text = absl::StrCat("SELECT ", i, " + ?");
    ASSERT_THAT(connection->Query(Statement(Sql{"sum", text.c_str()}, 1), Phase::kReading), IsOk());
  }
  EXPECT_THAT(server_.Root("SHOW GLOBAL STATUS LIKE 'Prepared_stmt_count'"), "Prepared_stmt_count\t4\n");
}

// 2057 leaves the connection out of step: whatever is asked next gets another's answer, or none.
TEST_F(MySqlDriverTest, GivesUpASessionWhoseStatementChangedItsColumns) {
  server_.Root("DROP TABLE IF EXISTS changing; CREATE TABLE changing (a INT); INSERT INTO changing VALUES (1)");
  const auto connection = Connect();
  const Statement all(Sql{"changing.all", "SELECT * FROM changing"});
  ASSERT_THAT(connection->Query(all, Phase::kReading), IsOk());
  server_.Root("ALTER TABLE changing ADD COLUMN b INT");
  const absl::StatusOr<Rows> rows = connection->Query(all, Phase::kReading);
  if (rows.ok()) {  // prepared anew by the server: then with the new column
    EXPECT_EQ(rows->columns(), 2);
  } else {
    EXPECT_EQ(FaultOf(rows.status())->fate, SessionFate::kDiscard) << rows.status();
  }
}

TEST_F(MySqlDriverTest, SaysWhereAndWhyItCouldNotConnect) {
  ConnectOptions options = server_.options();
  options.port = 1;
  EXPECT_THAT(
      server_.driver().Connect(options),
      StatusIs(absl::StatusCode::kUnavailable, HasSubstr("tcp://127.0.0.1:1: the database server cannot be reached")));
  options = server_.options();
  options.host = "no-such-host.invalid";
  EXPECT_THAT(server_.driver().Connect(options),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("no-such-host.invalid")));
  options = server_.options();
  options.schema = "no_such_schema";
  EXPECT_THAT(server_.driver().Connect(options), StatusIs(absl::StatusCode::kUnavailable));
  options = server_.options();
  options.tls.reset();
  EXPECT_THAT(server_.driver().Connect(options),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("want TLS")));
}

TEST_F(MySqlDriverTest, ConnectsByNameAndBySocket) {
  ConnectOptions options = server_.options();
  options.host = "localhost";
  EXPECT_THAT(Connect(options)->facts().tls_version, HasSubstr("TLS"));
  options = server_.options();
  options.host.clear();
  options.unix_socket = server_.database().socket();
  options.schema.clear();
  EXPECT_THAT(Connect(options)->facts().tls_version, HasSubstr("TLS"));  // the users demand it there too
}

TEST_F(MySqlDriverTest, ManyThreadsConnectAtOnce) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([this, i] {
      const auto connection = Connect();
      for (int n = 0; n < 20; ++n) {
        EXPECT_THAT(connection->Execute(Statement(kInsertItem, 1000 * i + n, "x"), Phase::kWriting), IsOk());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(server_.Root("SELECT COUNT(*) FROM items"), "160\n");
}

// 1461 (max_prepared_stmt_count) once made sessions useless in other libraries: go-sql-driver/mysql #701.
TEST(MySqlDriverLimitTest, RunsStatementsAsTextWhenTheServerPreparesNoMore) {
  RealServer server({"max-prepared-stmt-count=3"});
  absl::StatusOr<std::unique_ptr<Connection>> hog = server.driver().Connect(server.options());
  absl::StatusOr<std::unique_ptr<Connection>> connection = server.driver().Connect(server.options());
  ASSERT_THAT(hog, IsOk());
  ASSERT_THAT(connection, IsOk());
  for (const char* sql : {"SELECT 1 + ?", "SELECT 2 + ?", "SELECT 3 + ?"}) {
    ASSERT_THAT((*hog)->Query(Statement(Sql{"hog", sql}, 1), Phase::kReading), IsOk());
  }
  const std::string name = "a'\\\"`? 🩺";
  ASSERT_THAT((*connection)->Execute(Statement(kInsertItem, 7, name), Phase::kWriting), IsOk());
  absl::StatusOr<Rows> rows = (*connection)->Query(Statement(kGetItem, 7), Phase::kReading);
  ASSERT_THAT(rows, IsOk());
  ASSERT_TRUE(rows->Next());
  EXPECT_EQ(rows->Int64(0), 7);
  EXPECT_EQ(rows->Text(1), name);
}

}  // namespace
}  // namespace bonnie::data_access
