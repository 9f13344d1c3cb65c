#include "services/schema/create_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/support/status_matchers.h"

namespace bonnie::schema {
namespace {

using test_support::IsOk;
using test_support::StatusIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A table of one column with this clause.
Column OneColumn(const std::string& definition) {
  const std::string text =
      absl::StrCat("CREATE TABLE `t` (\n  `c` ", definition, "\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4");
  absl::StatusOr<Table> table = ParseCreateTable(text);
  EXPECT_THAT(table, IsOk()) << definition;
  if (!table.ok()) return Column{};
  EXPECT_EQ(table->columns.at(0).definition, definition);
  EXPECT_EQ(WriteCreateTable(*table, true), text);
  return table->columns[0];
}

// A table with this clause after its columns.
Table WithClause(const std::string& clause) {
  const std::string text = absl::StrCat("CREATE TABLE `t` (\n  `a` int,\n  `b` int,\n  ", clause, "\n) ENGINE=InnoDB");
  absl::StatusOr<Table> table = ParseCreateTable(text);
  EXPECT_THAT(table, IsOk()) << clause;
  if (!table.ok()) return Table{};
  EXPECT_EQ(WriteCreateTable(*table, true), text);
  return *std::move(table);
}

TEST(CreateTableTest, ReadsTypes) {
  for (const std::string type :
       {"int", "int(11)", "int(10) unsigned", "decimal(10,2) unsigned zerofill", "double(5,2)", "bit(5)", "year(4)",
        "enum('a,b','c''d','(','\\\\','💩')", "set('x')", "varchar(50)", "timestamp(6)", "geometry", "vector(3)", "uuid",
        "json", "longtext", "`mariadb_schema`.date", "mariadb_schema.date"}) {
    EXPECT_EQ(OneColumn(absl::StrCat(type, " NOT NULL")).type, type);
  }
}

TEST(CreateTableTest, ReadsDefaults) {
  struct Case {
    std::string definition;
    absl::optional<std::string> value;
    std::string on_update;
  };
  const Case cases[] = {
      {"int NOT NULL", absl::nullopt, ""},
      {"int DEFAULT NULL", "NULL", ""},
      {"varchar(4) DEFAULT 'NULL'", "'NULL'", ""},
      {"varchar(9) NOT NULL DEFAULT 'it''s \\\\ DEFAULT COMMENT' COMMENT 'x'", "'it''s \\\\ DEFAULT COMMENT'", ""},
      {"int DEFAULT -1 COMMENT 'x'", "-1", ""},
      {"double DEFAULT -1.5e-10", "-1.5e-10", ""},
      {"bit(5) DEFAULT b'101'", "b'101'", ""},
      {"binary(4) DEFAULT 0x00FF0000", "0x00FF0000", ""},
      {"timestamp(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6) COMMENT 'on'",
       "CURRENT_TIMESTAMP(6)", "CURRENT_TIMESTAMP(6)"},
      {"timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp()", "current_timestamp()",
       "current_timestamp()"},
      {"datetime DEFAULT NULL ON UPDATE current_timestamp(3)", "NULL", "current_timestamp(3)"},
      {"varchar(36) DEFAULT (uuid())", "(uuid())", ""},
      {"varchar(36) DEFAULT uuid() CHECK (`c` <> '')", "uuid()", ""},
      {"text DEFAULT (concat('a)',`b`)) /*!80023 INVISIBLE */", "(concat('a)',`b`))", ""},
      {"int(11) INVISIBLE DEFAULT 5", "5", ""},
      {"text COLLATE utf8mb4_bin DEFAULT (_utf8mb4'abc')", "(_utf8mb4'abc')", ""},
      {"int DEFAULT nextval(`s`.`q`) `engine option`='1'", "nextval(`s`.`q`)", ""},
  };
  for (const Case& test : cases) {
    const Column column = OneColumn(test.definition);
    EXPECT_EQ(column.default_value, test.value) << test.definition;
    EXPECT_EQ(column.on_update, test.on_update) << test.definition;
  }
}

TEST(CreateTableTest, ReadsGeneratedColumns) {
  const Column virtual_column = OneColumn("int GENERATED ALWAYS AS ((`b` + 1)) VIRTUAL NOT NULL COMMENT 'x'");
  EXPECT_EQ(virtual_column.generated, "(`b` + 1)");
  EXPECT_FALSE(virtual_column.stored);
  EXPECT_FALSE(virtual_column.nullable);
  EXPECT_EQ(virtual_column.default_value, absl::nullopt);
  const Column stored = OneColumn("int(11) GENERATED ALWAYS AS (concat(')',`b`)) STORED INVISIBLE");
  EXPECT_EQ(stored.generated, "concat(')',`b`)");
  EXPECT_TRUE(stored.stored);
  EXPECT_TRUE(stored.invisible);
  EXPECT_TRUE(OneColumn("int(11) GENERATED ALWAYS AS (`b`) PERSISTENT").stored);
  EXPECT_EQ(OneColumn("timestamp(6) GENERATED ALWAYS AS ROW START").generated, "ROW START");
  EXPECT_EQ(OneColumn("timestamp(6) GENERATED ALWAYS AS ROW END INVISIBLE").generated, "ROW END");
}

TEST(CreateTableTest, ReadsCharsetsAndTheirInheritance) {
  struct Case {
    std::string definition, charset, collation;
  };
  const Case cases[] = {
      {"varchar(5)", "utf8mb4", "utf8mb4_bin"},
      {"varchar(5) CHARACTER SET latin1 COLLATE latin1_swedish_ci", "latin1", "latin1_swedish_ci"},
      {"text CHARACTER SET latin1", "latin1", ""},  // its default collation is the server's business
      {"enum('a') COLLATE utf8mb4_general_ci", "utf8mb4", "utf8mb4_general_ci"},
      {"int", "", ""},
      {"varbinary(5)", "", ""},
      {"json", "", ""},
  };
  for (const Case& test : cases) {
    const absl::StatusOr<Table> table =
        ParseCreateTable(absl::StrCat("CREATE TABLE `t` (\n  `c` ", test.definition,
                                      "\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin"));
    ASSERT_THAT(table, IsOk());
    EXPECT_EQ(table->columns[0].charset, test.charset) << test.definition;
    EXPECT_EQ(table->columns[0].collation, test.collation) << test.definition;
  }
}

TEST(CreateTableTest, ReadsOtherAttributesOfColumns) {
  EXPECT_TRUE(OneColumn("bigint unsigned NOT NULL AUTO_INCREMENT").auto_increment);
  EXPECT_TRUE(OneColumn("bigint unsigned NOT NULL AUTO_INCREMENT /*!80023 INVISIBLE */").invisible);
  EXPECT_TRUE(OneColumn("timestamp NULL DEFAULT NULL").nullable);
  EXPECT_EQ(OneColumn("int COMMENT 'it''s\\n\\\\ \\'quoted\\' ,('").comment, "it's\n\\ 'quoted' ,(");
  EXPECT_EQ(OneColumn("longtext DEFAULT NULL CHECK (json_valid(`c`))").check, "json_valid(`c`)");
  for (const std::string definition :
       {"point NOT NULL /*!80003 SRID 4326 */", "point NOT NULL REF_SYSTEM_ID=101",
        "varchar(5) /*!50606 STORAGE DISK */ /*!50606 COLUMN_FORMAT FIXED */ DEFAULT NULL",
        "varchar(500) /*M!100301 COMPRESSED*/ DEFAULT NULL", "int(11) DEFAULT NULL WITHOUT SYSTEM VERSIONING",
        "int DEFAULT NULL /*!80021 ENGINE_ATTRIBUTE '{\"a\": 1}' */", "int NOT SECONDARY DEFAULT NULL",
        "int(11) DEFAULT NULL /* `foo`='bar, ''' */", "timestamp /* mariadb-5.3 */ NOT NULL"}) {
    OneColumn(definition);
  }
}

TEST(CreateTableTest, ReadsIndexes) {
  const Table plain = WithClause("UNIQUE KEY `u` (`a`(10) DESC,`b`) USING BTREE KEY_BLOCK_SIZE=8 COMMENT 'it''s'");
  ASSERT_EQ(plain.indexes.size(), 1u);
  const Index& index = plain.indexes[0];
  EXPECT_EQ(index.kind, Index::Kind::kUnique);
  EXPECT_EQ(index.name, "u");
  ASSERT_EQ(index.parts.size(), 2u);
  EXPECT_EQ(index.parts[0].column, "a");
  EXPECT_EQ(index.parts[0].prefix, 10);
  EXPECT_TRUE(index.parts[0].descending);
  EXPECT_FALSE(index.parts[1].descending);
  EXPECT_EQ(index.comment, "it's");

  const Table functional = WithClause("KEY `f` ((lower(`a`)) DESC,`b`)");
  EXPECT_EQ(functional.indexes[0].parts[0].expression, "lower(`a`)");
  EXPECT_TRUE(functional.indexes[0].parts[0].descending);

  EXPECT_EQ(WithClause("PRIMARY KEY (`a`)").indexes[0].name, "PRIMARY");
  EXPECT_EQ(WithClause("FULLTEXT KEY `f` (`a`) COMMENT 'x' /*!50100 WITH PARSER `ngram` */").indexes[0].parser,
            "ngram");
  EXPECT_EQ(WithClause("SPATIAL KEY `s` (`a`)").indexes[0].kind, Index::Kind::kSpatial);
  EXPECT_EQ(WithClause("VECTOR KEY `v` (`a`) `m`=8 `distance`=cosine").indexes[0].kind, Index::Kind::kVector);
  EXPECT_EQ(WithClause("VECTOR KEY `v` (`a`) M=8 DISTANCE=cosine").indexes[0].kind, Index::Kind::kVector);
  EXPECT_TRUE(WithClause("KEY `i` (`a`) /*!80000 INVISIBLE */").indexes[0].invisible);
  EXPECT_TRUE(WithClause("KEY `i` (`a`) KEY_BLOCK_SIZE=1024 IGNORED").indexes[0].invisible);
  EXPECT_EQ(WithClause("UNIQUE KEY `w` (`a`,`p` WITHOUT OVERLAPS)").indexes[0].parts[1].column, "p");
}

TEST(CreateTableTest, ReadsForeignKeys) {
  const Table table = WithClause(
      "CONSTRAINT `f``k` FOREIGN KEY (`a`, `b`) REFERENCES `other`.`t.x` (`c`, `d`) ON DELETE SET NULL ON UPDATE NO "
      "ACTION");
  ASSERT_EQ(table.foreign_keys.size(), 1u);
  const ForeignKey& key = table.foreign_keys[0];
  EXPECT_EQ(key.name, "f`k");
  EXPECT_THAT(key.columns, ElementsAre("a", "b"));
  EXPECT_EQ(key.referenced_schema, "other");
  EXPECT_EQ(key.referenced_table, "t.x");
  EXPECT_THAT(key.referenced_columns, ElementsAre("c", "d"));
  EXPECT_EQ(key.on_delete, "SET NULL");
  EXPECT_EQ(key.on_update, "NO ACTION");
  EXPECT_EQ(WriteCreateTable(table, false), "CREATE TABLE `t` (\n  `a` int,\n  `b` int\n) ENGINE=InnoDB");
}

TEST(CreateTableTest, ReadsChecks) {
  const Table table = WithClause("CONSTRAINT `c` CHECK (((`a` > 0) or (`b` = _utf8mb4')'))) /*!80016 NOT ENFORCED */");
  ASSERT_EQ(table.checks.size(), 1u);
  EXPECT_EQ(table.checks[0].expression, "((`a` > 0) or (`b` = _utf8mb4')'))");
  EXPECT_FALSE(table.checks[0].enforced);
  EXPECT_TRUE(WithClause("CONSTRAINT `c` CHECK (`a` > 0)").checks[0].enforced);
}

TEST(CreateTableTest, ReadsPeriodsWhereverTheyStand) {
  const std::string text =
      "CREATE TABLE `t` (\n  `a` date,\n  `b` date,\n  PERIOD FOR `p` (`a`, `b`),\n  KEY `a` (`a`),\n"
      "  PERIOD FOR SYSTEM_TIME (`r`, `e`)\n) ENGINE=InnoDB WITH SYSTEM VERSIONING";
  const absl::StatusOr<Table> table = ParseCreateTable(text);
  ASSERT_THAT(table, IsOk());
  EXPECT_EQ(table->periods.size(), 2u);
  EXPECT_EQ(WriteCreateTable(*table, true), text);
}

TEST(CreateTableTest, ReadsTableOptions) {
  const std::string options =
      "ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin MIN_ROWS=2 ROW_FORMAT=DYNAMIC "
      "`encrypted`='no' COMMENT='it''s, =(' DATA DIRECTORY='/tmp/' UNION=(`a`,`b`) WITH SYSTEM VERSIONING SEQUENCE=1 "
      "/* `x`='1' */";
  const std::string text = absl::StrCat("CREATE TABLE `t` (\n  `a` int\n) ", options);
  const absl::StatusOr<Table> table = ParseCreateTable(text);
  ASSERT_THAT(table, IsOk());
  EXPECT_EQ(table->option("ENGINE"), "InnoDB");
  EXPECT_EQ(table->option("AUTO_INCREMENT"), "7");
  EXPECT_EQ(table->option("DEFAULT CHARSET"), "utf8mb4");
  EXPECT_EQ(table->option("COMMENT"), "'it''s, =('");
  EXPECT_EQ(table->option("DATA DIRECTORY"), "'/tmp/'");
  EXPECT_EQ(table->option("UNION"), "(`a`,`b`)");
  EXPECT_EQ(table->option("`encrypted`"), "'no'");
  EXPECT_EQ(table->option("CHECKSUM"), "");
  EXPECT_EQ(table->options.back().name, "/* `x`='1' */");
  EXPECT_EQ(WriteCreateTable(*table, true), text);
}

TEST(CreateTableTest, ResolvesVersionCommentsAroundOptionsAndPartitioning) {
  const absl::StatusOr<Table> table = ParseCreateTable(
      "CREATE TABLE `t` (\n  `a` int NOT NULL\n) /*!50100 TABLESPACE `x y` */ /*!80023 AUTOEXTEND_SIZE=4194304 */ "
      "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 /*!80021 ENGINE_ATTRIBUTE '{}' */ /*!80016 ENCRYPTION='Y' */\n"
      "/*!50100 PARTITION BY RANGE (`a`)\n(PARTITION p0 VALUES LESS THAN (10) COMMENT = '*/,' ENGINE = InnoDB,\n"
      " PARTITION `p 1` VALUES LESS THAN MAXVALUE ENGINE = InnoDB) */");
  ASSERT_THAT(table, IsOk());
  EXPECT_EQ(table->option("TABLESPACE"), "`x y`");
  EXPECT_EQ(table->option("ENCRYPTION"), "'Y'");
  EXPECT_EQ(
      WriteCreateTable(*table, true),
      "CREATE TABLE `t` (\n  `a` int NOT NULL\n) TABLESPACE `x y` AUTOEXTEND_SIZE=4194304 ENGINE=InnoDB DEFAULT "
      "CHARSET=utf8mb4 ENGINE_ATTRIBUTE '{}' ENCRYPTION='Y'\nPARTITION BY RANGE (`a`)\n(PARTITION p0 VALUES LESS THAN "
      "(10) COMMENT = '*/,' ENGINE = InnoDB,\n PARTITION `p 1` VALUES LESS THAN MAXVALUE ENGINE = InnoDB)");
}

TEST(CreateTableTest, ReadsMariaDbsPartitioning) {
  const absl::StatusOr<Table> table = ParseCreateTable(
      "CREATE TABLE `t` (\n  `a` int NOT NULL\n) ENGINE=InnoDB\n PARTITION BY HASH (`a`)\nPARTITIONS 4");
  ASSERT_THAT(table, IsOk());
  EXPECT_EQ(table->partitioning, "PARTITION BY HASH (`a`)\nPARTITIONS 4");
}

TEST(CreateTableTest, ReadsOddNames) {
  for (const std::string name :
       {"a b", "a.b", "a``b", "💩", "select", "a\nb", "--", "/*!50100 x */", "'", "`` (", "#"}) {
    const std::string text = absl::StrCat("CREATE TABLE `", name, "` (\n  `", name, "` int,\n  KEY `", name, "` (`",
                                          name, "`)\n) ENGINE=InnoDB");
    const absl::StatusOr<Table> table = ParseCreateTable(text);
    ASSERT_THAT(table, IsOk()) << name;
    const std::string want = absl::StrReplaceAll(name, {{"``", "`"}});
    EXPECT_EQ(table->name, want);
    EXPECT_NE(table->FindColumn(want), nullptr);
    EXPECT_NE(table->FindIndex(want), nullptr);
    EXPECT_EQ(table->FindIndex("other"), nullptr);
    EXPECT_EQ(WriteCreateTable(*table, true), text);
  }
}

TEST(CreateTableTest, RefusesWhatItDoesNotUnderstand) {
  struct Case {
    std::string text, message;
  };
  const Case cases[] = {
      {"CREATE VIEW `v` AS select 1", "want CREATE TABLE at 'CREATE VIEW"},
      {"CREATE TABLE `s`.`t` (\n  `a` int\n) ENGINE=InnoDB", "want '(' at '.`t`"},
      {"CREATE TABLE `t` (\n  `a` int NEWFANGLED 3\n) ENGINE=InnoDB",
       "table 't': want a column's attribute at 'NEWFANGLED 3"},
      {"CREATE TABLE `t` (\n  `a` int,\n  MAGIC KEY `b` (`a`)\n) ENGINE=InnoDB", "PERIOD at 'MAGIC KEY"},
      {"CREATE TABLE `t` (\n  `a` int,\n  KEY `b` (`a`) SORTED\n) ENGINE=InnoDB", "want an index option at 'SORTED"},
      {"CREATE TABLE `t` (\n  `a` int,\n  CONSTRAINT `c` EXCLUDE (`a`)\n) ENGINE=InnoDB", "want FOREIGN KEY or CHECK"},
      {"CREATE TABLE `t` (\n  `a` int\n) ENGINE=InnoDB FAST", "want '=' at 'the end'"},
      {"CREATE TABLE `t` (\n  `a` int", "want ')'"},
      {"CREATE TABLE `t` (\n  `a` int\n) /* a comment */ /* and one more */ ENGINE=InnoDB", "put together again"},
      {"CREATE /* x */ TABLE `t` (\n  `a` int\n) ENGINE=InnoDB", "put together again"},
      {"CREATE TABLE `t` (\n  `a` int\n) ENGINE=InnoDB\nSHARDED BY (`a`)", "want '=' at 'BY"},
      {"", "want CREATE TABLE at 'the end'"},
  };
  for (const Case& test : cases) {
    EXPECT_THAT(ParseCreateTable(test.text), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(test.message)));
  }
}

TEST(CreateTableTest, QuotesNamesAndTexts) {
  EXPECT_EQ(QuoteName("a`b"), "`a``b`");
  EXPECT_EQ(QuoteText(absl::string_view("it's \\ \n\r\0\x1a", 11)), "'it''s \\\\ \\n\\r\\0\\Z'");
}

}  // namespace
}  // namespace bonnie::schema
