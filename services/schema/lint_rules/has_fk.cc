#include "services/schema/lint_rules/rules.h"

namespace bonnie::schema::lint {

namespace {

void CheckHasForeignKey(const Table& table, const Schema&, Report& report) {
  for (const ForeignKey& key : table.foreign_keys) report.Add(table.name, key.name, "a foreign key");
}

}  // namespace

Rule HasForeignKey() {
  return {{"has-fk", Severity::kIgnore, RuleSubject::kSchema, "foreign key",
           "Writers of the parent and of the child wait for each other's locks, and tools that copy tables refuse it."},
          CheckHasForeignKey};
}

}  // namespace bonnie::schema::lint
