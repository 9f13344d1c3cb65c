#include "services/schema/inspect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "services/data_access/mysql_driver.h"
#include "services/schema/create_table.h"
#include "services/schema/sql_splitter.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_database.h"

namespace bonnie::schema {
namespace {

using data_access::Connection;
using data_access::Phase;
using test_support::IsOk;
using ::testing::Contains;
using ::testing::Field;

// Counts the round trips of the connection behind it.
class Counted final : public Connection {
 public:
  explicit Counted(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
  absl::StatusOr<data_access::Rows> Query(const data_access::Statement& statement, Phase phase) override {
    ++round_trips;
    return connection_->Query(statement, phase);
  }
  absl::StatusOr<std::int64_t> Execute(const data_access::Statement& statement, Phase phase) override {
    ++round_trips;
    return connection_->Execute(statement, phase);
  }
  absl::Status ExecuteText(absl::string_view sql, Phase phase) override {
    ++round_trips;
    return connection_->ExecuteText(sql, phase);
  }
  absl::StatusOr<data_access::Rows> QueryText(absl::string_view sql) override {
    ++round_trips;
    return connection_->QueryText(sql);
  }
  std::vector<absl::StatusOr<data_access::Rows>> QueryTexts(const std::vector<std::string>& texts) override {
    auto answers = connection_->QueryTexts(texts);
    round_trips +=
        1 + static_cast<int>(std::count_if(answers.begin(), answers.end(), [](const auto& a) { return !a.ok(); }));
    return answers;
  }
  absl::Status Ping() override { return connection_->Ping(); }
  const data_access::ServerFacts& facts() const override { return connection_->facts(); }

  int round_trips = 0;

 private:
  const std::unique_ptr<Connection> connection_;
};

class InspectTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { database_ = new test_support::TestDatabase(); }
  static void TearDownTestSuite() { delete database_; }

  void SetUp() override {
    for (const char* name : {"a", "b"}) {
      ASSERT_THAT(database_->RootQuery(absl::StrCat("DROP DATABASE IF EXISTS bonnie_scratch_", name,
                                                    "; CREATE DATABASE bonnie_scratch_", name,
                                                    " CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci")),
                  IsOk());
    }
  }

  std::unique_ptr<Connection> Connect(const std::string& schema, const std::string& user = "scratch") {
    data_access::ConnectOptions options;
    options.host = "127.0.0.1";
    options.port = database_->port();
    options.tls.emplace();
    options.tls->ca_file = database_->ca_file();
    options.schema = schema;
    options.multi_statements = true;
    options.credentials = data_access::PasswordFile(absl::StrCat("bonnie_", user), database_->password_file(user));
    absl::StatusOr<std::unique_ptr<Connection>> connection = driver_->Connect(options);
    EXPECT_THAT(connection, IsOk());
    return connection.ok() ? *std::move(connection) : nullptr;
  }

  void Run(Connection& connection, const std::string& sql) {
    absl::StatusOr<std::vector<SplitStatement>> statements = SplitStatements(sql, 1);
    ASSERT_THAT(statements, IsOk());
    for (const SplitStatement& statement : *statements) {
      EXPECT_THAT(connection.ExecuteText(statement.sql, Phase::kWriting), IsOk()) << statement.sql;
    }
  }

  Schema InspectOf(const std::string& schema) {
    const std::unique_ptr<Connection> connection = Connect(schema);
    absl::StatusOr<Schema> inspected = Inspect(*connection);
    EXPECT_THAT(inspected, IsOk());
    return inspected.ok() ? *std::move(inspected) : Schema{};
  }

