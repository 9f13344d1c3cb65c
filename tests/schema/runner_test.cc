#include "services/schema/runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "services/schema/ddl_session.h"
#include "services/schema/lease.h"
#include "services/schema/ledger.h"
#include "tests/schema/folder.h"
#include "tests/schema/harness.h"
#include "tests/schema/reason_of.h"

namespace bonnie::schema {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

template <class Event>
int Count(const std::vector<OperationEvent>& events) {
  int count = 0;
  for (const OperationEvent& event : events) count += std::holds_alternative<Event>(event) ? 1 : 0;
  return count;
}

class RunnerTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { database_ = new test_support::TestDatabase(); }
  static void TearDownTestSuite() {
    delete database_;
    database_ = nullptr;
  }
  RunnerTest() : harness_(*database_, folder_.path()) {
    folder_.AddRevision("0001", "", "CREATE TABLE a (id INT NOT NULL, PRIMARY KEY (id));", "DROP TABLE a;");
    folder_.AddRevision("0002", "0001", "ALTER TABLE a ADD b INT;\nALTER TABLE a ADD c INT;",
                        "ALTER TABLE a DROP COLUMN c;\nALTER TABLE a DROP COLUMN b;");
    folder_.Seal();
    harness_.Reset();
  }
  std::string ColumnsOfA() {
    return harness_.Query(
        "SELECT GROUP_CONCAT(COLUMN_NAME ORDER BY ORDINAL_POSITION) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA "
        "= 'bonnie' "
        "AND TABLE_NAME = 'a'");
  }
  // Waits until such a statement runs; answers its connection's number.
  std::string WaitForStatement(const std::string& like) {
    std::string id;
    for (const absl::Time give_up = absl::Now() + absl::Seconds(60); id.empty() && absl::Now() < give_up;) {
      id = harness_.Query("SELECT MAX(ID) FROM information_schema.PROCESSLIST WHERE INFO LIKE '" + like +
                          "' HAVING MAX(ID) IS NOT NULL");
    }
    EXPECT_NE(id, "") << like << " did not begin";
    return id;
  }
  absl::StatusOr<ApplyRequest> Planned(const std::string& target, Direction direction) {
    absl::StatusOr<Plan> plan = harness_.MakePlan(target, direction);
    if (!plan.ok()) return plan.status();
    return ApplyRequest{"tester", target, direction, plan->fingerprint, {}};
  }

  // Whether this server shows who holds a table: MariaDB does with a plugin that the machine may lack.
  bool SeesBlockers() {
    return database_->is_mysql() ||
           harness_.Query(
               "SELECT COUNT(*) FROM information_schema.PLUGINS WHERE PLUGIN_NAME = 'METADATA_LOCK_INFO' AND "
               "PLUGIN_STATUS = 'ACTIVE'") == "1\n";
  }
  // Somebody who reads table a in a transaction, until it is destroyed.
  std::unique_ptr<data_access::Connection> UseTable() {
    harness_.Query("GRANT SELECT ON a TO 'bonnie_schema'@'%'");
    auto reader = harness_.driver().Connect(harness_.Connect());
    EXPECT_TRUE(reader.ok()) << reader.status();
    EXPECT_EQ((*reader)->ExecuteText("BEGIN", data_access::Phase::kReading), absl::OkStatus());
    EXPECT_TRUE((*reader)->QueryText("SELECT id FROM a").ok());
    return *std::move(reader);
  }

  static test_support::TestDatabase* database_;
  Folder folder_;
  Harness harness_;
};

test_support::TestDatabase* RunnerTest::database_ = nullptr;

