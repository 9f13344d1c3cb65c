// The project's own revisions, on a real server, under the user that may not read patients.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/schema/harness.h"

namespace bonnie::schema {
namespace {

using ::testing::HasSubstr;

class MigrationsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { database_ = new test_support::TestDatabase(); }
  static void TearDownTestSuite() {
    delete database_;
    database_ = nullptr;
  }
  MigrationsTest() : harness_(*database_, BONNIE_SOURCE_DIR "/migrations") { harness_.Reset(); }

  void Up(const std::string& target) { EXPECT_EQ(harness_.Apply(target, Direction::kUp), absl::OkStatus()); }
  void Down(const std::string& target) { EXPECT_EQ(harness_.Apply(target, Direction::kDown), absl::OkStatus()); }
  std::string Query(const std::string& sql) { return harness_.Query(sql); }

  static test_support::TestDatabase* database_;
  Harness harness_;
};

test_support::TestDatabase* MigrationsTest::database_ = nullptr;

constexpr char kSeedPatients[] = R"sql(
  INSERT INTO patients (id, first_name, last_name, date_of_birth, gender, contact_number) VALUES
    (1, 'José Eduardo181', 'Gómez206', '1970-01-02', 'M', '555-0101'), (2, 'Ana', 'Li', '1980-02-29', 'Female', NULL),
    (3, 'Sam', 'O''Hara', '1990-12-31', 'x', NULL), (7, 'Kim', 'Ng', '2000-01-01', '?', NULL);
  INSERT INTO medical_records (id, patient_id, diagnosis, treatment, admission_date, discharge_date) VALUES
    (1, 1, 'Fracture', 'Cast', '2020-01-01', '2020-01-02'), (5, 7, 'Flu', NULL, '2021-01-01', NULL))sql";

TEST_F(MigrationsTest, HeadIsTheModel) {
  Up("head");
  for (const char* table : {"patients", "medical_records", "request_log"}) {
    SCOPED_TRACE(table);
    const std::string migrated = Query(absl::StrCat("SHOW CREATE TABLE ", table));
    std::ifstream file(absl::StrCat(BONNIE_SOURCE_DIR "/migrations/model/", table, ".sql"));
    std::ostringstream model;
    model << file.rdbuf();
    Query(
        "DROP DATABASE IF EXISTS bonnie_scratch_model; CREATE DATABASE bonnie_scratch_model; USE bonnie_scratch_model; "
        "CREATE TABLE patients (id BIGINT PRIMARY KEY); " +
        std::string(table == std::string("patients") ? "DROP TABLE patients; " : "") + model.str());
    EXPECT_EQ(Query(absl::StrCat("SHOW CREATE TABLE bonnie_scratch_model.", table)), migrated);
  }
  Query("DROP DATABASE bonnie_scratch_model");
}

TEST_F(MigrationsTest, EachWayBackLeadsToWhereItCameFrom) {
  const char* const kIds[] = {"base", "0001", "0002", "0003", "0004", "0005"};
  std::vector<std::string> seen = {harness_.Contents()};
  for (int i = 1; i <= 5; ++i) {
    Up(kIds[i]);
    seen.push_back(harness_.Contents());
  }
  for (int i = 5; i >= 1; --i) {
    SCOPED_TRACE(kIds[i]);
    Down("-1");
    EXPECT_EQ(harness_.Contents(), seen[i - 1]);
  }
  Up("head");
  EXPECT_EQ(harness_.Contents(), seen[5]);
}

