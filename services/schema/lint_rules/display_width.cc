#include <map>

#include "absl/strings/str_cat.h"
#include "services/schema/lint_rules/column_type.h"
#include "services/schema/lint_rules/rules.h"

namespace bonnie::schema::lint {

namespace {

void CheckDisplayWidth(const Table& table, const Schema&, Report& report) {
  static const auto* const kWidths = new std::map<std::string, int>{// of signed types
                                                                    {"tinyint", 4},
                                                                    {"smallint", 6},
                                                                    {"mediumint", 9},
                                                                    {"int", 11},
                                                                    {"bigint", 20}};
  for (const Column& column : table.columns) {
    const ColumnType type = ReadType(column);
    const auto width = kWidths->find(type.word);
    if (width == kWidths->end() || type.arguments.empty() || type.zerofill) continue;
    if (type.word == "tinyint" && type.Number(0, 0) == 1) continue;  // BOOLEAN
    const int standard = width->second - (type.is_unsigned && type.word != "bigint" ? 1 : 0);
    if (type.Number(0, 0) == standard) continue;
    report.Add(table.name, column.name, absl::StrCat(column.type, " holds what ", type.word, " holds"));
  }
}

}  // namespace

Rule DisplayWidth() {
  return {{"display-width", Severity::kWarning, RuleSubject::kSchema, "display width of an integer",
           "Its readers take the number for a limit, which it is not; newer servers drop it, so two sites differ."},
          CheckDisplayWidth};
}

}  // namespace bonnie::schema::lint
