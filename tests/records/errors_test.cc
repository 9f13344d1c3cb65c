#include "services/records/errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "services/data_access/error_table.h"
#include "services/data_access/fault.h"
#include "services/server/error.h"

namespace bonnie::records {
namespace {

using data_access::Classify;
using data_access::Flavour;
using data_access::Phase;
using server::DetailsOf;

TEST(ErrorsTest, NamesTheMissingResource) {
  const absl::Status status = NotFound(Kind::kMedicalRecord, 9);
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(DetailsOf(status)->reason, "MEDICAL_RECORD_NOT_FOUND");
  EXPECT_EQ(DetailsOf(status)->resource->type, "bonnie.records.v1.MedicalRecord");
  EXPECT_EQ(DetailsOf(status)->resource->name, "medical_records/9");
}

TEST(ErrorsTest, ListsMissingIdsWithinTheSizeOfATrailer) {
  EXPECT_EQ(DetailsOf(NotFound(Kind::kPatient, {3, 9}))->metadata.at("missing_ids"), "3,9");
  std::vector<std::int64_t> ids(200);
  std::iota(ids.begin(), ids.end(), 9'007'199'254'740'993);
  const auto details = DetailsOf(NotFound(Kind::kPatient, ids));
  EXPECT_LT(details->metadata.at("missing_ids").size(), 1024u);
  EXPECT_EQ(details->metadata.at("missing_count"), "200");
}

TEST(ErrorsTest, NamesTheHolderOfASourceKey) {
  const absl::Status status = SourceKeyTaken(Kind::kPatient, 7);
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(DetailsOf(status)->resource->name, "patients/7");
  EXPECT_EQ(DetailsOf(status)->metadata.at("id"), "7");
}

TEST(ErrorsTest, SettlesAnUnansweredCommitByTheRequestId) {
  const absl::Status lost = Classify(Flavour::kMySql, Phase::kCommitting, 2013, "Lost connection");
  const absl::Status with_id = SettleOutcome(lost, true);
  EXPECT_EQ(with_id.code(), absl::StatusCode::kUnavailable);
  EXPECT_GT(DetailsOf(with_id)->retry_after, absl::ZeroDuration());
  const absl::Status without = SettleOutcome(lost, false);
  EXPECT_EQ(without.code(), absl::StatusCode::kUnknown);
  EXPECT_EQ(DetailsOf(without)->reason, "COMMIT_OUTCOME_UNKNOWN");
}

TEST(ErrorsTest, LeavesOtherStatusesAlone) {
  const absl::Status before = Classify(Flavour::kMySql, Phase::kInTransaction, 2013, "Lost connection");
  EXPECT_EQ(SettleOutcome(before, false), before);
  EXPECT_EQ(SettleOutcome(absl::OkStatus(), true), absl::OkStatus());
  EXPECT_EQ(SettleOutcome(RequestIdReused(), true), RequestIdReused());
}

}  // namespace
}  // namespace bonnie::records
