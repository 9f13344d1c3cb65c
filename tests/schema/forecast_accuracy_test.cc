// Forecasts against what happens: each case foretells a statement on a table of some shape, runs it live as foretold
// beside a writer, and compares algorithm, lock, rebuild and SHOW CREATE. Reference: schema.md 4.2 to 4.4.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/schema/forecast_bench.h"

namespace bonnie::schema {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

constexpr char kColumns[] =
    "id INT NOT NULL PRIMARY KEY, w INT NOT NULL DEFAULT 0, c INT NULL, d INT NOT NULL DEFAULT 1, v VARCHAR(30) NULL, "
    "s VARCHAR(63) NULL, u VARCHAR(31) NULL, e ENUM('a', 'b') NULL, f VARCHAR(120) NOT NULL DEFAULT "
    "'some text that makes a row long enough for a copy of the table to take its time, and then some more of it', "
    "KEY k_d (d)";

struct Shape {
  std::string name;
  std::string setup;  // makes `t`; what comes after THEN is done once rows are there
};

std::string Table(const std::string& more, const std::string& options = "") {
  return absl::StrCat("CREATE TABLE t (", kColumns, more, ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 ", options, ";");
}

std::vector<Shape> Shapes(bool mysql) {
  const std::string parent = "CREATE TABLE par (id INT NOT NULL PRIMARY KEY);";
  std::vector<Shape> shapes = {
      {"plain", Table("")},
      {"virtual", Table(", g INT GENERATED ALWAYS AS (d + 1) VIRTUAL")},
      {"indexed virtual", Table(", g INT GENERATED ALWAYS AS (d + 1) VIRTUAL, KEY k_g (g)")},
      {"stored", Table(", g INT GENERATED ALWAYS AS (d + 1) STORED")},
      {"FULLTEXT", absl::StrCat(Table(""), "THEN ALTER TABLE t ADD FULLTEXT KEY ft (v)")},
      {"dropped FULLTEXT",
       absl::StrCat(Table(""), "THEN ALTER TABLE t ADD FULLTEXT KEY ft (v); ALTER TABLE t DROP KEY ft")},
      {"COMPRESSED", Table("", "ROW_FORMAT=COMPRESSED")},
      {"REDUNDANT by default", absl::StrCat("SET GLOBAL innodb_default_row_format = redundant;", Table(""),
                                            "SET GLOBAL innodb_default_row_format = dynamic;")},
      {"partitioned", Table("", "PARTITION BY HASH (id) PARTITIONS 3")},
      {"CHECK", Table(", CONSTRAINT positive CHECK (d > 0)")},
      {"foreign key",
       absl::StrCat(parent, Table(", p INT NULL, CONSTRAINT to_par FOREIGN KEY (p) REFERENCES par (id)"))},
      {"cascading key",
       absl::StrCat(parent, Table(", p INT NULL, CONSTRAINT to_par FOREIGN KEY (p) REFERENCES par (id) "
                                  "ON DELETE CASCADE"))},
      {"parent", absl::StrCat(Table(""),
                              "CREATE TABLE ch (id INT NOT NULL PRIMARY KEY, p INT, CONSTRAINT to_t FOREIGN "
                              "KEY (p) REFERENCES t (id));")},
      {"instant columns", absl::StrCat(Table(""),
                                       "THEN ALTER TABLE t ADD COLUMN i INT AFTER id; ALTER TABLE t DROP "
                                       "COLUMN u; ALTER TABLE t ADD COLUMN j INT NOT NULL DEFAULT 7")},
      {"trigger", absl::StrCat(Table(""), "CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.d = 1;")}};
  if (mysql) {
    shapes.push_back({"functional index", Table(", KEY k_fn ((d + 1))")});
    shapes.push_back({"multi-valued index", Table(", j JSON, KEY k_j ((CAST(j AS UNSIGNED ARRAY)))")});
  }
  return shapes;
}

// Tried on every shape: where context changes the answer.
const char* const kOnAll[] = {"ALTER TABLE t ADD COLUMN x INT NULL", "ALTER TABLE t ADD COLUMN x INT NULL AFTER id",
                              "ALTER TABLE t DROP COLUMN c", "ALTER TABLE t MODIFY c INT NOT NULL",
                              "ALTER TABLE t MODIFY c INT NULL FIRST"};

// Tried on a plain table.
std::vector<std::string> OnPlain(bool mysql) {
  std::vector<std::string> statements = {"ALTER TABLE t RENAME COLUMN c TO cc",
                                         "ALTER TABLE t ALTER COLUMN c SET DEFAULT 7",
                                         "ALTER TABLE t MODIFY c BIGINT NULL",
                                         "ALTER TABLE t MODIFY d INT NULL",
                                         "ALTER TABLE t MODIFY v VARCHAR(60) NULL",
                                         "ALTER TABLE t MODIFY v VARCHAR(20) NULL",
                                         "ALTER TABLE t MODIFY v VARCHAR(30) CHARACTER SET latin1 NULL",
                                         "ALTER TABLE t MODIFY v VARCHAR(30) COLLATE utf8mb4_bin NULL",
                                         "ALTER TABLE t ADD INDEX k_c (c)",
                                         "CREATE INDEX k_c ON t (c, d)",
                                         "ALTER TABLE t ADD UNIQUE INDEX k_c (c)",
                                         "ALTER TABLE t ADD FULLTEXT INDEX ft (v)",
                                         "ALTER TABLE t DROP INDEX k_d",
                                         "DROP INDEX k_d ON t",
                                         "ALTER TABLE t RENAME INDEX k_d TO k_other",
                                         "ALTER TABLE t DROP PRIMARY KEY, ADD PRIMARY KEY (c)",
                                         "ALTER TABLE t DROP PRIMARY KEY",
                                         "ALTER TABLE t ADD COLUMN g INT GENERATED ALWAYS AS (d + 1) VIRTUAL",
                                         "ALTER TABLE t ADD COLUMN g INT GENERATED ALWAYS AS (d + 1) STORED",
                                         "ALTER TABLE t ADD CONSTRAINT positive CHECK (d > 0)",
                                         "ALTER TABLE t ADD COLUMN x INT NULL, ADD INDEX k_c (c)",
                                         "ALTER TABLE t ADD COLUMN x CHAR(36) NOT NULL DEFAULT (concat('a', 'b'))",
                                         "ALTER TABLE t COMMENT = 'told otherwise'",
                                         "ALTER TABLE t AUTO_INCREMENT = 1000",
                                         "ALTER TABLE t FORCE",
                                         "ALTER TABLE t ENGINE = InnoDB",
                                         "ALTER TABLE t ROW_FORMAT = COMPACT",
                                         "ALTER TABLE t DEFAULT CHARACTER SET latin1",
                                         "ALTER TABLE t CONVERT TO CHARACTER SET latin1",
                                         "ALTER TABLE t ADD COLUMN x INT NOT NULL AUTO_INCREMENT UNIQUE",
                                         "ALTER TABLE t PARTITION BY HASH (id) PARTITIONS 3",
                                         "ALTER TABLE t ADD COLUMN x INT NULL PARTITION BY HASH (id) PARTITIONS 2"};
  if (mysql) statements.push_back("ALTER TABLE t ADD INDEX k_fn ((d + 1))");
  if (mysql) statements.push_back("ALTER TABLE t ADD COLUMN x CHAR(36) NOT NULL DEFAULT (uuid())");
  return statements;
}

struct Case {
  std::string shape, setup, sql;
};

std::vector<Case> AllCases(bool mysql) {
  std::vector<Case> cases;
  for (const Shape& shape : Shapes(mysql)) {
    for (const char* sql : kOnAll) cases.push_back({shape.name, shape.setup, sql});
  }
  for (const std::string& sql : OnPlain(mysql)) cases.push_back({"plain", Table(""), sql});
  const std::string ranges = Table("",
                                   "PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (20000), PARTITION p1 "
                                   "VALUES LESS THAN (300000))");
  const std::string hashes = Table("", "PARTITION BY HASH (id) PARTITIONS 3");
  const std::string bound = "CREATE TABLE par (id INT NOT NULL PRIMARY KEY);";
  const Case more[] = {
      {"ranges", ranges, "ALTER TABLE t ADD PARTITION (PARTITION p2 VALUES LESS THAN (400000))"},
      {"ranges", ranges, "ALTER TABLE t DROP PARTITION p0"},
      {"ranges", ranges, "ALTER TABLE t REORGANIZE PARTITION p0, p1 INTO (PARTITION p VALUES LESS THAN (300000))"},
      {"ranges", ranges, "ALTER TABLE t REMOVE PARTITIONING"},
      {"hashes", hashes, "ALTER TABLE t ADD PARTITION PARTITIONS 2"},
      {"hashes", hashes, "ALTER TABLE t COALESCE PARTITION 1"},
      {"hashes", hashes, "ALTER TABLE t REBUILD PARTITION p0, p1, p2"},
      {"hashes", hashes, "ALTER TABLE t ADD FULLTEXT INDEX ft (v)"},
      {"CHECK", Table(", CONSTRAINT positive CHECK (d > 0)"), "ALTER TABLE t DROP CONSTRAINT positive"},
      {"foreign key", absl::StrCat(bound, Table(", p INT NULL, CONSTRAINT to_par FOREIGN KEY (p) REFERENCES par (id)")),
       "ALTER TABLE t DROP FOREIGN KEY to_par"},
      {"plain", absl::StrCat(bound, Table(", p INT NULL, KEY k_p (p)")),
       "ALTER TABLE t ADD CONSTRAINT to_par FOREIGN KEY (p) REFERENCES par (id)"},
      {"virtual", Table(", g INT GENERATED ALWAYS AS (d + 1) VIRTUAL"), "ALTER TABLE t ADD INDEX k_g (g)"},
      {"stored", Table(", g INT GENERATED ALWAYS AS (d + 1) STORED"), "ALTER TABLE t DROP COLUMN g"},
      {"dropped FULLTEXT",
       absl::StrCat(Table(""), "THEN ALTER TABLE t ADD FULLTEXT KEY ft (v); ALTER TABLE t DROP KEY ft"),
       "ALTER TABLE t ADD FULLTEXT INDEX again (v)"},
  };
  cases.insert(cases.end(), std::begin(more), std::end(more));
  return cases;
}

class ForecastAccuracyTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    test_support::TestDatabaseOptions options;
    options.server_lines = {"innodb-flush-log-at-trx-commit=0", "innodb-buffer-pool-size=256M"};
    database_ = new test_support::TestDatabase(options);
    bench_ = new ForecastBench(*database_);
    bench_->Reset();
  }
  static void TearDownTestSuite() {
    delete bench_;
    delete database_;
  }
  static bool mysql() { return database_->is_mysql(); }

