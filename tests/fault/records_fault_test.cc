// The records service while its database dies, restarts, freezes and turns read-only. What was acknowledged is there,
// once; callers are told soon; the service recovers by itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>

#include "absl/time/clock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "tests/fault/load.h"
#include "tests/records/test_site.h"
#include "tests/support/migrate_for_test.h"
#include "tests/support/test_database.h"

namespace bonnie::records {
namespace {

using grpc::StatusCode;
using grpc::health::v1::HealthCheckResponse;

constexpr absl::Duration kTold = absl::Seconds(1);        // until a caller is told that the database is away
constexpr absl::Duration kRecovered = absl::Seconds(15);  // after the database is back; reconnects back off up to 10 s

class RecordsFaultTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(test_support::MigrateForTest(database_).ok());
    site_ = std::make_unique<TestSite>(database_);
    ASSERT_TRUE(site_->WaitUntilServing()) << site_->Log();
  }

  HealthCheckResponse::ServingStatus Health(const std::string& name = "") {
    const auto stub = grpc::health::v1::Health::NewStub(site_->Connect());
    grpc::health::v1::HealthCheckRequest request;
    request.set_service(name);
    HealthCheckResponse response;
    const absl::Time start = absl::Now();
    EXPECT_TRUE(Call(*stub, &grpc::health::v1::Health::Stub::Check, request, &response).ok());
    EXPECT_LT(absl::Now() - start, kTold) << "a database in trouble held up the health check";
    return response.status();
  }
  bool WaitForName(const std::string& name, HealthCheckResponse::ServingStatus want, absl::Duration limit) {
    for (const absl::Time until = absl::Now() + limit; absl::Now() < until; absl::SleepFor(absl::Milliseconds(100))) {
      if (Health(name) == want) return true;
    }
    return false;
  }

  // While the database is away, callers are told so, and soon.
  static void ExpectToldSoon(const char* what, const Load::Failures& failures) {
    std::cout << what << ": longest " << failures.longest;
    for (const auto& [code, count] : failures.codes) {
      std::cout << ", code " << code << ": " << count;
      EXPECT_EQ(code, StatusCode::UNAVAILABLE) << what;
    }
    for (const auto& [reason, count] : failures.reasons) std::cout << ", " << reason << ": " << count;
    std::cout << std::endl;
    EXPECT_LT(failures.longest, kTold) << what;
  }

  // Takes the database away under load, three times, by `away`; `back` brings it again.
  template <class Away>
  void Disturb(Away away) {
    Load load([this] { return site_->Connect(); }, {});
    ASSERT_NE(load.WaitForSuccesses(50, 50, absl::Seconds(10)), absl::InfiniteDuration());
    for (int round = 0; round < 3; ++round) {
      load.TakeReadFailures();
      load.TakeWriteFailures();
      ASSERT_TRUE(away().ok());
      absl::SleepFor(absl::Seconds(2));
      ExpectToldSoon("reads", load.TakeReadFailures());
      ExpectToldSoon("writes", load.TakeWriteFailures());
      ASSERT_TRUE(database_.Restart().ok());
      const absl::Duration recovery = load.WaitForSuccesses(20, 20, kRecovered);
      EXPECT_NE(recovery, absl::InfiniteDuration()) << "did not recover by itself";
      std::cout << "recovered " << recovery << " after the server answered again" << std::endl;
    }
    load.Stop();
    load.ExpectExactlyIn(database_);
  }

  test_support::TestDatabase database_;
  std::unique_ptr<TestSite> site_;
};

TEST_F(RecordsFaultTest, LosesNothingWhenTheServerIsKilled) {
  Disturb([this] { return database_.Kill(); });
}

TEST_F(RecordsFaultTest, LosesNothingWhenTheServerIsStopped) {
  Disturb([this] { return database_.Stop(); });
}

