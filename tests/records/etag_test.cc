#include "services/records/etag.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace bonnie::records {
namespace {

const absl::Time kTime = absl::FromUnixMicros(1'700'000'000'123'456);

TEST(EtagTest, IsTheSameForTheSameVersion) {
  EXPECT_EQ(MakeEtag(Kind::kPatient, 7, 3, kTime), MakeEtag(Kind::kPatient, 7, 3, kTime));
}

TEST(EtagTest, DiffersWithEveryPart) {
  const std::set<std::string> etags = {MakeEtag(Kind::kPatient, 7, 3, kTime),
                                       MakeEtag(Kind::kMedicalRecord, 7, 3, kTime),
                                       MakeEtag(Kind::kPatient, 8, 3, kTime),
                                       MakeEtag(Kind::kPatient, 7, 4, kTime),
                                       MakeEtag(Kind::kPatient, 7, 3, kTime + absl::Microseconds(1)),
                                       MakeEtag(Kind::kPatient, 3, 7, kTime)};
  EXPECT_EQ(etags.size(), 6u);
}

TEST(EtagTest, IsTwelveCharactersThatNeedNoQuotes) {
  const std::string etag = MakeEtag(Kind::kPatient, 1, 1, kTime);
  EXPECT_EQ(etag.size(), 12u);
  EXPECT_EQ(etag.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
            std::string::npos);
  EXPECT_NE(etag, kAnyEtag);
}

}  // namespace
}  // namespace bonnie::records
