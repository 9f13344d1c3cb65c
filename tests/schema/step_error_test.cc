#include "services/schema/step_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/data_access/error_table.h"
#include "services/server/error.h"

namespace bonnie::schema {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::StartsWith;

PlanStep Step() {
  PlanStep step{
      .revision = "0002", .ordinal = 3, .sql = "ALTER TABLE a ADD b INT", .file_name = "0002_b.sql", .line = 7};
  step.clause_sql = "ALTER TABLE a ADD b INT, ALGORITHM=INSTANT";
  return step;
}

absl::Status ServerError(int number) {
  return data_access::Classify(data_access::Flavour::kMySql, data_access::Phase::kWriting, number,
                               "words of the server");
}

TEST(StepErrorTest, EachNamesFileAndLineAndHasTheStepsDetails) {
  const PlanStep step = Step();
  for (const absl::Status& error :
       {StatementFailed(step, ServerError(1060)), TableInUse(step, absl::Seconds(2), {}), RowsInUse(step),
        StatementCancelled(step), ForecastMissed(step, "any-algorithm"),
        UnforeseenChange(step, "unforeseen-change"), StatementCutOff(step, ServerError(2013)),
        StepUncertain(step, "12ab"), RunStatementEdited(step)}) {
    EXPECT_THAT(std::string(error.message()), StartsWith("versions/0002_b.sql:7"));
    const auto details = server::DetailsOf(error);
    ASSERT_TRUE(details.has_value()) << error;
    EXPECT_THAT(details->metadata, AllOf(Contains(Pair("revision", "0002")), Contains(Pair("ordinal", "3")),
                                         Contains(Pair("file", "0002_b.sql")), Contains(Pair("line", "7"))));
  }
}

TEST(StepErrorTest, ARefusalHasTheServersNumber) {
  const auto details = server::DetailsOf(StatementFailed(Step(), ServerError(1060)));
  ASSERT_TRUE(details.has_value());
  EXPECT_EQ(details->reason, "STATEMENT_FAILED");
  EXPECT_EQ(details->metadata.at("server_error"), "1060");
}

TEST(StepErrorTest, ARefusedDefinitionIsToldInTheServersWords) {
  PlanStep step = Step();
  step.facts.is_ddl = true;
  const absl::Status duplicate = data_access::Classify(data_access::Flavour::kMySql, data_access::Phase::kWriting, 1060,
                                                       "Duplicate column name 'b'");
  EXPECT_THAT(std::string(StatementFailed(step, duplicate).message()),
              HasSubstr(": Duplicate column name 'b' [1060]; "));
  // A literal of a query may have become a column's name.
  step.sql = "CREATE TABLE a AS SELECT * FROM (SELECT 'b', 'b') q";
  EXPECT_THAT(std::string(StatementFailed(step, duplicate).message()), testing::Not(HasSubstr("'b'")));
  step = Step();
  step.facts.is_ddl = false;
  EXPECT_THAT(std::string(StatementFailed(step, duplicate).message()), testing::Not(HasSubstr("'b'")));
}

TEST(StepErrorTest, TellsApartWhatKeptAStatementFromRunning) {
  EXPECT_TRUE(IsLockTimeout(ServerError(1205)));
  EXPECT_TRUE(IsInterrupted(ServerError(1317)));
  EXPECT_TRUE(IsConnectionLost(ServerError(2013)));
  EXPECT_FALSE(IsConnectionLost(ServerError(1205)));
  EXPECT_TRUE(IsForecastMissed(Step(), ServerError(1845)));
  EXPECT_TRUE(IsForecastMissed(Step(), ServerError(1846)));
  EXPECT_FALSE(IsForecastMissed(Step(), ServerError(1060)));
  PlanStep plain = Step();
  plain.clause_sql = plain.sql;  // nothing was added, so the wish is the revision's own
  EXPECT_FALSE(IsForecastMissed(plain, ServerError(1845)));
}

TEST(StepErrorTest, WhoHasTheTableIsNamed) {
  const Blocker blocker{.connection_id = 17};
  const absl::Status busy = TableInUse(Step(), absl::Seconds(2), {blocker});
  EXPECT_THAT(std::string(busy.message()), AllOf(HasSubstr("2s each time, by "), HasSubstr("connection 17")));
  EXPECT_EQ(server::DetailsOf(busy)->metadata.count("blockers"), 1u);
  EXPECT_EQ(server::DetailsOf(TableInUse(Step(), absl::Seconds(2), {}))->metadata.count("blockers"), 0u);
}

}  // namespace
}  // namespace bonnie::schema
