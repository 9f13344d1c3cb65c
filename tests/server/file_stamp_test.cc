#include "services/server/file_stamp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"

namespace bonnie::server {
namespace {

class FileStampTest : public ::testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove(file_); }
  void Write(const std::string& text) { std::ofstream(file_, std::ios::binary) << text; }

  const std::string file_ = absl::StrCat(::testing::TempDir(), "/stamp-", getpid());
};

TEST_F(FileStampTest, SeesEachChangeOnce) {
  Write("a");
  FileStamp stamp({file_});
  EXPECT_FALSE(stamp.Changed());
  Write("b");  // of the same size
  EXPECT_TRUE(stamp.Changed());
  EXPECT_FALSE(stamp.Changed());
  std::filesystem::remove(file_);
  EXPECT_TRUE(stamp.Changed());
  EXPECT_FALSE(stamp.Changed());
  Write("b");
  EXPECT_TRUE(stamp.Changed());
}

TEST_F(FileStampTest, SeesAFileReplacedByRename) {
  Write("a");
  FileStamp stamp({file_});
  std::ofstream(file_ + ".new") << "b";
  std::filesystem::rename(file_ + ".new", file_);
  EXPECT_TRUE(stamp.Changed());
}

TEST_F(FileStampTest, ReadsFilesWhole) {
  const std::string text("a\0\r\nb", 5);
  Write(text);
  EXPECT_EQ(ReadFile(file_).value_or(""), text);
  Write("");
  EXPECT_EQ(ReadFile(file_).value_or("x"), "");
}

TEST_F(FileStampTest, NamesWhatCannotBeRead) {
  EXPECT_EQ(ReadFile("/nowhere/x").status().message(), "/nowhere/x: No such file or directory");
  EXPECT_EQ(ReadFile("/etc").status().message(), "/etc: is a folder, want a file");
}

}  // namespace
}  // namespace bonnie::server
