#include "services/schema/erd.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/data_access/status_macros.h"
#include "services/schema/erd_tables.h"
#include "services/schema/renames.h"
#include "services/schema/table_difference.h"

namespace bonnie::schema {

namespace {

// Above these kAutomatic shows less: what fits on a screen at a legible size, and what fits on a wall.
constexpr size_t kMaxTablesWhole = 30;
constexpr size_t kMaxTablesWithKeys = 150;

// A foreign key between two names, before its tables are drawn.
struct Link {
  std::string parent, child;  // parent: as `database.table` when it is elsewhere
  const ForeignKey* key;
  const Table* child_table;
  ErdMark mark;
};

std::string LabelOf(const Link& link) {
  const ForeignKey& key = *link.key;
  std::string label = absl::StrCat(link.child, " (", absl::StrJoin(key.columns, ", "), ") → ", link.parent, " (",
                                   absl::StrJoin(key.referenced_columns, ", "), ")");
  if (!key.on_delete.empty()) absl::StrAppend(&label, ", ON DELETE ", key.on_delete);
  if (!key.on_update.empty()) absl::StrAppend(&label, ", ON UPDATE ", key.on_update);
  return label;
}

// The tables and links of one schema or two, and the drawing of those that are wanted.
class ErdMaker {
 public:
  ErdMaker(const Schema& after, const Schema* before, const ErdOptions& options)
      : is_diff_(before != nullptr), options_(options) {
    for (const auto& [name, table] : after.tables) tables_[name].after = &table;
    if (before == nullptr) return;
    Schema from = *before, to = after;
    from.objects.clear();  // views and routines have no place in the picture
    to.objects.clear();
    for (Change& change : Diff(from, to, options.hints).changes) changes_[change.table].push_back(std::move(change));
    before_ = AfterRenames(from, FindRenames(from, to, options.hints));
    for (const auto& [name, table] : before_.tables) tables_[name].before = &table;
  }

  absl::StatusOr<ErdGraph> Make() {
    for (const auto& [name, pair] : tables_) AddLinks(pair);
    std::set<std::string> wanted;
    BONNIE_ASSIGN_OR_RETURN(wanted, Wanted());
    ErdGraph graph;
    graph.is_diff = is_diff_;
    DrawTables(wanted, &graph);
    DrawEdges(&graph);
    return graph;
  }

 private:
  // What the key's table is called in the picture.
  std::string ParentOf(const ForeignKey& key) const {
    if (!key.referenced_schema.empty()) return absl::StrCat(key.referenced_schema, ".", key.referenced_table);
    if (tables_.count(key.referenced_table) > 0) return key.referenced_table;
    for (const auto& [name, pair] : tables_) {  // lower_case_table_names writes the two differently
      if (absl::EqualsIgnoreCase(name, key.referenced_table)) return name;
    }
    return key.referenced_table;
  }

  void AddLink(const ForeignKey& key, const Table& child, ErdMark mark) {
    links_.push_back({ParentOf(key), child.name, &key, &child, mark});
  }

  void AddLinks(const Pair<Table>& pair) {
    if (!is_diff_ || pair.before == nullptr || pair.after == nullptr) {
      const Table& table = pair.after != nullptr ? *pair.after : *pair.before;
      const ErdMark mark = is_diff_ ? MarkOf(pair, false) : ErdMark::kNone;
      for (const ForeignKey& key : table.foreign_keys) AddLink(key, table, mark);
      return;
    }
    for (const Pair<ForeignKey>& key : Compare(*pair.before, *pair.after).foreign_keys) {
      const bool moved = key.before != nullptr && key.after != nullptr && ParentOf(*key.before) != ParentOf(*key.after);
      if (moved) AddLink(*key.before, *pair.before, ErdMark::kRemoved);
      const ErdMark mark = moved ? ErdMark::kAdded : MarkOf(key, Changed(key));
      if (key.after != nullptr) {
        AddLink(*key.after, *pair.after, mark);
      } else {
        AddLink(*key.before, *pair.before, mark);
      }
    }
  }

