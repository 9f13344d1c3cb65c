#include "services/schema/erd_dot.h"

#include "absl/strings/str_cat.h"
#include "services/schema/erd_style.h"
#include "services/schema/erd_text.h"

namespace bonnie::schema {

namespace {

// A cell's words, with the mark before them.
std::string Marked(ErdMark mark, const std::string& words) {
  return absl::StrCat(MarkText(mark), mark == ErdMark::kNone ? "" : " ", EscapeMarkup(words));
}

void AppendCell(const std::string& markup, const std::string& attributes, std::string* text) {
  absl::StrAppend(text, "<TD ALIGN=\"LEFT\"", attributes, ">", markup.empty() ? " " : markup, "</TD>");
}

void AppendDotRow(const ErdRow& row, size_t number, std::string* text) {
  const std::string fill =
      row.mark == ErdMark::kNone ? "" : absl::StrCat(" BGCOLOR=\"", ColoursOf(row.mark).fill, "\"");
  absl::StrAppend(text, "<TR>");
  if (row.is_note) {
    AppendCell(absl::StrCat("<I>", Marked(row.mark, row.name), "</I>"), absl::StrCat(" COLSPAN=\"4\"", fill), text);
  } else {
    AppendCell(KeysText(row, " "), absl::StrCat(" PORT=\"l", number, "\"", fill), text);
    AppendCell(Marked(row.mark, row.name), fill, text);
    AppendCell(EscapeMarkup(TypeText(row)), fill, text);
    AppendCell(row.not_null ? "NN" : "", absl::StrCat(" PORT=\"r", number, "\"", fill), text);
  }
  absl::StrAppend(text, "</TR>");
}

void AppendDotTable(const ErdTable& table, size_t number, std::string* text) {
  absl::StrAppend(text, "  t", number, " [tooltip=\"", EscapeMarkup(table.name),
                  "\", label=<<TABLE BORDER=\"1\" COLOR=\"", ColoursOf(table.mark).line,
                  "\" CELLBORDER=\"0\" CELLSPACING=\"0\" CELLPADDING=\"3\"",
                  table.is_elsewhere ? " STYLE=\"dashed\"" : "", "><TR>");
  const std::string was = table.was.empty() ? "" : absl::StrCat(" (was ", table.was, ")");
  AppendCell(absl::StrCat("<B>", Marked(table.mark, absl::StrCat(table.name, was)), "</B>"),
             absl::StrCat(" COLSPAN=\"4\" PORT=\"head\" BGCOLOR=\"",
                          table.is_elsewhere ? "#ffffff" : ColoursOf(table.mark).head, "\""),
             text);
  absl::StrAppend(text, "</TR>");
  for (size_t row = 0; row < table.rows.size(); ++row) AppendDotRow(table.rows[row], row, text);
  if (table.hidden_columns > 0) {
    absl::StrAppend(text, "<TR>");
    AppendCell(absl::StrCat("<I>… ", table.hidden_columns, " more</I>"), " COLSPAN=\"4\"", text);
    absl::StrAppend(text, "</TR>");
  }
  absl::StrAppend(text, "</TABLE>>];\n");
}

void AppendEdge(const ErdEdge& edge, std::string* text) {
  const auto port = [](int row, const char* side) { return row < 0 ? "head" : absl::StrCat(side, row); };
  absl::StrAppend(text, "  t", edge.parent, ":", port(edge.parent_row, "r"), " -> t", edge.child, ":",
                  port(edge.child_row, "l"), " [arrowtail=", edge.parent_optional ? "teeodot" : "teetee",
                  ", arrowhead=", edge.child_unique ? "teeodot" : "crowodot", ", tooltip=\"", EscapeMarkup(edge.label),
                  "\"");
  if (edge.mark != ErdMark::kNone) {
    absl::StrAppend(text, ", color=\"", ColoursOf(edge.mark).line, "\", fontcolor=\"", ColoursOf(edge.mark).line,
                    "\", label=\"", Marked(edge.mark, edge.name), "\"",
                    edge.mark == ErdMark::kRemoved ? ", style=dashed" : "");
  }
  absl::StrAppend(text, "];\n");
}

}  // namespace

std::string WriteDot(const ErdGraph& graph) {
  constexpr char kFont[] = "fontname=\"Helvetica,Arial,sans-serif\"";
  std::string text =
      absl::StrCat("digraph schema {\n  graph [rankdir=LR, nodesep=0.4, ranksep=1, bgcolor=\"#ffffff\", ", kFont,
                   "];\n  node [shape=plain, fontsize=11, ", kFont,
                   "];\n  edge [dir=both, color=\"#57606a\", fontsize=10, ", kFont, "];\n");
  for (size_t i = 0; i < graph.tables.size(); ++i) AppendDotTable(graph.tables[i], i, &text);
  for (const ErdEdge& edge : graph.edges) AppendEdge(edge, &text);
  return absl::StrCat(text, "}\n");
}

}  // namespace bonnie::schema
