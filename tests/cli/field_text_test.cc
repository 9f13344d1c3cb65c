#include "clients/cli/field_text.h"

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>
#include <gtest/gtest.h>

namespace bonnie::cli {
namespace {

TEST(FieldTextTest, ReadsAndWritesDates) {
  for (const char* text : {"1980-02-29", "0001-01-01", "9999-12-31", "2000-02-29"}) {
    const auto date = ParseDate(text);
    ASSERT_TRUE(date.ok()) << text;
    EXPECT_EQ(DateText(*date), text);
  }
}

TEST(FieldTextTest, RefusesWhatIsNoDate) {
  for (const char* text : {"", "1980", "1980-2-29", "80-02-29", "1981-02-29", "1900-02-29", "1980-13-01", "1980-00-10",
                           "1980-01-00", "0000-01-01", "1980/02/29", "1980-02-29 ", "+980-02-29", "1980-02-3a"}) {
    EXPECT_FALSE(ParseDate(text).ok()) << text;
  }
}

TEST(FieldTextTest, KnowsTheWordsOfGender) {
  for (const char* word : {"female", "male", "other", "unknown"}) {
    ASSERT_TRUE(ParseGender(word).ok()) << word;
    EXPECT_EQ(GenderText(*ParseGender(word)), word);
  }
  EXPECT_FALSE(ParseGender("Female").ok());
  EXPECT_FALSE(ParseGender("").ok());
  EXPECT_EQ(GenderText(records::v1::GENDER_UNSPECIFIED), "");
}

TEST(FieldTextTest, WritesTimesInUtc) {
  google::protobuf::Timestamp time;
  time.set_seconds(1'763'878'200);
  EXPECT_EQ(TimeText(time), "2025-11-23T06:10:00Z");
}

TEST(FieldTextTest, WritesElapsedTimeInOneUnit) {
  struct Case {
    int64_t seconds;
    int32_t nanos;
    const char* want;
  };
  for (const Case& c :
       {Case{0, 120'000'000, "0.12 s"}, Case{9, 990'000'000, "9.99 s"}, Case{10, 0, "10 s"}, Case{119, 0, "119 s"},
        Case{120, 0, "2 min"}, Case{7199, 0, "119 min"}, Case{7200, 0, "2 h"}, Case{172'800, 0, "2 d"}}) {
    google::protobuf::Duration elapsed;
    elapsed.set_seconds(c.seconds);
    elapsed.set_nanos(c.nanos);
    EXPECT_EQ(ElapsedText(elapsed), c.want);
  }
}

TEST(FieldTextTest, GroupsTheDigitsOfCounts) {
  EXPECT_EQ(CountText(0), "0");
  EXPECT_EQ(CountText(999), "999");
  EXPECT_EQ(CountText(8376), "8,376");
  EXPECT_EQ(CountText(1234567), "1,234,567");
  EXPECT_EQ(CountText(-123), "-123");
  EXPECT_EQ(CountText(-1234), "-1,234");
}

}  // namespace
}  // namespace bonnie::cli
