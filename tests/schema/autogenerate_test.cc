// From a model to a revision and back, on a real server: canonical form, proof, text, and what is refused.
#include "services/schema/autogenerate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "services/data_access/mysql_driver.h"
#include "services/schema/canonical.h"
#include "services/schema/create_revision.h"
#include "services/schema/model_files.h"
#include "services/schema/schema_sources.h"
#include "tests/schema/folder.h"
#include "tests/schema/harness.h"
#include "tests/schema/reason_of.h"
#include "tests/support/test_database.h"

namespace bonnie::schema {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Files = std::vector<std::pair<std::string, std::string>>;

constexpr char kPatients[] =
    "CREATE TABLE patients (id INT NOT NULL AUTO_INCREMENT, name VARCHAR(50) NOT NULL, PRIMARY KEY (id));\n";
constexpr char kRecords[] =
    "CREATE TABLE medical_records (id INT NOT NULL AUTO_INCREMENT, patient_id INT NOT NULL, PRIMARY KEY (id),\n"
    "  CONSTRAINT records_patient FOREIGN KEY (patient_id) REFERENCES patients (id));\n";

class AutogenerateTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { database_ = new test_support::TestDatabase(); }
  static void TearDownTestSuite() {
    delete database_;
    database_ = nullptr;
  }
  AutogenerateTest()
      : harness_(*database_, folder_.path()),
        scratch_(Scratch()),
        canonical_(harness_.driver(), scratch_),
        sources_(harness_.driver(), harness_.Connect(), harness_.dir(), canonical_) {
    harness_.Reset();
    folder_.Seal();
  }
  ~AutogenerateTest() override {
    EXPECT_EQ(
        harness_.Query("SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE 'bonnie\\_scratch%'"),
        "0\n")
        << "a scratch database was left behind";
  }

  data_access::ConnectOptions Scratch() const {
    data_access::ConnectOptions options = harness_.Connect();
    options.credentials = data_access::PasswordFile("bonnie_scratch", database_->password_file("scratch"));
    return options;
  }
  static absl::Time Soon() { return absl::Now() + absl::Minutes(2); }

  absl::StatusOr<CreatedRevision> Create(const Files& model, const std::string& id) {
    NewRevision request;
    request.message = "change " + id;
    request.rev_id = id;
    return sources_.CreateRevision(request, ModelSource{model}, absl::Now(), Soon());
  }
  // Creates, puts into the folder, applies up to it.
  CreatedRevision Apply(const Files& model, const std::string& id) {
    auto created = Create(model, id);
    EXPECT_TRUE(created.ok()) << created.status();
    if (!created.ok()) return {};
    folder_.Write("versions/" + created->revision.file_name, created->revision.text);
    folder_.Seal();
    EXPECT_EQ(harness_.Apply("head", Direction::kUp), absl::OkStatus()) << created->revision.text;
    return *created;
  }
  PendingChanges Pending(const Files& model) {
    auto pending = sources_.FindPending(ModelSource{model}, Soon());
    EXPECT_TRUE(pending.ok()) << pending.status();
    return pending.value_or(PendingChanges());
  }

  // Of the server, since it started.
  int TablesCreated() {
    const std::string row = harness_.Query("SHOW GLOBAL STATUS LIKE 'Com_create_table'");
    return std::atoi(row.substr(row.find('\t') + 1).c_str());
  }

  static test_support::TestDatabase* database_;
  Folder folder_;
  Harness harness_;
  data_access::ConnectOptions scratch_;
  Canonical canonical_;
  SchemaSources sources_;
};

test_support::TestDatabase* AutogenerateTest::database_ = nullptr;

