#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "services/schema/lint_rules/rules.h"

namespace bonnie::schema::lint {

namespace {

void CheckNameCase(const Table& table, const Schema&, Report& report) {
  if (absl::c_any_of(table.name, [](char c) { return absl::ascii_isupper(c); })) {
    report.Add(table.name, "", "upper case letters in a table's name");
  }
}

}  // namespace

Rule NameCase() {
  return {
      {"name-case", Severity::kNotice, RuleSubject::kSchema, "upper case letters in a table's name",
       "A server with lower_case_table_names=1 has another name for it, so what works on one site fails on another."},
      CheckNameCase};
}

}  // namespace bonnie::schema::lint
