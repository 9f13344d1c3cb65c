#include "services/server/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/data_access/fault.h"

namespace bonnie::server {
namespace {

TEST(ErrorTest, KeepsItsDetails) {
  ErrorDetails details;
  details.reason = "REASON";
  details.metadata = {{"id", "7"}};
  details.violations = {{"patient.first_name", "want 1 to 100 characters"}};
  details.resource = {"bonnie.records.v1.Patient", "patients/7", "is not there"};
  details.preconditions = {{"HAS_MEDICAL_RECORDS", "patients/7", "delete them first"}};
  details.quota = {"identity", "calls per second"};
  details.retry_after = absl::Milliseconds(1500);
  const absl::Status status = Error(absl::StatusCode::kNotFound, "no patient 7", details);
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(), "no patient 7");
  const absl::optional<ErrorDetails> got = DetailsOf(status);
  ASSERT_TRUE(got.has_value());
  EXPECT_EQ(got->reason, "REASON");
  EXPECT_EQ(got->metadata.at("id"), "7");
  ASSERT_EQ(got->violations.size(), 1u);
  EXPECT_EQ(got->violations[0].field, "patient.first_name");
  EXPECT_EQ(got->resource->name, "patients/7");
  ASSERT_EQ(got->preconditions.size(), 1u);
  EXPECT_EQ(got->preconditions[0].type, "HAS_MEDICAL_RECORDS");
  EXPECT_EQ(got->quota->description, "calls per second");
  EXPECT_EQ(got->retry_after, absl::Milliseconds(1500));
}

TEST(ErrorTest, KeepsTwentyViolations) {
  ErrorDetails details;
  details.reason = "INVALID";
  details.violations.resize(30, {"field", "rule"});
  EXPECT_EQ(DetailsOf(Error(absl::StatusCode::kInvalidArgument, "", details))->violations.size(), 20u);
}

TEST(ErrorTest, HasNoDetailsOfABareStatus) { EXPECT_FALSE(DetailsOf(absl::NotFoundError("x")).has_value()); }

TEST(ErrorTest, MakesDetailsOfADatabaseFault) {
  data_access::Fault fault;
  fault.number = 1213;
  fault.caller_code = absl::StatusCode::kAborted;
  fault.reason = "CONTENTION";
  const auto aborted = DetailsOf(data_access::FaultStatus(absl::StatusCode::kAborted, "deadlock", fault));
  ASSERT_TRUE(aborted.has_value());
  EXPECT_EQ(aborted->reason, "CONTENTION");
  EXPECT_GT(aborted->retry_after, absl::ZeroDuration());

  fault.caller_code = absl::StatusCode::kAlreadyExists;
  fault.reason = "DUPLICATE";
  fault.constraint = "patients_by_source_key";
  const auto duplicate = DetailsOf(data_access::FaultStatus(absl::StatusCode::kAlreadyExists, "duplicate", fault));
  EXPECT_EQ(duplicate->metadata.at("constraint"), "patients_by_source_key");
  EXPECT_EQ(duplicate->retry_after, absl::ZeroDuration());

  fault.caller_code = absl::StatusCode::kInvalidArgument;
  fault.column = "first_name";
  const auto refused = DetailsOf(data_access::FaultStatus(absl::StatusCode::kInvalidArgument, "too long", fault));
  ASSERT_EQ(refused->violations.size(), 1u);
  EXPECT_EQ(refused->violations[0].field, "first_name");
}

}  // namespace
}  // namespace bonnie::server
