#include "services/schema/show_create.h"

#include <gtest/gtest.h>

namespace bonnie::schema {
namespace {

Table Reading(const std::string& text, std::vector<TableOption> options) {
  Table table;
  table.create_statement = text;
  table.options = std::move(options);
  return table;
}

TEST(ShowCreateTest, CountersAndTheOrderOfKeysAreNoDifference) {
  const Table a = Reading(
      "CREATE TABLE `t` (\n  `a` int(11),\n  `b` int(11),\n  PRIMARY KEY (`a`),\n  KEY `x` (`b`),\n  KEY `y` (`a`)\n"
      ") ENGINE=InnoDB AUTO_INCREMENT=7 COMMENT='AUTO_INCREMENT=7'",
      {{"ENGINE", "InnoDB"}, {"AUTO_INCREMENT", "7"}, {"COMMENT", "'AUTO_INCREMENT=7'"}});
  const Table b = Reading(
      "CREATE TABLE `t` (\n  `a` int(11),\n  `b` int(11),\n  PRIMARY KEY (`a`),\n  KEY `y` (`a`),\n  KEY `x` (`b`)\n"
      ") COMMENT='AUTO_INCREMENT=7' ENGINE=InnoDB",
      {{"COMMENT", "'AUTO_INCREMENT=7'"}, {"ENGINE", "InnoDB"}});
  EXPECT_EQ(ComparableText(a), ComparableText(b));
}

TEST(ShowCreateTest, TheOrderOfColumnsIsADifference) {
  const Table a = Reading("CREATE TABLE `t` (\n  `a` int(11),\n  `b` int(11)\n)", {});
  const Table b = Reading("CREATE TABLE `t` (\n  `b` int(11),\n  `a` int(11)\n)", {});
  EXPECT_NE(ComparableText(a), ComparableText(b));
  EXPECT_EQ(FirstDifference(ComparableText(a), ComparableText(b)), "`a` int(11) / `b` int(11)");
}

TEST(ShowCreateTest, OptionsAndPartitionsAreLookedAt) {
  const Table a = Reading("CREATE TABLE `t` (\n  `a` int(11)\n)", {{"ENGINE", "InnoDB"}});
  Table b = a;
  b.options[0].value = "Aria";
  EXPECT_NE(ComparableText(a), ComparableText(b));
  b = a;
  b.partitioning = "PARTITION BY HASH (`a`)";
  EXPECT_NE(ComparableText(a), ComparableText(b));
}

}  // namespace
}  // namespace bonnie::schema
