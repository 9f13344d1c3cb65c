#include "services/schema/canonical.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "services/schema/diff.h"
#include "services/schema/inspect.h"
#include "services/schema/model_files.h"
#include "services/schema/sql_gate/sql_gate.h"
#include "tests/schema/model_harness.h"

namespace bonnie::schema {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CanonicalTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { database_ = new test_support::TestDatabase(); }
  static void TearDownTestSuite() {
    delete database_;
    database_ = nullptr;
  }

  // What a service that has just started says of a model, with the live schema to look at or without.
  Schema Ask(const Files& files, bool look_at_live) {
    Canonical canonical(site_.harness().driver(), site_.Scratch());
    const auto session = site_.sources().Connect(ModelHarness::Soon());
    EXPECT_TRUE(session.ok()) << session.status();
    auto setting = ReadDdlSetting(**session);
    EXPECT_TRUE(setting.ok()) << setting.status();
    if (look_at_live) {
      setting->live = [this] { return site_.sources().Read(LiveSource{}, ModelHarness::Soon()); };
    }
    const auto parsed = ParseModel(files);
    EXPECT_TRUE(parsed.ok()) << parsed.status();
    const auto schema = canonical.OfModel(*parsed, *setting, ModelHarness::Soon());
    EXPECT_TRUE(schema.ok()) << schema.status();
    return schema.ok() ? **schema : Schema();
  }

  static test_support::TestDatabase* database_;
  ModelHarness site_{*database_};
};

test_support::TestDatabase* CanonicalTest::database_ = nullptr;

constexpr char kPatientsModel[] =
    "CREATE TABLE patients (id INT NOT NULL AUTO_INCREMENT, name VARCHAR(50) NOT NULL, PRIMARY KEY (id))";
constexpr char kRecordsModel[] =
    "CREATE TABLE records (id INT NOT NULL AUTO_INCREMENT, patient_id INT NOT NULL, PRIMARY KEY (id),\n"
    "  CONSTRAINT records_patient FOREIGN KEY (patient_id) REFERENCES patients (id))";

TEST_F(CanonicalTest, AScratchDatabaseIsDroppedByWhoeverTakesThatAndElseAtOnce) {
  const auto left = [this] {
    return site_.Query("SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE 'bonnie\\_scratch%'");
  };
  std::vector<std::function<void()>> kept;
  bool takes = true;
  Canonical canonical(site_.harness().driver(), site_.Scratch(), [&](std::function<void()> drop) {
    if (takes) kept.push_back(std::move(drop));
    return takes;
  });
  const DdlSetting setting{database_->is_mysql() ? data_access::Flavour::kMySql : data_access::Flavour::kMariaDb,
                           "utf8mb4", "utf8mb4_bin", true, "x"};
  ASSERT_TRUE(canonical.OpenScratch(setting, ModelHarness::Soon()).ok());
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(left(), "1\n");
  kept[0]();
  EXPECT_EQ(left(), "0\n");
  takes = false;
  ASSERT_TRUE(canonical.OpenScratch(setting, ModelHarness::Soon()).ok());
  EXPECT_EQ(left(), "0\n");
}

TEST_F(CanonicalTest, AModelThatTheDatabaseHasIsNotMade) {
  ASSERT_EQ(site_.Carry({{"patients.sql", kPatientsModel}, {"records.sql", kRecordsModel}}, "one"), absl::OkStatus());
  site_.Query("INSERT INTO bonnie.patients (name) VALUES ('Ada')");  // a counter is no difference
  Files files = site_.Pulled();
  const int created = site_.TablesCreated();
  const Schema model = Ask(files, /*look_at_live=*/true);
  EXPECT_EQ(site_.TablesCreated(), created);
  EXPECT_EQ(ServerFingerprint(model), ServerFingerprint(Ask(files, /*look_at_live=*/false)));
  EXPECT_EQ(site_.TablesCreated(), created + 2);
}

