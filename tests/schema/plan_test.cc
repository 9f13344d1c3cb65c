#include "services/schema/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/schema/folder.h"
#include "tests/schema/reason_of.h"

namespace bonnie::schema {
namespace {

using data_access::Flavour;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class PlanTest : public ::testing::Test {
 protected:
  PlanTest() {
    folder_.AddRevision("0001", "", "CREATE TABLE a (id INT PRIMARY KEY);", "DROP TABLE a;");
    folder_.AddRevision("0002", "0001", "ALTER TABLE a ADD b INT;\nINSERT INTO a VALUES (1, 2);",
                        "-- keeps: nothing worth it\nALTER TABLE a DROP b;");
    folder_.AddRevision("0003", "0002",
                        "-- only: mysql\nALTER TABLE a ADD c INT;\n-- only: mariadb\nALTER TABLE a ADD d INT;",
                        "ALTER TABLE a DROP c;");
    Reload();
  }
  void Reload() {
    folder_.Seal();
    auto read = MigrationFolder::Read(folder_.path());
    ASSERT_TRUE(read.ok()) << read.status();
    revisions_ = *read;
  }
  absl::StatusOr<Plan> MakeUp(const LedgerState& ledger, absl::string_view target = "head") const {
    return MakePlan(*revisions_, ledger, Flavour::kMariaDb, "azure", target, Direction::kUp);
  }
  LedgerState At(const std::string& id) const {
    LedgerState ledger;
    ledger.heads[id] = revisions_->at(id).hash;
    return ledger;
  }
  LedgerState HalfRun(const std::string& applied, const std::string& revision, Direction direction, bool done) const {
    LedgerState ledger = At(applied);
    ledger.unfinished.emplace();
    ledger.unfinished->operation_id = "op";
    ledger.unfinished->revision = revision;
    ledger.unfinished->direction = direction;
    ledger.unfinished->steps[1] = {1, 1, done, revisions_->at(revision).up[0].sql, "before"};
    return ledger;
  }

  Folder folder_;
  std::shared_ptr<const MigrationFolder> revisions_;
};

TEST_F(PlanTest, ListsTheStatementsInOrder) {
  const auto plan = MakeUp({});
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_THAT(plan->from, IsEmpty());
  EXPECT_THAT(plan->to, ElementsAre("0003"));
  ASSERT_EQ(plan->revisions.size(), 3u);
  ASSERT_EQ(plan->revisions[1].steps.size(), 2u);
  EXPECT_EQ(plan->revisions[1].steps[0].sql, "ALTER TABLE a ADD b INT");
  EXPECT_TRUE(plan->revisions[1].steps[0].facts.is_ddl);
  EXPECT_FALSE(plan->revisions[1].steps[1].facts.is_ddl);
  EXPECT_THAT(plan->revisions[1].heads_after, ElementsAre("0002"));
  EXPECT_FALSE(plan->drops_data());
}

TEST_F(PlanTest, LeavesOutTheOtherFlavoursStatements) {
  const auto plan = MakeUp(At("0002"));
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_EQ(plan->step_count(), 1);
  EXPECT_EQ(plan->revisions[0].steps[0].sql, "ALTER TABLE a ADD d INT");
  EXPECT_EQ(plan->revisions[0].steps[0].ordinal, 2);
}

TEST_F(PlanTest, ListsLossesUnlessTheFileSaysWhatKeepsTheData) {
  const auto plan = MakePlan(*revisions_, At("0003"), Flavour::kMySql, "azure", "base", Direction::kDown);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->revisions[0].steps[0].loss, "drops column c of a");
  EXPECT_EQ(plan->revisions[1].steps[0].loss, "");
  EXPECT_EQ(plan->revisions[2].steps[0].loss, "drops table a");
  EXPECT_TRUE(plan->drops_data());
}

TEST_F(PlanTest, FingerprintCoversWhatWouldRun) {
  const auto plan = MakeUp({});
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->fingerprint.size(), 64u);
  EXPECT_EQ(MakeUp({})->fingerprint, plan->fingerprint);
  EXPECT_NE(MakeUp(At("0001"))->fingerprint, plan->fingerprint);
  EXPECT_NE(MakePlan(*revisions_, {}, Flavour::kMariaDb, "gcp", "head", Direction::kUp)->fingerprint,
            plan->fingerprint);
  EXPECT_NE(MakePlan(*revisions_, {}, Flavour::kMySql, "azure", "head", Direction::kUp)->fingerprint,
            plan->fingerprint);
  folder_.AddRevision("0003", "0002", "ALTER TABLE a ADD e INT;", "");
  Reload();
  EXPECT_NE(MakeUp({})->fingerprint, plan->fingerprint);
}