TEST_F(MigrationsTest, DataSurvivesDownAndUp) {
  Up("0001");
  Query(kSeedPatients);
  Up("0002");
  Query("UPDATE patients SET is_deceased = ' Yes' WHERE id = 2; UPDATE patients SET is_deceased = '' WHERE id = 3");
  Up("head");
  EXPECT_EQ(Query("SELECT id, first_name, gender, is_deceased, row_version FROM patients"),
            "1\tJosé Eduardo181\tmale\t0\t1\n2\tAna\tfemale\t1\t1\n3\tSam\tother\t0\t1\n7\tKim\tunknown\t0\t1\n");
  const std::string at_head = harness_.Contents();
  for (const char* target : {"-1", "0003", "0002", "0001"}) {
    SCOPED_TRACE(target);
    Down(target);
    if (target == std::string("0002")) {
      EXPECT_EQ(Query("SELECT id, is_deceased FROM patients"), "1\tno\n2\tyes\n3\tno\n7\tno\n");
    }
    if (target == std::string("0001")) Query("SELECT 1");
    if (target != std::string("0001")) {
      Up("head");
      EXPECT_EQ(harness_.Contents(), at_head);
    }
  }
  EXPECT_EQ(Query("SELECT id, patient_id, diagnosis, treatment, admission_date, discharge_date FROM medical_records"),
            "1\t1\tFracture\tCast\t2020-01-01\t2020-01-02\n5\t7\tFlu\tNULL\t2021-01-01\tNULL\n");
}

TEST_F(MigrationsTest, LongTextIsCutOnTheWayDownAndListed) {
  Up("head");
  Query(
      "INSERT INTO patients (first_name, last_name, date_of_birth, gender) VALUES (REPEAT('é', 100), 'L', "
      "'1970-01-01', 'male');"
      "INSERT INTO medical_records (patient_id, diagnosis, treatment, admission_date) VALUES "
      "(LAST_INSERT_ID(), REPEAT('ü', 2000), REPEAT('ü', 10000), '2020-01-01')");
  const auto plan = harness_.MakePlan("0003", Direction::kDown);
  ASSERT_TRUE(plan.ok()) << plan.status();
  std::string losses;
  for (const PlanRevision& revision : plan->revisions) {
    for (const PlanStep& step : revision.steps) losses += step.loss + "\n";
  }
  EXPECT_THAT(losses, HasSubstr("drops table request_log"));
  EXPECT_THAT(losses, HasSubstr("drops column diagnosis, column treatment of medical_records"));
  EXPECT_THAT(losses, HasSubstr("column source_key of patients"));
  Down("0003");
  EXPECT_EQ(Query("SELECT CHAR_LENGTH(first_name) FROM patients"), "50\n");
  EXPECT_EQ(Query("SELECT CHAR_LENGTH(diagnosis), CHAR_LENGTH(treatment) FROM medical_records"), "255\t255\n");
}

TEST_F(MigrationsTest, TextThatSaysNeitherYesNorNoStopsTheBooleanBeforeAnythingChanged) {
  Up("0001");
  Query(kSeedPatients);
  Up("0002");
  Query("UPDATE patients SET is_deceased = '2019-04-01' WHERE id = 2");
  const std::string before = harness_.Contents();
  const absl::Status stopped = harness_.Apply("0003", Direction::kUp);
  EXPECT_EQ(stopped.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(stopped.message()), HasSubstr("0003_make_patients_is_deceased_boolean.sql:9"));
  EXPECT_THAT(std::string(stopped.message()), HasSubstr("is_deceased_says_yes_or_no"));
  EXPECT_THAT(std::string(stopped.message()), ::testing::Not(HasSubstr("2019-04-01")));
  EXPECT_EQ(harness_.Contents(), before);
  Query("UPDATE patients SET is_deceased = 'yes' WHERE id = 2");
  Up("0003");
  EXPECT_EQ(Query("SELECT id FROM patients WHERE is_deceased"), "2\n");
}

TEST_F(MigrationsTest, WhatIsWrittenWhileAColumnIsConvertedIsConvertedToo) {
  Up("0001");
  Query(kSeedPatients);
  Up("0002");
  int points = 0;
  harness_.options().observer = [&](RunnerPoint point) {
    if (point != RunnerPoint::kDoneWritten || ++points != 2) return;  // the new column is there beside the old one
    Query("UPDATE patients SET is_deceased = 'Deceased' WHERE id = 7");
  };
  Up("0003");
  EXPECT_GE(points, 2);
  EXPECT_EQ(Query("SELECT id FROM patients WHERE is_deceased"), "7\n");
}

TEST_F(MigrationsTest, UpgradesLoseNothing) {
  const auto plan = harness_.MakePlan("head", Direction::kUp);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_FALSE(plan->drops_data());
}

}  // namespace
}  // namespace bonnie::schema