TEST_F(AutogenerateTest, LeadsFromAnEmptyDatabaseToTheModelAndBack) {
  const Files model = {{"medical_records.sql", kRecords}, {"patients.sql", kPatients}};
  const CreatedRevision created = Apply(model, "0001");
  EXPECT_EQ(created.revision.file_name, "0001_change_0001.sql");
  ASSERT_TRUE(created.revision.down.has_value());
  const PendingChanges pending = Pending(model);
  EXPECT_THAT(pending.model_changes, IsEmpty());
  EXPECT_THAT(pending.drift, IsEmpty());
  EXPECT_THAT(pending.pending_revisions, IsEmpty());
  EXPECT_EQ(harness_.Apply("base", Direction::kDown), absl::OkStatus());
  EXPECT_THAT(harness_.Query("SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'bonnie' AND "
                             "TABLE_NAME NOT LIKE 'bonnie%'"),
              "");
}

TEST_F(AutogenerateTest, SaysWhatTheHashInBonnieSumWillBe) {
  const CreatedRevision first = Apply({{"patients.sql", kPatients}}, "0001");
  EXPECT_EQ(harness_.dir().Load().value()->at("0001").hash, first.revision.hash);
  const CreatedRevision second = Apply({{"patients.sql", kPatients}, {"medical_records.sql", kRecords}}, "0002");
  EXPECT_EQ(harness_.dir().Load().value()->at("0002").hash, second.revision.hash);
}

TEST_F(AutogenerateTest, WarnsOfRowsThatANewColumnFills) {
  Apply({{"patients.sql", kPatients}}, "0001");
  const CreatedRevision created = Apply(
      {{"patients.sql",
        "CREATE TABLE patients (id INT NOT NULL AUTO_INCREMENT, name VARCHAR(50) NOT NULL, is_deceased VARCHAR(30) NOT "
        "NULL, PRIMARY KEY (id))"}},
      "0002");
  ASSERT_EQ(created.changes.size(), 1u);
  ASSERT_EQ(created.warnings.size(), 1u);
  EXPECT_EQ(created.warnings[0].code, "MY101");
  EXPECT_THAT(created.revision.text, HasSubstr("MY101 patients.is_deceased"));
}

TEST_F(AutogenerateTest, AsksWhichReadingOfARenameIsMeantAndObeysAHint) {
  Apply({{"patients.sql", kPatients}}, "0001");
  const std::string renamed =
      "CREATE TABLE patients (id INT NOT NULL AUTO_INCREMENT,\n full_name VARCHAR(50) NOT NULL,%s\n PRIMARY KEY (id))";
  const auto with = [&](const std::string& hint) {
    std::string text = renamed;
    return Files{{"patients.sql", text.replace(text.find("%s"), 2, hint)}};
  };
  const auto unclear = Create(with(""), "0002");
  EXPECT_EQ(ReasonOf(unclear.status()), "AMBIGUOUS_RENAME");
  EXPECT_THAT(std::string(unclear.status().message()), HasSubstr("name is renamed to full_name"));
  harness_.Query("INSERT INTO bonnie.patients (name) VALUES ('Ada')");
  Apply(with(" -- renamed-from: name"), "0002");
  EXPECT_EQ(harness_.Query("SELECT full_name FROM bonnie.patients"), "Ada\n") << "the data must move with the name";
  EXPECT_EQ(harness_.Apply("-1", Direction::kDown), absl::OkStatus());
  EXPECT_EQ(harness_.Query("SELECT name FROM bonnie.patients"), "Ada\n");
}