  // Foretold, and so it was.
  static StepForecast Right(const std::string& setup, const std::string& sql) {
    StepForecast forecast;
    EXPECT_EQ(bench_->Try(setup, sql, &forecast), "") << sql << "\n" << absl::StrJoin(forecast.notes, "\n");
    return forecast;
  }

  static test_support::TestDatabase* database_;
  static ForecastBench* bench_;
};

test_support::TestDatabase* ForecastAccuracyTest::database_ = nullptr;
ForecastBench* ForecastAccuracyTest::bench_ = nullptr;

TEST_F(ForecastAccuracyTest, ForetellsWhatAWriterSees) {
  const std::vector<Case> cases = AllCases(mysql());
  int right = 0;
  const int known = bench_->expected_known();
  for (const Case& c : cases) {
    StepForecast forecast;
    const std::string wrong = bench_->Try(c.setup, c.sql, &forecast);
    if (wrong.empty()) ++right;
    EXPECT_EQ(wrong, "") << c.shape << ": " << c.sql << "\n" << absl::StrJoin(forecast.notes, "\n");
  }
  const int total = static_cast<int>(cases.size());
  RecordProperty("forecast", absl::StrCat(right, " of ", total));
  std::cout << "forecast: " << right << " of " << total << ", SHOW CREATE afterwards foretold in "
            << bench_->expected_known() - known << "\n";
  EXPECT_GE(total, 60);
  EXPECT_EQ(right, total);
}

