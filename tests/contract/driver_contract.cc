#include "tests/contract/driver_contract.h"

#include <gmock/gmock.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "services/data_access/fault.h"
#include "tests/support/fake_driver.h"
#include "tests/support/status_matchers.h"

namespace bonnie::data_access {
namespace {

using test_support::IsOk;
using test_support::StatusIs;
using testing::Eq;
using testing::HasSubstr;
using testing::Not;

Statement Insert(std::int64_t id, absl::optional<std::string> name) { return Statement(kInsertItem, id, name); }

// The item's name; "NULL" and "none" as they are.
std::string NameOf(Connection& connection, std::int64_t id) {
  absl::StatusOr<Rows> rows = connection.Query(Statement(kGetItem, id), Phase::kReading);
  if (!rows.ok()) return rows.status().ToString();
  if (!rows->Next()) return "none";
  return rows->IsNull(1) ? "NULL" : std::string(rows->Text(1));
}

TEST_P(DriverContract, ReadsWhatItWrote) {
  const auto connection = Connect();
  EXPECT_THAT(connection->Execute(Insert(1, "Ana"), Phase::kWriting), IsOk());
  EXPECT_THAT(connection->Execute(Insert(2, absl::nullopt), Phase::kWriting), IsOk());
  EXPECT_EQ(NameOf(*connection, 1), "Ana");
  EXPECT_EQ(NameOf(*connection, 2), "NULL");
  EXPECT_EQ(NameOf(*connection, 3), "none");
}

TEST_P(DriverContract, CountsRowsMatchedAndNotRowsChanged) {
  const auto connection = Connect();
  ASSERT_THAT(connection->Execute(Insert(1, "Ana"), Phase::kWriting), IsOk());
  EXPECT_EQ(*connection->Execute(Statement(kUpdateItem, "Ana", 1), Phase::kWriting), 1);
  EXPECT_EQ(*connection->Execute(Statement(kUpdateItem, "Ana", 2), Phase::kWriting), 0);
  EXPECT_EQ(*connection->Execute(Statement(kDeleteItem, 1), Phase::kWriting), 1);
  EXPECT_EQ(*connection->Execute(Statement(kDeleteItem, 1), Phase::kWriting), 0);
}

TEST_P(DriverContract, ReadsManyAtOnceAndEachRowOnce) {
  const auto connection = Connect();
  for (int id = 1; id <= 3; ++id)
    ASSERT_THAT(connection->Execute(Insert(id, absl::StrCat("n", id)), Phase::kWriting), IsOk());
  absl::StatusOr<Rows> rows = connection->Query(Statement(GetItemsSql(4), 1, 3, 9, 9), Phase::kReading);
  ASSERT_THAT(rows, IsOk());
  ASSERT_EQ(rows->size(), 2);
  ASSERT_TRUE(rows->Next());
  EXPECT_EQ(rows->Int64(0), 1);
  ASSERT_TRUE(rows->Next());
  EXPECT_EQ(rows->Text(1), "n3");
  EXPECT_FALSE(rows->Next());
  EXPECT_THAT(rows->status(), IsOk());
}

TEST_P(DriverContract, NamesTheKeyOfADuplicateAndNotItsValue) {
  const auto connection = Connect();
  ASSERT_THAT(connection->Execute(Insert(4711, "Ana"), Phase::kWriting), IsOk());
  const absl::Status status = connection->Execute(Insert(4711, "Ana"), Phase::kWriting).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kAlreadyExists, Not(HasSubstr("4711"))));
  EXPECT_EQ(FaultOf(status)->constraint, "PRIMARY");
  EXPECT_EQ(FaultOf(status)->fate, SessionFate::kKeep);
  EXPECT_EQ(NameOf(*connection, 4711), "Ana");  // the session goes on
}

TEST_P(DriverContract, NamesTheColumnOfABadValueAndNotTheValue) {
  const auto connection = Connect();
  const absl::Status status = connection->Execute(Insert(1, std::string(21, 'x')), Phase::kWriting).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, Not(HasSubstr("xxx"))));
  EXPECT_EQ(FaultOf(status)->column, "name");
}

