#include "services/schema/alter_partitions.h"

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/optional.h"
#include "services/schema/clause_reader.h"
#include "services/schema/create_table.h"
#include "services/schema/partitioning.h"

namespace bonnie::schema {

namespace {

std::string Names(const std::vector<Partition>& partitions) {
  return absl::StrJoin(partitions, ", ", [](std::string* out, const Partition& partition) {
    absl::StrAppend(out, QuoteName(partition.name));
  });
}

std::string Clauses(const std::vector<Partition>& partitions) {
  return absl::StrCat("(", absl::StrJoin(partitions, ",\n ", [](std::string* out, const Partition& partition) {
                        absl::StrAppend(out, partition.clause);
                      }), ")");
}

// Drops some, then adds some at the end. Nothing when that does not lead there, or would drop all.
absl::optional<std::vector<std::string>> DropAndAdd(const Partitioning& before, const Partitioning& after) {
  if (!CanDropAndAdd(before, after)) return absl::nullopt;
  const std::vector<Partition> dropped = PartitionsThatGo(before, after);
  const size_t kept = before.list.size() - dropped.size();
  std::vector<std::string> clauses;
  if (!dropped.empty()) clauses.push_back(absl::StrCat("DROP PARTITION ", Names(dropped)));
  if (kept < after.list.size()) {
    clauses.push_back(absl::StrCat("ADD PARTITION ", Clauses({after.list.begin() + kept, after.list.end()})));
  }
  return clauses;
}

// "VALUES LESS THAN (10)" of the clause.
std::string Bound(const Partition& partition) {
  ClauseReader reader(partition.clause);
  while (!reader.AtEnd() && !reader.AtWord("values")) reader.Skip();
  const size_t begin = reader.next_begin();
  while (!reader.AtEnd() && !reader.AtSign("(") && !reader.AtWord("maxvalue")) reader.Skip();
  if (!reader.AtSign("(")) {
    reader.Skip();
  } else if (!reader.TakeGroup().ok()) {
    return "";
  }
  return std::string(reader.Between(begin, reader.last_end()));
}

// Divides a stretch of the list anew. Nothing when the servers would refuse: a stretch of ranges must end where it did.
absl::optional<std::string> Reorganize(const Partitioning& before, const Partitioning& after) {
  const std::vector<Partition>&b = before.list, &a = after.list;
  size_t front = 0, back = 0;
  while (front < std::min(b.size(), a.size()) && b[front] == a[front]) ++front;
  while (back + front < std::min(b.size(), a.size()) && b[b.size() - 1 - back] == a[a.size() - 1 - back]) ++back;
  const auto ends_alike = [&] { return Bound(b[b.size() - 1 - back]) == Bound(a[a.size() - 1 - back]); };
  // Something comes or goes in between: its neighbour is divided, or takes it.
  if ((front + back == b.size() || front + back == a.size()) && back > 0) --back;
  while (!before.IsByList() && back > 0 && !ends_alike()) --back;
  const std::vector<Partition> old_stretch(b.begin() + front, b.end() - back);
  const std::vector<Partition> new_stretch(a.begin() + front, a.end() - back);
  if (old_stretch.empty() || new_stretch.empty() || (!before.IsByList() && !ends_alike())) return absl::nullopt;
  return absl::StrCat("REORGANIZE PARTITION ", Names(old_stretch), " INTO ", Clauses(new_stretch));
}

// "PARTITION BY HASH (`id`)\nPARTITIONS 4": the number, and the text without it. 0: it is not written, and means 1.
std::pair<std::string, int> NumberOfPartitions(const std::string& text) {
  constexpr absl::string_view kNumber = "\nPARTITIONS ";
  const size_t begin = text.rfind(std::string(kNumber));
  int number = 0;
  if (begin == std::string::npos || !absl::SimpleAtoi(text.substr(begin + kNumber.size()), &number)) return {text, 0};
  return {text.substr(0, begin), number};
}

absl::optional<std::string> ChangeNumber(const std::string& before, const std::string& after) {
  const auto [before_text, before_number] = NumberOfPartitions(before);
  const auto [after_text, after_number] = NumberOfPartitions(after);
  const bool is_hashed = absl::StrContains(before_text, " HASH ") || absl::StrContains(before_text, " KEY ");
  // Afterwards the server writes the number, a 1 too.
  if (before_text != after_text || !is_hashed || after_number == 0) return absl::nullopt;
  const int now = std::max(before_number, 1);
  if (after_number > now) return absl::StrCat("ADD PARTITION PARTITIONS ", after_number - now);
  if (after_number < now) return absl::StrCat("COALESCE PARTITION ", now - after_number);
  return absl::nullopt;
}

// Clauses that lead from one partitioning to the other without partitioning anew.
absl::optional<std::vector<std::string>> ChangeList(const std::string& before_text, const std::string& after_text,
                                                    Direction direction) {
  const Partitioning before = ReadPartitioning(before_text), after = ReadPartitioning(after_text);
  if (before.list.empty() && after.list.empty()) {
    if (auto number = ChangeNumber(before_text, after_text)) return std::vector<std::string>{*number};
    return absl::nullopt;
  }
  if (before.head != after.head || !before.IsByRangeOrList()) return absl::nullopt;
  auto drop_and_add = DropAndAdd(before, after);
  const bool drops = !PartitionsThatGo(before, after).empty();
  const bool keeps_rows = drops && (direction == Direction::kDown || OthersTakeRows(before, after));
  if (drop_and_add.has_value() && !keeps_rows) return drop_and_add;
  if (auto clause = Reorganize(before, after)) return std::vector<std::string>{*clause};
  return drop_and_add;
}

}  // namespace

PartitionChange ChangePartitions(const TableDifference& difference, bool anew, Direction direction) {
  const std::string& before = difference.before->partitioning;
  const std::string& after = difference.after->partitioning;
  if (before == after && !anew) return {};
  if (after.empty()) return {before.empty() ? "" : "REMOVE PARTITIONING", {}};
  if (before.empty() || anew) return {after, {}};
  const auto clauses = ChangeList(before, after, direction);
  if (!clauses.has_value()) return {after, {}};
  PartitionChange change;
  for (const std::string& clause : *clauses) {
    change.statements.push_back(absl::StrCat("ALTER TABLE ", QuoteName(difference.after->name), " ", clause));
  }
  return change;
}

}  // namespace bonnie::schema
