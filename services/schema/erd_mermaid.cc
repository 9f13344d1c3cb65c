#include "services/schema/erd_mermaid.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/schema/erd_style.h"

namespace bonnie::schema {

namespace {

// Text between quotes, with Mermaid's own entities for what its lexer or the page would take for something else. A name
// is quoted always: unquoted, `to` and `one` are words of the grammar.
std::string Quoted(absl::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) {
      quoted += ' ';
    } else if (absl::StrContains("\"#%&;<>\\`~", c)) {
      absl::StrAppend(&quoted, "#", static_cast<int>(c), ";");
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

// A word of the grammar.
std::string Word(absl::string_view text) {
  std::string word;
  for (const char c : text) {
    word += absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '(' || c == ')' ? c : '_';
  }
  if (word.empty() || !absl::ascii_isalpha(static_cast<unsigned char>(word[0]))) word.insert(0, 1, '_');
  for (const char* key : {"PK", "FK", "UK"}) {
    if (absl::EqualsIgnoreCase(word, key)) word += '_';
  }
  return word;
}

// "varchar(50)", "bigint_unsigned"; of a type with values its name alone.
std::string TypeWord(const std::string& type) {
  return Word(absl::StrContains(type, '\'') ? type.substr(0, type.find('(')) : type);
}

absl::string_view MarkWord(ErdMark mark) {
  switch (mark) {
    case ErdMark::kAdded:
      return "+ added";
    case ErdMark::kRemoved:
      return "− removed";
    case ErdMark::kChanged:
      return "changed";
    case ErdMark::kNone:
      break;
  }
  return "";
}

void AppendRow(const ErdRow& row, std::string* text) {
  std::vector<std::string> remarks;
  const std::string keys = KeysText(row, ", ");
  const std::string type = row.is_note ? "note" : TypeWord(row.type);
  const std::string name = Word(row.name);
  if (row.mark != ErdMark::kNone) remarks.emplace_back(MarkWord(row.mark));
  if (name != row.name) remarks.push_back(row.name);
  if (!row.change.empty()) {
    remarks.push_back(row.change);
  } else if (type != row.type && !row.is_note) {
    remarks.push_back(row.type);
  }
  if (row.not_null) remarks.push_back("NN");
  absl::StrAppend(text, "    ", type, " ", name, keys.empty() ? "" : " ", keys);
  if (!remarks.empty()) absl::StrAppend(text, " ", Quoted(absl::StrJoin(remarks, " ")));
  absl::StrAppend(text, "\n");
}

// What the grammar has no place for at a box.
void AppendRemark(const ErdTable& table, std::string* text) {
  std::vector<std::string> remarks;
  if (table.mark != ErdMark::kNone) remarks.emplace_back(MarkWord(table.mark));
  if (!table.was.empty()) remarks.push_back(absl::StrCat("was ", Quoted(table.was)));
  if (table.hidden_columns > 0) remarks.push_back(absl::StrCat(table.hidden_columns, " columns left out"));
  if (!remarks.empty()) absl::StrAppend(text, "  %% ", Quoted(table.name), ": ", absl::StrJoin(remarks, ", "), "\n");
}

void AppendTable(const ErdTable& table, std::string* text) {
  absl::StrAppend(text, "  ", Quoted(table.name), " {\n");
  for (const ErdRow& row : table.rows) AppendRow(row, text);
  absl::StrAppend(text, "  }\n");
}

}  // namespace

std::string WriteMermaid(const ErdGraph& graph) {
  std::string text = "erDiagram\n";
  for (const ErdTable& table : graph.tables) {
    AppendRemark(table, &text);
    AppendTable(table, &text);
  }
  for (const ErdEdge& edge : graph.edges) {
    const std::string mark = edge.mark == ErdMark::kNone ? "" : absl::StrCat(MarkWord(edge.mark), " ");
    absl::StrAppend(&text, "  ", Quoted(graph.tables[edge.parent].name), " ", edge.parent_optional ? "|o" : "||", "--",
                    edge.child_unique ? "o|" : "o{", " ", Quoted(graph.tables[edge.child].name), " : ",
                    Quoted(absl::StrCat(mark, edge.name)), "\n");
  }
  return text;
}

}  // namespace bonnie::schema
