#include "services/schema/docs_tables.h"

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/schema/erd.h"
#include "services/schema/erd_mermaid.h"
#include "services/schema/erd_style.h"
#include "services/schema/erd_tables.h"
#include "services/schema/markdown.h"

namespace bonnie::schema {

namespace {

// A neighbourhood is drawn with key columns up to the first, with names up to the second number of tables.
constexpr size_t kMaxTablesDrawnWithKeys = 12, kMaxTables = 40;

std::string Codes(const std::vector<std::string>& names) {
  return absl::StrJoin(names, ", ",
                       [](std::string* out, const std::string& name) { absl::StrAppend(out, MarkdownCode(name)); });
}

std::string KindName(const Index& index) {
  switch (index.kind) {
    case Index::Kind::kPrimary:
      return "primary key";
    case Index::Kind::kUnique:
      return "unique";
    case Index::Kind::kFulltext:
      return "fulltext";
    case Index::Kind::kSpatial:
      return "spatial";
    case Index::Kind::kVector:
      return "vector";
    case Index::Kind::kPlain:
      break;
  }
  return "";
}

std::string PartText(const IndexPart& part) {
  std::string text = part.column.empty() ? MarkdownCode(part.expression) : MarkdownCode(part.column);
  if (part.prefix > 0) absl::StrAppend(&text, " (first ", part.prefix, ")");
  if (part.descending) absl::StrAppend(&text, " descending");
  return text;
}

// What else there is to say of a column.
std::string ExtraText(const Table& table, const Column& column) {
  std::vector<std::string> parts;
  if (column.auto_increment) parts.push_back("auto_increment");
  if (!column.on_update.empty()) parts.push_back(absl::StrCat("on update ", MarkdownCode(column.on_update)));
  if (!column.generated.empty()) {
    parts.push_back(absl::StrCat(column.stored ? "stored: " : "virtual: ", MarkdownCode(column.generated)));
  }
  if (!column.collation.empty() && column.collation != table.option("COLLATE")) {
    parts.push_back(MarkdownCode(column.collation));
  }
  if (!column.check.empty()) parts.push_back(absl::StrCat("check ", MarkdownCode(column.check)));
  if (column.invisible) parts.push_back("invisible");
  return absl::StrJoin(parts, ", ");
}

std::string ColumnsText(const Table& table) {
  const ErdTable drawn = MakeErdTable({nullptr, &table}, /*is_diff=*/false, {});
  std::string text = MarkdownHead({"Column", "Type", "NULL", "Default", "Key", "Extra", "Comment"});
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const Column& column = table.columns[i];
    absl::StrAppend(&text,
                    MarkdownRow({MarkdownCode(column.name), MarkdownCode(column.type), column.nullable ? "yes" : "no",
                                 MarkdownCode(column.default_value.value_or("")), KeysText(drawn.rows[i], " "),
                                 ExtraText(table, column), MarkdownText(column.comment)}));
  }
  return text;
}

std::string IndexesText(const Table& table) {
  if (table.indexes.empty()) return "";
  std::string text = absl::StrCat("\n**Indexes**\n\n", MarkdownHead({"Index", "Kind", "Columns", "Comment"}));
  for (const Index& index : table.indexes) {
    const std::string parts = absl::StrJoin(
        index.parts, ", ", [](std::string* out, const IndexPart& part) { absl::StrAppend(out, PartText(part)); });
    absl::StrAppend(&text, MarkdownRow({MarkdownCode(index.name),
                                        absl::StrCat(KindName(index), index.invisible ? " (not used)" : ""), parts,
                                        MarkdownText(index.comment)}));
  }
  return text;
}

std::string ReferencesText(const Schema& schema, const Table& table) {
  if (table.foreign_keys.empty()) return "";
  std::string text =
      absl::StrCat("\n**References**\n\n",
                   MarkdownHead({"Foreign key", "Columns", "Table", "Its columns", "On delete", "On update"}));
  for (const ForeignKey& key : table.foreign_keys) {
    const std::string to = key.referenced_schema.empty()
                               ? TableLink(schema, key.referenced_table)
                               : MarkdownCode(absl::StrCat(key.referenced_schema, ".", key.referenced_table));
    absl::StrAppend(&text, MarkdownRow({MarkdownCode(key.name), Codes(key.columns), to, Codes(key.referenced_columns),
                                        key.on_delete, key.on_update}));
  }
  return text;
}

std::string ReferencedByText(const Schema& schema, const std::vector<Reference>& references) {
  if (references.empty()) return "";
  std::string text = absl::StrCat("\n**Referenced by**\n\n",
                                  MarkdownHead({"Table", "Foreign key", "Its columns", "Columns", "On delete"}));
  for (const Reference& reference : references) {
    absl::StrAppend(&text, MarkdownRow({TableLink(schema, reference.table->name), MarkdownCode(reference.key->name),
                                        Codes(reference.key->columns), Codes(reference.key->referenced_columns),
                                        reference.key->on_delete}));
  }
  return text;
}

std::string ChecksText(const Table& table) {
  if (table.checks.empty()) return "";
  std::string text = absl::StrCat("\n**Checks**\n\n", MarkdownHead({"Check", "Condition"}));
  for (const Check& check : table.checks) {
    absl::StrAppend(
        &text, MarkdownRow({MarkdownCode(check.name),
                            absl::StrCat(MarkdownCode(check.expression), check.enforced ? "" : " (not enforced)")}));
  }
  return text;
}

std::string TriggersText(const Schema& schema, const Table& table) {
  std::vector<std::string> names;
  for (const StoredObject& object : schema.objects) {
    if (object.object.kind == SchemaObject::Kind::kTrigger && object.table == table.name) {
      names.push_back(object.object.name);
    }
  }
  return names.empty() ? "" : absl::StrCat("\n**Triggers**: ", Codes(names), "\n");
}

std::string NeighboursText(const Schema& schema, const Table& table) {
  ErdOptions options;
  options.tables = {table.name};
  options.exact = true;
  options.distance = 1;
  options.detail = ErdDetail::kKeys;
  absl::StatusOr<ErdGraph> graph = MakeErd(schema, nullptr, options);
  if (!graph.ok() || graph->edges.empty()) return "";
  if (graph->tables.size() > kMaxTables) {
    return absl::StrCat("\nIts ", graph->tables.size() - 1, " neighbours are too many to be drawn here.\n");
  }
  if (graph->tables.size() > kMaxTablesDrawnWithKeys) {
    options.detail = ErdDetail::kNames;
    graph = MakeErd(schema, nullptr, options);
  }
  return absl::StrCat("\n", MarkdownBlock("mermaid", WriteMermaid(*graph)));
}

std::string OptionsText(const Table& table) {
  std::vector<std::string> options;
  for (const TableOption& option : table.options) {
    if (option.name == "COMMENT" || option.name == "AUTO_INCREMENT") continue;  // said above; no part of the schema
    options.push_back(option.value.empty() ? option.name : absl::StrCat(option.name, "=", option.value));
  }
  for (const std::string& period : table.periods) options.push_back(period);
  return options.empty() ? "" : absl::StrCat("\n**Options**: ", Codes(options), "\n");
}

}  // namespace

