#include "services/schema/unsayable.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "services/schema/create_table.h"

namespace bonnie::schema {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Found(const std::string& column, data_access::Flavour flavour = data_access::Flavour::kMySql,
                               const std::string& version = "9.7.1") {
  Schema schema;
  schema.flavour = flavour;
  schema.server_version = version;
  const auto table = ParseCreateTable(absl::StrCat("CREATE TABLE `t` (\n  `c` ", column, "\n) ENGINE=InnoDB"));
  EXPECT_TRUE(table.ok()) << table.status();
  if (table.ok()) schema.tables.emplace("t", *table);
  std::vector<std::string> found;
  for (const Unsupported& part : FindUnsayable(schema)) found.push_back(absl::StrCat(part.object, " ", part.attribute));
  return found;
}

TEST(UnsayableTest, NamesAColumnThatKeptItsCharacterSet) {
  EXPECT_THAT(Found("text CHARACTER SET utf8mb3"), ElementsAre("t column c: collation"));
  EXPECT_THAT(Found("varchar(9) CHARACTER SET utf8mb3 DEFAULT NULL COMMENT ' COLLATE '"),
              ElementsAre("t column c: collation"));
  EXPECT_THAT(Found("text CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci"), IsEmpty());
  EXPECT_THAT(Found("text COLLATE utf8mb4_bin"), IsEmpty());
  EXPECT_THAT(Found("text CHARACTER SET utf8mb3", data_access::Flavour::kMySql, "8.0.36"), IsEmpty());
}

std::vector<std::string> FoundInMariaDb(const std::string& clauses, const std::string& ending = "") {
  Schema schema;
  schema.flavour = data_access::Flavour::kMariaDb;
  const auto table = ParseCreateTable(absl::StrCat("CREATE TABLE `t` (\n  ", clauses, "\n) ENGINE=InnoDB", ending));
  EXPECT_TRUE(table.ok()) << table.status();
  if (table.ok()) schema.tables.emplace("t", *table);
  std::vector<std::string> found;
  for (const Unsupported& part : FindUnsayable(schema)) found.push_back(part.attribute);
  return found;
}

TEST(UnsayableTest, NamesWhatMariaDbsAltersLeaveBehind) {
  const std::string columns = "`a` int(11) DEFAULT NULL,\n  `b` int(11) NOT NULL,\n  ";
  EXPECT_THAT(FoundInMariaDb(columns + "UNIQUE KEY `ua` (`a`),\n  UNIQUE KEY `ub` (`b`)"),
              ElementsAre("index ua: place"));
  EXPECT_THAT(FoundInMariaDb(columns + "UNIQUE KEY `ub` (`b`),\n  UNIQUE KEY `ua` (`a`)"), IsEmpty());
  const std::string key = "CONSTRAINT `k` FOREIGN KEY (`a`) REFERENCES `p` (`id`)";
  EXPECT_THAT(FoundInMariaDb(columns + key), ElementsAre("foreign key k"));
  EXPECT_THAT(FoundInMariaDb(columns + "KEY `ab` (`a`,`b`),\n  " + key), IsEmpty());
  EXPECT_THAT(FoundInMariaDb("`a` int(11) DEFAULT NULL WITHOUT SYSTEM VERSIONING"),
              ElementsAre("column a: WITHOUT SYSTEM VERSIONING"));
  EXPECT_THAT(FoundInMariaDb("`a` int(11) DEFAULT NULL WITHOUT SYSTEM VERSIONING", " WITH SYSTEM VERSIONING"),
              IsEmpty());
  EXPECT_THAT(FoundInMariaDb("`a` tinyint(4) NULL AUTO_INCREMENT,\n  KEY `a` (`a`)"), ElementsAre("column a: NULL"));
  EXPECT_THAT(FoundInMariaDb("`c` text CHARACTER SET utf8mb3 DEFAULT NULL"), IsEmpty());
}

}  // namespace
}  // namespace bonnie::schema