TEST_F(PlanTest, NamesAnAppliedFileThatWasEdited) {
  LedgerState ledger = At("0003");
  for (const char* id : {"0001", "0002", "0003"}) ledger.hashes[id] = revisions_->at(id).hash;
  folder_.AddRevision("0002", "0001", "ALTER TABLE a ADD b BIGINT;", "");
  Reload();
  const auto plan = MakeUp(ledger);
  ASSERT_FALSE(plan.ok());
  EXPECT_EQ(ReasonOf(plan.status()), "REVISION_EDITED");
  EXPECT_THAT(std::string(plan.status().message()), HasSubstr("versions/0002.sql was edited after it was applied"));
}

TEST_F(PlanTest, NamesAnAppliedRevisionWithoutAFile) {
  LedgerState ledger;
  ledger.heads["0009"] = "h1:x";
  const auto plan = MakeUp(ledger);
  ASSERT_FALSE(plan.ok());
  EXPECT_EQ(ReasonOf(plan.status()), "REVISION_MISSING");
  EXPECT_THAT(std::string(plan.status().message()), HasSubstr("0009"));
}

TEST_F(PlanTest, GoesOnWhereAnOperationWasCutOff) {
  const auto plan = MakeUp(HalfRun("0001", "0002", Direction::kUp, /*done=*/true));
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_TRUE(plan->revisions[0].steps[0].already_done);
  EXPECT_FALSE(plan->revisions[0].steps[1].already_done);
}

TEST_F(PlanTest, RefusesToLeadAwayFromWhatWasCutOff) {
  const LedgerState half = HalfRun("0001", "0002", Direction::kUp, true);
  EXPECT_EQ(ReasonOf(MakeUp(half, "0001").status()), "OPERATION_UNFINISHED");
  EXPECT_EQ(ReasonOf(MakePlan(*revisions_, half, Flavour::kMySql, "azure", "base", Direction::kDown).status()),
            "OPERATION_UNFINISHED");
}

TEST_F(PlanTest, AFailedStatementMayBeCorrectedAndOneThatRanMayNot) {
  const LedgerState ran = HalfRun("0001", "0002", Direction::kUp, /*done=*/true);
  const LedgerState intended = HalfRun("0001", "0002", Direction::kUp, /*done=*/false);
  folder_.AddRevision("0002", "0001", "ALTER TABLE a ADD b BIGINT;\nINSERT INTO a VALUES (1, 2);", "");
  Reload();
  LedgerState ledger = ran;
  EXPECT_EQ(ReasonOf(MakeUp(ledger).status()), "REVISION_EDITED");
  EXPECT_TRUE(MakeUp(intended).ok());
}

TEST_F(PlanTest, RefusesAHalfRunFileFromWhichABegunStatementIsGone) {
  LedgerState intended = HalfRun("0001", "0002", Direction::kUp, /*done=*/true);
  intended.unfinished->steps[2] = {2, 2, /*done=*/false, "ALTER TABLE a ADD x INT", "before"};
  folder_.AddRevision("0002", "0001", "ALTER TABLE a ADD b INT;", "");
  Reload();
  EXPECT_EQ(ReasonOf(MakeUp(intended).status()), "REVISION_EDITED");
  EXPECT_THAT(std::string(MakeUp(intended).status().message()), HasSubstr("its statement 2 was begun and is gone"));

  folder_.AddRevision("0002", "0001", "ALTER TABLE a ADD b INT;\n-- only: mysql\nALTER TABLE a ADD x INT;", "");
  Reload();
  EXPECT_EQ(ReasonOf(MakeUp(intended).status()), "REVISION_EDITED")
      << "another flavour's statement is not there either";
}

TEST_F(PlanTest, SaysWhichStatementMayNotBeThereAndWhichFileHasNoWayBack) {
  folder_.Write("versions/0004.sql", "-- revision: 0004\n-- revises: 0003\n-- migrate:up\n\nTRUNCATE TABLE a;\n");
  Reload();
  const auto up = MakeUp(At("0003"));
  ASSERT_FALSE(up.ok());
  EXPECT_EQ(ReasonOf(up.status()), "REVISION_FILE_INVALID");
  EXPECT_THAT(std::string(up.status().message()), HasSubstr("versions/0004.sql:5: TRUNCATE"));
  const auto down = MakePlan(*revisions_, At("0004"), Flavour::kMySql, "azure", "-1", Direction::kDown);
  EXPECT_EQ(ReasonOf(down.status()), "TARGET_UNREACHABLE");
}

}  // namespace
}  // namespace bonnie::schema