TEST_F(CanonicalTest, WhatDiffersIsMadeAndComparedWithItsFamily) {
  ASSERT_EQ(site_.Carry({{"patients.sql", kPatientsModel}, {"records.sql", kRecordsModel}}, "one"), absl::OkStatus());
  Files files = site_.Pulled();
  files.push_back({"alone.sql", "CREATE TABLE alone (id INT PRIMARY KEY)"});
  int created = site_.TablesCreated();
  Schema model = Ask(files, true);
  EXPECT_EQ(site_.TablesCreated(), created + 1);
  EXPECT_EQ(ServerFingerprint(model), ServerFingerprint(Ask(files, false)));
  files[0].second = "CREATE TABLE patients (id BIGINT PRIMARY KEY)";  // its child does not fit any more
  const auto made = site_.Create(files, "two");
  EXPECT_EQ(ReasonOf(made.status()), "STATEMENT_REFUSED");
  EXPECT_THAT(std::string(made.status().message()), HasSubstr("model/records.sql:1"));
}

TEST_F(CanonicalTest, AModelWrittenByHandIsRecognisedByTemporaryTables) {
  const Files files = {
      {"a.sql",
       "create table a (id int auto_increment primary key, name varchar(50) not null default 'x', unique (name))"},
      {"b.sql", "CREATE TABLE b (id INT PRIMARY KEY, a INT, FOREIGN KEY (a) REFERENCES a (id) ON DELETE SET NULL)"},
      {"c.sql",
       "CREATE TABLE c (id INT PRIMARY KEY, a INT, -- a comment\n CONSTRAINT ca FOREIGN KEY (a) REFERENCES a (id))"},
      {"d.sql",
       "CREATE TABLE d (id INT PRIMARY KEY, a INT, b INT, KEY ab (a, b), CONSTRAINT da FOREIGN KEY (a) REFERENCES a "
       "(id), CONSTRAINT db FOREIGN KEY (b) REFERENCES b (id) ON DELETE CASCADE ON UPDATE CASCADE)"},
      {"e.sql", "CREATE TABLE e (id INT PRIMARY KEY, v INT, CHECK (v > 0), w INT AS (v + 1) VIRTUAL)"},
      {"f.sql", "CREATE TABLE f (id INT PRIMARY KEY, t TEXT, at TIMESTAMP DEFAULT NOW()) COMMENT 'it''s'"}};
  ASSERT_EQ(site_.Carry(files, "one"), absl::OkStatus());
  int created = site_.TablesCreated();
  const Schema known = Ask(files, /*look_at_live=*/true);
  // MySQL counts temporary tables too.
  EXPECT_EQ(site_.TablesCreated(), created + (database_->is_mysql() ? 6 : 0));
  const Schema asked = Ask(files, /*look_at_live=*/false);
  EXPECT_EQ(ServerFingerprint(known), ServerFingerprint(asked));
  for (const Change& change : Diff(asked, known).changes) ADD_FAILURE() << Describe(change);
  // Each of these differs from what is live in one thing, and is found.
  const char* const others[] = {
      "CREATE TABLE d (id INT PRIMARY KEY, a INT, b INT, KEY ab (a, b), CONSTRAINT da FOREIGN KEY (a) REFERENCES a "
      "(id), "
      "CONSTRAINT db FOREIGN KEY (b) REFERENCES b (id) ON DELETE CASCADE)",
      "CREATE TABLE d (id INT PRIMARY KEY, a INT, b INT, KEY ab (b, a), CONSTRAINT da FOREIGN KEY (a) REFERENCES a "
      "(id), "
      "CONSTRAINT db FOREIGN KEY (b) REFERENCES b (id) ON DELETE CASCADE ON UPDATE CASCADE)",
      "CREATE TABLE d (id INT PRIMARY KEY, a INT, b INT, KEY ab (a, b), CONSTRAINT da FOREIGN KEY (a) REFERENCES a "
      "(id))",
      "CREATE TABLE d (id INT PRIMARY KEY, a INT, b INT, KEY ab (a, b), CONSTRAINT da2 FOREIGN KEY (a) REFERENCES a "
      "(id), "
      "CONSTRAINT db FOREIGN KEY (b) REFERENCES b (id) ON DELETE CASCADE ON UPDATE CASCADE)"};
  for (const char* other : others) {
    Files changed = files;
    changed[3].second = other;
    const Schema found = Ask(changed, true);
    EXPECT_EQ(ServerFingerprint(found), ServerFingerprint(Ask(changed, false))) << other;
    EXPECT_FALSE(Diff(asked, found).empty()) << other;
  }
}

