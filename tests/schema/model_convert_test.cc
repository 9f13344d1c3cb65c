#include "services/schema/model_convert.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/schema/create_table.h"

namespace bonnie::schema {
namespace {

TEST(ModelConvertTest, ShowsBytesThatAreNoUtf8AsReplacementCharacters) {
  const std::string create = "CREATE TABLE `t` (\n  `g` varbinary(8) DEFAULT '\xFF\xE2\x82\xAC\xC3'\n) ENGINE=InnoDB";
  const std::string shown = "DEFAULT '\xEF\xBF\xBD\xE2\x82\xAC\xEF\xBF\xBD'";
  const auto table = ParseCreateTable(create);
  ASSERT_TRUE(table.ok()) << table.status();
  const v1::SchemaTable message = ToProto(*table, nullptr);
  EXPECT_THAT(message.create_statement(), testing::HasSubstr(shown));
  EXPECT_THAT(message.model_text(), testing::HasSubstr(shown));
  EXPECT_THAT(message.columns(0).definition(), testing::HasSubstr(shown));
  const v1::SchemaChange change = ToProto(Change{Change::Kind::kAddTable, "t", "", "", create});
  EXPECT_THAT(change.after(), testing::HasSubstr(shown));
  std::string wire;
  EXPECT_TRUE(message.SerializeToString(&wire));
  EXPECT_TRUE(v1::SchemaTable().ParseFromString(wire)) << "a parser refuses what is no UTF-8";
}

}  // namespace
}  // namespace bonnie::schema
