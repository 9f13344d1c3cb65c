#include "services/schema/lint_rules/rules.h"

namespace bonnie::schema::lint {

// Reserved for what the catalogue calls so: a revision lives in one schema and cannot drop it.
Rule DropSchema() {
  return {{"DS101", Severity::kError, RuleSubject::kChange, "schema dropped",
           "All tables go with all their rows; no revision can do that.", /*drops_data=*/true}};
}

}  // namespace bonnie::schema::lint
