#include "services/schema/index_order.h"

#include <map>

#include "absl/algorithm/container.h"

namespace bonnie::schema {

namespace {

using Kind = Index::Kind;

// Groups in which the server lists indexes, whatever the order in which they were made.
enum class Group {
  kPrimary,
  kUnique,
  kUniqueOfPrefixes,
  kUniqueWithNulls,
  kUniqueOfPrefixesWithNulls,
  kPlain,
  kFulltext
};

Group GroupOf(const Index& index, const Table& table) {
  if (index.kind == Kind::kPrimary) return Group::kPrimary;
  if (index.kind == Kind::kFulltext) return Group::kFulltext;
  if (index.kind != Kind::kUnique) return Group::kPlain;
  const bool has_prefix = absl::c_any_of(index.parts, [](const IndexPart& part) { return part.prefix > 0; });
  const bool has_nulls = absl::c_any_of(index.parts, [&](const IndexPart& part) {
    const Column* column = table.FindColumn(part.column);
    return column == nullptr || column->nullable;
  });
  if (has_nulls) return has_prefix ? Group::kUniqueOfPrefixesWithNulls : Group::kUniqueWithNulls;
  return has_prefix ? Group::kUniqueOfPrefixes : Group::kUnique;
}

template <typename T>
bool AnyDiffers(const std::vector<Pair<T>>& pairs) {
  return absl::c_any_of(pairs, [](const Pair<T>& pair) { return !Same(pair); });
}

}  // namespace

std::set<const Index*> MovedIndexes(const TableDifference& difference,
                                    absl::FunctionRef<bool(const Pair<Index>&)> anew) {
  std::set<const Index*> moved;
  std::map<Group, const Index*> last;  // of each group, the last that stays; null once one of it is added
  for (const Pair<Index>& pair : difference.indexes) {
    if (pair.after == nullptr) continue;
    const Group group = GroupOf(*pair.after, *difference.after);
    const auto previous = last.find(group);
    const bool behind = previous == last.end() || (previous->second != nullptr && previous->second < pair.before);
    const bool stays = pair.before != nullptr && !anew(pair);
    if (stays && !behind && Same(pair)) moved.insert(pair.before);  // one that is renamed would be built anew
    last[group] = stays && behind ? pair.before : nullptr;
  }
  return moved;
}

std::set<const Check*> MovedChecks(const TableDifference& difference,
                                   absl::FunctionRef<bool(const Pair<Check>&)> anew) {
  std::set<const Check*> moved;
  const Check* last = nullptr;
  bool behind = true;
  for (const Pair<Check>& pair : difference.checks) {
    if (pair.after == nullptr) continue;
    const bool stays = pair.before != nullptr && !anew(pair);
    behind = behind && stays && (last == nullptr || last < pair.before);
    if (stays && !behind) moved.insert(pair.before);
    last = pair.before;
  }
  return moved;
}

bool TakesOrderAlong(const TableDifference& difference) {
  return AnyDiffers(difference.columns) || AnyDiffers(difference.indexes) || AnyDiffers(difference.checks) ||
         AnyDiffers(difference.options) || difference.periods_differ() || !MovedColumns(difference).empty();
}

}  // namespace bonnie::schema
