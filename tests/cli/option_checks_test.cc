#include "clients/cli/option_checks.h"

#include <gtest/gtest.h>

namespace bonnie::cli {
namespace {

TEST(OptionChecksTest, SayTheValueAndWhatIsWanted) {
  const OptionCheck number = NumberFrom(0, 500);
  EXPECT_EQ(number("0"), "");
  EXPECT_EQ(number("500"), "");
  for (const char* text : {"-1", "501", "1x", "", "99999999999999999999"}) {
    EXPECT_EQ(number(text), std::string("'") + text + "', want a number from 0 to 500");
  }
  EXPECT_EQ(Id()("9223372036854775807"), "");
  EXPECT_EQ(Id()("0"), "'0', want an id, a number from 1");
  EXPECT_EQ(OneOf({"a", "b"})("b"), "");
  EXPECT_EQ(OneOf({"a", "b"})("c"), "'c', want one of a, b");
  EXPECT_EQ(OneOf({"data-loss"})("all"), "'all', want data-loss");
}

}  // namespace
}  // namespace bonnie::cli
