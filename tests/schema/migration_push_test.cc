#include "services/schema/migration_push.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/schema/migration_dir.h"
#include "tests/schema/folder.h"
#include "tests/schema/reason_of.h"

namespace bonnie::schema {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<PushedFile> FilesOf(const Folder& folder) {
  std::vector<PushedFile> files;
  const auto read = MigrationFolder::Read(folder.path());
  EXPECT_TRUE(read.ok()) << read.status();
  for (const std::string& id : (*read)->graph().order()) {
    const Revision& revision = (*read)->at(id);
    files.push_back({revision.file_name, revision.text, revision.hash});
  }
  return files;
}

std::string HashOf(const std::string& path) {
  const auto read = MigrationFolder::Read(path);
  return read.ok() ? (*read)->hash() : read.status().ToString();
}

class MigrationPushTest : public ::testing::Test {
 protected:
  MigrationPushTest() {
    for (const Folder* folder : {&checkout_, &site_}) {
      folder->AddRevision("0001", "", "CREATE TABLE a (id INT PRIMARY KEY);", "DROP TABLE a;");
      folder->Seal();
    }
    checkout_.AddRevision("0002", "0001", "ALTER TABLE a ADD b INT;", "ALTER TABLE a DROP b;");
    checkout_.AddRevision("0003", "0002", "ALTER TABLE a ADD c INT;", "ALTER TABLE a DROP c;");
    checkout_.Seal();
  }
  void ExpectRefusal(const std::vector<PushedFile>& files, const char* reason, const char* message) {
    const std::string before = HashOf(site_.path());
    const auto pushed = PushFiles(site_.path(), files);
    ASSERT_FALSE(pushed.ok());
    EXPECT_EQ(ReasonOf(pushed.status()), reason);
    EXPECT_THAT(std::string(pushed.status().message()), HasSubstr(message));
    EXPECT_EQ(HashOf(site_.path()), before) << "nothing may change";
  }

