#include "services/schema/make_ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "services/schema/ledger.h"
#include "services/schema/operation_list.h"
#include "tests/schema/folder.h"
#include "tests/schema/harness.h"

namespace bonnie::schema {
namespace {

using ::testing::IsEmpty;

// As the first version made them.
constexpr char kFirstLedger[] = R"sql(
  CREATE TABLE bonnie_revisions (
    revision VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    hash VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    apply_time TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6), PRIMARY KEY (revision)) ENGINE=InnoDB;
  CREATE TABLE bonnie_plans (
    operation_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    fingerprint CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, fence BIGINT NOT NULL,
    identity VARCHAR(512) NOT NULL, direction VARCHAR(4) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    from_heads TEXT NOT NULL, to_heads TEXT NOT NULL, statements INT NOT NULL,
    begin_time TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6), end_time TIMESTAMP(6) NULL DEFAULT NULL,
    outcome VARCHAR(64) NULL, PRIMARY KEY (operation_id)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
  CREATE TABLE bonnie_journal (
    entry BIGINT NOT NULL AUTO_INCREMENT, operation_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    fence BIGINT NOT NULL, kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    revision VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    direction VARCHAR(4) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    revision_hash VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL, ordinal INT NOT NULL, statement MEDIUMTEXT NULL,
    state VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    fingerprint_before VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    fingerprint_after VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
    intent_time TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6), done_time TIMESTAMP(6) NULL DEFAULT NULL,
    PRIMARY KEY (entry), KEY bonnie_journal_kind (kind, entry)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
  CREATE TABLE bonnie_lease (
    id TINYINT NOT NULL, fence BIGINT NOT NULL, server VARCHAR(255) NULL, connection_id BIGINT NULL,
    identity VARCHAR(512) NULL, operation_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
    renew_time TIMESTAMP(6) NULL DEFAULT NULL, PRIMARY KEY (id)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
  INSERT INTO bonnie_lease (id, fence) VALUES (1, 7);
  INSERT INTO bonnie_plans (operation_id, fingerprint, fence, identity, direction, from_heads, to_heads, statements)
    VALUES ('0123456789abcdef', REPEAT('f', 64), 7, 'somebody', 'up', '', '0001', 2);
  INSERT INTO bonnie_journal (operation_id, fence, kind, revision, direction, ordinal, statement, state, fingerprint_before)
    VALUES ('0123456789abcdef', 7, 'statement', '0001', 'up', 1, 'CREATE TABLE a (id INT)', 'intent', 'x');
)sql";

class MakeLedgerTest : public ::testing::Test {
 protected:
  MakeLedgerTest() : harness_(database_, folder_.path()) {}

  std::unique_ptr<DdlSession> Open() {
    auto ddl = DdlSession::Open(harness_.driver(), harness_.Connect(), absl::Seconds(2));
    EXPECT_TRUE(ddl.ok()) << ddl.status();
    return *std::move(ddl);
  }
  // Every column and key of the ledger, by name.
  std::string Parts() {
    return harness_.Query(
        "SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLLATION_NAME FROM information_schema.COLUMNS "
        "WHERE "
        "TABLE_SCHEMA = 'bonnie' AND TABLE_NAME LIKE 'bonnie\\_%' ORDER BY 1, 2;"
        "SELECT TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX, COLUMN_NAME FROM information_schema.STATISTICS WHERE "
        "TABLE_SCHEMA = 'bonnie' AND TABLE_NAME LIKE 'bonnie\\_%' ORDER BY 1, 2, 3");
  }

  test_support::TestDatabase database_;
  Folder folder_;
  Harness harness_;
};

TEST_F(MakeLedgerTest, ALedgerOfTheFirstVersionBecomesWhatANewOneIs) {
  harness_.Reset();
  ASSERT_EQ(MakeLedger(*Open()), absl::OkStatus());
  const std::string want = Parts();
  EXPECT_THAT(*MissingLedgerChanges(Open()->session()), IsEmpty());

  harness_.Reset();
  harness_.Query(kFirstLedger);
  EXPECT_EQ(MissingLedgerChanges(Open()->session())->size(), LedgerChanges().size());
  ASSERT_EQ(MakeLedger(*Open()), absl::OkStatus());
  EXPECT_EQ(Parts(), want);
  EXPECT_EQ(harness_.Query("SELECT fence FROM bonnie_lease"), "7\n");
  ASSERT_EQ(MakeLedger(*Open()), absl::OkStatus());
  EXPECT_EQ(Parts(), want);
}

TEST_F(MakeLedgerTest, AnUpgradeThatWasCutOffHalfWayIsFinished) {
  harness_.Reset();
  ASSERT_EQ(MakeLedger(*Open()), absl::OkStatus());
  const std::string want = Parts();
  harness_.Reset();
  harness_.Query(kFirstLedger);
  harness_.Query("ALTER TABLE bonnie_plans ADD KEY bonnie_plans_fence (fence)");
  ASSERT_EQ(MakeLedger(*Open()), absl::OkStatus());
  EXPECT_EQ(Parts(), want);
}

TEST_F(MakeLedgerTest, ALedgerOfTheFirstVersionIsReadAsItIs) {
  harness_.Reset();
  harness_.Query(kFirstLedger);
  const auto ledger = harness_.Ledger();
  ASSERT_TRUE(ledger.ok()) << ledger.status();
  ASSERT_TRUE(ledger->unfinished.has_value());
  EXPECT_EQ(ledger->unfinished->steps.at(1).before, "x");
  EXPECT_EQ(ledger->unfinished->steps.at(1).expected, "");
  const auto listed = ListOperationRows(Open()->session(), {}, "0123", 10);
  ASSERT_TRUE(listed.ok()) << listed.status();
  ASSERT_EQ(listed->size(), 1u);
  EXPECT_EQ(listed->front().identity, "somebody");
  EXPECT_EQ(StateOf(listed->front(), ""), OperationState::kCutOff);
}

}  // namespace
}  // namespace bonnie::schema
