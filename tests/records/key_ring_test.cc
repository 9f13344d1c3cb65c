#include "services/records/key_ring.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/records/key_files.h"

namespace bonnie::records {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(KeyRingTest, ReadsTheNewestFirst) {
  const KeyFolder folder;
  const auto ring = KeyRing::Open(folder.WriteKey("new", 'a'), {folder.WriteKey("old", 'b')});
  ASSERT_TRUE(ring.ok()) << ring.status();
  const auto keys = (*ring)->keys();
  ASSERT_EQ(keys->size(), 2u);
  EXPECT_EQ((*keys)[0].token_key, std::string(32, '\xaa'));
  EXPECT_EQ((*keys)[1].token_key, std::string(32, '\xbb'));
}

TEST(KeyRingTest, DerivesOtherKeysFromTheOneInTheFile) {
  const SealingKey a = SealingKey::From(std::string(32, 'a'));
  const SealingKey b = SealingKey::From(std::string(32, 'b'));
  EXPECT_EQ(a.id.size(), 4u);
  EXPECT_EQ(a.payload_key.size(), 32u);
  EXPECT_NE(a.payload_key, a.token_key);
  EXPECT_NE(a.payload_key.substr(0, 4), a.id);
  EXPECT_NE(a.id, b.id);
  EXPECT_NE(a.payload_key, b.payload_key);
  EXPECT_EQ(a.payload_key, SealingKey::From(std::string(32, 'a')).payload_key);
}

TEST(KeyRingTest, RefusesWhatIsNoKeyAndNamesTheFile) {
  const KeyFolder folder;
  const struct Case {
    const char* name;
    std::string file;
    const char* want;
  } cases[] = {
      {"missing", "/nowhere/key", "/nowhere/key: No such file"},
      {"short", folder.Write("short", "abcd"), "short: want 64 hexadecimal digits"},
      {"not hexadecimal", folder.Write("words", std::string(64, 'x')), "words: want 64 hexadecimal digits"},
      {"empty", folder.Write("empty", ""), "empty: want 64 hexadecimal digits"},
      {"open to all", folder.Write("open", std::string(64, 'a'), 0640), "open: group or others may read or write it"},
  };
  for (const Case& c : cases) {
    const auto ring = KeyRing::Open(c.file, {});
    EXPECT_EQ(ring.status().code(), absl::StatusCode::kFailedPrecondition) << c.name;
    EXPECT_THAT(std::string(ring.status().message()), HasSubstr(c.want)) << c.name;
  }
}

TEST(KeyRingTest, TakesAChangedKeyOver) {
  const KeyFolder folder;
  const auto ring = KeyRing::Open(folder.WriteKey("key", 'a'), {});
  ASSERT_TRUE(ring.ok());
  EXPECT_FALSE(*(*ring)->Reload());
  folder.WriteKey("key", 'b');
  EXPECT_EQ((*ring)->keys()->front().token_key, std::string(32, '\xaa'));
  EXPECT_TRUE(*(*ring)->Reload());
  EXPECT_EQ((*ring)->keys()->front().token_key, std::string(32, '\xbb'));
  EXPECT_FALSE(*(*ring)->Reload());
}

TEST(KeyRingTest, KeepsItsKeysWhenAFileGoesBadAndSaysSoOnce) {
  const KeyFolder folder;
  const auto ring = KeyRing::Open(folder.WriteKey("key", 'a'), {});
  ASSERT_TRUE(ring.ok());
  folder.Write("key", "half a k");
  const absl::StatusOr<bool> bad = (*ring)->Reload();
  EXPECT_EQ(bad.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(bad.status().message()), HasSubstr("key: want 64 hexadecimal digits"));
  EXPECT_THAT(std::string(bad.status().message()), Not(HasSubstr("half")));
  EXPECT_EQ((*ring)->keys()->front().token_key, std::string(32, '\xaa'));
  EXPECT_FALSE(*(*ring)->Reload());
  folder.WriteKey("key", 'b');
  EXPECT_TRUE(*(*ring)->Reload());
}

}  // namespace
}  // namespace bonnie::records