  Folder checkout_, site_;
};

TEST_F(MigrationPushTest, AddsWhatIsMissing) {
  const auto pushed = PushFiles(site_.path(), FilesOf(checkout_));
  ASSERT_TRUE(pushed.ok()) << pushed.status();
  EXPECT_THAT(pushed->added, ElementsAre("0002", "0003"));
  EXPECT_THAT(pushed->present, ElementsAre("0001"));
  EXPECT_EQ(pushed->folder_hash, HashOf(checkout_.path()));
  EXPECT_EQ(HashOf(site_.path()), HashOf(checkout_.path()));
  const auto again = PushFiles(site_.path(), FilesOf(checkout_));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_THAT(again->added, IsEmpty());
}

TEST_F(MigrationPushTest, FillsAnEmptyFolder) {
  const Folder empty;
  std::filesystem::remove(empty.path() + "/versions");
  const auto pushed = PushFiles(empty.path(), FilesOf(checkout_));
  ASSERT_TRUE(pushed.ok()) << pushed.status();
  EXPECT_EQ(HashOf(empty.path()), HashOf(checkout_.path()));
}

TEST_F(MigrationPushTest, RefusesWhatIsThereWithOtherContent) {
  site_.AddRevision("0002", "0001", "ALTER TABLE a ADD other INT;", "");
  site_.Seal();
  ExpectRefusal(FilesOf(checkout_), "REVISION_EDITED",
                "revision 0002 is there as versions/0002.sql with other content");
}

TEST_F(MigrationPushTest, RefusesAFileThatIsNotTheOneThatWasHashed) {
  std::vector<PushedFile> files = FilesOf(checkout_);
  files[1].text += "-- changed on the way\n";
  ExpectRefusal(files, "HASH_MISMATCH", "versions/0002.sql: its hash is h1:");
}

// It would be in every plan from then on, and nothing takes a revision back.
TEST_F(MigrationPushTest, ARevisionThatNoPlanMayHoldDoesNotStopEverybodyElse) {
  checkout_.AddRevision("0004", "0003", "CREATE TABLE d (id INT PRIMARY KEY) ENGINE=MEMORY;", "DROP TABLE d;");
  checkout_.Seal();
  ExpectRefusal(FilesOf(checkout_), "REVISION_FILE_INVALID", "ENGINE=memory");
}

TEST_F(MigrationPushTest, RefusesFilesThatAreNoRevisions) {
  std::vector<PushedFile> files = FilesOf(checkout_);
  files[2].text = "DROP TABLE a;\n";
  ExpectRefusal(files, "REVISION_FILE_INVALID", "versions/0003.sql:1: text before");
  for (const char* name :
       {"../0003.sql", "/tmp/0003.sql", ".0003.sql", "0003.txt", "", ".sql", "a/b.sql", "-rf.sql", "--0003.sql"}) {
    SCOPED_TRACE(name);
    files = FilesOf(checkout_);
    files[2].file_name = name;
    ExpectRefusal(files, "REVISION_FILE_INVALID", "file_name: want");
  }
  files = FilesOf(checkout_);
  files.push_back(files[2]);
  ExpectRefusal(files, "REVISION_FILE_INVALID", "0003 was sent twice");
}

TEST_F(MigrationPushTest, RefusesARevisionWithoutItsParent) {
  std::vector<PushedFile> files = FilesOf(checkout_);
  files.erase(files.begin() + 1);
  ExpectRefusal(files, "REVISION_MISSING", "versions/0003.sql:2: revision 0003 names 0002");
}

TEST_F(MigrationPushTest, RefusesAFileNameThatAnotherRevisionHas) {
  std::vector<PushedFile> files = FilesOf(checkout_);
  files[1].file_name = "0001.sql";
  ExpectRefusal(files, "REVISION_EDITED", "versions/0001.sql is there, and holds another revision than 0002");
}

TEST_F(MigrationPushTest, SaysThatItMayNotWrite) {
  if (geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  std::filesystem::permissions(site_.path(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  ExpectRefusal(FilesOf(checkout_), "FOLDER_NOT_WRITABLE", ".push.new");
}

TEST_F(MigrationPushTest, TwoWhoPushAtOnceBothSucceed) {
  const Folder other;
  other.AddRevision("0001", "", "CREATE TABLE a (id INT PRIMARY KEY);", "DROP TABLE a;");
  other.AddRevision("0002b", "0001", "ALTER TABLE a ADD d INT;", "");
  other.Seal();
  const std::vector<PushedFile> ours = FilesOf(checkout_), theirs = FilesOf(other);
  MigrationDir dir(site_.path());
  std::vector<std::thread> threads;
  for (const auto* files : {&ours, &theirs}) {
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&, files] {
        const auto pushed = PushFiles(site_.path(), *files);
        EXPECT_TRUE(pushed.ok()) << pushed.status();
        EXPECT_TRUE(dir.Load().ok()) << dir.Load().status();
      });
    }
  }
  for (std::thread& thread : threads) thread.join();
  const auto folder = dir.Load();
  ASSERT_TRUE(folder.ok()) << folder.status();
  EXPECT_THAT((*folder)->graph().heads(), ElementsAre("0002b", "0003"));
}

// Ends the process after each step in turn: the folder is as before or as after, for whoever loads it next.
TEST_F(MigrationPushTest, KilledAnywhereItIsWhollyThereOrNotAtAll) {
  const std::string before = HashOf(site_.path()), after = HashOf(checkout_.path());
  const std::vector<PushedFile> files = FilesOf(checkout_);
  bool finished = false;
  int wholly = 0, not_at_all = 0;
  for (int steps = 1; !finished && steps < 50; ++steps) {
    const Folder site;
    std::filesystem::copy(site_.path(), site.path(),
                          std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
    const pid_t child = fork();
    if (child == 0) {
      int left = steps;
      const auto pushed = PushFiles(site.path(), files, [&] {
        if (--left == 0) _exit(9);
      });
      _exit(pushed.ok() ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    finished = WEXITSTATUS(status) == 0;
    ASSERT_TRUE(finished || WEXITSTATUS(status) == 9);
    const auto folder = MigrationDir(site.path()).Load();
    ASSERT_TRUE(folder.ok()) << "after step " << steps << ": " << folder.status();
    EXPECT_TRUE((*folder)->hash() == before || (*folder)->hash() == after) << "after step " << steps;
    ((*folder)->hash() == after ? wholly : not_at_all) += 1;
    EXPECT_FALSE(std::filesystem::exists(site.path() + "/.push"));
    const auto again = PushFiles(site.path(), files);
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(again->folder_hash, after);
    EXPECT_FALSE(std::filesystem::exists(site.path() + "/.push.new"));
  }
  EXPECT_TRUE(finished);
  EXPECT_GE(wholly, 4);
  EXPECT_GE(not_at_all, 3);
}

}  // namespace
}  // namespace bonnie::schema
