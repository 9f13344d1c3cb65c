// Linting as callers see it: a whole Site on a real server. And whether the rules say what that server does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/schema/create_table.h"
#include "services/schema/lint.h"
#include "tests/schema/running_site.h"

namespace bonnie::schema {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

std::vector<std::string> Codes(const v1::LintSchemaResponse& response) {
  std::vector<std::string> codes;
  for (const v1::LintFinding& finding : response.findings()) codes.push_back(finding.code());
  return codes;
}

class LintServiceTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { database_ = new test_support::TestDatabase(); }
  static void TearDownTestSuite() {
    delete database_;
    database_ = nullptr;
  }
  LintServiceTest() { EXPECT_EQ(database_->Empty(), absl::OkStatus()); }

  // `change` adjusts the configuration.
  void Serve(const std::function<void(config::v1::SchemaConfig&)>& change = {}) {
    folder_.Seal();
    site_ = std::make_unique<RunningSite>(*database_, folder_, "azure", [&](config::v1::SchemaConfig& config) {
      config.mutable_scratch()->set_user("bonnie_scratch");
      config.mutable_scratch()->set_password_file(database_->password_file("scratch"));
      if (change) change(config);
    });
  }
  grpc::Status Lint(const v1::LintSchemaRequest& request, v1::LintSchemaResponse* response) {
    grpc::ClientContext context;
    return site_->schema->LintSchema(&context, request, response);
  }
  v1::LintSchemaResponse Lint(const v1::LintSchemaRequest& request) {
    v1::LintSchemaResponse response;
    const grpc::Status status = Lint(request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  static void AddFile(v1::SchemaSource* source, const std::string& name, const std::string& text) {
    v1::ModelFile* file = source->mutable_model()->add_files();
    file->set_name(name);
    file->set_text(text);
  }
  std::string Query(const std::string& sql) {
    const auto answer = database_->RootQuery(sql);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? *answer : "";
  }

  static test_support::TestDatabase* database_;
  Folder folder_;
  std::unique_ptr<RunningSite> site_;
};

test_support::TestDatabase* LintServiceTest::database_ = nullptr;

TEST_F(LintServiceTest, FindsNothingWorseThanNoticesInTheProjectsOwnSchema) {
  Serve([](config::v1::SchemaConfig& config) { config.set_migrations_dir(BONNIE_SOURCE_DIR "/migrations"); });
  v1::LintSchemaRequest request;
  request.mutable_source()->set_revision("heads");
  request.mutable_from()->set_revision("base");
  v1::LintSchemaResponse all = Lint(request);
  request.clear_from();
  request.mutable_source()->mutable_model();
  all.MergeFrom(Lint(request));
  EXPECT_THAT(Codes(all), Contains("has-timestamp-2038"));  // it did look
  for (const v1::LintFinding& finding : all.findings()) {
    EXPECT_LT(finding.severity(), v1::LINT_SEVERITY_WARNING) << finding.code() << " " << finding.description();
  }
}

TEST_F(LintServiceTest, LooksAtTheDatabaseUnlessToldOtherwise) {
  Query(
      "CREATE TABLE t (a INT NOT NULL, `system` INT NOT NULL) ENGINE=MyISAM DEFAULT CHARSET=utf8mb4;"
      "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)");
  Serve();
  const v1::LintSchemaResponse response = Lint({});
  // Where the server makes a key by itself, that is what is found: the rule is the same.
  EXPECT_THAT(Codes(response), UnorderedElementsAre("engine", "pk", "reserved-word"));
  for (const v1::LintFinding& finding : response.findings()) {
    EXPECT_EQ(finding.table(), "t");
    EXPECT_EQ(finding.severity(), v1::LINT_SEVERITY_WARNING);
    EXPECT_THAT(finding.harm(), ::testing::EndsWith("."));
    EXPECT_EQ(finding.file(), "");
  }
}

TEST_F(LintServiceTest, LooksAtAModelAndTheChangeToIt) {
  Query("CREATE TABLE t (id BIGINT PRIMARY KEY, a VARCHAR(20), b INT) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4");
  Serve();
  v1::LintSchemaRequest request;
  request.mutable_from();  // the database
  AddFile(request.mutable_source(), "t.sql",
          "CREATE TABLE t (id BIGINT PRIMARY KEY, a VARCHAR(10)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;");
  const v1::LintSchemaResponse response = Lint(request);
  ASSERT_THAT(Codes(response), ElementsAre("DS103", "narrowing"));
  EXPECT_EQ(response.findings(0).severity(), v1::LINT_SEVERITY_ERROR);
  EXPECT_EQ(response.findings(0).object(), "b");
  EXPECT_EQ(response.findings(0).file(), "t.sql");
  EXPECT_TRUE(response.findings(0).drops_data());
}

TEST_F(LintServiceTest, LeavesOutWhatAFileSaysAndSaysWhereItSaysItWrong) {
  Serve();
  v1::LintSchemaRequest request;
  const std::string create = "CREATE TABLE t (a INT NOT NULL) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;";
  AddFile(request.mutable_source(), "t.sql", create);
  EXPECT_THAT(Codes(Lint(request)), ElementsAre("pk"));
  request.mutable_source()->mutable_model()->mutable_files(0)->set_text(
      "-- A queue.\n-- nolint: pk rows have no name\n" + create);
  EXPECT_THAT(Codes(Lint(request)), IsEmpty());
  request.mutable_source()->mutable_model()->mutable_files(0)->set_text("-- A queue.\n-- nolint: key\n" + create);
  v1::LintSchemaResponse response;
  const grpc::Status status = Lint(request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("model/t.sql:2: nolint: 'key' is no rule"));
}

TEST_F(LintServiceTest, LeavesOutWhatARevisionSays) {
  folder_.AddRevision("0001", "", "CREATE TABLE t (id INT PRIMARY KEY, a INT) DEFAULT CHARSET=utf8mb4;",
                      "DROP TABLE t;");
  folder_.AddRevision("0002", "0001", "-- nolint: DS103 a is in the archive\nALTER TABLE t DROP COLUMN a;", "");
  Serve();
  v1::LintSchemaRequest request;
  request.mutable_source()->set_revision("0002");
  request.mutable_from()->set_revision("0001");
  EXPECT_THAT(Codes(Lint(request)), IsEmpty());
  request.mutable_source()->set_revision("0001");
  request.mutable_from()->set_revision("0002");
  EXPECT_THAT(Codes(Lint(request)), IsEmpty());  // a nullable column comes
}

TEST_F(LintServiceTest, ARenameThatARevisionSaysIsNoDropAndAdd) {
  folder_.AddRevision("0001", "", "CREATE TABLE t (id INT PRIMARY KEY, a INT) DEFAULT CHARSET=utf8mb4;",
                      "DROP TABLE t;");
  folder_.AddRevision("0002", "0001", "ALTER TABLE t CHANGE COLUMN a b INT;", "ALTER TABLE t CHANGE COLUMN b a INT;");
  Serve();
  v1::LintSchemaRequest request;
  request.mutable_source()->set_revision("0002");
  request.mutable_from()->set_revision("0001");
  EXPECT_THAT(Codes(Lint(request)), ElementsAre("BC102"));
  request.mutable_source()->set_revision("0001");
  request.mutable_from()->set_revision("0002");
  EXPECT_THAT(Codes(Lint(request)), ElementsAre("BC102"));
}

TEST_F(LintServiceTest, WeighsAsTheRequestSaysElseTheConfigurationElseTheRule) {
  Query("CREATE TABLE t (a INT NOT NULL) ENGINE=MyISAM DEFAULT CHARSET=latin1");
  Serve([](config::v1::SchemaConfig& config) {
    const auto add = [&](const char* code, const char* severity, const char* allow) {
      config::v1::LintRule* rule = config.add_lint();
      rule->set_code(code);
      rule->set_severity(severity);
      if (*allow != '\0') rule->add_allow(allow);
    };
    add("pk", "error", "");
    add("engine", "ignore", "");
    add("charset", "", "LATIN1");
  });
  v1::LintSchemaRequest request;
  v1::LintSchemaResponse response = Lint(request);
  ASSERT_THAT(Codes(response), ElementsAre("pk"));
  EXPECT_EQ(response.findings(0).severity(), v1::LINT_SEVERITY_ERROR);
  v1::RuleSeverity* rule = request.add_rules();
  rule->set_code("pk");
  rule->set_severity(v1::LINT_SEVERITY_NOTICE);
  response = Lint(request);
  ASSERT_THAT(Codes(response), ElementsAre("pk"));
  EXPECT_EQ(response.findings(0).severity(), v1::LINT_SEVERITY_NOTICE);
  rule->set_code("key");
  grpc::Status status = Lint(request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("'key' is no rule"));
  rule->set_code("pk");
  rule->clear_severity();
  status = Lint(request, &response);
  EXPECT_THAT(status.error_message(), HasSubstr("rules[0].severity"));
}

// What the server does with a value at the edge of `before` when the column becomes `after`.
TEST_F(LintServiceTest, SaysOfTypesWhatTheServerDoes) {
  const struct {
    const char *before, *value, *after;
  } cases[] = {
      {"VARCHAR(50)", "REPEAT('x', 50)", "VARCHAR(20)"},
      {"VARCHAR(50)", "'x  '", "CHAR(50)"},
      {"VARCHAR(50)", "REPEAT('x', 50)", "TEXT"},
      {"VARCHAR(100)", "REPEAT('€', 100)", "TINYTEXT"},
      {"INT UNSIGNED", "4294967295", "INT"},
      {"INT UNSIGNED", "4294967295", "BIGINT"},
      {"INT", "-1", "BIGINT UNSIGNED"},
      {"INT", "-2147483648", "DECIMAL(10,0)"},
      {"INT", "-2147483648", "DECIMAL(10,2)"},
      {"INT", "-2147483648", "VARCHAR(11)"},
      {"INT", "-2147483648", "VARCHAR(5)"},
      {"INT", "-2147483647", "DOUBLE"},
      {"BIGINT", "9007199254740993", "DOUBLE"},
      {"DECIMAL(10,2)", "12345678.91", "DECIMAL(12,4)"},
      {"DECIMAL(10,2)", "12345678.91", "DECIMAL(10,3)"},
      {"DECIMAL(10,2)", "12345678.91", "DECIMAL(10,1)"},
      {"DOUBLE", "0.1234567890123", "FLOAT"},
      {"FLOAT", "0.5", "DOUBLE"},
      {"DOUBLE", "1.5", "INT"},
      {"DATETIME(6)", "'2020-01-01 00:00:00.6'", "DATETIME"},
      {"DATETIME", "'2020-01-01 10:11:12'", "DATE"},
      {"DATE", "'9999-12-31'", "DATETIME"},
      {"DATETIME", "'1900-01-01'", "TIMESTAMP"},
      {"TIMESTAMP", "'2020-01-01 10:11:12'", "DATETIME"},
      {"BINARY(4)", "'abcd'", "BINARY(8)"},
      {"BINARY(4)", "'abcd'", "VARBINARY(4)"},
      {"VARBINARY(4)", "'ab'", "BINARY(4)"},
      {"VARBINARY(9)", "'abcdefghi'", "BLOB"},
      {"BLOB", "REPEAT('x', 300)", "TINYBLOB"},
      {"LONGTEXT", "REPEAT('x', 70000)", "TEXT"},
      {"VARCHAR(2)", "'zz'", "ENUM('a')"},
      {"ENUM('a','bb')", "'bb'", "VARCHAR(2)"},
      {"ENUM('a','bb')", "'bb'", "ENUM('a')"},
      {"SET('a','bb')", "'a,bb'", "SET('a')"},
      {"BIT(8)", "255", "BIT(4)"},
      {"VARCHAR(9) CHARACTER SET utf8mb4", "'€'", "VARCHAR(9) CHARACTER SET latin1"},
      {"VARCHAR(9) CHARACTER SET utf8mb4", "'字'", "VARCHAR(9) CHARACTER SET latin1"},
      {"VARCHAR(9) CHARACTER SET latin1", "'é'", "VARCHAR(9) CHARACTER SET utf8mb4"},
  };
  const auto read = [&] {
    Schema schema;
    schema.flavour = database_->is_mysql() ? data_access::Flavour::kMySql : data_access::Flavour::kMariaDb;
    std::string text = Query("SHOW CREATE TABLE t");
    const auto table = ParseCreateTable(text.substr(text.find('\t') + 1));
    EXPECT_TRUE(table.ok()) << table.status();
    if (table.ok()) schema.tables["t"] = *table;
    return schema;
  };
  for (const auto& c : cases) {
    const std::string what = absl::StrCat(c.before, " of ", c.value, " to ", c.after);
    Query(absl::StrCat("SET NAMES utf8mb4; DROP TABLE IF EXISTS t, was; CREATE TABLE t (c ", c.before,
                       " NULL) DEFAULT CHARSET=utf8mb4; INSERT INTO t VALUES (", c.value,
                       "); CREATE TABLE was AS SELECT c, CHAR_LENGTH(c) l FROM t"));
    const Schema from = read();
    const auto altered =
        database_->RootQuery(absl::StrCat("SET NAMES utf8mb4; ALTER TABLE t MODIFY c ", c.after, " NULL"));
    bool says_stop = false, says_loss = false;
    Schema to = from;
    if (altered.ok()) {
      to = read();
    } else {
      Query(absl::StrCat("DELETE FROM t; ALTER TABLE t MODIFY c ", c.after, " NULL"));
      to = read();
    }
    for (const Finding& finding : LintChanges(from, to, Diff(from, to))) {
      says_loss = says_loss || finding.drops_data;
      says_stop = says_stop || absl::StrContains(finding.description, "stops the statement");
    }
    if (!altered.ok()) {
      EXPECT_TRUE(says_stop) << what << ": " << altered.status().message();
      continue;
    }
    // Spaces at the end count in lengths only.
    const bool counts = absl::StrContains(c.before, "CHAR") || absl::StrContains(c.before, "BINARY");
    // Compared with a DOUBLE, a whole number becomes one.
    const char* equal = absl::StartsWith(c.before, "BIGINT")
                            ? "SELECT (CAST(t.c AS DECIMAL(30,0)) <=> CAST(was.c AS DECIMAL(30,0))) AND "
                            : "SELECT (t.c <=> was.c) AND ";
    const bool same = Query(absl::StrCat(equal, counts ? "CHAR_LENGTH(t.c) = was.l" : "TRUE", " FROM t, was")) == "1\n";
    EXPECT_EQ(says_loss, !same) << what << " ran, and the value is " << (same ? "the same" : "another");
  }
}

TEST_F(LintServiceTest, SaysOfNotNullColumnsWhatTheServerDoes) {
  for (const char* type :
       {"INT", "VARCHAR(9)", "TEXT", "BLOB", "DATE", "DATETIME", "TIMESTAMP", "TIME", "YEAR", "BIT(3)", "ENUM('a','b')",
        "SET('a')", "JSON", "POINT", "DECIMAL(9,2)", "DOUBLE", "BINARY(3)"}) {
    Query("DROP TABLE IF EXISTS t; CREATE TABLE t (id INT PRIMARY KEY); INSERT INTO t VALUES (1)");
    const bool taken = database_->RootQuery(absl::StrCat("ALTER TABLE t ADD COLUMN c ", type, " NOT NULL")).ok();
    if (!taken) Query(absl::StrCat("DELETE FROM t; ALTER TABLE t ADD COLUMN c ", type, " NOT NULL"));
    Schema from, to;
    from.flavour = to.flavour = database_->is_mysql() ? data_access::Flavour::kMySql : data_access::Flavour::kMariaDb;
    std::string text = Query("SHOW CREATE TABLE t");
    to.tables["t"] = *ParseCreateTable(text.substr(text.find('\t') + 1));
    from.tables["t"] = to.tables["t"];
    from.tables["t"].columns.pop_back();
    std::vector<std::string> codes;
    for (const Finding& finding : LintChanges(from, to, Diff(from, to))) codes.push_back(finding.code);
    if (to.tables["t"].columns.back().default_value.has_value()) continue;  // an implicit one of the server's
    EXPECT_THAT(codes, ElementsAre(taken ? "MY101" : "MF103")) << type;
  }
}

TEST_F(LintServiceTest, KnowsEveryWordThatTheServerReserves) {
  Query(R"(
CREATE TABLE reserved (word VARCHAR(64));
DELIMITER //
CREATE PROCEDURE probe()
BEGIN
  DECLARE done INT DEFAULT 0;
  DECLARE w VARCHAR(64);
  DECLARE words CURSOR FOR SELECT word FROM information_schema.KEYWORDS WHERE word REGEXP '^[A-Za-z_0-9]+$';
  DECLARE CONTINUE HANDLER FOR NOT FOUND SET done = 1;
  OPEN words;
  each_word: LOOP
    FETCH words INTO w;
    IF done THEN LEAVE each_word; END IF;
    BEGIN
      DECLARE CONTINUE HANDLER FOR 1064 INSERT INTO reserved VALUES (LOWER(w));
      SET @statement = CONCAT('CREATE TABLE probed (', w, ' INT)');
      PREPARE probed FROM @statement;
    END;
  END LOOP;
END//
DELIMITER ;
CALL probe();)");
  const std::vector<std::string> words =
      absl::StrSplit(Query("SELECT DISTINCT word FROM reserved"), '\n', absl::SkipEmpty());
  EXPECT_GT(words.size(), 200u);
  for (const std::string& word : words) {
    Schema schema;
    schema.tables["t"].name = "t";
    Column column;
    column.name = word;
    schema.tables["t"].columns.push_back(column);
    std::vector<std::string> codes;
    for (const Finding& finding : LintSchema(schema)) codes.push_back(finding.code);
    EXPECT_THAT(codes, Contains("reserved-word")) << word;
  }
}

}  // namespace
}  // namespace bonnie::schema
