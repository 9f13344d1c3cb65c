#include "services/schema/possible_renames.h"

#include <set>
#include <string>
#include <utility>

#include "absl/algorithm/container.h"

namespace bonnie::schema {

namespace {

using NameSet = std::set<std::string>;

// The columns next to `column` in `table` that are there before and after; empty at the table's ends.
std::pair<std::string, std::string> Neighbours(const Table& table, const Column& column, const NameSet& kept) {
  std::string left, right;
  bool passed = false;
  for (const Column& other : table.columns) {
    if (&other == &column) {
      passed = true;
    } else if (kept.count(other.name) > 0) {
      if (passed) {
        right = other.name;
        break;
      }
      left = other.name;
    }
  }
  return {left, right};
}

bool HaveAlikeColumns(const Table& a, const Table& b) {
  return absl::c_equal(a.columns, b.columns, [](const Column& x, const Column& y) { return Same(x, y); });
}

}  // namespace

std::vector<PossibleRename> PossibleColumnRenames(const TableDifference& difference) {
  NameSet kept;
  for (const Pair<Column>& pair : difference.columns) {
    if (pair.before != nullptr && pair.after != nullptr) kept.insert(pair.after->name);
  }
  std::vector<PossibleRename> renames;
  std::set<const Column*> matched;
  for (const Pair<Column>& dropped : difference.columns) {
    if (dropped.after != nullptr) continue;
    for (const Pair<Column>& added : difference.columns) {
      if (added.before != nullptr || matched.count(added.after) > 0) continue;
      Column other = *added.after;
      other.name = dropped.before->name;
      if (!Same(*dropped.before, other) || Neighbours(*difference.before, *dropped.before, kept) !=
                                               Neighbours(*difference.after, *added.after, kept)) {
        continue;
      }
      matched.insert(added.after);
      renames.push_back({difference.after->name, dropped.before->name, added.after->name});
      break;
    }
  }
  return renames;
}

std::vector<PossibleRename> PossibleTableRenames(const Schema& before, const Schema& after) {
  std::vector<PossibleRename> renames;
  NameSet matched;
  for (const auto& [old_name, dropped] : before.tables) {
    if (after.tables.count(old_name) > 0) continue;
    for (const auto& [new_name, added] : after.tables) {
      if (before.tables.count(new_name) > 0 || !HaveAlikeColumns(dropped, added) || !matched.insert(new_name).second) {
        continue;
      }
      renames.push_back({"", old_name, new_name});
      break;
    }
  }
  return renames;
}

}  // namespace bonnie::schema
