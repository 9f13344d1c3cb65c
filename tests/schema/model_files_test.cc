#include "services/schema/model_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "services/schema/create_table.h"
#include "services/schema/model_folder.h"
#include "services/server/error.h"
#include "tests/schema/folder.h"

namespace bonnie::schema {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

constexpr char kPatientsFile[] =
    "-- The people under the clinic's care.\n"
    "-- renamed-from: people\n"
    "CREATE TABLE patients (\n"
    "  id INT NOT NULL AUTO_INCREMENT,\n"
    "  family_name VARCHAR(50) NOT NULL DEFAULT 'a; -- b', -- renamed-from: last_name\n"
    "  clinic_id INT, doctor INT REFERENCES doctors (id),\n"
    "  price DECIMAL(5,2) DEFAULT 1.5,\n"
    "  PRIMARY KEY (id), -- renamed-from: nobody\n"
    "  FOREIGN KEY (clinic_id) REFERENCES `clinics` (id)\n"
    ") COMMENT='x.y';\n";

TEST(ModelFilesTest, ReadsOneTable) {
  const auto file = ParseModelFile("patients.sql", kPatientsFile);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->file_name, "patients.sql");
  EXPECT_EQ(file->table, "patients");
  EXPECT_EQ(file->line, 3);
  EXPECT_EQ(file->sql.substr(0, 21), "CREATE TABLE patients");
  EXPECT_EQ(file->sql.substr(file->sql.size() - 15), ") COMMENT='x.y'");
  EXPECT_EQ(file->preamble, "-- The people under the clinic's care.\n-- renamed-from: people\n");
  EXPECT_THAT(file->renamed_from, ElementsAre(Pair("", "people"), Pair("family_name", "last_name")));
  EXPECT_THAT(file->references, ElementsAre(Pair("doctors", 6), Pair("clinics", 9)));
  EXPECT_TRUE(file->has_inner_comments) << "the one behind the primary key is no hint";
}

TEST(ModelFilesTest, KeepsTheMarkOfAColumnWithoutDefault) {
  const auto table =
      ParseCreateTable("CREATE TABLE `t` (\n  `a` int,\n  `b` int DEFAULT NULL,\n  `c` text\n) ENGINE=InnoDB");
  ASSERT_TRUE(table.ok()) << table.status();
  const std::string text = FormatModelFile(*table);
  EXPECT_EQ(text,
            "CREATE TABLE `t` (\n  `a` int, -- no-default\n  `b` int DEFAULT NULL,\n  `c` text\n) ENGINE=InnoDB;\n");
  auto file = ParseModelFile("t.sql", text);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_THAT(file->no_default, ElementsAre("a"));
  EXPECT_FALSE(file->has_inner_comments);
  file->renamed_from.emplace("a", "z");
  const auto both = ParseModelFile("t.sql", FormatModelFile(*table, &*file));
  ASSERT_TRUE(both.ok()) << both.status();
  EXPECT_THAT(both->no_default, ElementsAre("a"));
  EXPECT_THAT(both->renamed_from, ElementsAre(Pair("a", "z")));
}

TEST(ModelFilesTest, KeepsAMarkOfMariaDbsWhereItMeansNothing) {
  const auto table =
      ParseCreateTable("CREATE TABLE `t` (\n  `a` int(11) DEFAULT NULL,\n  `b` int(11) NOT NULL\n) ENGINE=InnoDB");
  ASSERT_TRUE(table.ok()) << table.status();
  ModelFile before;
  before.no_default = {"a", "b", "c"};
  EXPECT_EQ(
      FormatModelFile(*table, &before),
      "CREATE TABLE `t` (\n  `a` int(11) DEFAULT NULL, -- no-default\n  `b` int(11) NOT NULL\n) ENGINE=InnoDB;\n");
  EXPECT_TRUE(ParseModelFile("t.sql", FormatModelFile(*table, &before)).ok());
}

