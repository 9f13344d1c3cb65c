#include "services/records/indexed_sql.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "services/records/medical_records.h"
#include "services/records/patients.h"

namespace bonnie::records {
namespace {

TEST(SizedSqlTest, BindsKeysToTheSmallestStatementThatHoldsThem) {
  const struct Case {
    int keys, want;
  } cases[] = {{1, 1},   {2, 2},    {3, 4},     {4, 4},     {5, 8},    {33, 64},
               {64, 64}, {65, 128}, {128, 128}, {129, 200}, {200, 200}};
  for (const Case& c : cases) {
    std::vector<std::int64_t> keys(static_cast<std::size_t>(c.keys));
    std::iota(keys.begin(), keys.end(), 1);
    const data_access::Statement statement = PatientsByIds().For(keys);
    EXPECT_EQ(static_cast<int>(statement.parameters().size()), c.want) << c.keys;
    EXPECT_EQ(std::count(statement.text().begin(), statement.text().end(), '?'), c.want) << c.keys;
    for (int i = 0; i < c.want; ++i) {
      EXPECT_EQ(std::get<std::int64_t>(statement.parameters()[static_cast<std::size_t>(i)]), std::min(i + 1, c.keys));
    }
  }
}

TEST(SizedSqlTest, KeepsOneTextPerSize) {
  EXPECT_EQ(PatientsByIds().all().size(), 9u);
  EXPECT_EQ(PatientsByIds().Sized(5).sql.text, PatientsByIds().Sized(8).sql.text);
  EXPECT_NE(MedicalRecordsByIds().Sized(1).sql.text, PatientsByIds().Sized(1).sql.text);
}

}  // namespace
}  // namespace bonnie::records
