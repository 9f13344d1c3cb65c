#include "clients/cli/checkout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"

namespace bonnie::cli {
namespace {

using ::testing::HasSubstr;

class CheckoutTest : public ::testing::Test {
 protected:
  CheckoutTest() : folder_((std::filesystem::temp_directory_path() / absl::StrCat("checkout-", getpid())).string()) {
    std::filesystem::create_directories(folder_ + "/versions");
    Write("versions/0001_first.sql",
          "-- revision: 0001\n-- revises:\n-- message: first\n-- migrate:up\nCREATE TABLE a (id INT PRIMARY KEY);\n");
  }
  ~CheckoutTest() override { std::filesystem::remove_all(folder_); }

  void Write(const std::string& name, const std::string& text) { std::ofstream(folder_ + "/" + name) << text; }
  std::string Read(const std::string& name) {
    std::ifstream stream(folder_ + "/" + name);
    return std::string((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  }

  const std::string folder_;
};

TEST_F(CheckoutTest, FindsWhatIsGivenThenMigrationsThenHere) {
  EXPECT_EQ(FindCheckout("given", folder_), "given");
  EXPECT_EQ(FindCheckout("", folder_), "");
  Write("bonnie.sum", "");
  EXPECT_EQ(FindCheckout("", folder_), folder_);
  std::filesystem::create_directories(folder_ + "/migrations/versions");
  EXPECT_EQ(FindCheckout("", folder_), folder_ + "/migrations");
}

TEST_F(CheckoutTest, AServiceCannotChooseWhereIsWritten) {
  for (const char* name : {"0001_first.sql", "patients.sql", "a%20b.sql", "my table.sql", "表.sql", "a-b.sql"}) {
    EXPECT_TRUE(CheckServicesFileName(name).ok()) << name;
  }
  for (const char* name : {"", ".sql", "../../.profile", "../a.sql", "/etc/a.sql", "a/b.sql", ".hidden.sql", "-rf.sql",
                           "a.txt", "a\nb.sql", "a\x1b[2J.sql", "a\u202elqs.txt.sql"}) {
    EXPECT_FALSE(CheckServicesFileName(name).ok()) << name;
  }
  EXPECT_FALSE(CheckServicesFileName(std::string(252, 'a') + ".sql").ok());
  EXPECT_FALSE(CheckServicesFileName(std::string("a\0.sql", 6)).ok());
}

TEST_F(CheckoutTest, WritesTheSumOfTheFiles) {
  const absl::StatusOr<CheckoutSum> before = ReadCheckout(folder_);
  ASSERT_TRUE(before.ok()) << before.status();
  EXPECT_EQ(before->written, "");
  EXPECT_THAT(before->text, HasSubstr(absl::StrCat("0001 ", before->revisions.at("0001"))));
  ASSERT_TRUE(WriteSum(folder_, *before).ok());
  EXPECT_EQ(Read("bonnie.sum"), before->text);
  EXPECT_EQ(ReadCheckout(folder_)->written, before->text);
}

TEST_F(CheckoutTest, AnEditChangesTheSum) {
  const std::string before = ReadCheckout(folder_)->hash;
  Write("versions/0001_first.sql", Read("versions/0001_first.sql") + "-- edited\n");
  EXPECT_NE(ReadCheckout(folder_)->hash, before);
}

TEST_F(CheckoutTest, NamesFileAndLineOfWhatIsNoRevision) {
  Write("versions/0002_second.sql",
        "-- revision: 0002\n-- revises: 0001\n-- message: second\nCREATE TABLE b (id INT PRIMARY KEY);\n");
  const absl::Status status = ReadCheckout(folder_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("0002_second.sql:4:"));
}

TEST_F(CheckoutTest, SaysWhenThereIsNoFolder) {
  EXPECT_EQ(ReadCheckout(folder_ + "/none").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(CheckoutTest, TheProjectsOwnSumIsRight) {
  const absl::StatusOr<CheckoutSum> sum = ReadCheckout(BONNIE_SOURCE_DIR "/migrations");
  ASSERT_TRUE(sum.ok()) << sum.status();
  EXPECT_EQ(sum->text, sum->written) << "run `bonnie schema hash`";
}

}  // namespace
}  // namespace bonnie::cli