// Case 25 of the reference.
TEST_F(ForecastAccuracyTest, AppendingToAnEnumIsInstantInsertingCopies) {
  const StepForecast append = Right(Table(""), "ALTER TABLE t MODIFY e ENUM('a', 'b', 'c') NULL");
  EXPECT_EQ(append.algorithm, Algorithm::kInstant);
  EXPECT_FALSE(append.blocks_writes);
  const StepForecast insert = Right(Table(""), "ALTER TABLE t MODIFY e ENUM('a', 'c', 'b') NULL");
  EXPECT_EQ(insert.algorithm, Algorithm::kCopy);
  EXPECT_TRUE(insert.blocks_writes);
  EXPECT_TRUE(insert.rebuilds);
}

// Case 26: 63 characters are 252 bytes, 64 are 256, where the length takes another byte.
TEST_F(ForecastAccuracyTest, AVarcharThatOutgrows255BytesIsForetoldPerFlavour) {
  EXPECT_EQ(Right(Table(""), "ALTER TABLE t MODIFY s VARCHAR(64) NULL").algorithm, Algorithm::kCopy);
  const StepForecast from_31 = Right(Table(""), "ALTER TABLE t MODIFY u VARCHAR(64) NULL");
  EXPECT_EQ(from_31.algorithm, mysql() ? Algorithm::kCopy : Algorithm::kInstant);
  const StepForecast within = Right(Table(""), "ALTER TABLE t MODIFY u VARCHAR(63) NULL");
  EXPECT_EQ(within.algorithm, mysql() ? Algorithm::kInplace : Algorithm::kInstant);
}

