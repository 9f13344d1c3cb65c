#include "services/schema/table_difference.h"

#include <algorithm>
#include <string>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace bonnie::schema {

namespace {

template <typename T>
std::vector<Pair<T>> PairUp(const std::vector<T>& before, const std::vector<T>& after) {
  std::vector<Pair<T>> pairs;
  std::vector<bool> paired(before.size(), false);
  for (const T& part : after) {
    const auto found = absl::c_find_if(before, [&](const T& b) { return absl::EqualsIgnoreCase(b.name, part.name); });
    if (found != before.end()) paired[found - before.begin()] = true;
    pairs.push_back({found == before.end() ? nullptr : &*found, &part});
  }
  for (size_t i = 0; i < before.size(); ++i) {
    if (!paired[i]) pairs.push_back({&before[i], nullptr});
  }
  return pairs;
}

// An index's clause without its own name.
std::string Nameless(const Index& index) {
  if (index.kind == Index::Kind::kPrimary) return index.definition;
  const size_t begin = index.definition.find('`');
  const size_t columns = index.definition.find(" (", begin + index.name.size());
  if (begin == std::string::npos || columns == std::string::npos) return index.definition;
  return absl::StrCat(index.definition.substr(0, begin), index.definition.substr(columns));
}

// Makes one pair of a dropped and an added index that are the same but for the name: then it can be renamed.
void PairRenamed(std::vector<Pair<Index>>* indexes) {
  for (Pair<Index>& added : *indexes) {
    if (added.before != nullptr || added.after == nullptr) continue;
    const auto dropped = absl::c_find_if(*indexes, [&](const Pair<Index>& pair) {
      return pair.after == nullptr && pair.before->kind == added.after->kind &&
             Nameless(*pair.before) == Nameless(*added.after);
    });
    if (dropped == indexes->end()) continue;
    added.before = dropped->before;
    indexes->erase(dropped);  // stands behind `added`, as all dropped ones do
  }
}

// Marks a longest run of places that rises: who is in it stays where it is while others move around it.
std::vector<bool> LongestRise(const std::vector<size_t>& places) {
  const size_t none = places.size();
  std::vector<size_t> length(places.size(), 1), previous(places.size(), none);
  size_t best = none;
  for (size_t i = 0; i < places.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (places[j] < places[i] && length[j] + 1 > length[i]) {
        length[i] = length[j] + 1;
        previous[i] = j;
      }
    }
    if (best == none || length[i] > length[best]) best = i;
  }
  std::vector<bool> in_rise(places.size(), false);
  for (size_t i = best; i != none; i = previous[i]) in_rise[i] = true;
  return in_rise;
}

bool IsCounter(const Pair<TableOption>& pair) {
  return (pair.before != nullptr ? pair.before : pair.after)->name == "AUTO_INCREMENT";
}

}  // namespace

bool TableDifference::charset_differs() const {
  return before->option("DEFAULT CHARSET") != after->option("DEFAULT CHARSET") ||
         before->option("COLLATE") != after->option("COLLATE");
}

TableDifference Compare(const Table& before, const Table& after) {
  TableDifference difference = {&before, &after};
  difference.columns = PairUp(before.columns, after.columns);
  difference.indexes = PairUp(before.indexes, after.indexes);
  PairRenamed(&difference.indexes);
  difference.foreign_keys = PairUp(before.foreign_keys, after.foreign_keys);
  difference.checks = PairUp(before.checks, after.checks);
  difference.options = PairUp(before.options, after.options);
  difference.options.erase(std::remove_if(difference.options.begin(), difference.options.end(), IsCounter),
                           difference.options.end());
  return difference;
}

std::vector<std::string> MovedColumns(const TableDifference& difference) {
  std::vector<size_t> places;
  std::vector<std::string> kept, moved;
  for (const Pair<Column>& pair : difference.columns) {
    if (pair.before == nullptr || pair.after == nullptr) continue;
    places.push_back(pair.before - difference.before->columns.data());
    kept.push_back(pair.after->name);
  }
  const std::vector<bool> stays = LongestRise(places);
  for (size_t i = 0; i < kept.size(); ++i) {
    if (!stays[i]) moved.push_back(kept[i]);
  }
  return moved;
}

bool Same(const Column& a, const Column& b) {
  return a.name == b.name && a.definition == b.definition && a.default_bytes == b.default_bytes &&
         a.charset == b.charset && a.collation == b.collation;
}

bool Same(const Index& a, const Index& b) { return a.definition == b.definition; }

bool Same(const ForeignKey& a, const ForeignKey& b) {
  return a.name == b.name && a.definition == b.definition;
}

bool Same(const Check& a, const Check& b) { return a.definition == b.definition; }

bool Same(const TableOption& a, const TableOption& b) { return a == b; }

}  // namespace bonnie::schema
