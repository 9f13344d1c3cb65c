#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/schema/lint_rules/rules.h"

namespace bonnie::schema::lint {

namespace {

void CheckEngine(const Table& table, const Schema&, Report& report) {
  const std::string engine = table.option("ENGINE");
  if (engine.empty() || absl::EqualsIgnoreCase(engine, "InnoDB") || report.Allows(engine)) return;
  report.Add(table.name, "", absl::StrCat("engine ", engine, "; want InnoDB"));
}

}  // namespace

Rule Engine() {
  return {
      {"engine", Severity::kWarning, RuleSubject::kSchema, "engine other than InnoDB",
       "Writers get no transactions, a crash can cost rows, and managed or clustered servers may not replicate it."},
      CheckEngine};
}

}  // namespace bonnie::schema::lint
