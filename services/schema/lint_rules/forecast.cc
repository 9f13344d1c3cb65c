#include "services/schema/lint_rules/rules.h"

namespace bonnie::schema::lint {

// Told from a forecast and the statement's text: BlockingCode (../lint_blocking.cc).
std::vector<Rule> ForecastRules() {
  const auto rule = [](const char* code, const char* name, const char* harm) {
    return Rule{{code, Severity::kWarning, RuleSubject::kForecast, name, harm, /*drops_data=*/false,
                 /*blocks_writes=*/true}};
  };
  return {
      rule("MY130", "change of type copies the table", "Writers wait while every row is copied."),
      rule("MY131", "foreign key blocks writes", "Writers of both tables wait while every row is looked at."),
      rule("MY132", "primary key rebuilds the table", "Writers wait while the table is rebuilt in the new order."),
      rule("MY133", "dropping the primary key copies the table", "Writers wait while every row is copied."),
      rule("MY134", "FULLTEXT index blocks writes", "Writers wait while every text is taken apart."),
      rule("MY135", "SPATIAL index blocks writes", "Writers wait while the index is built."),
      rule("MY136", "change of character set copies the table", "Writers wait while every row is converted."),
      rule(kBlocksWritesCode, "statement blocks writes", "Writers wait until the statement has ended."),
  };
}

}  // namespace bonnie::schema::lint