TEST(ModelFilesTest, TakesWhatServersAndToolsWrite) {
  const char* const texts[] = {
      "CREATE TABLE IF NOT EXISTS `a` (`b` int(11)) /*!50100 PARTITION BY HASH (`b`) PARTITIONS 4 */",
      "create table a(b int default .5, c int as (b + 1.0), d json default (json_extract(`b`, '$.x.y')))",
      "CREATE TABLE `we``ird.name` (`a.b` INT, `select` INT, `values` INT)\n;\n-- the end\n",
      "CREATE TABLE a (b INT) PARTITION BY RANGE (b) (PARTITION p0 VALUES LESS THAN (10))",
      "CREATE TABLE a (b INT, /*!80023 INVISIBLE */ c INT)",
      "CREATE TABLE `表` (`💩` INT COMMENT 'it''s \\' `x`.`y`')",
  };
  for (const char* text : texts)
    EXPECT_TRUE(ParseModelFile("a.sql", text).ok()) << text << ParseModelFile("a.sql", text).status();
  EXPECT_EQ(ParseModelFile("a.sql", texts[2])->table, "we`ird.name");
  EXPECT_FALSE(ParseModelFile("a.sql", texts[4])->has_inner_comments);
}

struct BadCase {
  const char* name;
  std::string text;
  const char* want;
};

TEST(ModelFilesTest, RefusesWithFileAndLine) {
  const BadCase cases[] = {
      {"nothing", "-- only a comment\n", "model/a.sql:1: holds no statement"},
      {"a mark and a default",
       "CREATE TABLE a (\n  b INT DEFAULT NULL, -- no-default\n  c INT DEFAULT 5 -- no-default\n);",
       "model/a.sql:3: column `c` is marked no-default, and"},
      {"a mark and NOT NULL", "CREATE TABLE a (\n  b INT NOT NULL -- no-default\n);",
       "model/a.sql:2: column `b` is marked"},
      {"two tables", "CREATE TABLE a (b INT);\n\nCREATE TABLE c (d INT);\n",
       "model/a.sql:3: a second CREATE TABLE, of `c`"},
      {"a dump's DROP", "DROP TABLE IF EXISTS `a`;\nCREATE TABLE a (b INT);",
       "model/a.sql:1: DROP has no place in a model"},
      {"a dump's SET", "CREATE TABLE a (b INT);\n/*!40101 SET character_set_client = @x */;",
       "model/a.sql:2: SET has no"},
      {"a delimiter of its own", "DELIMITER //\nCREATE TABLE a (b INT); CREATE TABLE c (d INT)//",
       "model/a.sql:2: a model wants no DELIMITER"},
      {"the end of a comment", "*/ CREATE TABLE a (b INT)", "model/a.sql:1: * has no place"},
      {"rows", "CREATE TABLE a (b INT);\nINSERT INTO a VALUES (1);", "model/a.sql:2: INSERT has no place"},
      {"LOCK", "LOCK TABLES a WRITE;", "model/a.sql:1: LOCK has no place"},
      {"a view", "CREATE VIEW a AS SELECT 1", "CREATE VIEW belongs in a revision"},
      {"an index", "CREATE INDEX a ON b (c)", "CREATE INDEX belongs in a revision"},
      {"or replace", "CREATE OR REPLACE TABLE a (b INT)", "model/a.sql:1: OR REPLACE has no place"},
      {"temporary", "CREATE TEMPORARY TABLE a (b INT)", "a TEMPORARY table"},
      {"like", "CREATE TABLE a LIKE b", "LIKE says nothing of its own"},
      {"like in parentheses", "CREATE TABLE a (LIKE b)", "LIKE says nothing of its own"},
      {"select", "CREATE TABLE a SELECT 1", "want the columns in parentheses"},
      {"as select", "CREATE TABLE a AS SELECT 1", "want the columns in parentheses"},
      {"columns and select", "CREATE TABLE a (b INT)\nAS SELECT 1 AS b", "model/a.sql:2: a table made from a query"},
      {"columns and replace select", "CREATE TABLE a (b INT) REPLACE SELECT 1 AS b", "made from a query"},
      {"columns and table", "CREATE TABLE a (b INT) TABLE c", "made from a query"},
      {"qualified", "CREATE TABLE x.a (b INT)", "model/a.sql:1: `x`.`a` is a qualified name"},
      {"qualified, spaces", "CREATE TABLE x . a (b INT)", "`x`.`a` is a qualified name"},
      {"qualified, comments", "CREATE TABLE x/* */./*! a */ (b INT)", "`x`.`a` is a qualified name"},
      {"qualified, backticks", "CREATE TABLE `x` . `a` (b INT)", "`x`.`a` is a qualified name"},
      {"qualified, one backtick", "CREATE TABLE x.`a` (b INT)", "`x`.`a` is a qualified name"},
      {"qualified parent", "CREATE TABLE a (\nb INT REFERENCES x.y (z))", "model/a.sql:2: `x`.`y` is a qualified name"},
      {"qualified parent, quoted", "CREATE TABLE a (b INT,\nFOREIGN KEY (b) REFERENCES `x`.`y` (z))", "`x`.`y` is a q"},
      {"qualified union", "CREATE TABLE a (b INT) ENGINE=MERGE UNION=(x.y)", "`x`.`y` is a qualified name"},
      {"qualified in a version comment", "CREATE TABLE a (b INT) /*! UNION=(x.y) */", "`x`.`y` is a qualified name"},
      {"no name", "CREATE TABLE (b INT)", "want a table's name"},
      {"nolint of no rule", "-- Why.\n-- nolint: key\nCREATE TABLE a (b INT)",
       "model/a.sql:2: nolint: 'key' is no rule"},
      {"nolint of a column", "CREATE TABLE a (\nb INT -- nolint: nullable why\n)",
       "model/a.sql:2: a nolint belongs on a line before the CREATE TABLE"},
      {"byte order mark",
       "\xEF\xBB\xBF"
       "CREATE TABLE a (b INT)",
       "model/a.sql:1: begins with a byte order mark"},
      {"CRLF", "CREATE TABLE a (\n\r\nb INT)", "model/a.sql:2: has carriage returns"},
      {"no UTF-8", "CREATE TABLE a (\nb INT COMMENT '\xE4')", "model/a.sql:2: is not UTF-8"},
      {"NUL", std::string("CREATE TABLE a (b INT)\n\0", 24), "model/a.sql:2: holds a NUL byte"},
      {"unending string", "CREATE TABLE a (\nb INT COMMENT 'x)", "model/a.sql:2: this string does not end"},
      {"unending name", "CREATE TABLE `a (b INT)", "model/a.sql:1: this quoted name does not end"},
      {"unending comment", "CREATE TABLE a /* (b INT)", "model/a.sql:1: this comment does not end"},
      {"too large", std::string(1100000, ' '), "larger than 1 MiB"},
  };
  for (const BadCase& c : cases) {
    const auto file = ParseModelFile("a.sql", c.text);
    EXPECT_EQ(file.status().code(), absl::StatusCode::kInvalidArgument) << c.name;
    EXPECT_THAT(std::string(file.status().message()), HasSubstr(c.want)) << c.name;
    const auto details = server::DetailsOf(file.status());
    ASSERT_TRUE(details.has_value()) << c.name;
    EXPECT_EQ(details->reason, "MODEL_FILE_INVALID") << c.name;
  }
}

