#include "clients/cli/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace bonnie::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ProgressTest : public ::testing::Test {
 protected:
  std::ostringstream err_;
  absl::Time now_ = absl::UnixEpoch();
  std::function<absl::Time()> clock_ = [this] { return now_; };
};

TEST_F(ProgressTest, WritesPlainLinesNowAndThenElsewhere) {
  Progress progress(err_, false, "azure", 1000, clock_);
  progress.Add(100);
  EXPECT_EQ(err_.str(), "");
  now_ += absl::Seconds(5);
  progress.Add(400);
  EXPECT_EQ(err_.str(), "azure: 500 of 1,000, 100/s\n");
  progress.Add(500);
  progress.Finish();
  EXPECT_EQ(err_.str(), "azure: 500 of 1,000, 100/s\nazure: 1,000 of 1,000, 200/s\n");
}

TEST_F(ProgressTest, RedrawsABarOnATerminal) {
  Progress progress(err_, true, "azure", 10, clock_);
  progress.Add(5);
  EXPECT_THAT(err_.str(), HasSubstr("[###############               ] 5 of 10"));
  EXPECT_THAT(err_.str(), Not(HasSubstr("\n")));
  err_.str("");
  progress.Add(1);  // too soon for another drawing
  EXPECT_EQ(err_.str(), "");
  progress.Finish();
  EXPECT_THAT(err_.str(), HasSubstr("6 of 10"));
  EXPECT_EQ(err_.str().back(), '\n');
}

TEST_F(ProgressTest, KeepsLinesApartFromTheBar) {
  Progress progress(err_, true, "azure", 10, clock_);
  progress.Say("refused\n");
  EXPECT_EQ(err_.str().rfind("\r\033[Krefused\n\r\033[K", 0), 0u);
}

TEST_F(ProgressTest, NothingToDoIsDone) {
  Progress progress(err_, true, "azure", 0, clock_);
  progress.Finish();
  EXPECT_THAT(err_.str(), HasSubstr("[##############################] 0 of 0"));
}

}  // namespace
}  // namespace bonnie::cli
