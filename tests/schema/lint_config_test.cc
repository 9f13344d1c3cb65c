#include "services/schema/lint_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "bonnie/config/v1/config.pb.h"
#include "services/schema/lint.h"

namespace bonnie::schema {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(LintConfigTest, ReadsAConfigurationAndNamesWhatIsWrong) {
  config::v1::SchemaConfig config;
  config::v1::LintRule* rule = config.add_lint();
  rule->set_code("pk");
  rule->set_severity("error");
  rule->add_allow("x");
  EXPECT_THAT(CheckLintRule(*rule), IsEmpty());
  const LintOptions options = LintFor(config);
  EXPECT_EQ(options.severities.at("pk"), Severity::kError);
  EXPECT_THAT(options.allowed.at("pk"), ElementsAre("x"));
  rule->set_code("key");
  rule->set_severity("bad");
  const auto faults = CheckLintRule(*rule);
  ASSERT_EQ(faults.size(), 2u);
  EXPECT_THAT(faults[0].what, HasSubstr("key is no rule"));
  EXPECT_EQ(faults[1].what, "bad, want ignore, notice, warning or error");
  EXPECT_THAT(CheckLintRule(config), IsEmpty());  // another message
}

}  // namespace
}  // namespace bonnie::schema
