// Kills the process that applies, and the server, between any two statements: wherever the cut was, the next run ends
// in the same schema and data as one that was not cut, and runs nothing twice.
#include "services/schema/recovery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>

#include <array>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/schema/canceller.h"
#include "services/server/error.h"
#include "tests/schema/folder.h"
#include "tests/schema/harness.h"

extern char** environ;

namespace bonnie::schema {
namespace {

using ::testing::HasSubstr;

// Twelve statements, of the schema and of rows. None may run twice: an INSERT would add a row, an UPDATE would add
// again, DDL would fail.
void WritePlan(const Folder& folder) {
  folder.AddRevision("0001", "",
                     "CREATE TABLE a (id INT NOT NULL AUTO_INCREMENT, n INT NOT NULL, PRIMARY KEY (id));\n"
                     "CREATE TABLE counts (id INT NOT NULL AUTO_INCREMENT, n INT NOT NULL, PRIMARY KEY (id));\n",
                     "DROP TABLE counts;\nDROP TABLE a;\n");
  folder.AddRevision("0002", "0001",
                     "INSERT INTO counts (n) VALUES (1);\n"
                     "ALTER TABLE a ADD COLUMN b INT NULL;\n"
                     "UPDATE counts SET n = n + 1;\n"
                     "CREATE INDEX a_by_b ON a (b);\n"
                     "ALTER TABLE a RENAME COLUMN b TO c;\n",
                     "ALTER TABLE a DROP COLUMN c;\nDELETE FROM counts;\n");
  folder.AddRevision("0003", "0002",
                     "RENAME TABLE a TO b;\n"
                     "INSERT INTO counts (n) SELECT n + 100 FROM counts;\n"
                     "ALTER TABLE b ADD COLUMN d INT NOT NULL DEFAULT 4, DROP KEY a_by_b;\n"
                     "INSERT INTO counts (n) VALUES (7);\n"
                     "CREATE TABLE e (id INT NOT NULL, PRIMARY KEY (id));\n",
                     "DROP TABLE e;\nALTER TABLE b DROP COLUMN d, ADD KEY a_by_b (c);\nRENAME TABLE b TO a;\n");
  folder.Seal();
}

constexpr char kSeed[] = R"sql(
  INSERT INTO patients (id, first_name, last_name, date_of_birth, gender) VALUES
    (1, 'José', 'Gómez', '1970-01-02', 'male'), (2, 'Ana', 'Li', '1980-02-29', 'female');
  INSERT INTO medical_records (id, patient_id, diagnosis, treatment, admission_date) VALUES
    (1, 1, 'Fracture', 'Cast', '2020-01-01'), (2, 2, 'Flu', NULL, '2021-01-01'))sql";

class RecoveryTest : public ::testing::Test {
 protected:
  RecoveryTest() : harness_(database_, folder_.path()) { WritePlan(folder_); }

