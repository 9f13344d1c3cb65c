#include "services/schema/clause_reader.h"
#include "services/schema/lint_rules/rules.h"

namespace bonnie::schema::lint {

namespace {

// Reads the definition of one column or key up to the comma or parenthesis that ends it. Whether it is a column's and
// says REFERENCES; `name` is the column's.
bool TakeDefinition(ClauseReader& reader, std::string* name) {
  const bool is_key = reader.Peek().kind == Token::Kind::kWord &&
                      reader.AtAnyWord({"primary", "key", "index", "unique", "constraint", "foreign", "check",
                                        "fulltext", "spatial", "period"});
  *name = reader.Peek().name;
  bool refers = false;
  while (!reader.AtEnd() && !reader.AtSign(",") && !reader.AtSign(")")) {
    if (reader.AtWord("references")) refers = true;
    if (reader.AtSign("(")) {
      if (!reader.TakeGroup().ok()) break;
    } else {
      reader.Skip();
    }
  }
  return refers && !is_key;
}

void CheckInlineReferences(absl::string_view sql, Report& report) {
  ClauseReader reader(sql);
  const bool creates = reader.TakeWord("create");
  if (!creates && !reader.TakeWord("alter")) return;
  while (!reader.AtEnd() && reader.AtAnyWord({"or", "replace", "temporary", "online", "ignore"})) reader.Skip();
  if (!reader.TakeWord("table")) return;
  while (reader.AtAnyWord({"if", "not", "exists"})) reader.Skip();
  const std::string table = reader.Peek().name;
  if (table.empty()) return;
  reader.Skip();
  if (creates && !reader.TakeSign("(")) return;
  while (!reader.AtEnd() && !reader.AtSign(")")) {
    const bool adds = creates || reader.TakeWord("add") || reader.TakeWord("modify") || reader.TakeWord("change");
    if (!creates) reader.TakeWord("column");
    while (reader.AtAnyWord({"if", "not", "exists"})) reader.Skip();
    reader.TakeSign("(");  // ADD COLUMN (a …, b …)
    std::string column;
    if (TakeDefinition(reader, &column) && adds) {
      report.Add(table, column,
                 "REFERENCES at a column makes a foreign key on MySQL 9 and MariaDB, and nothing on MySQL 8; write "
                 "CONSTRAINT … FOREIGN KEY");
    }
    reader.TakeSign(",");
    if (!creates) reader.TakeSign(")");
  }
}

}  // namespace

Rule InlineReferences() {
  return {{"MY102", Severity::kWarning, RuleSubject::kText, "REFERENCES at a column",
           "MySQL before 9.0 ignores it, so one site has the foreign key and another takes orphans."},
          nullptr,
          nullptr,
          nullptr,
          CheckInlineReferences};
}

}  // namespace bonnie::schema::lint
