#include "services/records/page.h"

#include <google/protobuf/field_mask.pb.h>
#include <gtest/gtest.h>

#include "bonnie/records/v1/resources.pb.h"

namespace bonnie::records {
namespace {

std::vector<MedicalRecord> Records(int count, std::size_t bytes) {
  std::vector<MedicalRecord> records(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    records[static_cast<std::size_t>(i)].id = i + 1;
    records[static_cast<std::size_t>(i)].admission_date = absl::CivilDay(2020, 1, 1) + i;
    records[static_cast<std::size_t>(i)].treatment = std::string(bytes, 't');
  }
  return records;
}

const View& All() {
  static const View view(*v1::MedicalRecord::descriptor(), {}, {});
  return view;
}

using Page = google::protobuf::RepeatedPtrField<v1::MedicalRecord>;

TEST(PageTest, IsTheLastWhenNoRowIsLeftOver) {
  Page page;
  EXPECT_FALSE(FillPage(Records(3, 1), 3, All(), &page).has_value());
  EXPECT_EQ(page.size(), 3);
}

TEST(PageTest, GoesOnAfterItsLastRow) {
  Page page;
  EXPECT_EQ(FillPage(Records(4, 1), 3, All(), &page), (Cursor{absl::CivilDay(2020, 1, 3), 3}));
  EXPECT_EQ(page.size(), 3);
}

TEST(PageTest, EndsEarlyAtThreeMebibytes) {
  Page page;
  const auto next = FillPage(Records(100, 40'000), 100, All(), &page);
  ASSERT_TRUE(next.has_value());
  EXPECT_EQ(page.size(), 78);  // of 40 kB each
  EXPECT_EQ(next->id, 78);
  std::size_t bytes = 0;
  for (const auto& record : page) bytes += record.ByteSizeLong();
  EXPECT_LE(bytes, kMaxPageBytes);
}

TEST(PageTest, HoldsARowThatIsTooLargeAlone) {
  Page page;
  EXPECT_EQ(FillPage(Records(2, kMaxPageBytes), 2, All(), &page)->id, 1);
  EXPECT_EQ(page.size(), 1);
}

TEST(PageTest, IsEmptyWithoutRows) {
  Page page;
  EXPECT_FALSE(FillPage(std::vector<MedicalRecord>(), 3, All(), &page).has_value());
}

}  // namespace
}  // namespace bonnie::records
