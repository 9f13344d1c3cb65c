#include "services/schema/no_default.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "services/schema/create_table.h"

namespace bonnie::schema {
namespace {

TEST(NoDefaultTest, KnowsAColumnThatMayBeNullAndHasNoDefault) {
  struct Case {
    const char* definition;
    bool want;
  } const kCases[] = {
      {"datetime", true},
      {"varchar(40) COLLATE utf8mb4_bin", true},
      {"timestamp NULL", true},
      {"enum('a','b')", true},
      {"datetime DEFAULT NULL", false},
      {"datetime NOT NULL", false},
      {"timestamp NULL DEFAULT NULL", false},
      {"longtext", false},  // SHOW CREATE never writes a default NULL of these
      {"json", true},
      {"multipolygon", true},
      {"vector(3)", true},
      {"json DEFAULT NULL", false},
      {"mediumblob", false},
      {"int GENERATED ALWAYS AS (1) VIRTUAL", false},
  };
  for (const Case& c : kCases) {
    const auto table = ParseCreateTable(absl::StrCat("CREATE TABLE `t` (\n  `c` ", c.definition, "\n) ENGINE=InnoDB"));
    ASSERT_TRUE(table.ok()) << table.status();
    EXPECT_EQ(ColumnsWithoutDefault(*table).count("c") > 0, c.want) << c.definition;
  }
}

TEST(NoDefaultTest, DropsThemAllAtOnce) {
  EXPECT_EQ(DropDefaults("a`b", {"x", "y"}),
            "ALTER TABLE `a``b` ALTER COLUMN `x` DROP DEFAULT, ALTER COLUMN `y` DROP DEFAULT");
}

}  // namespace
}  // namespace bonnie::schema
