// Runs ALTER TABLE for each pair of types whose values ValueChangeOf says are kept or refused, and for samples of the
// other pairs.
#include "services/schema/lint_rules/value_change.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "services/schema/create_table.h"
#include "services/schema/ddl_session.h"
#include "tests/schema/folder.h"
#include "tests/schema/harness.h"
#include "tests/support/test_database.h"

namespace bonnie::schema {
namespace {

struct Type {
  const char* sql;
  std::vector<const char*> values;  // SQL that the type takes
};

// Values at the ends of each type, and those that other types read in another way.
const std::vector<Type>& Types() {
  static const auto* const kTypes = new std::vector<Type>{
      {"TINYINT", {"0", "1", "-128", "127"}},
      {"SMALLINT UNSIGNED", {"0", "20", "65535"}},
      {"MEDIUMINT", {"-8388608", "8388607"}},
      {"INT", {"0", "7", "-2147483648", "2147483647", "20200131"}},
      {"INT UNSIGNED", {"0", "4294967295"}},
      {"INT ZEROFILL", {"7"}},
      {"BIGINT", {"-9223372036854775808", "9223372036854775807", "9007199254740993"}},
      {"BIGINT UNSIGNED", {"18446744073709551615"}},
      {"DECIMAL(10,0)", {"1", "9999999999", "-9999999999"}},
      {"DECIMAL(10,2)", {"1.50", "99999999.99", "-0.01"}},
      {"DECIMAL(12,4) UNSIGNED", {"0.0001", "99999999.9999"}},
      {"FLOAT", {"0.1", "1.5", "16777216"}},
      {"DOUBLE", {"0.1", "1.5", "1e300"}},
      {"BIT(4)", {"b'0101'", "b'1111'"}},
      {"BIT(8)", {"b'0101'", "b'11111111'"}},
      {"YEAR", {"1901", "2020", "2155"}},
      {"DATE", {"'2020-01-31'", "'1969-12-31'", "'9999-12-31'"}},
      {"DATETIME", {"'2020-01-31 00:00:00'", "'2020-01-31 23:59:58'", "'1000-01-01 00:00:01'"}},
      {"DATETIME(6)", {"'2020-01-31 23:59:58.999999'"}},
      {"TIMESTAMP NULL", {"'2020-01-31 23:59:58'"}},
      {"TIMESTAMP(3) NULL", {"'2020-01-31 23:59:58.123'"}},
      {"TIME", {"'00:00:00'", "'-838:59:59'", "'12:30:01'"}},
      {"TIME(3)", {"'12:30:01.250'"}},
      {"CHAR(5)", {"'abcde'", "'007'", "'a'"}},
      {"CHAR(20)", {"'2020-01-31'", "'12345678901234567890'"}},
      {"VARCHAR(5)", {"'007'", "'1.50'", "'a  '", "''", "'2'"}},
      {"VARCHAR(20)", {"'abc                 '", "'2020-01-31'", "'äöü'"}},
      {"VARCHAR(255)", {"'12:30'", "REPEAT('ä', 255)", "CONCAT('x', REPEAT(' ', 200))"}},
      {"TINYTEXT", {"REPEAT('x', 255)", "CONCAT('x', REPEAT(' ', 200))"}},
      {"TEXT", {"'[1, 2]'", "CONCAT('x', REPEAT(' ', 300))", "REPEAT('ä', 30000)"}},
      {"MEDIUMTEXT", {"CONCAT('x', REPEAT(' ', 70000))"}},
      {"VARCHAR(20) CHARACTER SET latin1", {"'äöü'", "'abc   '"}},
      {"VARCHAR(20) CHARACTER SET ascii", {"'abc'"}},
      {"TINYTEXT CHARACTER SET latin1", {"REPEAT('ä', 255)"}},
      {"VARCHAR(20) CHARACTER SET utf8mb4", {"'\xF0\x9F\x98\x80'", "'äöü'"}},
      {"BINARY(4)", {"X'01020304'", "X'61'"}},
      {"BINARY(8)", {"X'0102030405060708'"}},
      {"VARBINARY(4)", {"X'6120'", "X'00'", "X'61622000'"}},
      {"VARBINARY(20)", {"X'6120202020202020'", "X'6100000000000000'"}},
      {"TINYBLOB", {"X'61'", "REPEAT(X'00', 255)"}},
      {"BLOB", {"REPEAT(' ', 300)", "X''"}},
      {"ENUM('no','yes')", {"'no'", "'yes'"}},
      {"ENUM('No','Yes')", {"'No'"}},
      {"ENUM('a','ä','ß','ss')", {"'ä'", "'ß'"}},
      {"SET('A','B')", {"'A,B'"}},
      {"TEXT CHARACTER SET utf8mb3", {"REPEAT('ä', 30000)", "CONCAT('x', REPEAT(' ', 40000))"}},
      {"TEXT CHARACTER SET utf16", {"'äöü'"}},
      {"INT(20) ZEROFILL", {"7"}},
      {"DECIMAL(10,10)", {"-0.1234567890"}},
      {"VARCHAR(12)", {"'x'"}},
      {"ENUM('yes','no','maybe')", {"'no'", "'maybe'"}},
      {"ENUM('10','20','5')", {"'10'", "'20'", "'5'"}},
      {"SET('a','b')", {"'a'", "'a,b'", "''"}},
      {"SET('c','b','a')", {"'a'", "'c,a'"}},
      {"JSON", {"'{\"b\": 1, \"a\": [1, 2.50]}'", "'7'", "'\"x\"'"}},
      {"POINT", {"ST_GeomFromText('POINT(1 2)')"}},
      {"LINESTRING", {"ST_GeomFromText('LINESTRING(1 2, 3 4)')"}},
      {"GEOMETRY", {"ST_GeomFromText('POINT(1 2)')", "ST_GeomFromText('LINESTRING(1 2, 3 4)')"}},
  };
  return *kTypes;
}

// How a value is read, so that equal values read equal whatever the type before and after.
std::string Reading(const Column& column) {
  for (const char* word : {"bit"}) {
    if (absl::StartsWith(column.type, word)) return "CAST(c + 0 AS CHAR)";
  }
  for (const char* word : {"binary", "varbinary", "tinyblob", "blob"}) {
    if (absl::StartsWith(column.type, word)) return "HEX(c)";
  }
  for (const char* word : {"point", "linestring", "geometry"}) {
    if (absl::StartsWith(column.type, word)) return "ST_AsText(c)";
  }
  return "CAST(c AS CHAR CHARACTER SET utf8mb4)";
}

// A number without what only its type adds, a date without a time of day of zero. A text is what it is.
std::string Plain(const Column& column, const std::string& value) {
  for (const char* text : {"char", "varchar", "tinytext", "text", "mediumtext"}) {
    if (absl::StartsWith(column.type, text)) return value;
  }
  std::string plain = value;
  const bool is_number = !plain.empty() && plain.find_first_not_of("+-.0123456789 :") == std::string::npos;
  if (!is_number || absl::EndsWith(plain, " ")) return value;
  if (plain.find('.') != std::string::npos) {
    while (absl::EndsWith(plain, "0")) plain.pop_back();
    if (absl::EndsWith(plain, ".")) plain.pop_back();
  }
  if (plain.size() > 10) plain = std::string(absl::StripSuffix(plain, " 00:00:00"));
  while (plain.size() > 1 && plain[0] == '0' && plain.find_first_of(":-. ") == std::string::npos) plain.erase(0, 1);
  return plain;
}

class ValueChangeTest : public ::testing::Test {
 protected:
  ValueChangeTest() : harness_(Database(), folder_.path()) {
    harness_.Reset();
    harness_.Query("GRANT SELECT, INSERT, UPDATE, DELETE ON bonnie.* TO 'bonnie_schema'@'%'");
    auto ddl = DdlSession::Open(harness_.driver(), harness_.Connect(), absl::Seconds(2));
    EXPECT_TRUE(ddl.ok()) << ddl.status();
    ddl_ = *std::move(ddl);
  }
  static test_support::TestDatabase& Database() {
    static auto* const kDatabase = new test_support::TestDatabase();
    return *kDatabase;
  }
  static void TearDownTestSuite() { (void)Database().Kill(); }