std::map<std::string, std::vector<Reference>> ReferencesTo(const Schema& schema) {
  std::map<std::string, std::vector<Reference>> references;
  for (const auto& [name, table] : schema.tables) {
    for (const ForeignKey& key : table.foreign_keys) {
      if (key.referenced_schema.empty()) references[key.referenced_table].push_back({&table, &key});
    }
  }
  return references;
}

std::string TableLink(const Schema& schema, const std::string& name) {
  if (schema.tables.count(name) == 0) return MarkdownCode(name);
  return absl::StrCat("[", MarkdownCode(name), "](#", MarkdownAnchor(name), ")");
}

std::string WriteTableDocs(const Schema& schema, const Table& table, const std::vector<Reference>& referenced_by) {
  std::string text =
      absl::StrCat("\n<a id=\"", MarkdownAnchor(table.name), "\"></a>\n\n### ", MarkdownText(table.name), "\n\n");
  if (const std::string comment = CommentOf(table); !comment.empty()) {
    absl::StrAppend(&text, MarkdownText(comment), "\n\n");
  }
  absl::StrAppend(&text, ColumnsText(table), IndexesText(table), ReferencesText(schema, table),
                  ReferencedByText(schema, referenced_by), ChecksText(table));
  if (!table.partitioning.empty()) {
    absl::StrAppend(&text, "\n**Partitions**\n\n", MarkdownBlock("sql", table.partitioning));
  }
  absl::StrAppend(&text, OptionsText(table), TriggersText(schema, table), NeighboursText(schema, table));
  return text;
}

}  // namespace bonnie::schema
