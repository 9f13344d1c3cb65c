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

TEST(UnsayableTest, MariaDbCanSayAll) { EXPECT_THAT(Found("text CHARACTER SET utf8mb3", data_access::Flavour::kMariaDb), IsEmpty()); }

}  // namespace
}  // namespace bonnie::schema