  // Makes the table t with a column c of that type; false where this server has none such.
  bool Make(const std::string& type) {
    EXPECT_TRUE(ddl_->Run("DROP TABLE IF EXISTS t").ok());
    return ddl_->Run(absl::StrCat("CREATE TABLE t (id INT PRIMARY KEY, c ", type, ")")).ok();
  }
  void Insert(const std::vector<const char*>& values) {
    std::vector<std::string> rows = {"(0, NULL)"};
    for (size_t i = 0; i < values.size(); ++i) rows.push_back(absl::StrCat("(", i + 1, ", ", values[i], ")"));
    const absl::Status inserted = ddl_->Run(absl::StrCat("INSERT INTO t VALUES ", absl::StrJoin(rows, ", ")));
    EXPECT_TRUE(inserted.ok()) << inserted;
  }
  Column ColumnC() {
    const auto text = ddl_->ShowCreate({SchemaObject::Kind::kTable, "t"});
    EXPECT_TRUE(text.ok() && text->has_value());
    const auto table = ParseCreateTable(**text);
    EXPECT_TRUE(table.ok()) << table.status();
    return *table->FindColumn("c");
  }
  // By row. `origin`: the column from which they came.
  std::map<std::int64_t, std::string> Values(const Column& column, const Column& origin) {
    const std::string query = absl::StrCat("SELECT id, COALESCE(", Reading(column), ", 'NULL') FROM t");
    auto rows = ddl_->session().Query(data_access::Statement(data_access::Sql{"test.values", query.c_str()}));
    EXPECT_TRUE(rows.ok()) << rows.status();
    std::map<std::int64_t, std::string> values;
    while (rows.ok() && rows->Next()) values[rows->Int64(0)] = Plain(origin, std::string(rows->Text(1)));
    return values;
  }

