#include "services/data_access/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "services/data_access/fault.h"
#include "services/data_access/watchdog.h"
#include "tests/data_access/timing.h"
#include "tests/support/fake_driver.h"
#include "tests/support/status_matchers.h"

namespace bonnie::data_access {
namespace {

using absl::StatusCode;
using test_support::IsOk;
using test_support::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;

class SessionTest : public testing::Test {
 protected:
  std::unique_ptr<Session> Open(Watchdog* watchdog = nullptr, const StatementObserver* observer = nullptr) {
    return std::make_unique<Session>(*driver_.Connect({}), watchdog, observer);
  }

  FakeDriver driver_;
};

TEST_F(SessionTest, RunsOnlyTheVerbsOfItsCalls) {
  const auto session = Open();
  for (const char* sql : {"SET x = 1", "USE other", "CALL p()", "DO GET_LOCK('a', 1)",
                          "CREATE TEMPORARY TABLE t (a INT)", "DELETE FROM items WHERE id = ?"}) {
    EXPECT_THAT(session->Query(Statement(Sql{"bad", sql})), StatusIs(StatusCode::kInternal, HasSubstr("bad"))) << sql;
  }
  EXPECT_THAT(session->Execute(Statement(kGetItem, 1)), StatusIs(StatusCode::kInternal));
  EXPECT_THAT(session->Execute(Statement(kInsertItem, 1, "a")), IsOk());
  EXPECT_THAT(session->Query(Statement(kGetItem, 1)), IsOk());
  EXPECT_THAT(driver_.statements(), ElementsAre(kInsertItem.text, kGetItem.text));
}

TEST_F(SessionTest, StartsNothingWithoutTime) {
  const auto session = Open();
  session->StartLease(In(absl::Milliseconds(4)));
  EXPECT_THAT(session->Query(Statement(kGetItem, 1)), StatusIs(StatusCode::kDeadlineExceeded));
  const Budget cancelled = In(absl::Seconds(9));
  cancelled.cancellation->Cancel();
  session->StartLease(cancelled);
  EXPECT_THAT(session->Query(Statement(kGetItem, 1)), StatusIs(StatusCode::kCancelled));
  EXPECT_TRUE(driver_.statements().empty());
  EXPECT_EQ(session->fate(), SessionFate::kKeep);
}

TEST_F(SessionTest, SetsTheServersLimitInPowersOfTwoAndSeldom) {
  const auto session = Open();
  for (const int ms : {3000, 3900, 1500, 9000}) {  // 4096 serves the first three
    session->StartLease(In(absl::Milliseconds(ms)));
    ASSERT_THAT(session->Query(Statement(kGetItem, 1)), IsOk());
  }
  session->StartLease(In(absl::Milliseconds(100)));
  ASSERT_THAT(session->Query(Statement(kGetItem, 1)), IsOk());
  session->StartLease(Budget{});
  ASSERT_THAT(session->Query(Statement(kGetItem, 1)), IsOk());
  const char* const get = kGetItem.text;
  EXPECT_THAT(driver_.statements(),
              ElementsAre("SET max_statement_time = 4.096", get, get, get, "SET max_statement_time = 16.384", get,
                          "SET max_statement_time = 0.128", get, "SET max_statement_time = 0.000", get));
}

TEST_F(SessionTest, LimitsOnlyReadsOnMySql) {
  driver_.SetFlavour(Flavour::kMySql);
  const auto session = Open();
  session->StartLease(In(absl::Seconds(3)));
  ASSERT_THAT(session->Execute(Statement(kInsertItem, 1, "a")), IsOk());
  ASSERT_THAT(session->Query(Statement(kGetItem, 1)), IsOk());
  EXPECT_THAT(driver_.statements(), ElementsAre(kInsertItem.text, "SET max_execution_time = 4096", kGetItem.text));
}

TEST_F(SessionTest, StopsAStatementAtItsDeadlineAndGoesOn) {
  Watchdog watchdog(driver_, {});
  const auto session = Open(&watchdog);
  session->StartLease(In(absl::Milliseconds(50)));
  const absl::Time start = absl::Now();
  const absl::Status status = session->Query(Statement(kSleep, 5.0)).status();
  EXPECT_THAT(status, StatusIs(StatusCode::kDeadlineExceeded));
  EXPECT_EQ(FaultOf(status)->reason, "DB_TIMEOUT");
  EXPECT_LT(absl::Now() - start, absl::Seconds(4));  // of 5
  EXPECT_EQ(session->fate(), SessionFate::kRollback);
  EXPECT_THAT(session->Rollback(), IsOk());
  EXPECT_EQ(session->fate(), SessionFate::kKeep);
  session->StartLease(In(absl::Seconds(5)));
  EXPECT_THAT(session->Query(Statement(kGetItem, 1)), IsOk());
}

// The server's own limit strikes then, and SLEEP() answers 1 as if nothing were.
TEST_F(SessionTest, TakesNoRowsThatComeAfterTheDeadline) {
  const auto session = Open();
  session->StartLease(In(absl::Milliseconds(30)));
  const absl::Status status = session->Query(Statement(kSleep, 0.06)).status();
  EXPECT_THAT(status, StatusIs(StatusCode::kDeadlineExceeded));
  EXPECT_EQ(FaultOf(status)->reason, "DB_TIMEOUT");
  EXPECT_EQ(session->fate(), SessionFate::kKeep);  // nothing is on its way to it
}

TEST_F(SessionTest, CallsAWriteDoneThatWasDoneAfterTheDeadline) {
  const auto session = Open();
  session->StartLease(In(absl::Milliseconds(30)));
  driver_.OnStatement([](absl::string_view text) {
    if (text == kInsertItem.text) absl::SleepFor(absl::Milliseconds(60));
  });
  EXPECT_THAT(session->Execute(Statement(kInsertItem, 1, "a")), IsOk());
}

TEST_F(SessionTest, StopsAStatementWhenItsCallerLeaves) {
  Watchdog watchdog(driver_, {});
  const auto session = Open(&watchdog);
  const Budget budget = In(absl::Seconds(5));
  session->StartLease(budget);
  std::thread caller([&budget] {
    absl::SleepFor(absl::Milliseconds(30));
    budget.cancellation->Cancel();
  });
  const absl::Time start = absl::Now();
  const absl::Status status = session->Query(Statement(kSleep, 5.0)).status();
  caller.join();
  EXPECT_THAT(status, StatusIs(StatusCode::kCancelled));
  EXPECT_LT(absl::Now() - start, absl::Seconds(4));  // of 5
}

TEST_F(SessionTest, ClosesTheConnectionOfAStatementThatKillQueryDoesNotEnd) {
  driver_.IgnoreKillQuery();
  Watchdog watchdog(driver_, {});
  const auto session = Open(&watchdog);
  session->StartLease(In(absl::Milliseconds(50)));
  const absl::Time start = absl::Now();
  EXPECT_THAT(session->Query(Statement(kSleep, 5.0)), StatusIs(StatusCode::kDeadlineExceeded));
  EXPECT_GE(absl::Now() - start, absl::Milliseconds(540));
  EXPECT_LT(absl::Now() - start, absl::Seconds(4));  // of 5
  EXPECT_EQ(session->fate(), SessionFate::kDiscard);
  EXPECT_THAT(session->Query(Statement(kGetItem, 1)), StatusIs(StatusCode::kUnavailable));
}

// A KILL that comes late would hit the next borrower's statement.
TEST_F(SessionTest, DoesNotReturnWhileAKillIsUnderWay) {
  driver_.DelayKills(absl::Milliseconds(150));
  Watchdog watchdog(driver_, {});
  const auto session = Open(&watchdog);
  session->StartLease(In(absl::Milliseconds(30)));
  // Ends by itself while the KILL is on its way.
  const absl::Time start = absl::Now();
  EXPECT_THAT(session->Query(Statement(kSleep, 0.06)), StatusIs(StatusCode::kDeadlineExceeded));
  EXPECT_GE(absl::Now() - start, absl::Milliseconds(170));
  // It may have struck after the statement's end: nobody gets this session any more.
  EXPECT_EQ(session->fate(), SessionFate::kDiscard);
}

TEST_F(SessionTest, GivesUpASessionWhoseKillGetsNoAnswer) {
  driver_.DelayKills(absl::Seconds(1));
  Watchdog watchdog(driver_, {});
  const auto session = Open(&watchdog);
  session->StartLease(In(absl::Milliseconds(30)));
  const absl::Time start = absl::Now();
  EXPECT_THAT(session->Query(Statement(kSleep, 0.06)), StatusIs(StatusCode::kDeadlineExceeded));
  EXPECT_LT(absl::Now() - start, absl::Milliseconds(900));
  EXPECT_EQ(session->fate(), SessionFate::kDiscard);
}

TEST_F(SessionTest, GivesUpAnInterruptedSessionWhoseKillGetsNoAnswer) {
  driver_.DelayKills(absl::Seconds(1));
  driver_.OnStatement([](absl::string_view text) {
    if (text == kSleep.text) absl::SleepFor(absl::Milliseconds(60));
  });
  driver_.Fail("SLEEP", 1317);  // somebody else's KILL QUERY; ours is still under way
  Watchdog watchdog(driver_, {});
  const auto session = Open(&watchdog);
  session->StartLease(In(absl::Milliseconds(30)));
  EXPECT_THAT(session->Query(Statement(kSleep, 5.0)), StatusIs(StatusCode::kDeadlineExceeded));
  EXPECT_EQ(session->fate(), SessionFate::kDiscard);
}

TEST_F(SessionTest, UsesNothingAfterItWasLost) {
  const auto session = Open();
  driver_.Fail("SELECT", 2026);
  EXPECT_THAT(session->Query(Statement(kGetItem, 1)), StatusIs(StatusCode::kUnavailable));
  const size_t ran = driver_.statements().size();
  EXPECT_THAT(session->Execute(Statement(kInsertItem, 1, "a")),
              StatusIs(StatusCode::kUnavailable, HasSubstr("lost by an earlier")));
  EXPECT_EQ(driver_.statements().size(), ran);
}

TEST_F(SessionTest, KeepsServingReadsOnAServerThatSaidItIsReadOnly) {
  driver_.SetReadOnly(true);
  const auto session = Open();
  const absl::Status status = session->Execute(Statement(kInsertItem, 1, "a")).status();
  EXPECT_THAT(status, StatusIs(StatusCode::kUnavailable));
  EXPECT_EQ(FaultOf(status)->reason, "DATABASE_READ_ONLY");
  EXPECT_EQ(session->fate(), SessionFate::kRollback);
  EXPECT_THAT(session->Query(Statement(kGetItem, 1)), IsOk());
}

TEST_F(SessionTest, LeavesAServerThatBecameReadOnly) {
  const auto session = Open();
  driver_.SetReadOnly(true);
  EXPECT_THAT(session->Execute(Statement(kInsertItem, 1, "a")), StatusIs(StatusCode::kUnavailable));
  EXPECT_EQ(session->fate(), SessionFate::kDiscardSite);
}

TEST_F(SessionTest, TellsItsObserverOfEachStatement) {
  std::vector<std::string> seen;
  const StatementObserver observer = [&seen](absl::string_view name, absl::Duration took, const absl::Status& status) {
    EXPECT_GE(took, absl::ZeroDuration());
    seen.push_back(std::string(name) + " " + absl::StatusCodeToString(status.code()));
  };
  const auto session = Open(nullptr, &observer);
  EXPECT_THAT(session->Execute(Statement(kInsertItem, 1, "a")), IsOk());
  EXPECT_THAT(session->Execute(Statement(kInsertItem, 1, "a")), StatusIs(StatusCode::kAlreadyExists));
  EXPECT_THAT(session->Rollback(), IsOk());
  EXPECT_THAT(seen, ElementsAre("items.insert OK", "items.insert ALREADY_EXISTS", "ROLLBACK OK"));
}

}  // namespace
}  // namespace bonnie::data_access