TEST_P(DriverContract, ShowsATransactionToOthersAfterItsCommitOnly) {
  const auto writer = Connect();
  const auto reader = Connect();
  ASSERT_THAT(writer->ExecuteText("START TRANSACTION", Phase::kInTransaction), IsOk());
  ASSERT_THAT(writer->Execute(Insert(1, "Ana"), Phase::kInTransaction), IsOk());
  EXPECT_EQ(NameOf(*writer, 1), "Ana");
  EXPECT_EQ(NameOf(*reader, 1), "none");
  ASSERT_THAT(writer->ExecuteText("COMMIT", Phase::kCommitting), IsOk());
  EXPECT_EQ(NameOf(*reader, 1), "Ana");
}

TEST_P(DriverContract, ForgetsARolledBackTransaction) {
  const auto connection = Connect();
  ASSERT_THAT(connection->ExecuteText("START TRANSACTION", Phase::kInTransaction), IsOk());
  ASSERT_THAT(connection->Execute(Insert(1, "Ana"), Phase::kInTransaction), IsOk());
  ASSERT_THAT(connection->ExecuteText("ROLLBACK", Phase::kInTransaction), IsOk());
  EXPECT_EQ(NameOf(*connection, 1), "none");
}

TEST_P(DriverContract, RollsBackWhenTheConnectionEnds) {
  {
    const auto connection = Connect();
    ASSERT_THAT(connection->ExecuteText("START TRANSACTION", Phase::kInTransaction), IsOk());
    ASSERT_THAT(connection->Execute(Insert(1, "Ana"), Phase::kInTransaction), IsOk());
  }
  EXPECT_EQ(NameOf(*Connect(), 1), "none");
}

// Runs SLEEP(5) on `connection` and `sql` on another 50 ms later.
absl::StatusOr<Rows> SleepWhile(Connection& connection, Connection& other, const std::string& sql) {
  std::thread killer([&other, &sql] {
    absl::SleepFor(absl::Milliseconds(50));
    EXPECT_THAT(other.ExecuteText(sql, Phase::kReading), IsOk());
  });
  absl::StatusOr<Rows> rows = connection.Query(Statement(kSleep, 5.0), Phase::kReading);
  killer.join();
  return rows;
}

TEST_P(DriverContract, KillQueryEndsTheStatementAndNotTheSession) {
  const auto connection = Connect();
  const auto killer = Connect();
  const absl::Time start = absl::Now();
  const absl::StatusOr<Rows> rows =
      SleepWhile(*connection, *killer, absl::StrCat("KILL QUERY ", connection->facts().connection_id));
  EXPECT_LT(absl::Now() - start, absl::Seconds(3));
  // MySQL's SLEEP() answers 1 instead of an error.
  if (!rows.ok()) {
    EXPECT_THAT(rows, StatusIs(absl::StatusCode::kCancelled));
  }
  EXPECT_EQ(NameOf(*connection, 1), "none");
}

TEST_P(DriverContract, KillEndsTheSession) {
  const auto connection = Connect();
  const auto killer = Connect();
  const absl::StatusOr<Rows> rows =
      SleepWhile(*connection, *killer, absl::StrCat("KILL ", connection->facts().connection_id));
  EXPECT_THAT(rows, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(FaultOf(rows.status())->fate, SessionFate::kDiscard);
  EXPECT_THAT(connection->Ping(), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_P(DriverContract, SaysWhatALostWriteMayHaveDone) {
  const auto connection = Connect();
  ASSERT_THAT(Connect()->ExecuteText(absl::StrCat("KILL ", connection->facts().connection_id), Phase::kReading),
              IsOk());
  absl::SleepFor(absl::Milliseconds(50));
  const absl::Status status = connection->Execute(Insert(1, "Ana"), Phase::kWriting).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(FaultOf(status)->effect, Effect::kUnknown);
}

TEST_P(DriverContract, KnowsItsServer) {
  const auto connection = Connect();
  const auto other = Connect();
  EXPECT_NE(connection->facts().connection_id, other->facts().connection_id);
  EXPECT_FALSE(connection->facts().version.empty());
  EXPECT_GT(connection->facts().max_allowed_packet, 1 << 20);
  EXPECT_GT(connection->facts().wait_timeout, absl::Seconds(1));
  EXPECT_LE(connection->facts().started, absl::Now());
  EXPECT_FALSE(connection->facts().read_only);
  EXPECT_THAT(connection->Ping(), IsOk());
}

}  // namespace
}  // namespace bonnie::data_access
