#include "clients/cli/csv.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace bonnie::cli {
namespace {

// "1:1 a|1:3 b" per row, each field with its place; "!1:4 why" for a broken one.
std::vector<std::string> Rows(const std::string& text, char separator = ',') {
  std::vector<std::string> rows;
  ReadCsv(text, separator, [&](const CsvRow& row) {
    if (!row.error.empty()) {
      rows.push_back(absl::StrCat("!", row.place.line, ":", row.place.column));
      return;
    }
    EXPECT_EQ(row.place.line, row.fields.front().place.line);
    rows.push_back(absl::StrJoin(row.fields, "|", [](std::string* out, const CsvField& field) {
      absl::StrAppend(out, field.place.line, ":", field.place.column, " ", field.text);
    }));
  });
  return rows;
}
using Want = std::vector<std::string>;

TEST(CsvTest, ReadsRowsWithTheirPlaces) {
  EXPECT_EQ(Rows("a,bc,d\ne,f,g\n"), (Want{"1:1 a|1:3 bc|1:6 d", "2:1 e|2:3 f|2:5 g"}));
}

TEST(CsvTest, TheLastLineMayLackItsEnd) { EXPECT_EQ(Rows("a\nb"), (Want{"1:1 a", "2:1 b"})); }

TEST(CsvTest, ReadsCrLfAndAByteOrderMark) {
  EXPECT_EQ(Rows("\xef\xbb\xbf"
                 "a,b\r\nc,d\r\n"),
            (Want{"1:1 a|1:3 b", "2:1 c|2:3 d"}));
}

TEST(CsvTest, EmptyFieldsAreFieldsAndEmptyLinesAreNone) {
  EXPECT_EQ(Rows(",,\n\na,\n"), (Want{"1:1 |1:2 |1:3 ", "3:1 a|3:3 "}));
}

TEST(CsvTest, KeepsSpacesAndQuotedSeparators) {
  EXPECT_EQ(Rows(" a ,\"b,\"\"c\"\"\",\"two\nlines\",d\ne\n"),
            (Want{"1:1  a |1:5 b,\"c\"|1:15 two\nlines|2:8 d", "3:1 e"}));
}

TEST(CsvTest, OtherSeparators) { EXPECT_EQ(Rows("a;b,c\n", ';'), (Want{"1:1 a|1:3 b,c"})); }

TEST(CsvTest, ColumnsAreCharacters) { EXPECT_EQ(Rows("José,惠美,x\n"), (Want{"1:1 José|1:6 惠美|1:9 x"})); }

TEST(CsvTest, ABrokenLineIsToldOfAndTheNextIsRead) {
  EXPECT_EQ(Rows("a,b\nc,\"d\"e,f\ng,h\n"), (Want{"1:1 a|1:3 b", "!2:6", "3:1 g|3:3 h"}));
  EXPECT_EQ(Rows("a,b\"c\nd\n"), (Want{"!1:4", "2:1 d"}));
}

TEST(CsvTest, AQuotedFieldThatNeverEndsIsBroken) { EXPECT_EQ(Rows("a\n\"b\nc\n"), (Want{"1:1 a", "!2:1"})); }

TEST(CsvTest, NothingIsNoRow) {
  EXPECT_EQ(Rows(""), Want());
  EXPECT_EQ(Rows("\n\n"), Want());
}

}  // namespace
}  // namespace bonnie::cli
