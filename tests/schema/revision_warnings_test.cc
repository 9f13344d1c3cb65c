#include "services/schema/revision_warnings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/schema/create_table.h"

namespace bonnie::schema {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A schema of one table `t` with one column `c`.
Schema With(Column column) {
  Schema schema;
  column.name = "c";
  schema.tables["t"].name = "t";
  schema.tables["t"].columns.push_back(std::move(column));
  return schema;
}

Column Typed(const std::string& type, bool nullable = true) {
  Column column;
  column.type = type;
  column.nullable = nullable;
  return column;
}

std::vector<RevisionWarning> Warn(const Schema& from, const Schema& to, Change::Kind kind) {
  Difference difference;
  Change change;
  change.kind = kind;
  change.table = "t";
  change.object = "c";
  difference.changes.push_back(change);
  return WarnOfRows(from, to, difference);
}

TEST(RevisionWarningsTest, SaysWhatSilentlyFillsRows) {
  const Schema to = With(Typed("varchar(30)", /*nullable=*/false));
  const auto warnings = Warn(Schema(), to, Change::Kind::kAddColumn);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_EQ(warnings[0].code, "MY101");
  EXPECT_THAT(warnings[0].description, HasSubstr("t.c: NOT NULL without a default: rows that are there get ''"));
  EXPECT_THAT(Warn(Schema(), With(Typed("int(11)")), Change::Kind::kAddColumn), IsEmpty());
  Column with_default = Typed("int(11)", /*nullable=*/false);
  with_default.default_value = "0";
  EXPECT_THAT(Warn(Schema(), With(with_default), Change::Kind::kAddColumn), IsEmpty());
}

TEST(RevisionWarningsTest, TellsNarrowerTypesFromWiderOnes) {
  const struct {
    const char* before;
    const char* after;
    const char* want;  // the code; null for none
  } cases[] = {
      {"varchar(50)", "varchar(100)", nullptr},
      {"varchar(50)", "varchar(20)", "narrowing"},
      {"char(50)", "varchar(50)", nullptr},
      {"varchar(50)", "text", nullptr},
      {"text", "varchar(50)", "narrowing"},
      {"longtext", "text", "narrowing"},
      {"int(11)", "bigint(20)", nullptr},
      {"bigint(20)", "int(11)", "narrowing"},
      {"int(10) unsigned", "int(11)", "narrowing"},
      {"decimal(10,2)", "decimal(12,4)", nullptr},
      {"decimal(10,2)", "decimal(10,3)", "narrowing"},
      {"datetime(6)", "datetime", "narrowing"},
      {"enum('a','b')", "enum('a','b','c')", nullptr},
      {"enum('a','b')", "enum('b','a')", "MY111"},
      {"enum('a','b')", "enum('a')", "MY110"},
  };
  for (const auto& c : cases) {
    const auto warnings = Warn(With(Typed(c.before)), With(Typed(c.after)), Change::Kind::kModifyColumn);
    if (c.want == nullptr) {
      EXPECT_THAT(warnings, IsEmpty()) << c.before << " to " << c.after;
    } else {
      ASSERT_EQ(warnings.size(), 1u) << c.before << " to " << c.after;
      EXPECT_EQ(warnings[0].code, c.want) << c.before << " to " << c.after;
    }
  }
}

TEST(RevisionWarningsTest, NamesWhatIsLost) {
  const auto warnings = Warn(With(Typed("int(11)")), Schema(), Change::Kind::kDropColumn);
  EXPECT_THAT(warnings,
              ElementsAre(RevisionWarning{"data-loss", "t.c: the column is dropped, and its values with it"}));
}

TEST(RevisionWarningsTest, LooksAtARenamedColumnUnderItsOldName) {
  Schema from = With(Typed("varchar(50)"));
  from.tables["t"].columns[0].name = "old";
  Difference difference;
  Change rename;
  rename.kind = Change::Kind::kRenameColumn;
  rename.table = "t";
  rename.object = "c";
  rename.before = "old";
  rename.after = "c";
  Change modify = rename;
  modify.kind = Change::Kind::kModifyColumn;
  difference.changes = {rename, modify};
  const auto warnings = WarnOfRows(from, With(Typed("varchar(20)")), difference);
  ASSERT_EQ(warnings.size(), 2u);
  EXPECT_EQ(warnings[0].code, "BC102");
  EXPECT_EQ(warnings[1].code, "narrowing");
}

TEST(RevisionWarningsTest, LeavesNoticesAndWhatIsIgnoredOut) {
  const Schema from = With(Typed("enum('a','b')")), to = With(Typed("enum('a','x','b')"));
  EXPECT_THAT(Warn(from, to, Change::Kind::kModifyColumn), IsEmpty());  // MY112 is a notice
  Difference difference;
  difference.changes = {{Change::Kind::kModifyColumn, "t", "c", "", ""}};
  EXPECT_EQ(WarnOfRows(from, to, difference, {{{"MY112", Severity::kWarning}}}).size(), 1u);
  EXPECT_THAT(WarnOfRows(from, With(Typed("enum('a')")), difference, {{{"MY110", Severity::kIgnore}}}), IsEmpty());
}

TEST(RevisionWarningsTest, LooksAtTexts) {
  const auto warnings = WarnOfText({"CREATE TABLE t (p int REFERENCES p (id))"});
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_EQ(warnings[0].code, "MY102");
}

TEST(RevisionWarningsTest, NamesATableWhoseKeysTheServerListsInAnotherOrder) {
  const std::string columns = "CREATE TABLE `t` (\n  `a` int(11) DEFAULT NULL,\n  `b` int(11) NOT NULL,\n  ";
  const auto made = ParseCreateTable(columns + "UNIQUE KEY `ub` (`b`),\n  UNIQUE KEY `ua` (`a`)\n) ENGINE=InnoDB");
  ASSERT_TRUE(made.ok()) << made.status();
  Schema schema;
  schema.tables.emplace("t", *made);
  const auto warn = [&](const std::string& sql, const std::string& changed) {
    ModelFile file;
    file.table = "t";
    file.sql = sql;
    std::vector<std::string> texts;
    for (const RevisionWarning& one :
         WarnOfKeyOrder({file}, schema, {{Change::Kind::kAddTable, changed, "", "", ""}})) {
      texts.push_back(absl::StrCat(one.code, " ", one.description));
    }
    return texts;
  };
  const std::string shown = columns + "UNIQUE KEY `ua` (`a`),\n  UNIQUE KEY `ub` (`b`)\n) ENGINE=InnoDB";
  EXPECT_THAT(warn(shown, "t"),
              ElementsAre("key-order t: the server lists its keys in another order than the model, ub, ua: "
                          "it sorts unique ones"));
  EXPECT_THAT(warn(shown, "u"), IsEmpty()) << "which does not change";
  EXPECT_THAT(warn(made->create_statement, "t"), IsEmpty());
  EXPECT_THAT(warn("create table t (a int unique, b int not null unique)", "t"), IsEmpty()) << "in a person's words";
}

}  // namespace
}  // namespace bonnie::schema
