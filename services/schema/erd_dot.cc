#include "services/schema/erd_dot.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/schema/erd_text.h"

namespace bonnie::schema {

namespace {

const char* FillOf(ErdMark mark) {
  switch (mark) {
    case ErdMark::kAdded:
      return "#abf2bc";
    case ErdMark::kRemoved:
      return "#ffc1ba";
    case ErdMark::kChanged:
      return "#fae17d";
    case ErdMark::kNone:
      break;
  }
  return "#dfe7f2";
}

const char* LineOf(ErdMark mark) {
  switch (mark) {
    case ErdMark::kAdded:
      return "#1a7f37";
    case ErdMark::kRemoved:
      return "#cf222e";
    case ErdMark::kChanged:
      return "#9a6700";
    case ErdMark::kNone:
      break;
  }
  return "#57606a";
}

// A cell's words, with the mark before them.
std::string Marked(ErdMark mark, const std::string& words) {
  return absl::StrCat(MarkText(mark), mark == ErdMark::kNone ? "" : " ", EscapeMarkup(words));
}

void AppendCell(const std::string& markup, const std::string& attributes, std::string* text) {
  absl::StrAppend(text, "<TD ALIGN=\"LEFT\"", attributes, ">", markup.empty() ? " " : markup, "</TD>");
}

void AppendRow(const ErdRow& row, size_t number, std::string* text) {
  std::vector<std::string> keys;
  if (row.primary) keys.push_back("PK");
  if (row.foreign) keys.push_back("FK");
  if (row.unique) keys.push_back("UK");
  const std::string fill = row.mark == ErdMark::kNone ? "" : absl::StrCat(" BGCOLOR=\"", FillOf(row.mark), "\"");
  absl::StrAppend(text, "<TR>");
  if (row.is_note) {
    AppendCell(absl::StrCat("<I>", Marked(row.mark, row.name), "</I>"), absl::StrCat(" COLSPAN=\"4\"", fill), text);
  } else {
    AppendCell(absl::StrJoin(keys, " "), absl::StrCat(" PORT=\"l", number, "\"", fill), text);
    AppendCell(Marked(row.mark, row.name), fill, text);
    AppendCell(EscapeMarkup(row.type), fill, text);
    AppendCell(row.not_null ? "NN" : "", absl::StrCat(" PORT=\"r", number, "\"", fill), text);
  }
  absl::StrAppend(text, "</TR>");
}

void AppendTable(const ErdTable& table, size_t number, std::string* text) {
  absl::StrAppend(text, "  t", number, " [tooltip=\"", EscapeMarkup(table.name),
                  "\", label=<<TABLE BORDER=\"1\" COLOR=\"", LineOf(table.mark),
                  "\" CELLBORDER=\"0\" CELLSPACING=\"0\" CELLPADDING=\"3\"",
                  table.is_elsewhere ? " STYLE=\"dashed\"" : "", "><TR>");
  const std::string was = table.was.empty() ? "" : absl::StrCat(" (was ", table.was, ")");
  AppendCell(absl::StrCat("<B>", Marked(table.mark, absl::StrCat(table.name, was)), "</B>"),
             absl::StrCat(" COLSPAN=\"4\" PORT=\"head\" BGCOLOR=\"",
                          table.is_elsewhere ? "#ffffff" : FillOf(table.mark), "\""),
             text);
  absl::StrAppend(text, "</TR>");
  for (size_t row = 0; row < table.rows.size(); ++row) AppendRow(table.rows[row], row, text);
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
    absl::StrAppend(text, ", color=\"", LineOf(edge.mark), "\", fontcolor=\"", LineOf(edge.mark), "\", label=\"",
                    Marked(edge.mark, edge.name), "\"", edge.mark == ErdMark::kRemoved ? ", style=dashed" : "");
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
  for (size_t i = 0; i < graph.tables.size(); ++i) AppendTable(graph.tables[i], i, &text);
  for (const ErdEdge& edge : graph.edges) AppendEdge(edge, &text);
  return absl::StrCat(text, "}\n");
}

}  // namespace bonnie::schema