TEST(ModelFilesTest, ReadsWhatNotToLintAndKeepsIt) {
  const auto file = ParseModelFile("a.sql", "-- nolint: pk a queue\n-- nolint: data-loss\nCREATE TABLE a (b INT)");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_THAT(file->nolint, ElementsAre("data-loss", "pk"));
  EXPECT_EQ(file->preamble, "-- nolint: pk a queue\n-- nolint: data-loss\n");
}

TEST(ModelFilesTest, NamesBothFilesOfOneTable) {
  const auto model = ParseModel({{"a.sql", "CREATE TABLE t (b INT)"}, {"b.sql", "\nCREATE TABLE t (c INT)"}});
  EXPECT_EQ(model.status().message(), "model/b.sql:2: table `t` is already in model/a.sql");
}

TEST(ModelFilesTest, ReadsAFolder) {
  const Folder folder;
  EXPECT_TRUE(ReadModelTexts(folder.path() + "/nowhere").value().empty());
  folder.Write("b.sql", "CREATE TABLE b (c INT);\n");
  folder.Write("a.sql", "CREATE TABLE a (c INT);\n");
  folder.Write(".a.sql", "an editor's");
  folder.Write("README.md", "prose");
  const auto texts = ReadModelTexts(folder.path());
  ASSERT_TRUE(texts.ok()) << texts.status();
  EXPECT_THAT(*texts,
              ElementsAre(Pair("a.sql", "CREATE TABLE a (c INT);\n"), Pair("b.sql", "CREATE TABLE b (c INT);\n")));
}

TEST(ModelFilesTest, NamesFilesAfterTables) {
  EXPECT_EQ(ModelFileName("patients"), "patients.sql");
  EXPECT_EQ(ModelFileName("a b/..`"), "a%20b%2F%2E%2E%60.sql");
  EXPECT_EQ(ModelFileName("-rf"), "%2Drf.sql");
  EXPECT_EQ(ModelFileName("a-b"), "a-b.sql");
  EXPECT_EQ(ModelFileName("表"), "%E8%A1%A8.sql");
}

}  // namespace
}  // namespace bonnie::schema