// Case 27.
TEST_F(ForecastAccuracyTest, AddingAColumnBesideAFulltextIndexBlocksWrites) {
  const StepForecast forecast = Right(absl::StrCat(Table(""), "THEN ALTER TABLE t ADD FULLTEXT KEY ft (v)"),
                                      "ALTER TABLE t ADD COLUMN x INT NULL");
  EXPECT_TRUE(forecast.blocks_writes);
  EXPECT_FALSE(forecast.blocks_reads);
  EXPECT_EQ(forecast.algorithm, mysql() ? Algorithm::kCopy : Algorithm::kRebuild);
}

// Case 27, MariaDB's half.
TEST_F(ForecastAccuracyTest, AddingAColumnBesideAnIndexedVirtualOneBlocksWritesOnMariaDb) {
  const StepForecast forecast =
      Right(Table(", g INT GENERATED ALWAYS AS (d + 1) VIRTUAL, KEY k_g (g)"), "ALTER TABLE t ADD COLUMN x INT NULL");
  EXPECT_EQ(forecast.blocks_writes, !mysql());
}

// Case 28: the clone knows no row versions.
TEST_F(ForecastAccuracyTest, AfterTheLastInstantColumnComesARebuild) {
  constexpr int kMost = 255;  // of MySQL 9.1 and later; MariaDB has no limit
  std::string setup = absl::StrCat(Table(""), "THEN ");
  for (int i = 0; i < kMost; ++i) {
    absl::StrAppend(&setup, "ALTER TABLE t ", i % 2 == 0 ? "ADD COLUMN x INT NULL;" : "DROP COLUMN x;");
  }
  const StepForecast forecast = Right(setup, "ALTER TABLE t DROP COLUMN x");
  EXPECT_EQ(forecast.algorithm, mysql() ? Algorithm::kRebuild : Algorithm::kInstant);
  if (mysql()) {
    EXPECT_THAT(forecast.notes, Contains(HasSubstr("used up the 255 columns")));
  }
}

TEST_F(ForecastAccuracyTest, CountsTheInstantColumnsOfThePlanItself) {
  if (!mysql()) GTEST_SKIP() << "MariaDB has no limit to count towards";
  bench_->Query(absl::StrCat("USE bonnie; DROP TABLE IF EXISTS t;", Table("")));
  bench_->Fill("t", 10);  // of a table without rows the server counts none
  std::string alters = "USE bonnie;";
  for (int i = 0; i < 254; ++i) {
    absl::StrAppend(&alters, "ALTER TABLE t ", i % 2 == 0 ? "ADD COLUMN x INT NULL;" : "DROP COLUMN x;");
  }
  bench_->Query(alters);
  const auto steps = bench_->Foretell(
      {"ALTER TABLE t ADD COLUMN x INT", "ALTER TABLE t ADD COLUMN y INT", "ALTER TABLE t ADD COLUMN z INT"});
  ASSERT_EQ(steps.size(), 3u);
  EXPECT_EQ(steps[0].algorithm, Algorithm::kInstant);
  EXPECT_EQ(steps[1].algorithm, Algorithm::kRebuild);
  EXPECT_EQ(steps[2].algorithm, Algorithm::kInstant) << "the rebuild begins the count anew";
}

// Case 29.
TEST_F(ForecastAccuracyTest, TwoFulltextIndexesInOneStatementCopyAndAreBetterSplit) {
  const StepForecast together =
      Right(Table(""), "ALTER TABLE t ADD FULLTEXT INDEX ft_v (v), ADD FULLTEXT INDEX ft_s (s)");
  EXPECT_EQ(together.algorithm, Algorithm::kCopy);
  EXPECT_THAT(together.notes, Contains(HasSubstr("write a statement for each")));
}

// Case 29: no server takes it, so nothing could be applied.
TEST_F(ForecastAccuracyTest, APartitionAddedAmongOtherClausesIsRefusedWithTheWayOut) {
  const std::string ranges = Table("", "PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (300000))");
  const StepForecast forecast =
      Right(ranges, "ALTER TABLE t ADD COLUMN x INT NULL, ADD PARTITION (PARTITION p1 VALUES LESS THAN (400000))");
  EXPECT_EQ(forecast.basis, ForecastBasis::kUnknown);
  EXPECT_THAT(forecast.notes, Contains(HasSubstr("must be all that its statement does")));
}

}  // namespace
}  // namespace bonnie::schema
