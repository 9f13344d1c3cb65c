#include "services/schema/lint_rules/column_type.h"
#include "services/schema/lint_rules/rules.h"

namespace bonnie::schema::lint {

namespace {

void CheckEnum(const Table& table, const Schema&, Report& report) {
  for (const Column& column : table.columns) {
    if (ReadType(column).IsEnumeration()) report.Add(table.name, column.name, column.type);
  }
}

void CheckFloat(const Table& table, const Schema&, Report& report) {
  for (const Column& column : table.columns) {
    const ColumnType type = ReadType(column);
    if (type.word == "float" || type.word == "double") report.Add(table.name, column.name, column.type);
  }
}

void CheckTime(const Table& table, const Schema&, Report& report) {
  for (const Column& column : table.columns) {
    const ColumnType type = ReadType(column);
    if (type.IsTemporal() && type.word != "year") report.Add(table.name, column.name, column.type);
  }
}

}  // namespace

Rule HasEnum() {
  return {{"has-enum", Severity::kIgnore, RuleSubject::kSchema, "ENUM or SET column",
           "Another value needs a change of the table, and one that is not added last a copy of it."},
          CheckEnum};
}

Rule HasFloat() {
  return {{"has-float", Severity::kIgnore, RuleSubject::kSchema, "FLOAT or DOUBLE column",
           "Readers get values that are near what was written, which matters where they are sums of money or doses."},
          CheckFloat};
}

Rule HasTime() {
  return {{"has-time", Severity::kIgnore, RuleSubject::kSchema, "date or time column",
           "Sites and programs in different time zones read different moments out of the same value."},
          CheckTime};
}

}  // namespace bonnie::schema::lint
