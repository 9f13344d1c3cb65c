#include "services/server/database_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "services/data_access/mysql_driver.h"
#include "services/server/error.h"
#include "services/server/log.h"
#include "services/server/metrics.h"
#include "tests/support/fake_driver.h"
#include "tests/support/test_database.h"

namespace bonnie::server {
namespace {

using test_support::TestDatabase;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

config::v1::Database Config(const TestDatabase& database) {
  config::v1::Database config;
  config.set_host("127.0.0.1");
  config.set_port(database.port());
  config.set_schema("bonnie");
  config.mutable_credentials()->set_user("bonnie_schema");
  config.mutable_credentials()->set_password_file(database.password_file("schema"));
  config.mutable_tls()->set_ca_file(database.ca_file());
  return config;
}

TEST(PoolOptionsTest, FollowTheConfiguration) {
  config::v1::Database config;
  config.set_unix_socket("/run/s");
  config.set_schema("bonnie");
  config.mutable_pool()->set_max_sessions(1);
  config.mutable_pool()->mutable_connect_timeout()->set_seconds(7);
  const data_access::PoolOptions options = PoolOptionsFrom(config, "bonnie-test");
  EXPECT_EQ(options.max_sessions, 1);
  EXPECT_EQ(options.min_idle, 1);  // 2 by default, but not above the most
  EXPECT_EQ(options.acquire_timeout, absl::Seconds(2));
  EXPECT_EQ(options.connect.unix_socket, "/run/s");
  EXPECT_EQ(options.connect.connect_timeout, absl::Seconds(7));
  EXPECT_EQ(options.connect.program_name, "bonnie-test");
  EXPECT_FALSE(options.connect.tls.has_value());
  EXPECT_EQ(ExecutorOptionsFrom(config).threads, 1);
  EXPECT_EQ(ExecutorOptionsFrom(config).max_queued, 1024);
}

class Lines final : public Log {
 public:
  void Write(LogLevel, absl::string_view event, const LogFields& fields) override {
    absl::MutexLock lock(&mu_);
    absl::StrAppend(&text_, event, " ", fields.text(), "\n");
  }
  void Flush() override {}
  std::int64_t dropped() const override { return 0; }
  std::string text() const {
    absl::MutexLock lock(&mu_);
    return text_;
  }

 private:
  mutable absl::Mutex mu_;
  std::string text_ ABSL_GUARDED_BY(mu_);
};

bool Eventually(const std::function<bool()>& condition) {
  for (int i = 0; i < 20000 && !condition(); ++i) absl::SleepFor(absl::Milliseconds(1));
  return condition();
}

TEST(PoolReportsTest, LogWhatFailsAndMeasureEachStatement) {
  data_access::FakeDriver driver;
  Lines log;
  const std::unique_ptr<Metrics> metrics = *Metrics::Open("");
  PoolReports reports(log, *metrics);
  data_access::Pool pool(driver, nullptr, reports.For({}));
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE((*pool.Acquire({}))->Query(data_access::Statement(data_access::kGetItem, 4711)).ok());
  }
  EXPECT_THAT(metrics->Text(), HasSubstr("bonnie_db_query_seconds_count{statement=\"items.get\"} 2\n"));
  pool.EvictGeneration("rotated credentials");
  EXPECT_THAT(log.text(), HasSubstr("database \"message\":\"closing all sessions opened before now: rotated"));
  driver.FailConnects(2002);
  pool.EvictGeneration("to connect anew");
  EXPECT_TRUE(Eventually([&] { return log.text().find("cannot open a session") != std::string::npos; }));
  EXPECT_EQ(log.text().find("4711"), std::string::npos);
}

// A site's pool is closed after its server, with log and metrics.
TEST(PoolReportsTest, SayNothingToALogThatHasGone) {
  data_access::FakeDriver driver;
  auto log = std::make_unique<Lines>();
  std::unique_ptr<Metrics> metrics = *Metrics::Open("");
  PoolReports reports(*log, *metrics);
  data_access::Pool pool(driver, nullptr, reports.For({}));
  ASSERT_TRUE((*pool.Acquire({}))->Query(data_access::Statement(data_access::kGetItem, 1)).ok());
  reports.Stop();
  metrics.reset();
  log.reset();
  EXPECT_TRUE((*pool.Acquire({}))->Query(data_access::Statement(data_access::kGetItem, 1)).ok());
  pool.EvictGeneration("nobody listens");
}

class DatabaseProbeTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { database_ = new TestDatabase(); }
  static void TearDownTestSuite() {
    delete database_;
    database_ = nullptr;
  }
  void SetUp() override { ASSERT_EQ(database_->Empty(), absl::OkStatus()); }

