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

bool IsAltered(const TableDifference& difference) {
  return AnyDiffers(difference.columns) || AnyDiffers(difference.indexes) || AnyDiffers(difference.checks) ||
         AnyDiffers(difference.options) || difference.periods_differ() || !MovedColumns(difference).empty();
}

}  // namespace

std::set<const Index*> MovedIndexes(const TableDifference& difference,
                                    absl::FunctionRef<bool(const Pair<Index>&)> anew) {
  std::set<const Index*> moved;
  const bool is_altered = IsAltered(difference) || absl::c_any_of(difference.indexes, [&](const Pair<Index>& pair) {
                            return pair.before != nullptr && pair.after != nullptr && anew(pair);
                          });
  if (!is_altered) return moved;
  std::map<Group, const Index*> last;  // of each group, the last that stays; null once one of it is added
  for (const Pair<Index>& pair : difference.indexes) {
    if (pair.after == nullptr) continue;
    const Group group = GroupOf(*pair.after, *difference.after);
    const auto previous = last.find(group);
    const bool behind = previous == last.end() || (previous->second != nullptr && previous->second < pair.before);
    const bool stays = pair.before != nullptr && !anew(pair);
    const bool is_free = group != Group::kFulltext && stays && Same(pair);  // else the server would build it anew
    if (is_free && !behind) moved.insert(pair.before);
    last[group] = stays && behind ? pair.before : nullptr;
  }
  return moved;
}

}  // namespace bonnie::schema