// Rows ended up under the wrong name.
TEST_F(AutogenerateTest, ARenameWhoseOldNameIsUsedAgainIsRefused) {
  Apply({{"patients.sql", kPatients}}, "0001");
  const auto reused = Create({{"patients.sql",
                               "CREATE TABLE patients (id INT NOT NULL AUTO_INCREMENT,\n"
                               " full_name VARCHAR(50) NOT NULL, -- renamed-from: name\n"
                               " name VARCHAR(10) NOT NULL DEFAULT 'new',\n PRIMARY KEY (id))"}},
                             "0002");
  EXPECT_EQ(ReasonOf(reused.status()), "AMBIGUOUS_RENAME");
  EXPECT_THAT(std::string(reused.status().message()),
              HasSubstr("patients: column full_name is renamed from name, and there is another name now"));
  const auto table = Create({{"people.sql", absl::StrCat("-- renamed-from: patients\n",
                                                         "CREATE TABLE people (id INT NOT NULL AUTO_INCREMENT, name "
                                                         "VARCHAR(50) NOT NULL, PRIMARY KEY (id))")},
                             {"patients.sql", "CREATE TABLE patients (id INT NOT NULL, PRIMARY KEY (id))"}},
                            "0002");
  EXPECT_THAT(std::string(table.status().message()), HasSubstr("table people is renamed from patients, and there is"));
}

// The way down dropped the column that had the data.
TEST_F(AutogenerateTest, TwoColumnsThatClaimOneOldNameAreRefused) {
  Apply({{"patients.sql", kPatients}}, "0001");
  const auto claimed = Create({{"patients.sql",
                                "CREATE TABLE patients (id INT NOT NULL AUTO_INCREMENT,\n"
                                " first_name VARCHAR(50) NOT NULL, -- renamed-from: name\n"
                                " last_name VARCHAR(50) NOT NULL, -- renamed-from: name\n PRIMARY KEY (id))"}},
                              "0002");
  EXPECT_EQ(ReasonOf(claimed.status()), "AMBIGUOUS_RENAME");
  EXPECT_THAT(std::string(claimed.status().message()),
              HasSubstr("first_name and last_name are both renamed from name"));
}

TEST_F(AutogenerateTest, AHintThatWasFollowedAlreadyIsNoTrouble) {
  const Files renamed = {{"patients.sql",
                          "CREATE TABLE patients (id INT NOT NULL AUTO_INCREMENT,\n"
                          " full_name VARCHAR(50) NOT NULL, -- renamed-from: name\n"
                          " name VARCHAR(10) NOT NULL DEFAULT 'new',\n PRIMARY KEY (id))"}};
  Apply(renamed, "0001");
  Files changed = renamed;
  changed[0].second.replace(changed[0].second.find("(50)"), 4, "(60)");
  Apply(changed, "0002");
}

TEST_F(AutogenerateTest, PartitionsThatWereDividedAreJoinedAgainWithTheirRows) {
  const auto model = [](const std::string& partitioning) {
    return Files{{"t.sql", absl::StrCat("CREATE TABLE t (y INT NOT NULL) PARTITION BY ", partitioning)}};
  };
  const std::string one = "LIST (y) (PARTITION p1 VALUES IN (1, 2), PARTITION p3 VALUES IN (3))";
  const std::string other = "LIST (y) (PARTITION p1 VALUES IN (1), PARTITION p3 VALUES IN (3, 2))";
  const struct {
    std::string before, after;
  } cases[] = {{"RANGE (y) (PARTITION p2 VALUES LESS THAN (20), PARTITION p3 VALUES LESS THAN (30))",
                "RANGE (y) (PARTITION p1 VALUES LESS THAN (2), PARTITION p2 VALUES LESS THAN (20), PARTITION p3 VALUES "
                "LESS THAN (30))"},
               {one, other}};
  int id = 1;
  for (const auto& c : cases) {
    const std::string first = absl::StrCat("000", id++), second = absl::StrCat("000", id++);
    Apply(model(c.before), first);
    harness_.Query("DELETE FROM bonnie.t; INSERT INTO bonnie.t VALUES (1), (2), (3)");
    const CreatedRevision created = Apply(model(c.after), second);
    EXPECT_EQ(harness_.Query("SELECT COUNT(*) FROM bonnie.t"), "3\n") << c.after;
    EXPECT_THAT(created.revision.text, ::testing::Not(HasSubstr("DROP PARTITION")));
    ASSERT_EQ(harness_.Apply("-1", Direction::kDown), absl::OkStatus());
    EXPECT_EQ(harness_.Query("SELECT COUNT(*) FROM bonnie.t"), "3\n") << c.before;
    ASSERT_EQ(harness_.Apply("head", Direction::kUp), absl::OkStatus());
  }
}