  void Reset() {
    harness_.Reset();
    // The schema user writes rows of no table that it was not given; renaming one wants INSERT on the new name.
    harness_.Query(
        "GRANT CREATE, SELECT, INSERT, UPDATE, DELETE ON counts TO 'bonnie_schema'@'%'; "
        "GRANT CREATE, INSERT ON a TO 'bonnie_schema'@'%'; GRANT CREATE, INSERT ON b TO 'bonnie_schema'@'%'");
  }
  // Runs apply_and_die; answers its exit code, or minus the signal that ended it.
  int ApplyAndDie(const std::string& migrations, const std::string& target, const char* way, int kill_at,
                  int after_ms = 0) {
    std::vector<std::string> words = {BONNIE_APPLY_AND_DIE,
                                      absl::StrCat(database_.port()),
                                      database_.ca_file(),
                                      database_.password_file("schema"),
                                      migrations,
                                      target,
                                      way,
                                      absl::StrCat(kill_at),
                                      absl::StrCat(after_ms)};
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    pid_t pid = 0;
    EXPECT_EQ(posix_spawn(&pid, argv[0], nullptr, nullptr, argv.data(), environ), 0);
    int status = 0;
    EXPECT_EQ(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  std::string Uncut() {
    Reset();
    EXPECT_EQ(harness_.Apply("head", Direction::kUp), absl::OkStatus());
    return harness_.Contents();
  }

  // A table whose copy takes seconds.
  void MakeBig() {
    harness_.Query(
        "CREATE TABLE big (id INT NOT NULL AUTO_INCREMENT, n INT NOT NULL, filler CHAR(200) NOT NULL, PRIMARY KEY "
        "(id));"
        "INSERT INTO big (n, filler) VALUES (1, 'x'), (2, 'x'), (3, 'x'), (4, 'x')");
    for (int i = 0; i < 17; ++i) harness_.Query("INSERT INTO big (n, filler) SELECT n, filler FROM big");
  }
  // A revision 0004 that copies it, applied by a process that dies while the server does.
  void DieWhileCopying() {
    Reset();
    MakeBig();
    folder_.AddRevision("0004", "0003", "ALTER TABLE big MODIFY n BIGINT NOT NULL;", "");
    folder_.Seal();
    ASSERT_EQ(harness_.Apply("0003", Direction::kUp), absl::OkStatus());
    ASSERT_EQ(ApplyAndDie(folder_.path(), "head", "up", /*kill_at=*/3, /*after_ms=*/300), -SIGKILL);
    ASSERT_EQ(Copying(), "1\n") << "the statement had not begun, or had ended, so this test means nothing";
  }
  std::string Copying() {
    return harness_.Query("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE 'ALTER TABLE big%'");
  }
  std::string TypeOfN() {
    return harness_.Query(
        "SELECT DATA_TYPE FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'bonnie' AND TABLE_NAME = 'big' AND "
        "COLUMN_NAME = 'n'");
  }
  Recovery recovery() { return Recovery(harness_.driver(), harness_.dir(), harness_.options()); }
  Recovery::Decider decider() {
    return {"tester", absl::StrCat("decision-", absl::ToUnixMicros(absl::Now())), [] { return true; }};
  }
  static std::string ReasonOf(const absl::Status& status) {
    const auto details = server::DetailsOf(status);
    return details.has_value() ? details->reason : status.ToString();
  }
  // The last statement that the journal knows of the unfinished revision.
  RecoveryReport::Step LastStep() {
    absl::StatusOr<RecoveryReport> report = recovery().Look("");
    // The server takes a moment to notice that a process has died.
    for (const absl::Time give_up = absl::Now() + absl::Seconds(10);
         ReasonOf(report.status()) == "OPERATION_RUNNING" && absl::Now() < give_up;) {
      report = recovery().Look("");
    }
    EXPECT_TRUE(report.ok()) << report.status();
    EXPECT_TRUE(report.ok() && !report->steps.empty());
    return report.ok() && !report->steps.empty() ? report->steps.back() : RecoveryReport::Step();
  }

  test_support::TestDatabase database_;
  Folder folder_;
  Harness harness_;
};

TEST_F(RecoveryTest, TheServiceMayDieBetweenAnyTwoStatements) {
  const std::string want = Uncut();
  int point = 1;
  for (;; ++point) {
    SCOPED_TRACE(absl::StrCat("killed at point ", point));
    Reset();
    const int ended = ApplyAndDie(folder_.path(), "head", "up", point);
    if (ended == 0) break;  // past the last point
    ASSERT_EQ(ended, -SIGKILL);
    ASSERT_EQ(harness_.Apply("head", Direction::kUp), absl::OkStatus());
    ASSERT_EQ(harness_.Contents(), want);
  }
  EXPECT_GE(point, 12 * 3);
  RecordProperty("kills", point - 1);
}

TEST_F(RecoveryTest, TheServiceMayDieAgainAndAgainOnTheWayDownAndUp) {
  const std::string project = BONNIE_SOURCE_DIR "/migrations";
  Harness harness(database_, project);
  harness.Reset();
  ASSERT_EQ(harness.Apply("head", Direction::kUp), absl::OkStatus());
  harness.Query(kSeed);
  const std::string want = harness.Contents();
  int kills = 0;
  for (const auto& [target, way] : {std::pair("0002", "down"), std::pair("head", "up")}) {
    int point = 2;
    for (int ended = -SIGKILL; ended != 0; point = point >= 8 ? 3 : point + 1) {
      ended = ApplyAndDie(project, target, way, point);
      ASSERT_TRUE(ended == 0 || ended == -SIGKILL) << ended;
      kills += ended == 0 ? 0 : 1;
    }
  }
  EXPECT_EQ(harness.Contents(), want);
  EXPECT_GT(kills, 20);
  RecordProperty("kills", kills);
}

TEST_F(RecoveryTest, AStatementThatOutlivesTheServiceIsWaitedForAndNotRunAgain) {
  Reset();
  harness_.Query("GRANT CREATE, INSERT ON slow TO 'bonnie_schema'@'%'");
  // 40 rows of half a second: long enough on any machine, and no sleep so long that the server looks for its client.
  std::string rows = "SELECT 1 AS id";
  for (int i = 2; i <= 40; ++i) absl::StrAppend(&rows, " UNION ALL SELECT ", i);
  folder_.AddRevision(
      "0004", "0003",
      absl::StrCat("CREATE TABLE slow (PRIMARY KEY (id)) AS SELECT id, SLEEP(0.5) AS slept FROM (", rows, ") numbers;"),
      "DROP TABLE slow;");
  folder_.Seal();
  ASSERT_EQ(harness_.Apply("0003", Direction::kUp), absl::OkStatus());
  ASSERT_EQ(ApplyAndDie(folder_.path(), "head", "up", /*kill_at=*/3, /*after_ms=*/3000),
            -SIGKILL);  // the intent is written
  const std::string running =
      harness_.Query("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE 'CREATE TABLE slow%'");
  std::vector<OperationEvent> events;
  ASSERT_EQ(harness_.Apply("head", Direction::kUp, &events), absl::OkStatus());
  EXPECT_EQ(running, "1\n") << "the statement had not begun, or had ended, so this test means nothing";
  bool recovered = false;
  for (const OperationEvent& event : events) {
    if (const auto* step = std::get_if<StepRecovered>(&event)) recovered = step->was_applied;
    EXPECT_FALSE(std::holds_alternative<StepStarted>(event));
  }
  EXPECT_TRUE(recovered);
}

TEST_F(RecoveryTest, TheServerMayDieBetweenAnyTwoStatements) {
  const std::string want = Uncut();
  bool reached = true;
  int point = 0;
  while (reached) {
    SCOPED_TRACE(absl::StrCat("killed at point ", ++point));
    Reset();
    int at = 0;
    reached = false;
    harness_.options().observer = [&](RunnerPoint) {
      if (++at != point) return;
      reached = true;
      ASSERT_EQ(database_.Kill(), absl::OkStatus());
    };
    const absl::Status cut = harness_.Apply("head", Direction::kUp);
    harness_.options().observer = nullptr;
    if (!reached) {
      EXPECT_EQ(cut, absl::OkStatus());
      break;
    }
    ASSERT_EQ(database_.Restart(), absl::OkStatus());
    ASSERT_EQ(harness_.Apply("head", Direction::kUp), absl::OkStatus());
    ASSERT_EQ(harness_.Contents(), want);
  }
  EXPECT_GE(point, 12 * 3);
  RecordProperty("kills", point - 1);
}

TEST_F(RecoveryTest, TheServerMayDieWhileAStatementRuns) {
  const std::string want = Uncut();
  for (const int after_ms : {0, 1, 2, 4, 8, 12, 16, 24}) {
    SCOPED_TRACE(absl::StrCat("killed ", after_ms, " ms after an intent"));
    Reset();
    std::atomic<bool> killed = false;
    std::thread killer;
    int intents = 0;
    harness_.options().observer = [&](RunnerPoint point) {
      if (point != RunnerPoint::kIntentWritten || ++intents != 2 + after_ms % 5) return;
      killer = std::thread([&] {
        absl::SleepFor(absl::Milliseconds(after_ms));
        killed = database_.Kill().ok();
      });
    };
    (void)harness_.Apply("head", Direction::kUp);  // may have ended before the server did
    harness_.options().observer = nullptr;
    killer.join();
    ASSERT_TRUE(killed);
    ASSERT_EQ(database_.Restart(), absl::OkStatus());
    ASSERT_EQ(harness_.Apply("head", Direction::kUp), absl::OkStatus());
    ASSERT_EQ(harness_.Contents(), want);
  }
}

TEST_F(RecoveryTest, AServerThatDiedAfterAStatementAndBeforeItsJournalRowHasAppliedIt) {
  Reset();
  ASSERT_EQ(harness_.Apply("0001", Direction::kUp), absl::OkStatus());
  int ran = 0;
  harness_.options().observer = [&](RunnerPoint point) {
    if (point != RunnerPoint::kStatementRun || ++ran != 1) return;
    ASSERT_EQ(database_.Kill(), absl::OkStatus());
  };
  EXPECT_FALSE(harness_.Apply("0002", Direction::kUp).ok());
  harness_.options().observer = nullptr;
  ASSERT_EQ(database_.Restart(), absl::OkStatus());
  const RecoveryReport::Step step = LastStep();
  EXPECT_EQ(step.sql, "ALTER TABLE a ADD COLUMN b INT NULL");
  EXPECT_EQ(step.state, StepFinding::State::kApplied);
  EXPECT_FALSE(step.still_running);
  std::vector<OperationEvent> events;
  ASSERT_EQ(harness_.Apply("0002", Direction::kUp, &events), absl::OkStatus());
  for (const OperationEvent& event : events) {
    const auto* started = std::get_if<StepStarted>(&event);
    EXPECT_TRUE(started == nullptr || started->ordinal > step.ordinal);
  }
}

TEST_F(RecoveryTest, ACopyThatOutlivesItsServiceIsStillRunningThenAppliedAndNeverRunAgain) {
  DieWhileCopying();
  EXPECT_TRUE(LastStep().still_running);
  EXPECT_EQ(ReasonOf(recovery().Abandon("", decider()).status()), "OPERATION_STILL_RUNNING");
  EXPECT_EQ(ReasonOf(recovery().AssumeDone("", 1, decider()).status()), "OPERATION_STILL_RUNNING");
  for (const absl::Time give_up = absl::Now() + absl::Minutes(2); Copying() != "0\n" && absl::Now() < give_up;) {
    absl::SleepFor(absl::Milliseconds(50));
  }
  while (LastStep().still_running) absl::SleepFor(absl::Milliseconds(20));  // until its connection has ended, too
  EXPECT_EQ(LastStep().state, StepFinding::State::kApplied);
  std::vector<OperationEvent> events;
  ASSERT_EQ(harness_.Apply("head", Direction::kUp, &events), absl::OkStatus());
  for (const OperationEvent& event : events) EXPECT_FALSE(std::holds_alternative<StepStarted>(event));
  EXPECT_EQ(TypeOfN(), "bigint\n");
}

TEST_F(RecoveryTest, ACopyWhoseServerDiedHasNotStarted) {
  DieWhileCopying();
  ASSERT_EQ(database_.Kill(), absl::OkStatus());
  ASSERT_EQ(database_.Restart(), absl::OkStatus());
  EXPECT_EQ(TypeOfN(), "int\n");
  EXPECT_FALSE(LastStep().still_running);
  EXPECT_EQ(LastStep().state, StepFinding::State::kNotStarted);
  ASSERT_EQ(harness_.Apply("head", Direction::kUp), absl::OkStatus());
  EXPECT_EQ(TypeOfN(), "bigint\n");
}

TEST_F(RecoveryTest, ACopyOfAServiceThatIsGoneCanBeCancelled) {
  DieWhileCopying();
  EXPECT_TRUE(LastStep().still_running);
  const absl::StatusOr<RecoveryReport> report = recovery().Look("");
  ASSERT_TRUE(report.ok()) << report.status();
  const Canceller canceller(harness_.driver(), harness_.Connect());
  const absl::StatusOr<Cancelled> cancelled =
      canceller.CancelElsewhere(report->operation_id, {.deadline = absl::Now() + absl::Minutes(1)});
  ASSERT_TRUE(cancelled.ok()) << cancelled.status();
  EXPECT_TRUE(cancelled->ended);
  EXPECT_EQ(TypeOfN(), "int\n");
  EXPECT_EQ(LastStep().state, StepFinding::State::kNotStarted);
  EXPECT_EQ(
      ReasonOf(canceller.CancelElsewhere(report->operation_id, {.deadline = absl::Now() + absl::Minutes(1)}).status()),
      "OPERATION_ENDED");
}

TEST_F(RecoveryTest, WhatSomebodyElseChangedMeanwhileIsUncertainAndWantsADecision) {
  Reset();
  ASSERT_EQ(harness_.Apply("0002", Direction::kUp), absl::OkStatus());
  ASSERT_EQ(ApplyAndDie(folder_.path(), "0003", "up", /*kill_at=*/3), -SIGKILL);  // about to RENAME TABLE a TO b
  harness_.Query("CREATE TABLE b (id INT NOT NULL PRIMARY KEY)");
  EXPECT_EQ(LastStep().state, StepFinding::State::kUncertain);
  const absl::Status refused = harness_.Apply("head", Direction::kUp);
  EXPECT_EQ(ReasonOf(refused), "STEP_UNCERTAIN");
  EXPECT_THAT(std::string(refused.message()), HasSubstr("RecoverOperation"));
  harness_.Query("DROP TABLE b");  // as it was: decided again by looking
  EXPECT_EQ(LastStep().state, StepFinding::State::kNotStarted);
  EXPECT_EQ(harness_.Apply("head", Direction::kUp), absl::OkStatus());
}

TEST_F(RecoveryTest, TheFingerprintThatWasExpectedDecides) {
  for (const bool as_expected : {true, false}) {
    SCOPED_TRACE(as_expected);
    Reset();
    folder_.AddRevision("0004", "0003", "ALTER TABLE e ADD COLUMN n INT NULL;", "");
    folder_.Seal();
    ASSERT_EQ(harness_.Apply("0003", Direction::kUp), absl::OkStatus());
    ASSERT_EQ(ApplyAndDie(folder_.path(), "head", "up", /*kill_at=*/3), -SIGKILL);
    harness_.Query("ALTER TABLE e ADD COLUMN n INT NULL");
    const auto ddl = DdlSession::Open(harness_.driver(), harness_.Connect(), absl::Seconds(2));
    ASSERT_TRUE(ddl.ok()) << ddl.status();
    const auto after = (*ddl)->Fingerprint({{SchemaObject::Kind::kTable, "e"}});
    ASSERT_TRUE(after.ok()) << after.status();
    harness_.Query(absl::StrCat("UPDATE bonnie_ledger.bonnie_journal SET fingerprint_expected = '", *after,
                                "' WHERE state = 'intent'"));
    if (!as_expected) harness_.Query("ALTER TABLE e ADD COLUMN another INT NULL");
    EXPECT_EQ(LastStep().state, as_expected ? StepFinding::State::kApplied : StepFinding::State::kUncertain);
    if (as_expected) continue;
    const absl::StatusOr<RecoveryReport> decided = recovery().AssumeDone("", 1, decider());
    ASSERT_TRUE(decided.ok()) << decided.status();
    EXPECT_EQ(decided->steps.back().state, StepFinding::State::kDone);
    EXPECT_EQ(harness_.Apply("head", Direction::kUp), absl::OkStatus());
  }
}

}  // namespace
}  // namespace bonnie::schema
