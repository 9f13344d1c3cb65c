#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "services/schema/lint_rules/column_type.h"
#include "services/schema/lint_rules/rules.h"

namespace bonnie::schema::lint {

namespace {

constexpr double kAlarming = 0.8;

void CheckAutoIncrementCapacity(const Table& table, const Schema&, Report& report) {
  double next = 0;
  if (!absl::SimpleAtod(table.option("AUTO_INCREMENT"), &next)) return;
  for (const Column& column : table.columns) {
    const double most = column.auto_increment ? MaxInteger(ReadType(column)) : 0;
    if (most == 0 || next < most * kAlarming) continue;
    report.Add(table.name, column.name,
               absl::StrFormat("AUTO_INCREMENT stands at %.0f %% of what %s can hold", 100 * next / most, column.type));
  }
}

}  // namespace

Rule AutoIncrementCapacity() {
  return {{"auto-inc-capacity", Severity::kWarning, RuleSubject::kSchema, "AUTO_INCREMENT near its end",
           "Soon every INSERT fails, and a wider type needs a copy of the table while writers wait."},
          CheckAutoIncrementCapacity};
}

}  // namespace bonnie::schema::lint
