#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/schema/clause_reader.h"
#include "services/schema/lint_rules/rules.h"

namespace bonnie::schema::lint {

namespace {

struct Partitioning {
  std::string head;  // "PARTITION BY RANGE (`id`)"
  std::vector<std::string> names, clauses;
};

void ReadList(absl::string_view list, Partitioning* partitioning) {
  ClauseReader reader(list);
  size_t begin = 0;
  const auto take = [&](size_t end) {
    ClauseReader clause(list.substr(begin, end - begin));
    clause.TakeWord("partition");
    partitioning->names.push_back(clause.Peek().name);
    partitioning->clauses.emplace_back(absl::StripAsciiWhitespace(list.substr(begin, end - begin)));
  };
  while (!reader.AtEnd()) {
    if (reader.AtSign("(")) {
      if (!reader.TakeGroup().ok()) return;
    } else if (reader.AtSign(",")) {
      take(reader.next_begin());
      reader.Skip();
      begin = reader.last_end();
    } else {
      reader.Skip();
    }
  }
  take(list.size());
}

Partitioning Read(absl::string_view text) {
  Partitioning partitioning;
  ClauseReader reader(text);
  while (!reader.AtEnd()) {
    const size_t begin = reader.next_begin();
    if (!reader.AtSign("(")) {
      reader.Skip();
      continue;
    }
    const auto group = reader.TakeGroup();
    if (!group.ok()) break;
    if (!absl::StartsWithIgnoreCase(absl::StripLeadingAsciiWhitespace(*group), "PARTITION ")) continue;
    partitioning.head = std::string(absl::StripTrailingAsciiWhitespace(text.substr(0, begin)));
    ReadList(*group, &partitioning);
    break;
  }
  return partitioning;
}

// Ranges that go at either end, and lists without new ones, go by DROP PARTITION; any other change moves the rows to where
// they belong (alter_partitions.h).
void CheckDropPartition(const Change& change, const ChangedSchema&, Report& report) {
  if (change.kind == Change::Kind::kTableOption && change.object == "WITH SYSTEM VERSIONING" && change.after.empty()) {
    return report.Add(change.table, "", "system versioning ends, and the history of the rows goes");
  }
  if (change.kind != Change::Kind::kPartitioning) return;
  const Partitioning before = Read(change.before), after = Read(change.after);
  const bool by_values =
      absl::StartsWith(before.head, "PARTITION BY RANGE") || absl::StartsWith(before.head, "PARTITION BY LIST");
  if (before.head != after.head || !by_values) return;
  std::vector<std::string> dropped;
  std::vector<bool> stays;
  for (size_t i = 0; i < before.clauses.size(); ++i) {
    stays.push_back(absl::c_linear_search(after.clauses, before.clauses[i]));
    if (!stays.back()) dropped.push_back(before.names[i]);
  }
  const size_t kept = absl::c_count(stays, true);
  if (dropped.empty() || kept == 0 || kept > after.clauses.size()) return;
  const bool by_list = absl::StartsWith(before.head, "PARTITION BY LIST");
  const auto first = absl::c_find(stays, true), last = std::find(stays.rbegin(), stays.rend(), true).base();
  const bool others_take_rows = by_list ? kept < after.clauses.size() : std::find(first, last, false) != last;
  const bool at_begin = std::equal(before.clauses.begin() + (first - stays.begin()),
                                   before.clauses.begin() + (first - stays.begin()) + kept, after.clauses.begin());
  const bool drops = at_begin && !others_take_rows;
  if (drops)
    report.Add(change.table, "", absl::StrCat("rows of partition ", absl::StrJoin(dropped, ", "), " go with it"));
}

}  // namespace

Rule DropPartition() {
  return {{"drop-partition", Severity::kError, RuleSubject::kChange, "partition or history dropped",
           "The rows that are in it are gone.", /*drops_data=*/true},
          nullptr,
          nullptr,
          CheckDropPartition};
}

}  // namespace bonnie::schema::lint