TEST_F(AutogenerateTest, ACycleOfForeignKeysWithoutKeysOfTheirOwnIsMade) {
  const CreatedRevision created =
      Apply({{"departments.sql",
              "CREATE TABLE departments (id INT NOT NULL, head INT, deputy INT, PRIMARY KEY (id),\n"
              " CONSTRAINT dh FOREIGN KEY (head) REFERENCES employees (id),\n"
              " CONSTRAINT dd FOREIGN KEY (deputy) REFERENCES employees (id))"},
             {"employees.sql",
              "CREATE TABLE employees (id INT NOT NULL, department INT, second INT, PRIMARY KEY (id),\n"
              " CONSTRAINT ed FOREIGN KEY (department) REFERENCES departments (id),\n"
              " CONSTRAINT es FOREIGN KEY (second) REFERENCES departments (id))"}},
            "0001");
  EXPECT_EQ(created.revision.text.find("bonnie_trial"), std::string::npos);
}

TEST_F(AutogenerateTest, FindsWhatSomebodyDidByHand) {
  const Files model = {{"patients.sql", kPatients}};
  Apply(model, "0001");
  harness_.Query(
      "ALTER TABLE bonnie.patients ADD by_hand INT; CREATE TABLE bonnie.extra (a INT PRIMARY KEY); "
      "CREATE TABLE bonnie.alembic_version (version_num VARCHAR(32) PRIMARY KEY)");
  const PendingChanges pending = Pending(model);
  ASSERT_EQ(pending.drift.size(), 1u);
  EXPECT_THAT(Describe(pending.drift[0]), HasSubstr("by_hand"));
  EXPECT_THAT(pending.unmanaged_tables, ::testing::ElementsAre("extra"));
}

TEST_F(AutogenerateTest, NamesTheFileOfWhatTheServerRefuses) {
  const struct {
    const char* text;
    const char* want;
  } cases[] = {
      {"\nCREATE TABLE a (b NOTYPE)", "model/a.sql:2: "},
      {"CREATE TABLE a (b INT PRIMARY KEY,\n FOREIGN KEY (b) REFERENCES nowhere (c))",
       "model/a.sql:2: refers to table `nowhere`"},
      {"CREATE TABLE a (b INT PRIMARY KEY, FOREIGN KEY (b) REFERENCES a (c))", "model/a.sql:1: "},
      {"CREATE TABLE a (b INT PRIMARY KEY, c VARCHAR(9), FOREIGN KEY (c) REFERENCES a (b))", "model/a.sql:1: "},
  };
  for (const auto& c : cases) {
    const auto created = Create({{"a.sql", c.text}}, "0001");
    EXPECT_EQ(created.status().code(), absl::StatusCode::kInvalidArgument) << c.text;
    EXPECT_THAT(std::string(created.status().message()), HasSubstr(c.want)) << c.text;
    EXPECT_THAT(std::string(created.status().message()), ::testing::Not(HasSubstr("bonnie_scratch"))) << c.text;
  }
}