TEST_F(RecordsFaultTest, AnswersByTheDeadlineWhileTheServerIsFrozen) {
  constexpr absl::Duration kDeadline = absl::Seconds(2);
  Load::Options options;
  options.deadline = kDeadline;
  Load load([this] { return site_->Connect(); }, options);
  ASSERT_NE(load.WaitForSuccesses(20, 20, absl::Seconds(10)), absl::InfiniteDuration());
  load.TakeReadFailures();
  load.TakeWriteFailures();
  ASSERT_TRUE(database_.Freeze().ok());
  for (int i = 0; i < 20; ++i) {
    Health();  // nothing blocks gRPC's threads
    absl::SleepFor(absl::Milliseconds(250));
  }
  v1::GetStatusResponse status;
  EXPECT_TRUE(
      Call(*site_->Status(), &v1::StatusService::Stub::GetStatus, v1::GetStatusRequest(), &status, kDeadline).ok());
  EXPECT_FALSE(status.database().reachable());
  for (const Load::Failures& failures : {load.TakeReadFailures(), load.TakeWriteFailures()}) {
    EXPECT_LT(failures.longest, kDeadline + absl::Milliseconds(250));
    EXPECT_FALSE(failures.codes.empty());
    std::cout << "frozen: longest " << failures.longest;
    for (const auto& [code, count] : failures.codes) {
      EXPECT_TRUE(code == StatusCode::DEADLINE_EXCEEDED || code == StatusCode::UNAVAILABLE) << code;
      std::cout << ", code " << code << ": " << count;
    }
    for (const auto& [reason, count] : failures.reasons) std::cout << ", " << reason << ": " << count;
    std::cout << std::endl;
  }
  EXPECT_TRUE(WaitForName("", HealthCheckResponse::NOT_SERVING, absl::Seconds(30)));
  ASSERT_TRUE(database_.Thaw().ok());
  const absl::Duration recovery = load.WaitForSuccesses(20, 20, kRecovered);
  EXPECT_NE(recovery, absl::InfiniteDuration()) << "did not recover by itself";
  std::cout << "recovered " << recovery << " after the thaw" << std::endl;
  load.Stop();
  load.ExpectExactlyIn(database_);
  EXPECT_TRUE(WaitForName("", HealthCheckResponse::SERVING, absl::Seconds(30)));
}

TEST_F(RecordsFaultTest, ReadsOnWhileTheServerIsReadOnly) {
  Load load([this] { return site_->Connect(); }, {});
  ASSERT_NE(load.WaitForSuccesses(20, 20, absl::Seconds(10)), absl::InfiniteDuration());
  load.TakeReadFailures();
  load.TakeWriteFailures();
  ASSERT_TRUE(database_.RootQuery("SET GLOBAL read_only = 1").ok());
  EXPECT_NE(load.WaitForSuccesses(0, 100, absl::Seconds(10)), absl::InfiniteDuration()) << "reads stopped";
  EXPECT_TRUE(WaitForName("bonnie.records.v1/write", HealthCheckResponse::NOT_SERVING, absl::Seconds(15)));
  EXPECT_EQ(Health(), HealthCheckResponse::SERVING);
  const Load::Failures reads = load.TakeReadFailures(), writes = load.TakeWriteFailures();
  EXPECT_TRUE(reads.codes.empty()) << "a read failed on a server that serves reads";
  EXPECT_THAT(writes.codes, ::testing::ElementsAre(::testing::Key(StatusCode::UNAVAILABLE)));
  EXPECT_THAT(writes.reasons, ::testing::ElementsAre(::testing::Key("DATABASE_READ_ONLY")));
  EXPECT_LT(writes.longest, kTold);
  ASSERT_TRUE(database_.RootQuery("SET GLOBAL read_only = 0").ok());
  const absl::Duration recovery = load.WaitForSuccesses(20, 20, kRecovered);
  EXPECT_NE(recovery, absl::InfiniteDuration()) << "did not recover by itself";
  std::cout << "recovered " << recovery << " after the flip back" << std::endl;
  load.Stop();
  load.ExpectExactlyIn(database_);
  EXPECT_TRUE(WaitForName("bonnie.records.v1/write", HealthCheckResponse::SERVING, absl::Seconds(15)));
}

TEST_F(RecordsFaultTest, SaysWhatItIsWithoutItsDatabase) {
  ASSERT_TRUE(database_.Kill().ok());
  v1::GetStatusResponse status;
  const absl::Time start = absl::Now();
  const grpc::Status answered =
      Call(*site_->Status(), &v1::StatusService::Stub::GetStatus, v1::GetStatusRequest(), &status);
  ASSERT_TRUE(answered.ok()) << answered.error_message();
  EXPECT_LT(absl::Now() - start, absl::Seconds(5));
  EXPECT_EQ(status.site(), "azure");
  EXPECT_FALSE(status.database().reachable());
  EXPECT_NE(status.database().version(), "") << "known from before";
  EXPECT_FALSE(status.has_patients());
}

}  // namespace
}  // namespace bonnie::records
