#include "services/schema/foreign_key_moves.h"

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"

namespace bonnie::schema {

namespace {

bool IsDisturbed(const TableDifference& difference, const std::vector<std::string>& columns) {
  if (difference.before->option("ENGINE") != difference.after->option("ENGINE")) return true;
  return absl::c_any_of(columns, [&](const std::string& name) {
    const Column* before = difference.before->FindColumn(name);
    const Column* after = difference.after->FindColumn(name);
    return before == nullptr || after == nullptr || before->type != after->type || before->charset != after->charset ||
           before->collation != after->collation || before->auto_increment != after->auto_increment ||
           before->generated != after->generated || before->stored != after->stored;
  });
}

// Whether the foreign key, the same before and after, can stay while both its tables change.
bool CanStay(const ForeignKey& key, const TableDifference& child,
             const std::map<std::string, TableDifference>& differences) {
  if (IsDisturbed(child, key.columns)) return false;
  if (!key.referenced_schema.empty()) return true;
  const auto parent = differences.find(key.referenced_table);
  return parent != differences.end() && !IsDisturbed(parent->second, key.referenced_columns);
}

}  // namespace

ForeignKeyMoves MoveForeignKeys(const std::map<std::string, TableDifference>& differences) {
  ForeignKeyMoves moves;
  for (const auto& [table, difference] : differences) {
    for (const Pair<ForeignKey>& pair : difference.foreign_keys) {
      if (Same(pair) && CanStay(*pair.after, difference, differences)) continue;
      if (pair.before != nullptr) moves.drops[table].push_back(pair.before);
      if (pair.after != nullptr) moves.adds[table].push_back(pair.after);
    }
  }
  return moves;
}

}  // namespace bonnie::schema
