#include "services/schema/known_tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "services/schema/create_table.h"

namespace bonnie::schema {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string CreateOf(const std::string& name, const std::string& parent, const std::string& type = "int") {
  return absl::StrCat("CREATE TABLE `", name, "` (\n  `id` ", type,
                      " NOT NULL AUTO_INCREMENT,\n  `p` int DEFAULT NULL,\n  PRIMARY KEY (`id`)",
                      parent.empty() ? ""
                                     : absl::StrCat(",\n  CONSTRAINT `", name, "_fk` FOREIGN KEY (`p`) REFERENCES `",
                                                    parent, "` (`id`)"),
                      "\n) ENGINE=InnoDB");
}

void Put(const std::string& create, Schema* schema) {
  const auto table = ParseCreateTable(create);
  ASSERT_TRUE(table.ok()) << table.status();
  schema->tables.emplace(table->name, *table);
}

// grandparent <- parent <- child <- grandchild, and a table alone.
Schema Family() {
  Schema schema;
  schema.flavour = data_access::Flavour::kMySql;
  Put(CreateOf("alone", ""), &schema);
  Put(CreateOf("grandparent", ""), &schema);
  Put(CreateOf("parent", "grandparent"), &schema);
  Put(CreateOf("child", "parent"), &schema);
  Put(CreateOf("grandchild", "child"), &schema);
  return schema;
}

std::vector<ScratchStatement> Script() {
  return {{CreateOf("alone", ""), "1"},
          {CreateOf("grandparent", ""), "2"},
          {CreateOf("parent", "grandparent"), "3"},
          {CreateOf("child", "parent"), "4"},
          {CreateOf("grandchild", "child"), "5"}};
}

std::vector<std::string> StatementsRun(const std::vector<ScratchStatement>& script, const Schema& live,
                                       Children children = Children::kMade) {
  const auto statements = OfScript(script);
  if (!statements.has_value()) return {"all"};
  std::vector<std::string> run;
  for (const MakingStatement& one : FindToMake(*statements, live, true, children).run) {
    run.push_back(absl::StrCat(one.statement.where, one.check_foreign_keys ? "" : " unchecked"));
  }
  return run;
}

TEST(KnownTablesTest, WhatTheDatabaseHasIsNotMade) { EXPECT_THAT(StatementsRun(Script(), Family()), IsEmpty()); }

TEST(KnownTablesTest, WhatDiffersIsMadeWithItsChildrenAndTheirParents) {
  auto script = Script();
  script[2].sql = CreateOf("parent", "grandparent", "bigint");
  EXPECT_THAT(StatementsRun(script, Family()), ElementsAre("2 unchecked", "3", "4"));
  script = Script();
  script[0].sql = CreateOf("alone", "", "bigint");
  EXPECT_THAT(StatementsRun(script, Family()), ElementsAre("1"));
}

TEST(KnownTablesTest, ChildrenAreLeftOutAsLongAsWhatTheyReferToStays) {
  auto script = Script();
  script[2].sql = CreateOf("parent", "grandparent", "bigint");
  EXPECT_THAT(StatementsRun(script, Family(), Children::kLeftOut), ElementsAre("2 unchecked", "3"));
  const ToMake to_make = FindToMake(*OfScript(script), Family(), true, Children::kLeftOut);
  struct Case {
    const char* name;
    const char* from;
    const char* to;
    bool want;
  } const kCases[] = {
      {"another column", "`p` int DEFAULT NULL,", "`p` bigint DEFAULT NULL,\n  `q` int DEFAULT NULL,", true},
      {"another index", "PRIMARY KEY (`id`)", "PRIMARY KEY (`id`),\n  KEY `q` (`p`)", true},
      {"the column referred to", "`id` int NOT NULL", "`id` bigint NOT NULL", false},
      {"the column's name", "`id`", "`no`", false},
      {"the index", "PRIMARY KEY (`id`)", "KEY `id` (`id`)", false},
      {"the engine", "ENGINE=InnoDB", "ENGINE=MyISAM", false},
      {"partitions", "ENGINE=InnoDB", "ENGINE=InnoDB\n PARTITION BY HASH (`id`)", false},
      {"the whole table", "CREATE TABLE `parent`", "CREATE TABLE `other`", false},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    Schema made;
    Put(CreateOf("grandparent", ""), &made);
    Put(absl::StrReplaceAll(CreateOf("parent", "grandparent"), {{c.from, c.to}}), &made);
    EXPECT_EQ(ChildrenStay(to_make, Family(), made), c.want);
  }
}

TEST(KnownTablesTest, EveryStatementOfATableThatIsAlteredRuns) {
  auto script = Script();
  script.push_back({"ALTER TABLE `grandchild` ADD COLUMN `a` int", "6"});
  script.push_back({"CREATE INDEX `i` ON `grandchild` (`a`)", "7"});
  EXPECT_THAT(StatementsRun(script, Family()), ElementsAre("4 unchecked", "5", "6", "7"));
  script.push_back({"ALTER TABLE `alone` ADD FOREIGN KEY (`p`) REFERENCES `grandparent` (`id`)", "8"});
  EXPECT_THAT(StatementsRun(script, Family()), ElementsAre("1", "2 unchecked", "4 unchecked", "5", "6", "7", "8"));
}

TEST(KnownTablesTest, AScriptWithMoreThanTablesRunsWhole) {
  for (const char* sql : {"CREATE VIEW v AS SELECT 1", "INSERT INTO alone (p) VALUES (1)", "RENAME TABLE alone TO b",
                          "ALTER TABLE alone RENAME TO b", "CREATE TABLE b LIKE alone",
                          "CREATE TRIGGER t BEFORE INSERT ON alone FOR EACH ROW SET NEW.p = 1", "DROP VIEW v"}) {
    auto script = Script();
    script.push_back({sql, "6"});
    EXPECT_THAT(StatementsRun(script, Family()), ElementsAre("all")) << sql;
  }
}

TEST(KnownTablesTest, ADoubtfulTableIsMade) {
  Schema live = Family();
  live.unsupported.push_back({"alone", "column p: default", "lost"});
  EXPECT_THAT(StatementsRun(Script(), live), ElementsAre("1"));
}

TEST(KnownTablesTest, TakesSpaceCommentsAndCaseOfKeywordsForNoDifference) {
  const Table table = Family().tables.at("alone");
  const struct {
    const char* sql;
    bool want;
  } cases[] = {
      {"create table `alone` (`id` INT not null auto_increment, -- its key\n `p` int default null, primary key (`id`)) "
       "engine=innodb",
       true},
      {"CREATE TABLE `alone` (`ID` int NOT NULL AUTO_INCREMENT, `p` int DEFAULT NULL, PRIMARY KEY (`id`)) "
       "ENGINE=InnoDB",
       false},
      {"CREATE TABLE `alone` (`id` int NOT NULL AUTO_INCREMENT, `p` int, PRIMARY KEY (`id`)) ENGINE=InnoDB", false},
      {"CREATE TABLE `alone` (`id` int NOT NULL AUTO_INCREMENT, `p` int DEFAULT NULL, PRIMARY KEY (`id`)) "
       "/*!99999 ENGINE=InnoDB */",
       false},
  };
  for (const auto& c : cases) EXPECT_EQ(IsFormattedText(c.sql, table), c.want) << c.sql;
}

TEST(KnownTablesTest, SeesAConstraintsNameInTwoTables) {
  ToMake to_make;
  to_make.known = Family().tables;
  Schema made = Schema();
  EXPECT_TRUE(AddKnown(to_make, &made));
  Schema twice;
  Put(absl::StrCat("CREATE TABLE `z` (\n  `p` int,\n  CONSTRAINT `CHILD_fk` FOREIGN KEY (`p`) REFERENCES `parent` "
                   "(`id`)\n) ENGINE=InnoDB"),
      &twice);
  EXPECT_FALSE(AddKnown(to_make, &twice));
}

}  // namespace
}  // namespace bonnie::schema