std::vector<std::string> SuiteFiles(const std::string& engine) {
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

// MySQL remembers whether a column's collation was written, and no CREATE TABLE makes a column that has a charset of
// its own without one: there, looking at the live table tells no difference where making it would.
std::string WithoutLatinCollation(const std::string& clause) {
  return absl::StrReplaceAll(clause, {{" COLLATE latin1_swedish_ci", ""}});
}

// The proof that a table may be taken from the live database: of the suite's own schemas, each is what scratch makes.
TEST_F(CanonicalTest, WhatIsRecognisedIsWhatTheServerWouldMake) {
  int tables = 0, recognised = 0;
  for (const std::string& file : SuiteFiles(database_->engine())) {
    SCOPED_TRACE(file);
    site_.harness().Reset();
    std::ifstream in(file, std::ios::binary);
    site_.Query(std::string((std::istreambuf_iterator<char>(in)), {}));
    Files files = site_.Pulled();
    // Tables of other engines, and those that name a folder of the server's host, can be in no model.
    std::erase_if(files, [](const auto& file) {
      const auto parsed = ParseModelFile(file.first, file.second);
      const auto flavour = database_->is_mysql() ? data_access::Flavour::kMySql : data_access::Flavour::kMariaDb;
      return !parsed.ok() || !GateSql(parsed->sql, flavour).ok();
    });
    const int created = site_.TablesCreated();
    const Schema known = Ask(files, true);
    tables += static_cast<int>(known.tables.size());
    recognised += static_cast<int>(known.tables.size()) - (site_.TablesCreated() - created);
    for (const Change& change : Diff(Ask(files, false), known).changes) {
      if (WithoutLatinCollation(change.before) != change.after) ADD_FAILURE() << Describe(change);
    }
  }
  std::cout << "recognised: " << recognised << " of " << tables << " tables\n";
  EXPECT_GE(tables, 60);
  EXPECT_GE(recognised, tables * 3 / 4);
}

TEST_F(CanonicalTest, AThousandTablesInAChainOfForeignKeys) {
  constexpr int kTables = 1000;
  Files chain;
  for (int i = 0; i < kTables; ++i) {
    chain.emplace_back(
        absl::StrCat("t", i, ".sql"),
        absl::StrCat(
            "CREATE TABLE t", i, " (id INT NOT NULL, parent INT, PRIMARY KEY (id)",
            i == 0 ? "" : absl::StrCat(", CONSTRAINT fk", i, " FOREIGN KEY (parent) REFERENCES t", i - 1, " (id)"),
            ")"));
  }
  absl::Time begin = absl::Now();
  const auto lap = [&begin](const char* what) {
    std::cout << "chain: " << what << " " << absl::ToInt64Milliseconds(absl::Now() - begin) << " ms\n";
    begin = absl::Now();
  };
  ASSERT_EQ(site_.Carry(chain, "up"), absl::OkStatus());
  lap("written, proven and applied");
  const auto live = site_.sources().Read(LiveSource{}, ModelHarness::Soon());
  ASSERT_TRUE(live.ok()) << live.status();
  EXPECT_EQ((*live)->tables.size(), static_cast<size_t>(kTables));
  lap("inspected");
  EXPECT_EQ(site_.Check(chain), "");
  lap("checked");
  ASSERT_EQ(site_.Carry({{"t0.sql", chain[0].second}}, "down"), absl::OkStatus());
  lap("dropped but for one, written, proven and applied");
  EXPECT_EQ(
      site_.Query("SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'bonnie' AND TABLE_NAME NOT "
                  "LIKE 'bonnie%'"),
      "1\n");
}

}  // namespace
}  // namespace bonnie::schema