  void ApplyRevisions(const std::string& values) {
    ASSERT_TRUE(
        database_->RootQuery("INSERT INTO bonnie_ledger.bonnie_revisions (revision, hash) VALUES " + values).ok());
  }
  DatabaseProbe Probe(const std::string& wanted = "") {
    return DatabaseProbe(*driver_, ConnectOptionsFrom(Config(*database_), "bonnie-test"), wanted);
  }
  static absl::Time Soon() { return absl::Now() + absl::Seconds(1); }

  static TestDatabase* database_;
  const std::unique_ptr<data_access::Driver> driver_ = data_access::MakeMySqlDriver();
};
TestDatabase* DatabaseProbeTest::database_ = nullptr;

TEST_F(DatabaseProbeTest, TakesAnEmptyDatabaseWhenNothingIsWanted) {
  const absl::StatusOr<ProbeResult> result = Probe()(Soon());
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->schema_revision, "");
  EXPECT_FALSE(result->read_only);
  EXPECT_THAT(result->server, AnyOf(StartsWith("MariaDB "), StartsWith("MySQL ")));
}

TEST_F(DatabaseProbeTest, TellsTheHeads) {
  ApplyRevisions("('0007', ''), ('0006', '')");
  EXPECT_EQ(Probe("0005")(Soon())->schema_revision, "0006,0007");
  EXPECT_TRUE(Probe("0007")(Soon()).ok());
}

TEST_F(DatabaseProbeTest, SaysWhichRevisionIsWanted) {
  DatabaseProbe probe = Probe("0005");
  absl::StatusOr<ProbeResult> result = probe(Soon());
  EXPECT_EQ(result.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(result.status().message(),
            "the database's schema has no revision applied, this binary wants 0005 or later: upgrade it");
  ApplyRevisions("('0003', '')");
  result = probe(Soon());
  EXPECT_THAT(std::string(result.status().message()), HasSubstr("is at 0003, this binary wants 0005 or later"));
  EXPECT_EQ(DetailsOf(result.status())->reason, "SCHEMA_MISMATCH");
  ASSERT_TRUE(database_->RootQuery("UPDATE bonnie_ledger.bonnie_revisions SET revision = '20261123101500'").ok());
  EXPECT_TRUE(probe(Soon()).ok());  // on the same connection
}

TEST_F(DatabaseProbeTest, SeesAReadOnlyServer) {
  ASSERT_TRUE(database_->RootQuery("SET GLOBAL read_only = ON").ok());
  EXPECT_TRUE(Probe()(Soon())->read_only);
  ASSERT_TRUE(database_->RootQuery("SET GLOBAL read_only = OFF").ok());
  EXPECT_FALSE(Probe()(Soon())->read_only);
}

TEST_F(DatabaseProbeTest, FailsWhileTheServerIsAwayAndRecoversByItself) {
  DatabaseProbe probe = Probe();
  ASSERT_TRUE(probe(Soon()).ok());
  ASSERT_TRUE(database_->Stop().ok());
  EXPECT_EQ(probe(Soon()).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(probe(Soon()).status().code(), absl::StatusCode::kUnavailable);
  ASSERT_TRUE(database_->Restart().ok());
  EXPECT_TRUE(probe(Soon()).ok());
}

TEST_F(DatabaseProbeTest, GivesUpOnAServerThatHangs) {
  DatabaseProbe probe = Probe();
  ASSERT_TRUE(probe(Soon()).ok());
  ASSERT_TRUE(database_->Freeze().ok());
  const absl::Time start = absl::Now();
  EXPECT_FALSE(probe(Soon()).ok());
  EXPECT_LT(absl::Now() - start, absl::Seconds(4));
  ASSERT_TRUE(database_->Thaw().ok());
  EXPECT_TRUE(probe(Soon()).ok());
}

}  // namespace
}  // namespace bonnie::server