TEST_F(RunnerTest, AppliesUpAndDownAndSaysWhatHappens) {
  std::vector<OperationEvent> events;
  ASSERT_EQ(harness_.Apply("head", Direction::kUp, &events), absl::OkStatus());
  EXPECT_EQ(ColumnsOfA(), "id,b,c\n");
  ASSERT_TRUE(std::holds_alternative<OperationStarted>(events.front()));
  EXPECT_EQ(std::get<OperationStarted>(events.front()).steps, 3);
  EXPECT_GT(std::get<OperationStarted>(events.front()).fence, 0);
  EXPECT_EQ(Count<StepStarted>(events), 3);
  EXPECT_EQ(Count<StepDone>(events), 3);
  EXPECT_EQ(Count<RevisionDone>(events), 2);
  ASSERT_TRUE(std::holds_alternative<OperationDone>(events.back()));
  EXPECT_THAT(std::get<OperationDone>(events.back()).current, ElementsAre("0002"));

  ASSERT_EQ(harness_.Apply("-1", Direction::kDown), absl::OkStatus());
  EXPECT_EQ(ColumnsOfA(), "id\n");
  ASSERT_EQ(harness_.Apply("base", Direction::kDown), absl::OkStatus());
  EXPECT_TRUE(harness_.Ledger()->heads.empty());
}

TEST_F(RunnerTest, RefusesAnotherPlanThanTheOneThatWasShown) {
  const auto request = Planned("head", Direction::kUp);
  ASSERT_TRUE(request.ok());
  folder_.AddRevision("0003", "0002", "ALTER TABLE a ADD d INT;", "");
  folder_.Seal();
  EXPECT_EQ(ReasonOf(harness_.Run(*request)), "PLAN_CHANGED");
  EXPECT_EQ(ColumnsOfA(), "NULL\n");
}

TEST_F(RunnerTest, DropsDataOnlyWhenAllowed) {
  ASSERT_EQ(harness_.Apply("head", Direction::kUp), absl::OkStatus());
  auto request = Planned("-1", Direction::kDown);
  ASSERT_TRUE(request.ok());
  const absl::Status refused = harness_.Run(*request);
  EXPECT_EQ(ReasonOf(refused), "DATA_LOSS_NOT_ALLOWED");
  EXPECT_THAT(std::string(refused.message()), HasSubstr("versions/0002.sql:8 drops column c of a"));
  EXPECT_EQ(ColumnsOfA(), "id,b,c\n");
  request->allow = {"data-loss"};
  EXPECT_EQ(harness_.Run(*request), absl::OkStatus());
}

TEST_F(RunnerTest, AFailedStatementIsNamedCorrectedAndGoneOnFrom) {
  folder_.AddRevision("0003", "0002", "ALTER TABLE a ADD d INT;\nALTER TABLE a ADD d INT;", "");
  folder_.Seal();
  const absl::Status failed = harness_.Apply("head", Direction::kUp);
  EXPECT_EQ(ReasonOf(failed), "STATEMENT_FAILED");
  EXPECT_THAT(std::string(failed.message()), HasSubstr("versions/0003.sql:6"));
  EXPECT_THAT(std::string(failed.message()), HasSubstr("1060"));
  EXPECT_EQ(harness_.Ledger()->unfinished->revision, "0003");
  EXPECT_EQ(ReasonOf(harness_.Apply("base", Direction::kDown)), "OPERATION_UNFINISHED");

  folder_.AddRevision("0003", "0002", "ALTER TABLE a ADD d INT;\nALTER TABLE a ADD e INT;", "");
  folder_.Seal();
  std::vector<OperationEvent> events;
  EXPECT_EQ(harness_.Apply("head", Direction::kUp, &events), absl::OkStatus());
  EXPECT_EQ(ColumnsOfA(), "id,b,c,d,e\n");
  EXPECT_EQ(Count<StepRecovered>(events), 1);
  EXPECT_EQ(Count<StepStarted>(events), 1);
}