  static test_support::TestDatabase* database_;
  const std::unique_ptr<data_access::Driver> driver_ = data_access::MakeMySqlDriver();
};

test_support::TestDatabase* InspectTest::database_ = nullptr;

std::vector<std::string> SchemaFiles(const std::string& engine) {
  std::vector<std::string> files;
  const std::string folder = absl::StrCat(BONNIE_SOURCE_DIR, "/tests/schema/schemas");
  for (const std::string& one : {folder, absl::StrCat(folder, "/", engine)}) {
    for (const auto& entry : std::filesystem::directory_iterator(one)) {
      if (entry.path().extension() == ".sql") files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string ReadFile(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// MySQL remembers whether a column's collation was written. A column that kept its charset when the table's changed has
// none, and no CREATE TABLE makes such a column: the two clauses mean the same.
std::string WithoutImpliedCollation(const std::string& create) {
  return absl::StrReplaceAll(create, {{" CHARACTER SET latin1 COLLATE latin1_swedish_ci", " CHARACTER SET latin1"}});
}

TEST_F(InspectTest, WhatItReadsMakesTheSameSchemaAgain) {
  int tables = 0, same = 0;
  for (const std::string& file : SchemaFiles(database_->engine())) {
    SetUp();
    Run(*Connect("bonnie_scratch_a"), ReadFile(file));
    const Schema first = InspectOf("bonnie_scratch_a");
    std::string sql = "SET foreign_key_checks = 0";
    const std::unique_ptr<Connection> other = Connect("bonnie_scratch_b");
    ASSERT_THAT(other->ExecuteText(sql, Phase::kWriting), IsOk());
    for (const auto& [name, table] : first.tables) {
      EXPECT_THAT(other->ExecuteText(WriteCreateTable(table, true), Phase::kWriting), IsOk()) << file << " " << name;
    }
    const Schema second = InspectOf("bonnie_scratch_b");
    for (const Unsupported& one : first.unsupported) {
      ADD_FAILURE() << file << ": " << one.object << " " << one.attribute << ": " << one.reason;
    }
    for (const auto& [name, table] : first.tables) {
      ++tables;
      const auto found = second.tables.find(name);
      ASSERT_NE(found, second.tables.end()) << file << " " << name;
      const std::string want = WithoutImpliedCollation(table.create_statement);
      const std::string got = WithoutImpliedCollation(found->second.create_statement);
      EXPECT_EQ(got, want) << file;
      same += got == want;
    }
    EXPECT_EQ(first.objects.size(), file.find("objects.sql") == std::string::npos ? 0u : 5u);
  }
  std::cout << "fixpoint: " << same << " of " << tables << " tables\n";
  EXPECT_GE(tables, 60);
}

TEST_F(InspectTest, FindsTheBytesOfDefaultsThatTheServerCannotShow) {
  Run(*Connect("bonnie_scratch_a"),
      "CREATE TABLE t (id int PRIMARY KEY, a varchar(9) NOT NULL DEFAULT '💩', b binary(4) DEFAULT 0x00ff, c varchar(9) "
      "DEFAULT '?')");
  const Schema schema = InspectOf("bonnie_scratch_a");
  const Table& table = schema.tables.at("t");
  EXPECT_EQ(table.FindColumn("a")->default_value, "0xF09F92A9");
  EXPECT_EQ(table.FindColumn("b")->default_value, "0x00FF0000");
  EXPECT_THAT(schema.unsupported, testing::IsEmpty());
}

TEST_F(InspectTest, TakesABinaryDefaultThatIsNoUtf8AsItIsWritten) {
  Run(*Connect("bonnie_scratch_a"),
      "CREATE TABLE t (a varbinary(9) NOT NULL DEFAULT 0xff275c41, b binary(2) DEFAULT 0xc30a)");
  const Schema schema = InspectOf("bonnie_scratch_a");
  EXPECT_EQ(schema.tables.at("t").FindColumn("a")->default_value, "0xFF275C41");
  EXPECT_EQ(schema.tables.at("t").FindColumn("b")->default_value, "0xC30A");
  EXPECT_THAT(schema.unsupported, testing::IsEmpty());
}

TEST_F(InspectTest, FindsTheBytesOfDefaultsWhateverTheKey) {
  if (database_->is_mysql()) GTEST_SKIP() << "MySQL writes such defaults as 0x… itself";
  for (const char* key : {"varchar(9) CHARACTER SET latin1", "varbinary(9)", "date", "datetime(6)", "year", "bit(3)",
                          "enum('x')", "decimal(5,2)", "double"}) {
    Run(*Connect("bonnie_scratch_a"), absl::StrCat("CREATE OR REPLACE TABLE t (id ", key,
                                                   " PRIMARY KEY, a varchar(9) NOT NULL DEFAULT '?', b "
                                                   "varchar(9) DEFAULT '?')"));
    const Schema schema = InspectOf("bonnie_scratch_a");
    EXPECT_EQ(schema.tables.at("t").FindColumn("a")->default_value, "0x3F") << key;
    EXPECT_EQ(schema.tables.at("t").FindColumn("b")->default_value, "0x3F") << key;
    EXPECT_THAT(schema.unsupported, testing::IsEmpty()) << key;
  }
  // Without a key: one that may be NULL, and any once there is a row.
  Run(*Connect("bonnie_scratch_a"),
      "CREATE OR REPLACE TABLE t (a varchar(9) NOT NULL DEFAULT '?', b varchar(9) DEFAULT '?')");
  EXPECT_THAT(InspectOf("bonnie_scratch_a").unsupported,
              testing::ElementsAre(Field(&Unsupported::attribute, "column a: default")));
  Run(*Connect("bonnie_scratch_a"), "INSERT INTO t () VALUES ()");
  EXPECT_THAT(InspectOf("bonnie_scratch_a").unsupported, testing::IsEmpty());
}

TEST_F(InspectTest, NamesWhatItCannotTell) {
  Run(*Connect("bonnie_scratch_a"), "CREATE TABLE t (a enum('x','💩'), b varchar(9) NOT NULL DEFAULT '💩')");
  const Schema schema = InspectOf("bonnie_scratch_a");
  EXPECT_THAT(schema.unsupported, Contains(Field(&Unsupported::attribute, "column a: labels")));
  if (!database_->is_mysql()) {
    EXPECT_THAT(schema.unsupported, Contains(Field(&Unsupported::attribute, "column b: default")));
  }
}

TEST_F(InspectTest, NamesTheRightThatShowsRoutines) {
  const auto hidden = [&] {
    const absl::StatusOr<Schema> schema = Inspect(*Connect("bonnie", "schema"));
    EXPECT_THAT(schema, IsOk());
    return schema.value_or(Schema()).unsupported;
  };
  EXPECT_THAT(hidden(), testing::IsEmpty()) << "deploy/mysql grants all that is needed";
  const std::string right = database_->is_mysql() ? "SHOW_ROUTINE ON *.*" : "SELECT ON mysql.proc";
  ASSERT_THAT(database_->RootQuery(absl::StrCat("REVOKE ", right, " FROM 'bonnie_schema'@'%'")), IsOk());
  const std::string want = database_->is_mysql() ? "SHOW_ROUTINE" : "SELECT on mysql.proc";
  EXPECT_THAT(hidden(),
              testing::ElementsAre(Unsupported{
                  "routines", "", absl::StrCat("the account lacks ", want, ", so it may not see all of them")}));
  ASSERT_THAT(database_->RootQuery(absl::StrCat("GRANT ", right, " TO 'bonnie_schema'@'%'")), IsOk());
}

TEST_F(InspectTest, FingerprintsSeeChangesAndNotCounters) {
  const std::unique_ptr<Connection> connection = Connect("bonnie_scratch_a");
  Run(*connection, "CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY, a int)");
  const Schema before = InspectOf("bonnie_scratch_a");
  Run(*connection, "ALTER TABLE t AUTO_INCREMENT = 500");
  const Schema counted = InspectOf("bonnie_scratch_a");
  EXPECT_EQ(ServerFingerprint(before), ServerFingerprint(counted));
  EXPECT_EQ(PortableFingerprint(before), PortableFingerprint(counted));
  Run(*connection, "ALTER TABLE t MODIFY a int NOT NULL");
  const Schema changed = InspectOf("bonnie_scratch_a");
  EXPECT_NE(ServerFingerprint(before), ServerFingerprint(changed));
  EXPECT_NE(PortableFingerprint(before), PortableFingerprint(changed));
}

TEST_F(InspectTest, QuestionsOfTwoThreadsToTheTestServerGetTheirOwnAnswers) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([i] {
      for (int n = 0; n < 5; ++n) {
        const std::string want = absl::StrCat(i, "-", n);
        EXPECT_EQ(database_->RootQuery(absl::StrCat("SELECT '", want, "'")).value_or("none"), want + "\n");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

// The ledger lives elsewhere: a table of its name in the site's database is a table like any other.
TEST_F(InspectTest, SeesATableThatIsNamedLikeOneOfTheLedger) {
  Run(*Connect("bonnie_scratch_a"), "CREATE TABLE bonnie_lease (a int)");
  EXPECT_EQ(InspectOf("bonnie_scratch_a").tables.count("bonnie_lease"), 1u);
}

TEST_F(InspectTest, TakesAConstantNumberOfRoundTrips) {
  const std::unique_ptr<Connection> maker = Connect("bonnie_scratch_a");
  int trips[2] = {};
  int made = 0;
  for (const int wanted : {5, 500}) {
    for (; made < wanted; ++made) {
      ASSERT_THAT(maker->ExecuteText(
                      absl::StrCat("CREATE TABLE t", made,
                                   " (id int PRIMARY KEY, a varchar(20) NOT NULL DEFAULT "
                                   "'x', b int, c datetime, d decimal(9,2), e text, f int, KEY (b), KEY (f, c))"),
                      Phase::kWriting),
                  IsOk());
    }
    Counted connection(Connect("bonnie_scratch_a"));
    const absl::Time begin = absl::Now();
    const absl::StatusOr<Schema> schema = Inspect(connection);
    ASSERT_THAT(schema, IsOk());
    EXPECT_EQ(schema->tables.size(), static_cast<size_t>(wanted));
    trips[wanted == 500] = connection.round_trips;
    std::cout << "inspect: " << wanted << " tables, " << connection.round_trips << " round trips, "
              << absl::ToInt64Milliseconds(absl::Now() - begin) << " ms\n";
  }
  EXPECT_EQ(trips[0], trips[1]);
  EXPECT_LE(trips[1], 20);
}

}  // namespace
}  // namespace bonnie::schema