TEST_F(AutogenerateTest, WhatForeignKeysBindFurtherAwayIsNotMadeAndStays) {
  Files model = {{"t0.sql", "CREATE TABLE t0 (id INT NOT NULL, PRIMARY KEY (id))"}};
  constexpr int kTables = 20;
  for (int i = 1; i < kTables; ++i) {
    model.emplace_back(absl::StrCat("t", i, ".sql"),
                       absl::StrCat("CREATE TABLE t", i, " (id INT NOT NULL, PRIMARY KEY (id), CONSTRAINT a", i,
                                    " FOREIGN KEY (id) REFERENCES t", i - 1, " (id))"));
  }
  Apply(model, "0001");
  model[2].second =
      "CREATE TABLE t2 (id INT NOT NULL, n INT NULL, PRIMARY KEY (id), CONSTRAINT a2 FOREIGN KEY (id) "
      "REFERENCES t1 (id))";
  const int before = TablesCreated();
  EXPECT_TRUE(Create(model, "0002").ok());
  // Each once for the model, where the server's text is not the file's; for the proof, three and not all of them again.
  EXPECT_LE(TablesCreated() - before, kTables + 8);
  const CreatedRevision created = Apply(model, "0002");
  EXPECT_THAT(created.warnings, IsEmpty());
  ASSERT_TRUE(created.revision.down.has_value());
  EXPECT_EQ(created.revision.up.size(), 1u);
  EXPECT_THAT(Pending(model).model_changes, IsEmpty());
  EXPECT_EQ(harness_.Apply("0001", Direction::kDown), absl::OkStatus());
}

