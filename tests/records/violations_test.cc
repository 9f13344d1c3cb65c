#include "services/records/violations.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace bonnie::records {
namespace {

TEST(ViolationsTest, AreOkWhenThereAreNone) {
  const Violations violations;
  EXPECT_TRUE(violations.empty());
  EXPECT_TRUE(violations.status().ok());
}

TEST(ViolationsTest, NameTheFirstAndCountTheRest) {
  Violations violations;
  violations.Add("id", "want a number > 0");
  EXPECT_EQ(violations.status().message(), "id: want a number > 0");
  violations.Add("etag", "want one");
  EXPECT_EQ(violations.status().message(), "id: want a number > 0 (and 1 more)");
  EXPECT_EQ(violations.status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(ViolationsTest, DetailTwenty) {
  Violations violations;
  for (int i = 0; i < 25; ++i) violations.Add(absl::StrCat("ids[", i, "]"), "want each id once");
  const auto details = server::DetailsOf(violations.status());
  ASSERT_TRUE(details.has_value());
  EXPECT_EQ(details->reason, "INVALID_REQUEST");
  EXPECT_EQ(details->violations.size(), 20u);
  EXPECT_EQ(details->violations[19].field, "ids[19]");
}

}  // namespace
}  // namespace bonnie::records
