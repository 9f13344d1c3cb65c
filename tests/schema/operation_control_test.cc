#include "services/schema/operation_control.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "absl/time/clock.h"
#include "services/data_access/fault.h"
#include "services/server/error.h"
#include "tests/schema/folder.h"
#include "tests/schema/harness.h"

namespace bonnie::schema {
namespace {

class OperationControlTest : public ::testing::Test {
 protected:
  OperationControlTest() : harness_(database_, folder_.path()) {
    auto ddl = DdlSession::Open(harness_.driver(), harness_.Connect(), absl::Seconds(2));
    EXPECT_TRUE(ddl.ok()) << ddl.status();
    ddl_ = *std::move(ddl);
  }

  test_support::TestDatabase database_;
  Folder folder_;
  Harness harness_;
  std::unique_ptr<DdlSession> ddl_;
  OperationControl control_;
};

TEST_F(OperationControlTest, SaysWhyNotToGoOn) {
  EXPECT_EQ(control_.MayGoOn(), absl::OkStatus());
  control_.Stop();
  EXPECT_EQ(server::DetailsOf(control_.MayGoOn())->reason, "SHUTTING_DOWN");
  control_.Cancel();
  EXPECT_EQ(server::DetailsOf(control_.MayGoOn())->reason, "OPERATION_CANCELLED");
}

TEST_F(OperationControlTest, AnInterruptEndsTheStatementThatRuns) {
  absl::Status ended;
  std::atomic<bool> over = false;
  std::thread runner([&] {
    ended = control_.Run(*ddl_, [&] {
      return ddl_->session()
          .Query(data_access::Statement(data_access::Sql{"test.sleep",
                                                         "SELECT SLEEP(0.2), SLEEP(100) FROM "
                                                         "information_schema.TABLES"}))
          .status();
    });
    over = true;
  });
  const absl::Time give_up = absl::Now() + absl::Seconds(30);
  while (!over && absl::Now() < give_up) {
    ASSERT_EQ(control_.Interrupt(harness_.driver(), harness_.Connect()), absl::OkStatus());
    absl::SleepFor(absl::Milliseconds(50));
  }
  runner.join();
  EXPECT_LT(absl::Now(), give_up);
  EXPECT_EQ(ddl_->Run("DO 1"), absl::OkStatus());
}

// A KILL QUERY that found the session idle once struck the statement after: the journal's.
TEST_F(OperationControlTest, AnInterruptThatComesTooLateStrikesNothingElse) {
  std::atomic<bool> over = false;
  std::atomic<int> interrupts = 0;
  std::thread interrupter([&] {
    while (!over) {
      EXPECT_EQ(control_.Interrupt(harness_.driver(), harness_.Connect()), absl::OkStatus());
      ++interrupts;
    }
  });
  for (int i = 0; i < 3000; ++i) {
    (void)control_.Run(*ddl_, [&] { return ddl_->Run("DO 1"); });
    ASSERT_EQ(ddl_->Run("DO 2"), absl::OkStatus()) << "after statement " << i;
  }
  over = true;
  interrupter.join();
  EXPECT_GT(interrupts, 0);
}

}  // namespace
}  // namespace bonnie::schema
