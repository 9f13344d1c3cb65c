#include "services/data_access/transaction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/data_access/fault.h"
#include "tests/support/fake_driver.h"
#include "tests/support/status_matchers.h"

namespace bonnie::data_access {
namespace {

using absl::StatusCode;
using test_support::IsOk;
using test_support::StatusIs;
using testing::ElementsAre;
using testing::HasSubstr;

class TransactionTest : public testing::Test {
 protected:
  static absl::Status InsertBoth(Transaction& transaction) {
    absl::Status first = transaction.Execute(Statement(kInsertItem, 1, "a")).status();
    if (!first.ok()) return first;
    return transaction.Execute(Statement(kInsertItem, 2, "b")).status();
  }
  bool BothAreThere() const { return driver_.item(1).has_value() && driver_.item(2).has_value(); }
  bool NeitherIsThere() const { return !driver_.item(1).has_value() && !driver_.item(2).has_value(); }

  FakeDriver driver_;
  Session session_{*driver_.Connect({}), nullptr};
};

TEST_F(TransactionTest, CommitsItsUnitByText) {
  EXPECT_THAT(RunInTransaction(session_, {}, InsertBoth), IsOk());
  EXPECT_TRUE(BothAreThere());
  EXPECT_THAT(driver_.statements(), ElementsAre("START TRANSACTION", kInsertItem.text, kInsertItem.text, "COMMIT"));
}

TEST_F(TransactionTest, RollsBackWhatItsUnitRefuses) {
  const absl::Status refused = absl::NotFoundError("no");
  EXPECT_EQ(RunInTransaction(session_, {},
                             [&](Transaction& transaction) {
                               EXPECT_THAT(InsertBoth(transaction), IsOk());
                               return refused;
                             }),
            refused);
  EXPECT_TRUE(NeitherIsThere());
  EXPECT_EQ(session_.fate(), SessionFate::kKeep);
}

TEST_F(TransactionTest, KeepsNothingWhenItIsOnlyToBeTried) {
  TransactionOptions options;
  options.end = TransactionOptions::End::kRollback;
  EXPECT_THAT(RunInTransaction(session_, options, InsertBoth), IsOk());
  EXPECT_TRUE(NeitherIsThere());
}

TEST_F(TransactionTest, SurvivesAnErrorOfOneStatement) {
  driver_.SetItem(1, "there");
  EXPECT_THAT(RunInTransaction(session_, {},
                               [](Transaction& transaction) {
                                 EXPECT_THAT(transaction.Execute(Statement(kInsertItem, 1, "a")),
                                             StatusIs(StatusCode::kAlreadyExists));
                                 EXPECT_TRUE(transaction.alive());
                                 return transaction.Execute(Statement(kInsertItem, 2, "b")).status();
                               }),
              IsOk());
  EXPECT_EQ(driver_.item(2), "b");
}

// After 1213 the session is in autocommit: what is sent next would survive the ROLLBACK.
TEST_F(TransactionTest, SendsNothingAfterADeadlock) {
  driver_.Fail("INSERT", 1213);
  TransactionOptions once;
  once.max_attempts = 1;
  EXPECT_THAT(RunInTransaction(session_, once,
                               [](Transaction& transaction) {
                                 EXPECT_THAT(transaction.Execute(Statement(kInsertItem, 1, "a")),
                                             StatusIs(StatusCode::kAborted));
                                 EXPECT_FALSE(transaction.alive());
                                 EXPECT_THAT(transaction.Execute(Statement(kInsertItem, 2, "b")),
                                             StatusIs(StatusCode::kFailedPrecondition));
                                 return absl::OkStatus();  // it looks away; the transaction does not
                               }),
              StatusIs(StatusCode::kAborted));
  EXPECT_TRUE(NeitherIsThere());
  EXPECT_EQ(driver_.count("COMMIT"), 0);
}

TEST_F(TransactionTest, RunsTheWholeUnitAgain) {
  for (const int number : {1213, 1205}) {
    FakeDriver driver;
    Session session(*driver.Connect({}), nullptr);
    driver.Fail("INSERT", number, "", 2);
    int runs = 0;
    EXPECT_THAT(RunInTransaction(session, {},
                                 [&runs](Transaction& transaction) {
                                   ++runs;
                                   return InsertBoth(transaction);
                                 }),
                IsOk());
    EXPECT_EQ(runs, 3);
    EXPECT_EQ(driver.count("START TRANSACTION"), 3);
    EXPECT_EQ(driver.count("ROLLBACK"), 2);
    EXPECT_EQ(driver.item(2), "b");
  }
}

TEST_F(TransactionTest, GivesUpAfterItsAttempts) {
  driver_.Fail("INSERT", 1213, "", 100);
  EXPECT_THAT(RunInTransaction(session_, {}, InsertBoth), StatusIs(StatusCode::kAborted));
  EXPECT_EQ(driver_.count("START TRANSACTION"), 4);
  EXPECT_EQ(session_.fate(), SessionFate::kKeep);
}

TEST_F(TransactionTest, RetriesWithinItsBudgetOnly) {
  driver_.Fail("INSERT", 1213, "", 100);
  session_.StartLease(Budget{absl::Now() + absl::Milliseconds(8), nullptr});
  TransactionOptions options;
  options.max_attempts = 1000;
  EXPECT_FALSE(RunInTransaction(session_, options, InsertBoth).ok());
  EXPECT_LT(driver_.count("START TRANSACTION"), 20);
}

TEST_F(TransactionTest, RunsTheUnitAgainWhenItsCommitWasRefused) {
  driver_.Fail("COMMIT", 1213);  // Galera certifies at COMMIT
  EXPECT_THAT(RunInTransaction(session_, {}, InsertBoth), IsOk());
  EXPECT_TRUE(BothAreThere());
}

// MySQL Bug#23235968: the connector's commit() never fails.
TEST_F(TransactionTest, SaysThatALostCommitIsUnknown) {
  driver_.Fail("COMMIT", 2026);
  const absl::Status status = RunInTransaction(session_, {}, InsertBoth);
  EXPECT_THAT(status, StatusIs(StatusCode::kUnavailable));
  EXPECT_EQ(FaultOf(status)->effect, Effect::kUnknown);
  EXPECT_EQ(FaultOf(status)->caller_code, StatusCode::kUnknown);
  EXPECT_EQ(session_.fate(), SessionFate::kDiscard);
  EXPECT_EQ(driver_.count("START TRANSACTION"), 1);  // never by itself
}

TEST_F(TransactionTest, SaysThatALostStatementBeforeCommitDidNothing) {
  driver_.Fail("INSERT", 2026);
  const absl::Status status = RunInTransaction(session_, {}, InsertBoth);
  EXPECT_EQ(FaultOf(status)->effect, Effect::kNone);
  EXPECT_EQ(driver_.count("COMMIT"), 0);
}

TEST_F(TransactionTest, FailsWhenTheServerBecameReadOnlyBeforeCommit) {
  driver_.Fail("COMMIT", 1290, "running with the --read-only option");
  const absl::Status status = RunInTransaction(session_, {}, InsertBoth);
  EXPECT_EQ(FaultOf(status)->reason, "DATABASE_READ_ONLY");
  EXPECT_EQ(FaultOf(status)->effect, Effect::kNone);
}

TEST_F(TransactionTest, ClosesASessionThatCannotRollBack) {
  driver_.Fail("ROLLBACK", 2026);
  EXPECT_FALSE(RunInTransaction(session_, {}, [](Transaction&) { return absl::NotFoundError("no"); }).ok());
  EXPECT_EQ(session_.fate(), SessionFate::kDiscard);
}

TEST_F(TransactionTest, DoesNotCommitForACallerWhoLeft) {
  const Budget budget{absl::InfiniteFuture(), std::make_shared<Cancellation>()};
  session_.StartLease(budget);
  EXPECT_THAT(RunInTransaction(session_, {},
                               [&](Transaction& transaction) {
                                 EXPECT_THAT(InsertBoth(transaction), IsOk());
                                 budget.cancellation->Cancel();
                                 return absl::OkStatus();
                               }),
              StatusIs(StatusCode::kCancelled));
  EXPECT_TRUE(NeitherIsThere());
}

TEST_F(TransactionTest, RefusesWritesWhenReadOnly) {
  TransactionOptions options;
  options.read_only = true;
  options.isolation = TransactionOptions::Isolation::kRepeatableRead;
  EXPECT_THAT(RunInTransaction(session_, options, InsertBoth), StatusIs(StatusCode::kInternal, HasSubstr("read-only")));
  EXPECT_THAT(driver_.statements(), ElementsAre("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
                                                "START TRANSACTION READ ONLY", "ROLLBACK"));
}

}  // namespace
}  // namespace bonnie::data_access
