#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "services/data_access/driver.h"
#include "tests/support/status_matchers.h"

namespace bonnie::data_access {
namespace {

using test_support::StatusIs;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class PasswordFileTest : public testing::Test {
 protected:
  ~PasswordFileTest() override { std::filesystem::remove(file_); }
  void Write(const std::string& text, mode_t mode = 0600) {
    std::ofstream(file_) << text;
    chmod(file_.c_str(), mode);
  }

  const std::string file_ = testing::TempDir() + "bonnie-password-" + std::to_string(getpid());
  const CredentialSource source_ = PasswordFile("user", file_);
};

TEST_F(PasswordFileTest, ReadsTheFirstLineAgainEachTime) {
  Write("secret one\nmore\n");
  EXPECT_EQ(source_()->user, "user");
  EXPECT_EQ(source_()->password, "secret one");
  Write("secret two");
  EXPECT_EQ(source_()->password, "secret two");
}

TEST_F(PasswordFileTest, RefusesWhatIsNoSecret) {
  EXPECT_THAT(source_(),
              StatusIs(absl::StatusCode::kFailedPrecondition, AllOf(HasSubstr(file_), HasSubstr("No such file"))));
  Write("");
  EXPECT_THAT(source_(), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("empty")));
  Write("hidden", 0644);
  EXPECT_THAT(source_(), StatusIs(absl::StatusCode::kFailedPrecondition,
                                  AllOf(HasSubstr("group or others may read"), Not(HasSubstr("hidden")))));
  EXPECT_THAT(PasswordFile("user", testing::TempDir())(),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("not a file")));
}

TEST_F(PasswordFileTest, TakesAccessTokens) {
  const std::string token(3000, 't');
  Write(token + "\n");
  EXPECT_EQ(source_()->password, token);
}

}  // namespace
}  // namespace bonnie::data_access