  // Names of the tables to draw: those asked for and their neighbours.
  absl::StatusOr<std::set<std::string>> Wanted() const {
    std::set<std::string> wanted;
    if (options_.tables.empty()) {
      for (const auto& [name, pair] : tables_) wanted.insert(name);
      for (const Link& link : links_) wanted.insert(link.parent);
      return wanted;
    }
    if (options_.exact) {
      wanted = {options_.tables.begin(), options_.tables.end()};
    } else {
      std::vector<std::string> names;
      for (const auto& [name, pair] : tables_) names.push_back(name);
      BONNIE_ASSIGN_OR_RETURN(wanted, MatchTables(options_.tables, names));
    }
    for (int step = 0; step < options_.distance; ++step) {
      const std::set<std::string> reached = wanted;
      for (const Link& link : links_) {
        if (reached.count(link.child) > 0) wanted.insert(link.parent);
        if (reached.count(link.parent) > 0) wanted.insert(link.child);
      }
      if (wanted.size() == reached.size()) break;
    }
    return wanted;
  }

  ErdDetail DetailFor(size_t tables) const {
    if (options_.detail != ErdDetail::kAutomatic) return options_.detail;
    return tables <= kMaxTablesWhole      ? ErdDetail::kAll
           : tables <= kMaxTablesWithKeys ? ErdDetail::kKeys
                                          : ErdDetail::kNames;
  }

  void DrawTables(const std::set<std::string>& wanted, ErdGraph* graph) const {
    std::map<std::string, std::set<std::string>> referenced;  // columns that an edge ends at
    for (const Link& link : links_) {
      referenced[link.parent].insert(link.key->referenced_columns.begin(), link.key->referenced_columns.end());
    }
    const ErdDetail detail = DetailFor(wanted.size());
    for (const std::string& name : wanted) {
      const auto pair = tables_.find(name);
      if (pair == tables_.end()) {
        ErdTable& elsewhere = graph->tables.emplace_back();
        elsewhere.name = name;
        elsewhere.is_elsewhere = true;
        continue;
      }
      const auto changes = changes_.find(name);
      ErdTable table =
          MakeErdTable(pair->second, is_diff_, changes == changes_.end() ? std::vector<Change>() : changes->second);
      HideRows(detail, referenced[name], &table);
      graph->tables.push_back(std::move(table));
    }
  }

  void DrawEdges(ErdGraph* graph) const {
    std::map<std::string, size_t> places;
    for (const ErdTable& table : graph->tables) places.emplace(table.name, places.size());
    for (const Link& link : links_) {
      const auto parent = places.find(link.parent), child = places.find(link.child);
      if (parent == places.end() || child == places.end()) continue;
      ErdEdge edge;
      edge.parent = parent->second;
      edge.child = child->second;
      if (!link.key->referenced_columns.empty()) {
        edge.parent_row = RowIn(graph->tables[edge.parent], link.key->referenced_columns.front());
      }
      if (!link.key->columns.empty()) edge.child_row = RowIn(graph->tables[edge.child], link.key->columns.front());
      edge.parent_optional = absl::c_any_of(link.key->columns, [&](const std::string& name) {
        const Column* column = link.child_table->FindColumn(name);
        return column != nullptr && column->nullable;
      });
      edge.child_unique = CoversUniqueKey(*link.child_table, link.key->columns);
      edge.name = link.key->name;
      edge.label = LabelOf(link);
      edge.mark = link.mark;
      graph->edges.push_back(std::move(edge));
    }
    absl::c_stable_sort(graph->edges, [](const ErdEdge& a, const ErdEdge& b) {
      return std::tie(a.child, a.name, a.parent) < std::tie(b.child, b.name, b.parent);
    });
  }

  static int RowIn(const ErdTable& table, const std::string& column) {
    for (size_t i = 0; i < table.rows.size(); ++i) {
      const ErdRow& row = table.rows[i];
      if (!row.is_note && absl::EqualsIgnoreCase(row.name, column)) return static_cast<int>(i);
    }
    return -1;
  }

  const bool is_diff_;
  const ErdOptions& options_;
  Schema before_;                                       // under the names that hold afterwards
  std::map<std::string, std::vector<Change>> changes_;  // by table
  std::map<std::string, Pair<Table>> tables_;
  std::vector<Link> links_;
};

}  // namespace

absl::string_view MarkText(ErdMark mark) {
  switch (mark) {
    case ErdMark::kAdded:
      return "+";
    case ErdMark::kRemoved:
      return "−";
    case ErdMark::kChanged:
      return "~";
    case ErdMark::kNone:
      break;
  }
  return "";
}

absl::StatusOr<ErdGraph> MakeErd(const Schema& schema, const Schema* before, const ErdOptions& options) {
  return ErdMaker(schema, before, options).Make();
}

}  // namespace bonnie::schema
