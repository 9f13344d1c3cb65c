#include "services/schema/docs.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "services/data_access/status_macros.h"
#include "services/schema/docs_tables.h"
#include "services/schema/erd_tables.h"
#include "services/schema/markdown.h"

namespace bonnie::schema {

namespace {

using Tables = std::vector<const Table*>;

std::string Share(size_t part, size_t whole) {
  return whole == 0 ? "–" : absl::StrCat(part, " of ", whole, " (", part * 100 / whole, " %)");
}

std::string CoverageText(const Tables& tables) {
  size_t with_comment = 0, columns = 0, columns_with_comment = 0;
  for (const Table* table : tables) {
    with_comment += CommentOf(*table).empty() ? 0 : 1;
    columns += table->columns.size();
    for (const Column& column : table->columns) columns_with_comment += column.comment.empty() ? 0 : 1;
  }
  return absl::StrCat("With comments: tables ", Share(with_comment, tables.size()), ", columns ",
                      Share(columns_with_comment, columns), ".\n");
}

std::string ContentsText(const Schema& schema, const Tables& tables) {
  const auto references = ReferencesTo(schema);
  std::string text =
      absl::StrCat("\n## Contents\n\n", MarkdownHead({"Table", "Columns", "References", "Referenced by", "Comment"}));
  for (const Table* table : tables) {
    const auto referenced = references.find(table->name);
    absl::StrAppend(&text, MarkdownRow({TableLink(schema, table->name), absl::StrCat(table->columns.size()),
                                        absl::StrCat(table->foreign_keys.size()),
                                        absl::StrCat(referenced == references.end() ? 0 : referenced->second.size()),
                                        MarkdownText(CommentOf(*table))}));
  }
  return text;
}

std::string ObjectsText(const Schema& schema, SchemaObject::Kind kind, absl::string_view title) {
  std::string text;
  for (const StoredObject& object : schema.objects) {
    if (object.object.kind != kind) continue;
    if (text.empty()) text = absl::StrCat("\n## ", title, "\n");
    absl::StrAppend(&text, "\n### ", MarkdownText(object.object.name), "\n\n");
    if (!object.table.empty()) absl::StrAppend(&text, "On ", TableLink(schema, object.table), ".\n\n");
    absl::StrAppend(&text, object.create_statement.empty()
                               ? "Its text may not be read by the account that wrote this.\n"
                               : MarkdownBlock("sql", object.create_statement));
  }
  return text;
}

std::string UnsupportedText(const Schema& schema) {
  if (schema.unsupported.empty()) return "";
  std::string text = absl::StrCat("\n## Not told exactly\n\n", MarkdownHead({"Of", "What", "Why"}));
  for (const Unsupported& part : schema.unsupported) {
    absl::StrAppend(&text,
                    MarkdownRow({MarkdownCode(part.object), MarkdownText(part.attribute), MarkdownText(part.reason)}));
  }
  return text;
}

}  // namespace

absl::StatusOr<std::string> WriteDocs(const Schema& schema, const std::vector<std::string>& patterns) {
  std::vector<std::string> names;
  for (const auto& [name, table] : schema.tables) names.push_back(name);
  std::set<std::string> wanted(names.begin(), names.end());
  if (!patterns.empty()) {
    BONNIE_ASSIGN_OR_RETURN(wanted, MatchTables(patterns, names));
  }
  Tables tables;
  for (const std::string& name : wanted) tables.push_back(&schema.tables.at(name));

  std::string text = "# Data dictionary\n\n";
  if (!schema.charset.empty()) {
    absl::StrAppend(&text, "Of a ", data_access::FlavourName(schema.flavour),
                    " database whose default character set is ", MarkdownCode(schema.charset), " (",
                    MarkdownCode(schema.collation), "). ");
  }
  absl::StrAppend(&text, CoverageText(tables), ContentsText(schema, tables), "\n## Tables\n");
  const auto references = ReferencesTo(schema);
  for (const Table* table : tables) {
    const auto referenced = references.find(table->name);
    absl::StrAppend(
        &text,
        WriteTableDocs(schema, *table, referenced == references.end() ? std::vector<Reference>() : referenced->second));
  }
  if (!patterns.empty()) return text;
  absl::StrAppend(&text, ObjectsText(schema, SchemaObject::Kind::kView, "Views"),
                  ObjectsText(schema, SchemaObject::Kind::kTrigger, "Triggers"),
                  ObjectsText(schema, SchemaObject::Kind::kProcedure, "Procedures"),
                  ObjectsText(schema, SchemaObject::Kind::kFunction, "Functions"),
                  ObjectsText(schema, SchemaObject::Kind::kEvent, "Events"), UnsupportedText(schema));
  return text;
}

}  // namespace bonnie::schema
