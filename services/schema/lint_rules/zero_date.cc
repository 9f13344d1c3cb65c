#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/schema/lint_rules/column_type.h"
#include "services/schema/lint_rules/rules.h"

namespace bonnie::schema::lint {

namespace {

// "'2024-00-10'": the year 0, or a month or day that is 0.
bool IsZeroDate(absl::string_view text) {
  if (!absl::ConsumePrefix(&text, "'")) return text == "0";
  return absl::StartsWith(text, "0000-") || (text.size() >= 7 && text.substr(4, 3) == "-00") ||
         (text.size() >= 10 && text.substr(7, 3) == "-00");
}

void CheckZeroDate(const Table& table, const Schema&, Report& report) {
  for (const Column& column : table.columns) {
    const ColumnType type = ReadType(column);
    if (type.word != "date" && type.word != "datetime" && type.word != "timestamp") continue;
    if (!column.default_value.has_value() || !IsZeroDate(*column.default_value)) continue;
    report.Add(table.name, column.name, absl::StrCat("default ", *column.default_value, " is no date"));
  }
}

}  // namespace

Rule ZeroDate() {
  return {{"zero-date", Severity::kWarning, RuleSubject::kSchema, "default that is no date",
           "A server whose sql_mode forbids zero dates refuses the table, and programs fail on reading the value."},
          CheckZeroDate};
}

}  // namespace bonnie::schema::lint