TEST_F(AutogenerateTest, LooksAtForeignKeysInACircle) {
  const Files circle = {{"a.sql", "CREATE TABLE a (id INT PRIMARY KEY, b INT, FOREIGN KEY (b) REFERENCES b (id))"},
                        {"b.sql", "CREATE TABLE b (id INT PRIMARY KEY, a INT, FOREIGN KEY (a) REFERENCES a (id))"}};
  Apply(circle, "0001");
  EXPECT_THAT(Pending(circle).model_changes, IsEmpty());
  const Files wrong = {
      {"a.sql", "CREATE TABLE a (id INT PRIMARY KEY, b VARCHAR(9), FOREIGN KEY (b) REFERENCES b (id))"},
      {"b.sql", "CREATE TABLE b (id INT PRIMARY KEY, a INT, FOREIGN KEY (a) REFERENCES a (id))"}};
  EXPECT_EQ(Create(wrong, "0002").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(AutogenerateTest, ScratchKeepsStatementsInside) {
  harness_.Query("CREATE TABLE bonnie.secret (a INT PRIMARY KEY)");
  const DdlSetting setting{database_->is_mysql() ? data_access::Flavour::kMySql : data_access::Flavour::kMariaDb,
                           "utf8mb4", "utf8mb4_bin", true, "x"};
  auto scratch = canonical_.OpenScratch(setting, Soon());
  ASSERT_TRUE(scratch.ok()) << scratch.status();
  for (const char* sql : {"DROP TABLE bonnie.secret", "USE bonnie", "CREATE TABLE bonnie.more (a INT)",
                          "CREATE TABLE t AS SELECT * FROM bonnie.secret", "DROP DATABASE bonnie"}) {
    const absl::Status ran = (*scratch)->Run({{sql, "here", /*of_live=*/true}}, true);
    EXPECT_EQ(ReasonOf(ran), "STATEMENT_REFUSED") << sql << ran;
    EXPECT_THAT(std::string(ran.message()), HasSubstr("here: the statement reaches out of the scratch database"))
        << sql;
  }
  EXPECT_EQ(harness_.Query("SELECT COUNT(*) FROM bonnie.secret"), "0\n");
}

TEST_F(AutogenerateTest, AScratchStatementEndsAtTheDeadline) {
  const DdlSetting setting{data_access::Flavour::kMariaDb, "utf8mb4", "utf8mb4_bin", true, "x"};
  auto scratch = canonical_.OpenScratch(setting, absl::Now() + absl::Seconds(2));
  ASSERT_TRUE(scratch.ok()) << scratch.status();
  const absl::Time begun = absl::Now();
  const absl::Status ran = (*scratch)->Run({{"CREATE TABLE a AS SELECT SLEEP(20) AS b", "here"}}, true);
  EXPECT_EQ(ran.code(), absl::StatusCode::kDeadlineExceeded) << ran;
  EXPECT_LT(absl::Now() - begun, absl::Seconds(8));
}

TEST_F(AutogenerateTest, SweepsWhatADeadProcessLeft) {
  harness_.Query("CREATE DATABASE bonnie_scratch_00000001_dead");
  EXPECT_EQ(canonical_.Sweep(), absl::OkStatus());  // the destructor looks
}

// azure's schema service and a project's on one server: a shared account let each read and drop the other's databases.
TEST_F(AutogenerateTest, AnotherAccountNeitherMakesNorSweepsScratchDatabasesOfOurs) {
  const std::string password = folder_.path() + "/project_scratch";
  ASSERT_TRUE(database_
                  ->RootQuery("CREATE USER 'bonnie_project_scratch'@'%' IDENTIFIED BY 'right' REQUIRE SSL; GRANT ALL "
                              "PRIVILEGES ON `bonnie\\_project\\_scratch\\_%`.* TO 'bonnie_project_scratch'@'%'")
                  .ok());
  folder_.Write("project_scratch", "right\n");
  std::filesystem::permissions(password, std::filesystem::perms::owner_read);
  data_access::ConnectOptions options = Scratch();
  options.credentials = data_access::PasswordFile("bonnie_project_scratch", password);
  Canonical project(harness_.driver(), options, nullptr, "bonnie_project_scratch_");
  const DdlSetting setting{data_access::Flavour::kMariaDb, "utf8mb4", "utf8mb4_bin", true, "x"};
  {
    auto scratch = project.OpenScratch(setting, Soon());
    ASSERT_TRUE(scratch.ok()) << scratch.status();
    EXPECT_THAT((*scratch)->name(), ::testing::StartsWith("bonnie_project_scratch_"));
    EXPECT_EQ((*scratch)->Run({{"CREATE TABLE t (id INT)", "here"}}, true), absl::OkStatus());
  }
  EXPECT_FALSE(Canonical(harness_.driver(), options).OpenScratch(setting, Soon()).ok()) << "under our prefix";

  harness_.Query("CREATE DATABASE bonnie_scratch_00000001_dead; CREATE DATABASE bonnie_project_scratch_00000001_dead");
  const auto left = [&] {
    return harness_.Query("SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE '%\\_dead'");
  };
  EXPECT_EQ(project.Sweep(), absl::OkStatus());
  EXPECT_EQ(left(), "bonnie_scratch_00000001_dead\n");
  harness_.Query("CREATE DATABASE bonnie_project_scratch_00000001_dead");
  EXPECT_EQ(canonical_.Sweep(), absl::OkStatus());
  EXPECT_EQ(left(), "bonnie_project_scratch_00000001_dead\n");
  harness_.Query("DROP DATABASE bonnie_project_scratch_00000001_dead; DROP USER 'bonnie_project_scratch'@'%'");
}

TEST_F(AutogenerateTest, TheOrderOfIndexesIsCarriedThereAndBack) {
  const std::string columns = "CREATE TABLE t (id INT NOT NULL, a INT, b INT, PRIMARY KEY (id), ";
  const Files first = {{"t.sql", columns + "KEY a (a), KEY b (b)) COMMENT='it''s t';\n"}};
  const Files second = {{"t.sql", columns + "KEY b (b), KEY a (a)) COMMENT='it''s t';\n"}};
  Apply(first, "0001");
  const std::string before = harness_.Query("SHOW CREATE TABLE t");
  const CreatedRevision moved = Apply(second, "0002");
  ASSERT_EQ(moved.changes.size(), 1u);
  EXPECT_EQ(Describe(moved.changes[0]), "t: move index a");
  EXPECT_THAT(moved.warnings, IsEmpty());
  EXPECT_THAT(Pending(second).drift, IsEmpty());
  EXPECT_THAT(Pending(second).model_changes, IsEmpty());
  EXPECT_NE(harness_.Query("SHOW CREATE TABLE t"), before);
  EXPECT_EQ(harness_.Apply("0001", Direction::kDown), absl::OkStatus());
  EXPECT_EQ(harness_.Query("SHOW CREATE TABLE t"), before);
}

TEST_F(AutogenerateTest, AComparisonFollowsTheRenamesOfRevisions) {
  folder_.AddRevision("0001", "", "CREATE TABLE t (id INT NOT NULL, a INT, PRIMARY KEY (id));", "DROP TABLE t;");
  folder_.AddRevision("0002", "0001", "ALTER TABLE t CHANGE a b INT;", "ALTER TABLE t CHANGE b a INT;");
  folder_.Seal();
  const RevisionSource old_one{"0001"}, new_one{"0002"};
  for (const auto& [from, to, line] : {std::tuple(Source(old_one), Source(new_one), "t: rename column a to b"),
                                       std::tuple(Source(new_one), Source(old_one), "t: rename column b to a")}) {
    const auto comparison = sources_.Compare(from, to, /*prove=*/true, Soon());
    ASSERT_TRUE(comparison.ok()) << comparison.status();
    ASSERT_EQ(comparison->script.difference.changes.size(), 1u);
    EXPECT_EQ(Describe(comparison->script.difference.changes[0]), line);
    EXPECT_EQ(comparison->unproven, absl::OkStatus());
    EXPECT_EQ(comparison->script.up.size(), 1u);
  }
  // The database is at the first: what it has is called as there.
  EXPECT_EQ(harness_.Apply("0001", Direction::kUp), absl::OkStatus());
  const auto ahead = sources_.Compare(LiveSource{}, new_one, /*prove=*/false, Soon());
  ASSERT_TRUE(ahead.ok()) << ahead.status();
  ASSERT_EQ(ahead->script.difference.changes.size(), 1u);
  EXPECT_EQ(Describe(ahead->script.difference.changes[0]), "t: rename column a to b");
}

// ALTER COLUMN … DROP DEFAULT leaves one behind; MariaDB then has DEFAULT NULL.
TEST_F(AutogenerateTest, AColumnWithoutAnyDefaultIsPulledAndMadeAnew) {
  const std::string make = "CREATE TABLE t (id INT NOT NULL, a INT, b VARCHAR(9) DEFAULT 'x', PRIMARY KEY (id))";
  harness_.Query(make);
  harness_.Query("ALTER TABLE t ALTER COLUMN a DROP DEFAULT, ALTER COLUMN b DROP DEFAULT");
  const std::string shown = harness_.Query("SHOW CREATE TABLE t");
  const auto live = sources_.Read(LiveSource{}, Soon());
  ASSERT_TRUE(live.ok()) << live.status();
  const Files pulled = {{"t.sql", FormatModelFile((*live)->tables.at("t"))}};
  const auto comparison = sources_.Compare(LiveSource{}, ModelSource{pulled}, /*prove=*/true, Soon());
  ASSERT_TRUE(comparison.ok()) << comparison.status();
  EXPECT_TRUE(comparison->script.difference.empty());
  harness_.Query("DROP TABLE t");
  Apply(pulled, "0001");
  EXPECT_EQ(harness_.Query("SHOW CREATE TABLE t"), shown);
  EXPECT_THAT(Pending(pulled).drift, IsEmpty());
  EXPECT_THAT(Pending(pulled).model_changes, IsEmpty());
  if (!database_->is_mysql()) return;
  // Without the mark the model means DEFAULT NULL, also where the text is the same.
  const Files plain = {{"t.sql", absl::StrReplaceAll(pulled[0].second, {{" -- no-default", ""}})}};
  EXPECT_EQ(Pending(plain).model_changes.size(), 2u);
  Apply(plain, "0002");
  EXPECT_THAT(harness_.Query("SHOW CREATE TABLE t"), HasSubstr("`a` int DEFAULT NULL"));
}

}  // namespace
}  // namespace bonnie::schema
