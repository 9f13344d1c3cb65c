#include "services/data_access/statement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "services/data_access/statement_text.h"
#include "tests/support/status_matchers.h"

namespace bonnie::data_access {
namespace {

using test_support::IsOk;
using test_support::StatusIs;
using testing::HasSubstr;

constexpr Sql kAny{"any", "SELECT ?"};

TEST(StatementTest, BindsEachKindOfValue) {
  const Statement statement(kAny, true, 7, std::int64_t{-1}, 2.5, "text", std::string("string"), Bytes{"\x01"},
                            absl::CivilDay(33, 2, 1), absl::UnixEpoch() + absl::Microseconds(1), absl::optional<int>());
  const std::vector<Value> want = {std::int64_t{1},
                                   std::int64_t{7},
                                   std::int64_t{-1},
                                   2.5,
                                   std::string("text"),
                                   std::string("string"),
                                   Bytes{"\x01"},
                                   std::string("0033-02-01"),
                                   std::string("1970-01-01 00:00:00.000001"),
                                   std::monostate()};
  EXPECT_EQ(statement.parameters(), want);
}

TEST(RowsTest, ReadsWhatWasAdded) {
  Rows rows(4);
  rows.AddInteger(-5);
  rows.AddText("ab");
  rows.AddNull();
  rows.AddReal(0.5);
  rows.AddUnsigned(7);
  rows.AddText("");
  rows.AddText("2024-02-29");
  rows.AddText("2024-02-29 23:59:59.5");
  EXPECT_EQ(rows.size(), 2);
  ASSERT_TRUE(rows.Next());
  EXPECT_EQ(rows.Int64(0), -5);
  EXPECT_EQ(rows.Text(1), "ab");
  EXPECT_TRUE(rows.IsNull(2));
  EXPECT_EQ(rows.OptionalText(2), absl::nullopt);
  EXPECT_EQ(rows.OptionalDate(2), absl::nullopt);
  EXPECT_EQ(rows.OptionalTime(2), absl::nullopt);
  EXPECT_EQ(rows.Double(3), 0.5);
  ASSERT_TRUE(rows.Next());
  EXPECT_EQ(rows.Int64(0), 7);
  EXPECT_EQ(rows.Text(1), "");
  EXPECT_EQ(rows.Date(2), absl::CivilDay(2024, 2, 29));
  EXPECT_EQ(absl::ToUnixMicros(rows.Time(3)), 1709251199500000);
  EXPECT_FALSE(rows.Next());
  EXPECT_THAT(rows.status(), IsOk());
}

TEST(RowsTest, RefusesAnotherTypeOrRangeAndEndsTheLoop) {
  struct Case {
    const char* name;
    void (*add)(Rows&);
    void (*read)(Rows&);
  } const cases[] = {
      {"null as integer", [](Rows& rows) { rows.AddNull(); }, [](Rows& rows) { EXPECT_EQ(rows.Int64(0), 0); }},
      {"null as text", [](Rows& rows) { rows.AddNull(); }, [](Rows& rows) { EXPECT_EQ(rows.Text(0), ""); }},
      {"text as integer", [](Rows& rows) { rows.AddText("7"); }, [](Rows& rows) { EXPECT_EQ(rows.Int64(0), 0); }},
      {"integer as text", [](Rows& rows) { rows.AddInteger(7); }, [](Rows& rows) { EXPECT_EQ(rows.Text(0), ""); }},
      {"too large", [](Rows& rows) { rows.AddUnsigned(std::numeric_limits<std::uint64_t>::max()); },
       [](Rows& rows) { EXPECT_EQ(rows.Int64(0), 0); }},
      {"no date", [](Rows& rows) { rows.AddText("2023-02-29"); }, [](Rows& rows) { rows.Date(0); }},
      {"zero date", [](Rows& rows) { rows.AddText("0000-00-00"); }, [](Rows& rows) { rows.Date(0); }},
      {"date with more", [](Rows& rows) { rows.AddText("2023-01-01x"); }, [](Rows& rows) { rows.Date(0); }},
      {"no time", [](Rows& rows) { rows.AddText("2023-01-01 24:00:00"); }, [](Rows& rows) { rows.Time(0); }},
      {"no such column", [](Rows& rows) { rows.AddInteger(1); }, [](Rows& rows) { EXPECT_EQ(rows.Int64(1), 0); }},
  };
  for (const Case& c : cases) {
    Rows rows(1);
    c.add(rows);
    rows.AddInteger(1);  // a second row, not to be reached
    ASSERT_TRUE(rows.Next());
    c.read(rows);
    EXPECT_FALSE(rows.Next()) << c.name;
    EXPECT_THAT(rows.status(), StatusIs(absl::StatusCode::kInternal, HasSubstr("of a database row"))) << c.name;
  }
}

TEST(RowsTest, OfNoColumnsIsEmpty) {
  Rows rows;
  EXPECT_EQ(rows.size(), 0);
  EXPECT_FALSE(rows.Next());
}

TEST(StatementTextTest, WritesValuesSoThatNoneCanEndItsLiteral) {
  const Sql sql{"any", "SELECT '?', `a?`, \"?\", ?, ?, ?, ?, ?"};
  EXPECT_EQ(AsText(Statement(sql, -7, "o'\\", Bytes{std::string("\0\xff", 2)}, absl::optional<int>(), 0.1)),
            "SELECT '?', `a?`, \"?\", -7, _utf8mb4 X'6f275c', X'00ff', NULL, 1.00000000000000006e-01");
}

}  // namespace
}  // namespace bonnie::data_access
