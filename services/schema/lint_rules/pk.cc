#include "absl/algorithm/container.h"
#include "services/schema/lint_rules/rules.h"

namespace bonnie::schema::lint {

namespace {

// MySQL's sql_generate_invisible_primary_key makes it, where that is on: by default on Azure.
constexpr char kGenerated[] = "my_row_id";

void CheckPrimaryKey(const Table& table, const Schema&, Report& report) {
  const Index* primary = table.FindIndex("PRIMARY");
  if (primary == nullptr) {
    return report.Add(table.name, "",
                      "no primary key; a server with sql_generate_invisible_primary_key makes one, others do not");
  }
  const Column* column = table.FindColumn(kGenerated);
  const bool generated = primary->parts.size() == 1 && primary->parts[0].column == kGenerated && column != nullptr &&
                         column->invisible && column->auto_increment;
  if (generated) report.Add(table.name, kGenerated, "the primary key is one that the server made; say a key");
}

}  // namespace

Rule PrimaryKey() {
  return {
      {"pk", Severity::kWarning, RuleSubject::kSchema, "no primary key of its own",
       "Rows cannot be told apart, replication reads the whole table for each change, and sites get different tables."},
      CheckPrimaryKey};
}

}  // namespace bonnie::schema::lint
