#include "absl/strings/str_cat.h"
#include "services/schema/lint_rules/column_type.h"
#include "services/schema/lint_rules/rules.h"

namespace bonnie::schema::lint {

namespace {

// ASCII and bytes are chosen on purpose: for codes and digests.
bool IsFine(const std::string& charset, const Report& report) {
  return charset.empty() || charset == "ascii" || charset == "binary" || MaxBytes(charset) == 4 ||
         report.Allows(charset);
}

void CheckCharset(const Table& table, const Schema&, Report& report) {
  const std::string standard = table.option("DEFAULT CHARSET");
  const auto add = [&](const std::string& column, const std::string& charset) {
    report.Add(table.name, column, absl::StrCat("character set ", charset, "; want utf8mb4"));
  };
  if (!IsFine(standard, report)) add("", standard);
  for (const Column& column : table.columns) {
    if (column.charset != standard && !IsFine(column.charset, report)) add(column.name, column.charset);
  }
}

}  // namespace

Rule Charset() {
  return {{"charset", Severity::kWarning, RuleSubject::kSchema, "character set without all characters",
           "Writers of names and notes with characters that it lacks, such as emoji, get an error."},
          CheckCharset};
}

}  // namespace bonnie::schema::lint
