#include "services/schema/partitioning.h"

#include <algorithm>
#include <iterator>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "services/schema/clause_reader.h"

namespace bonnie::schema {

namespace {

Partition ReadPartition(absl::string_view clause) {
  ClauseReader reader(clause);
  reader.TakeWord("partition");
  return {reader.Peek().name, std::string(clause)};
}

std::vector<Partition> ReadList(absl::string_view group) {
  std::vector<Partition> list;
  ClauseReader reader(group);
  size_t begin = 0;
  while (!reader.AtEnd()) {
    if (reader.AtSign("(")) {
      if (!reader.TakeGroup().ok()) return {};
    } else if (reader.AtSign(",")) {
      list.push_back(ReadPartition(absl::StripAsciiWhitespace(reader.Between(begin, reader.next_begin()))));
      reader.Skip();
      begin = reader.last_end();
    } else {
      reader.Skip();
    }
  }
  list.push_back(ReadPartition(absl::StripAsciiWhitespace(group.substr(begin))));
  return list;
}

// Of each partition of `before`: whether it is in `after`.
std::vector<bool> Stay(const Partitioning& before, const Partitioning& after) {
  std::vector<bool> stay;
  for (const Partition& partition : before.list) stay.push_back(absl::c_linear_search(after.list, partition));
  return stay;
}

}  // namespace

bool Partitioning::IsByList() const { return absl::StartsWith(head, "PARTITION BY LIST"); }
bool Partitioning::IsByRangeOrList() const { return IsByList() || absl::StartsWith(head, "PARTITION BY RANGE"); }

Partitioning ReadPartitioning(absl::string_view text) {
  ClauseReader reader(text);
  while (!reader.AtEnd()) {
    const size_t begin = reader.next_begin();
    if (!reader.AtSign("(")) {
      reader.Skip();
      continue;
    }
    const auto group = reader.TakeGroup();
    if (!group.ok()) break;
    if (absl::StartsWithIgnoreCase(absl::StripLeadingAsciiWhitespace(*group), "PARTITION ")) {
      return {std::string(absl::StripTrailingAsciiWhitespace(text.substr(0, begin))), ReadList(*group)};
    }
  }
  return {std::string(text), {}};
}

std::vector<Partition> PartitionsThatGo(const Partitioning& before, const Partitioning& after) {
  std::vector<Partition> gone;
  absl::c_copy_if(before.list, std::back_inserter(gone),
                  [&](const Partition& partition) { return !absl::c_linear_search(after.list, partition); });
  return gone;
}

bool CanDropAndAdd(const Partitioning& before, const Partitioning& after) {
  std::vector<Partition> kept;
  absl::c_copy_if(before.list, std::back_inserter(kept),
                  [&](const Partition& partition) { return absl::c_linear_search(after.list, partition); });
  return !kept.empty() && kept.size() <= after.list.size() &&
         std::equal(kept.begin(), kept.end(), after.list.begin());
}

bool OthersTakeRows(const Partitioning& before, const Partitioning& after) {
  const std::vector<bool> stay = Stay(before, after);
  const size_t kept = absl::c_count(stay, true);
  if (kept == stay.size()) return false;
  if (before.IsByList()) return kept < after.list.size();
  const auto first = absl::c_find(stay, true), last = std::find(stay.rbegin(), stay.rend(), true).base();
  return first < last && std::find(first, last, false) != last;
}

}  // namespace bonnie::schema