TEST_F(RunnerTest, OneOfTwoAppliersGetsTheLeaseAndTheOtherHearsWho) {
  absl::Notification holds, go_on;
  const auto request = Planned("head", Direction::kUp);
  ASSERT_TRUE(request.ok());
  absl::Status first;
  Harness other(*database_, folder_.path());
  other.options().observer = [&](RunnerPoint point) {
    if (point != RunnerPoint::kLeaseTaken) return;
    holds.Notify();
    go_on.WaitForNotification();
  };
  std::thread applier([&] {
    ApplyRequest theirs = *request;
    theirs.identity = "spiffe://bonnie/first";
    first = other.Run(theirs);
  });
  holds.WaitForNotification();
  const absl::Status second = harness_.Run(*request);
  const auto session = DdlSession::Open(harness_.driver(), harness_.Connect(), absl::Seconds(2));
  const auto holder = session.ok() ? CurrentHolder((*session)->session()) : session.status();
  go_on.Notify();
  applier.join();
  ASSERT_TRUE(holder.ok()) << holder.status();
  ASSERT_TRUE(holder->has_value());
  EXPECT_EQ((*holder)->identity, "spiffe://bonnie/first");
  EXPECT_GT((*holder)->connection_id, 0);
  EXPECT_EQ(second.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(ReasonOf(second), "LEASE_HELD");
  EXPECT_THAT(std::string(second.message()), HasSubstr("spiffe://bonnie/first"));
  EXPECT_EQ(first, absl::OkStatus());
  EXPECT_FALSE(CurrentHolder((*session)->session())->has_value());
}

TEST_F(RunnerTest, WhileRowsAreChangedTheNextApplierHearsWhoHoldsTheLeaseAndNotThatALockTimedOut) {
  harness_.Query("CREATE TABLE notes (n INT NOT NULL); GRANT SELECT, INSERT ON notes TO 'bonnie_schema'@'%'");
  folder_.AddRevision("0003", "0002", "INSERT INTO notes SELECT SLEEP(60);", "");
  folder_.Seal();
  const auto request = Planned("head", Direction::kUp);
  ASSERT_TRUE(request.ok());
  std::thread applier([&] {
    ApplyRequest theirs = *request;
    theirs.identity = "spiffe://bonnie/first";
    (void)Harness(*database_, folder_.path()).Run(theirs);  // is cut off below
  });
  const std::string changing = WaitForStatement("INSERT INTO notes%");
  harness_.options().lock_wait = absl::Seconds(1);
  const absl::Status second = harness_.Run(*request);
  harness_.Query("KILL " + changing);
  applier.join();
  EXPECT_EQ(ReasonOf(second), "LEASE_HELD");
  EXPECT_THAT(std::string(second.message()), HasSubstr("spiffe://bonnie/first"));
}

TEST_F(RunnerTest, TheLeaseIsStillOursAfterALongWaitForADeadHoldersStatement) {
  harness_.options().guard_timeout = absl::Seconds(3);
  auto dead = harness_.driver().Connect(harness_.Connect());
  ASSERT_TRUE(dead.ok()) << dead.status();
  std::thread statement([&] {
    EXPECT_TRUE(
        (*dead)
            ->QueryText("SELECT GET_LOCK(CONCAT('bonnie.session.', LEFT(SHA2(DATABASE(), 256), 40)), 0), SLEEP(9)")
            .ok());
    dead->reset();
  });
  WaitForStatement("SELECT GET_LOCK%");
  const absl::Status applied = harness_.Apply("head", Direction::kUp);
  statement.join();
  EXPECT_EQ(applied, absl::OkStatus());
  EXPECT_EQ(ColumnsOfA(), "id,b,c\n");
}

// The attack: a statement that ran as the scratch account took the lock, and nobody could apply.
TEST_F(RunnerTest, ALockThatAnotherAccountHoldsIsNotTakenForAnOperation) {
  data_access::ConnectOptions scratch = harness_.Connect();
  scratch.credentials = data_access::PasswordFile("bonnie_scratch", database_->password_file("scratch"));
  scratch.schema.clear();
  for (const char* lock : {"guard", "session"}) {
    auto attacker = harness_.driver().Connect(scratch);
    ASSERT_TRUE(attacker.ok()) << attacker.status();
    const std::string take =
        absl::StrCat("SELECT GET_LOCK(CONCAT('bonnie.", lock, ".', LEFT(SHA2('bonnie', 256), 40)), 0)");
    ASSERT_TRUE((*attacker)->QueryText(take).ok());
    const absl::Status obstructed = harness_.Apply("head", Direction::kUp);
    EXPECT_EQ(ReasonOf(obstructed), "LEASE_OBSTRUCTED") << lock;
    EXPECT_THAT(std::string(obstructed.message()), HasSubstr("of the account 'bonnie_scratch'"));
  }
  EXPECT_EQ(harness_.Apply("head", Direction::kUp), absl::OkStatus());
}

TEST_F(RunnerTest, AHolderThatLostItsGuardIsSucceededAndAppliesNothingMore) {
  absl::Notification holds, go_on;
  const auto request = Planned("head", Direction::kUp);
  ASSERT_TRUE(request.ok());
  absl::Status first;
  Harness other(*database_, folder_.path());
  int intents = 0;
  other.options().observer = [&](RunnerPoint point) {
    if (point != RunnerPoint::kIntentWritten || ++intents != 2) return;
    holds.Notify();
    go_on.WaitForNotification();
  };
  std::thread applier([&] { first = other.Run(*request); });
  holds.WaitForNotification();
  const std::string guard =
      harness_.Query("SELECT IS_USED_LOCK(CONCAT('bonnie.guard.', LEFT(SHA2(DATABASE(), 256), 40)))");
  harness_.Query("KILL " + guard);
  std::vector<OperationEvent> events;
  const absl::Status second = harness_.Apply("head", Direction::kUp, &events);
  go_on.Notify();
  applier.join();
  EXPECT_EQ(second, absl::OkStatus());
  EXPECT_EQ(ColumnsOfA(), "id,b,c\n");
  EXPECT_EQ(first.code(), absl::StatusCode::kUnavailable);
}

TEST_F(RunnerTest, AFenceStopsAHolderWhoseLeaseWasGivenAway) {
  harness_.options().observer = [&](RunnerPoint point) {
    if (point == RunnerPoint::kBeforeIntent) harness_.Query("UPDATE bonnie_ledger.bonnie_lease SET fence = fence + 1");
  };
  EXPECT_EQ(ReasonOf(harness_.Apply("head", Direction::kUp)), "LEASE_HELD");
  EXPECT_EQ(ColumnsOfA(), "NULL\n");
}

TEST_F(RunnerTest, ATableInUseIsWaitedForInSmallPiecesAndThenGivenUp) {
  ASSERT_EQ(harness_.Apply("0001", Direction::kUp), absl::OkStatus());
  harness_.Query("INSERT INTO a VALUES (1)");
  harness_.options().lock_wait = absl::Seconds(1);
  harness_.options().lock_pause = absl::Milliseconds(10);
  harness_.options().lock_attempts = 2;
  auto reader = UseTable();
  std::vector<OperationEvent> events;
  const absl::Status busy = harness_.Apply("head", Direction::kUp, &events);
  EXPECT_EQ(busy.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(ReasonOf(busy), "LOCK_TIMEOUT");
  EXPECT_EQ(ColumnsOfA(), "id\n");
  EXPECT_GT(Count<LockWait>(events), 0);
  reader.reset();
  EXPECT_EQ(harness_.Apply("head", Direction::kUp), absl::OkStatus());
}

TEST_F(RunnerTest, WhoKeepsATableIsNamed) {
  if (!SeesBlockers()) GTEST_SKIP() << "this MariaDB lacks the plugin metadata_lock_info";
  ASSERT_EQ(harness_.Apply("0001", Direction::kUp), absl::OkStatus());
  harness_.Query("INSERT INTO a VALUES (1)");
  harness_.options().lock_wait = absl::Seconds(1);
  harness_.options().lock_attempts = 1;
  const auto reader = UseTable();
  std::vector<OperationEvent> events;
  const absl::Status busy = harness_.Apply("head", Direction::kUp, &events);
  EXPECT_THAT(std::string(busy.message()),
              HasSubstr(absl::StrCat("connection ", reader->facts().connection_id, " (bonnie_schema, Sleep for ")));
  ASSERT_GT(Count<LockWait>(events), 0);
  for (const OperationEvent& event : events) {
    const auto* wait = std::get_if<LockWait>(&event);
    if (wait == nullptr) continue;
    ASSERT_EQ(wait->blockers.size(), 1u);
    EXPECT_EQ(wait->blockers[0].connection_id, static_cast<std::int64_t>(reader->facts().connection_id));
    EXPECT_EQ(wait->index, 0);
  }
}

TEST_F(RunnerTest, ALongStatementTellsHowFarItIs) {
  harness_.Query(
      "CREATE TABLE big (id INT NOT NULL AUTO_INCREMENT, n INT NOT NULL, filler CHAR(200) NOT NULL, PRIMARY KEY (id));"
      "INSERT INTO big (n, filler) VALUES (1, 'x'), (2, 'x'), (3, 'x'), (4, 'x')");
  for (int i = 0; i < 17; ++i) harness_.Query("INSERT INTO big (n, filler) SELECT n, filler FROM big");
  folder_.AddRevision("0003", "0002", "ALTER TABLE big MODIFY n BIGINT NOT NULL;", "");
  folder_.Seal();
  std::vector<OperationEvent> events;
  ASSERT_EQ(harness_.Apply("head", Direction::kUp, &events), absl::OkStatus());
  int told = 0, named = 0, counted = 0;
  std::int64_t done = 0;
  for (const OperationEvent& event : events) {
    const auto* progress = std::get_if<StepProgress>(&event);
    if (progress == nullptr) continue;
    ++told;
    EXPECT_EQ(progress->index, 3);
    named += progress->progress.stage.empty() ? 0 : 1;  // between two stages MariaDB names none
    EXPECT_GE(progress->progress.elapsed, absl::Milliseconds(900));
    if (progress->progress.work_estimated == 0) continue;
    ++counted;
    EXPECT_GE(progress->progress.work_done, done);
    EXPECT_LE(progress->progress.work_done, progress->progress.work_estimated + progress->progress.work_estimated / 5);
    done = progress->progress.work_done;
  }
  EXPECT_GT(told, 0) << "the copy took less than a second";
  EXPECT_GT(named, 0);
  EXPECT_GT(counted, 0);
}

TEST_F(RunnerTest, AStatementThatRebuildsWaitsLongerForItsTable) {
  ASSERT_EQ(harness_.Apply("head", Direction::kUp), absl::OkStatus());
  auto ddl = DdlSession::Open(harness_.driver(), harness_.Connect(), absl::Seconds(2));
  ASSERT_TRUE(ddl.ok()) << ddl.status();
  auto reader = UseTable();
  ASSERT_EQ((*ddl)->SetLockWait(absl::Seconds(1)), absl::OkStatus());
  absl::Time begin = absl::Now();
  EXPECT_FALSE((*ddl)->Run("ALTER TABLE a ADD d INT").ok());
  EXPECT_LT(absl::Now() - begin, absl::Milliseconds(1900));
  ASSERT_EQ((*ddl)->SetLockWait(absl::Seconds(3)), absl::OkStatus());
  begin = absl::Now();
  EXPECT_FALSE((*ddl)->Run("ALTER TABLE a ADD d INT").ok());
  EXPECT_GT(absl::Now() - begin, absl::Milliseconds(2500));
}

TEST_F(RunnerTest, AStoppingServiceThatWaitsForATableSaysThatItStopsAndNotThatALockTimedOut) {
  ASSERT_EQ(harness_.Apply("0001", Direction::kUp), absl::OkStatus());
  harness_.Query("INSERT INTO a VALUES (1)");
  harness_.options().lock_wait = absl::Seconds(1);
  const auto request = Planned("head", Direction::kUp);
  ASSERT_TRUE(request.ok());
  auto reader = UseTable();
  Runner runner(harness_.driver(), harness_.dir(), harness_.options());
  OperationControl control;
  const absl::Status stopped = runner.Run(
      *request, "stopped",
      [&](const OperationEvent& event) {
        if (std::holds_alternative<StepStarted>(event)) control.Stop();
      },
      control);
  EXPECT_EQ(stopped.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(stopped), "SHUTTING_DOWN");
  EXPECT_EQ(ColumnsOfA(), "id\n");
  reader.reset();
  EXPECT_EQ(harness_.Apply("head", Direction::kUp), absl::OkStatus());
}

TEST_F(RunnerTest, StatementsThatChangeRowsCommitWithTheirJournalRow) {
  harness_.Query(
      "CREATE TABLE notes (n INT NOT NULL PRIMARY KEY); GRANT SELECT, INSERT ON notes TO 'bonnie_schema'@'%'");
  folder_.AddRevision("0003", "0002",
                      "INSERT INTO notes VALUES (1);\nINSERT INTO notes VALUES (2);\nINSERT INTO notes VALUES (2);",
                      "");
  folder_.Seal();
  EXPECT_EQ(ReasonOf(harness_.Apply("head", Direction::kUp)), "STATEMENT_FAILED");
  EXPECT_EQ(harness_.Query("SELECT n FROM notes"), "1\n2\n");
  folder_.AddRevision("0003", "0002",
                      "INSERT INTO notes VALUES (1);\nINSERT INTO notes VALUES (2);\nINSERT INTO notes VALUES (3);",
                      "");
  folder_.Seal();
  EXPECT_EQ(harness_.Apply("head", Direction::kUp), absl::OkStatus());
  EXPECT_EQ(harness_.Query("SELECT n FROM notes"), "1\n2\n3\n");
}

TEST_F(RunnerTest, StopsBetweenStatementsWhenAskedAndGoesOnLater) {
  const auto request = Planned("head", Direction::kUp);
  ASSERT_TRUE(request.ok());
  Runner runner(harness_.driver(), harness_.dir(), harness_.options());
  OperationControl control;
  int done = 0;
  const absl::Status stopped = runner.Run(
      *request, "stopped",
      [&](const OperationEvent& event) {
        if (std::holds_alternative<StepDone>(event) && ++done == 2) control.Stop();
      },
      control);
  EXPECT_EQ(ReasonOf(stopped), "SHUTTING_DOWN");
  EXPECT_EQ(ColumnsOfA(), "id,b\n");
  EXPECT_EQ(harness_.Apply("head", Direction::kUp), absl::OkStatus());
  EXPECT_EQ(ColumnsOfA(), "id,b,c\n");
}

TEST_F(RunnerTest, BranchesHaveARowEachAndAMergeLeavesOne) {
  folder_.AddRevision("0003a", "0002", "ALTER TABLE a ADD x INT;", "ALTER TABLE a DROP x;");
  folder_.AddRevision("0003b", "0002", "ALTER TABLE a ADD y INT;", "ALTER TABLE a DROP y;");
  folder_.Seal();
  EXPECT_EQ(ReasonOf(harness_.Apply("head", Direction::kUp)), "SEVERAL_HEADS");
  ASSERT_EQ(harness_.Apply("heads", Direction::kUp), absl::OkStatus());
  EXPECT_THAT(harness_.Ledger()->HeadIds(), ElementsAre("0003a", "0003b"));
  folder_.AddRevision("0004", "0003a, 0003b", "", "");
  folder_.Seal();
  ASSERT_EQ(harness_.Apply("head", Direction::kUp), absl::OkStatus());
  EXPECT_THAT(harness_.Ledger()->HeadIds(), ElementsAre("0004"));
  ASSERT_EQ(harness_.Apply("0003a", Direction::kDown), absl::OkStatus());
  EXPECT_THAT(harness_.Ledger()->HeadIds(), ElementsAre("0003a", "0003b"));
}

}  // namespace
}  // namespace bonnie::schema
