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

std::set<const Index*> MovedIndexes(const TableDifference& difference, data_access::Flavour flavour,
                                    absl::FunctionRef<bool(const Pair<Index>&)> anew) {
  std::set<const Index*> moved;
  std::map<Group, const Index*> last;  // of each group, the last that stays; null once one of it is added
  const Index *previous = nullptr, *last_unique = nullptr;
  bool in_order = true, sorts = false;
  for (const Pair<Index>& pair : difference.indexes) {
    const bool stays = pair.before != nullptr && pair.after != nullptr && !anew(pair);
    sorts = sorts || !stays;
    if (pair.after == nullptr) continue;
    const Group group = GroupOf(*pair.after, *difference.after);
    const auto other = last.find(group);
    const bool behind = other == last.end() || (other->second != nullptr && other->second < pair.before);
    if (stays && !behind && Same(pair)) moved.insert(pair.before);  // one that is renamed would be built anew
    last[group] = stays && behind ? pair.before : nullptr;
    in_order = in_order && stays && (previous == nullptr || previous < pair.before);
    previous = pair.before;
    if (pair.after->kind == Kind::kUnique && stays && Same(pair)) last_unique = pair.before;
  }
  // All stay, and the server has to be made to sort them.
  const bool unsorted = flavour == data_access::Flavour::kMariaDb && !sorts && !in_order && moved.empty();
  if (unsorted && last_unique != nullptr) moved.insert(last_unique);
  return moved;
}

const Index* FindUnsortedIndex(const Table& table) {
  for (size_t i = 1; i < table.indexes.size(); ++i) {
    if (GroupOf(table.indexes[i], table) < GroupOf(table.indexes[i - 1], table)) return &table.indexes[i - 1];
  }
  return nullptr;
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

bool DiffersBesideOrder(const TableDifference& difference) {
  return AnyDiffers(difference.columns) || AnyDiffers(difference.indexes) || AnyDiffers(difference.checks) ||
         AnyDiffers(difference.options) || difference.periods_differ() || !MovedColumns(difference).empty();
}

}  // namespace bonnie::schema
