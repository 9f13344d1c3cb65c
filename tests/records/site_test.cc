#include "services/records/site.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/records/shared_site.h"
#include "tests/support/migrate_for_test.h"

namespace bonnie::records {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(SiteTest, AnswersWhatItIs) {
  CreatePatient();
  v1::GetStatusResponse status;
  ASSERT_TRUE(
      Call(*SharedSite().Status("auditor"), &v1::StatusService::Stub::GetStatus, v1::GetStatusRequest(), &status).ok());
  EXPECT_EQ(status.site(), "azure");
  EXPECT_EQ(status.version(), kProgram.version);
  EXPECT_TRUE(status.database().reachable());
  EXPECT_EQ(status.database().flavour(), SharedDatabase().is_mysql() ? "MySQL" : "MariaDB");
  EXPECT_NE(status.database().version(), "");
  EXPECT_THAT(status.database().tls_version(), HasSubstr("TLSv1."));
  EXPECT_FALSE(status.database().read_only());
  EXPECT_THAT(status.schema_revisions(), ElementsAre("0005"));
  EXPECT_EQ(status.wanted_schema_revision(), "0005");
  EXPECT_GE(status.patients(), 1);
  EXPECT_TRUE(status.has_medical_records());
  EXPECT_EQ(status.pool().max_sessions(), 8);
  EXPECT_GE(status.pool().open(), 1);
  EXPECT_GE(status.calls_in_flight(), 1);
}

TEST(SiteTest, SweepsExpiredRequests) {
  test_support::TestDatabase& database = SharedDatabase();
  // 2,500 rows: more than two batches.
  const absl::StatusOr<std::string> filled = database.RootQuery(R"sql(
    INSERT INTO request_log (principal, method, request_id, payload_hmac, resource_id, row_version, expire_time)
      WITH RECURSIVE n AS (SELECT 1 x UNION ALL SELECT x + 1 FROM n WHERE x < 50)
      SELECT 'sweep', 'm', LPAD(a.x * 100 + b.x, 36, '0'), '', 1, 1, CURRENT_TIMESTAMP(6) - INTERVAL 1 MINUTE
        FROM n a, n b;
    INSERT INTO request_log VALUES ('sweep', 'm', 'not yet', '', 1, 1, CURRENT_TIMESTAMP(6) + INTERVAL 1 HOUR);)sql");
  ASSERT_TRUE(filled.ok()) << filled.status();
  const TestSite site(database);  // sweeps when it starts
  std::string left;
  for (int i = 0; i < 100 && left != "1\n"; ++i) {
    absl::SleepFor(absl::Milliseconds(100));
    left = *database.RootQuery("SELECT COUNT(*) FROM request_log WHERE principal = 'sweep'");
  }
  EXPECT_EQ(left, "1\n");
}

TEST(SiteTest, DoesNotServeOnASchemaTooOld) {
  test_support::TestDatabase database;
  ASSERT_TRUE(test_support::MigrateForTest(database, "0004").ok());
  const TestSite site(database);
  EXPECT_FALSE(site.WaitUntilServing(true, absl::Seconds(2)));
  EXPECT_THAT(site.Log(), HasSubstr("0005"));
  ASSERT_TRUE(
      database
          .RootQuery(
              "CREATE TABLE request_log (principal VARCHAR(512) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, method "
              "VARCHAR(64) NOT NULL, request_id CHAR(36) NOT NULL, payload_hmac BINARY(32) NOT NULL, resource_id "
              "BIGINT "
              "NOT NULL, row_version BIGINT UNSIGNED NOT NULL, expire_time TIMESTAMP(6) NOT NULL DEFAULT "
              "CURRENT_TIMESTAMP(6), PRIMARY KEY (principal, method, request_id)); UPDATE "
              "bonnie_ledger.bonnie_revisions SET "
              "revision = '0005'")
          .ok());
  ASSERT_TRUE(database.GrantRecords().ok());
  EXPECT_TRUE(site.WaitUntilServing()) << site.Log();
}

TEST(SiteTest, DoesNotServeOnANarrowerColumn) {
  test_support::TestDatabase database;
  ASSERT_TRUE(test_support::MigrateForTest(database).ok());
  ASSERT_TRUE(database.RootQuery("ALTER TABLE patients MODIFY last_name VARCHAR(60) NOT NULL").ok());
  const TestSite site(database);
  EXPECT_FALSE(site.WaitUntilServing(true, absl::Seconds(2)));
  EXPECT_THAT(site.Log(), HasSubstr("column patients.last_name holds 60, want 100 characters"));
  ASSERT_TRUE(database.RootQuery("ALTER TABLE patients MODIFY last_name VARCHAR(100) NOT NULL").ok());
  EXPECT_TRUE(site.WaitUntilServing()) << site.Log();
}

TEST(SiteTest, ServesOnASchemaThatItDoesNotKnowYet) {
  test_support::TestDatabase database;
  ASSERT_TRUE(test_support::MigrateForTest(database).ok());
  ASSERT_TRUE(database.RootQuery("UPDATE bonnie_ledger.bonnie_revisions SET revision = '20270101000000'").ok());
  const TestSite site(database);
  EXPECT_TRUE(site.WaitUntilServing()) << site.Log();
}

}  // namespace
}  // namespace bonnie::records