  Folder folder_;
  Harness harness_;
  std::unique_ptr<DdlSession> ddl_;
};

// A conversion of `values` from one type to another: whether the server ran it, and which values read otherwise then.
struct Tried {
  bool ran = false;
  std::vector<std::string> different;
};

class ConversionTest : public ValueChangeTest {
 protected:
  Tried Try(const Type& from, const Column& before, const Type& to, const Column& after,
            const std::vector<const char*>& values) {
    EXPECT_TRUE(Make(from.sql));
    Insert(values);
    const auto was = Values(before, before);
    Tried tried;
    tried.ran = ddl_->Run(absl::StrCat("ALTER TABLE t MODIFY c ", to.sql)).ok();
    const auto is = Values(tried.ran ? after : before, before);
    for (const auto& [id, value] : was) {
      if (is.at(id) != value) tried.different.push_back(absl::StrCat("'", value, "' -> '", is.at(id), "'"));
    }
    return tried;
  }
};

TEST_F(ConversionTest, WhatIsNotAnnouncedKeepsEveryValueOrIsRefused) {
  std::map<std::string, Column> columns;  // as SHOW CREATE has them
  for (const Type& type : Types()) {
    if (Make(type.sql)) columns[type.sql] = ColumnC();
  }
  ASSERT_GT(columns.size(), 45u);
  int conversions = 0, announced = 0, refused = 0, silent = 0;
  for (const Type& from : Types()) {
    for (const Type& to : Types()) {
      if (columns.count(from.sql) == 0 || columns.count(to.sql) == 0) continue;
      const Column &before = columns[from.sql], &after = columns[to.sql];
      ++conversions;
      const ValueChange change = ValueChangeOf(before, after, /*in_utc=*/true);
      if (change.fate >= ValueFate::kChanged) {
        ++announced;
        EXPECT_NE(change.what, "");
        continue;
      }
      Tried tried = Try(from, before, to, after, from.values);
      if (!tried.ran && from.values.size() > 1) {  // one value may hide what becomes of the others
        for (const char* value : from.values) {
          const Tried one = Try(from, before, to, after, {value});
          tried.different.insert(tried.different.end(), one.different.begin(), one.different.end());
        }
      }
      if (!tried.ran) {
        ++refused;
        EXPECT_EQ(change.fate, ValueFate::kKeptOrRefused) << from.sql << " becomes " << to.sql << " is refused";
      }
      silent += tried.different.empty() ? 0 : 1;
      EXPECT_THAT(tried.different, ::testing::IsEmpty()) << from.sql << " becomes " << to.sql;
    }
  }
  std::cout << "values: " << conversions << " conversions, " << announced << " announced, " << refused
            << " with values that the server refuses, silently different: " << silent << "\n";
}

// A class that announces everything would pass the test above.
TEST_F(ConversionTest, WhatIsAnnouncedHappens) {
  const struct {
    Type from, to;
    ValueFate fate;
  } cases[] = {
      {{"TINYINT", {"1"}}, {"ENUM('no','yes')", {}}, ValueFate::kChanged},
      {{"ENUM('10','20','5')", {"'20'"}}, {"INT", {}}, ValueFate::kChanged},
      {{"VARCHAR(5)", {"'007'"}}, {"INT", {}}, ValueFate::kChanged},
      {{"VARCHAR(5)", {"'2'"}}, {"ENUM('no','yes')", {}}, ValueFate::kChanged},
      {{"INT", {"991231"}}, {"DATE", {}}, ValueFate::kChanged},
      {{"TIME", {"'12:30:01'"}}, {"DATETIME", {}}, ValueFate::kChanged},
      {{"FLOAT", {"0.1"}}, {"DOUBLE", {}}, ValueFate::kChanged},
      {{"DECIMAL(10,2)", {"1.50"}}, {"INT UNSIGNED", {}}, ValueFate::kLost},
      {{"DATETIME", {"'2020-01-31 23:59:58'"}}, {"DATE", {}}, ValueFate::kLost},
      {{"DATETIME(6)", {"'2020-01-31 23:59:58.25'"}}, {"DATETIME", {}}, ValueFate::kLost},
      {{"VARCHAR(20)", {"'a  '"}}, {"CHAR(20)", {}}, ValueFate::kLost},
      {{"TEXT", {"CONCAT('a', REPEAT(' ', 10))"}}, {"VARCHAR(5)", {}}, ValueFate::kLost},
      {{"VARBINARY(4)", {"X'61'"}}, {"BINARY(4)", {}}, ValueFate::kLost},
  };
  for (const auto& c : cases) {
    ASSERT_TRUE(Make(c.to.sql));
    const Column after = ColumnC();
    ASSERT_TRUE(Make(c.from.sql));
    const Column before = ColumnC();
    EXPECT_EQ(ValueChangeOf(before, after, true).fate, c.fate) << c.from.sql << " becomes " << c.to.sql;
    const Tried tried = Try(c.from, before, c.to, after, c.from.values);
    EXPECT_TRUE(tried.ran) << c.from.sql << " becomes " << c.to.sql;
    EXPECT_EQ(tried.different.size(), 1u) << c.from.sql << " becomes " << c.to.sql;
  }
}

TEST_F(ConversionTest, NullsThatDoNotStopTheStatementAreAnnounced) {
  for (const auto& [from, to] : {std::pair("DATETIME NULL", "TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP"),
                                 std::pair("TIMESTAMP NULL", "TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP"),
                                 std::pair("INT NULL", "INT NOT NULL AUTO_INCREMENT UNIQUE"),
                                 std::pair("DATE NULL", "DATE NOT NULL"), std::pair("INT NULL", "INT NOT NULL"),
                                 std::pair("VARCHAR(9) NULL", "VARCHAR(9) NOT NULL"),
                                 std::pair("ENUM('a') NULL", "ENUM('a') NOT NULL")}) {
    ASSERT_TRUE(ddl_->Run("DROP TABLE IF EXISTS t").ok());
    ASSERT_TRUE(ddl_->Run(absl::StrCat("CREATE TABLE t (id INT, c ", from, ")")).ok());
    const Column before = ColumnC();
    ASSERT_TRUE(ddl_->Run("INSERT INTO t VALUES (1, NULL)").ok());
    const bool ran = ddl_->Run(absl::StrCat("ALTER TABLE t MODIFY c ", to)).ok();
    if (!ran) continue;
    EXPECT_EQ(ValueChangeOf(before, ColumnC(), true).fate, ValueFate::kChanged) << from << " becomes " << to;
  }
}

TEST_F(ConversionTest, OutsideUtcTimestampsMoveAndThatIsAnnounced) {
  const auto offset = [&](const char* zone, const char* from, const char* to) {
    const std::string in_zone = absl::StrCat("SET time_zone = '", zone, "'; ");
    harness_.Query(absl::StrCat("SET GLOBAL time_zone = '", zone, "'; DROP TABLE IF EXISTS t; ", in_zone,
                                "CREATE TABLE t (id INT, c ", from,
                                "); INSERT INTO t VALUES (1, '2020-01-31 12:00:00')"));
    EXPECT_TRUE(ddl_->Run(absl::StrCat("ALTER TABLE t MODIFY c ", to)).ok());
    return harness_.Query(absl::StrCat(in_zone, "SELECT TIMESTAMPDIFF(HOUR, '2020-01-31 12:00:00', c) FROM t"));
  };
  EXPECT_EQ(offset("+05:00", "TIMESTAMP NULL", "DATETIME"), "-5\n");
  EXPECT_EQ(offset("+05:00", "DATETIME", "TIMESTAMP NULL"), "5\n");
  EXPECT_EQ(offset("+00:00", "TIMESTAMP NULL", "DATETIME"), "0\n");
  harness_.Query("SET GLOBAL time_zone = 'SYSTEM'");
  Column datetime, timestamp;
  datetime.type = "datetime";
  timestamp.type = "timestamp";
  for (const auto& [before, after] : {std::pair(datetime, timestamp), std::pair(timestamp, datetime)}) {
    EXPECT_EQ(ValueChangeOf(before, after, /*in_utc=*/false).fate, ValueFate::kChanged);
    EXPECT_LT(ValueChangeOf(before, after, /*in_utc=*/true).fate, ValueFate::kChanged);
  }
}

TEST(ValueChangeOfTest, WhatIsComputedFromNowOnIsLost) {
  Column plain, stored, other;
  plain.type = stored.type = other.type = "int(11)";
  stored.generated = "`a` * 2";
  other.generated = "`a` * 3";
  EXPECT_EQ(ValueChangeOf(plain, stored, true).fate, ValueFate::kLost);
  EXPECT_EQ(ValueChangeOf(stored, plain, true).fate, ValueFate::kKept);
  EXPECT_EQ(ValueChangeOf(stored, other, true).fate, ValueFate::kChanged);
  EXPECT_EQ(ValueChangeOf(stored, stored, true).fate, ValueFate::kKept);
}

}  // namespace
}  // namespace bonnie::schema
