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

// A list that keeps some members, at its beginning, loses the others by DROP PARTITION; any other change moves the rows
// to where they belong.
void CheckDropPartition(const Change& change, const ChangedSchema&, Report& report) {
  if (change.kind == Change::Kind::kTableOption && change.object == "WITH SYSTEM VERSIONING" && change.after.empty()) {
    return report.Add(change.table, "", "system versioning ends, and the history of the rows goes");
  }
  if (change.kind != Change::Kind::kPartitioning) return;
  const Partitioning before = Read(change.before), after = Read(change.after);
  const bool by_values =
      absl::StartsWith(before.head, "PARTITION BY RANGE") || absl::StartsWith(before.head, "PARTITION BY LIST");
  if (before.head != after.head || !by_values) return;
  std::vector<std::string> dropped, kept;
  for (size_t i = 0; i < before.clauses.size(); ++i) {
    const bool stays = absl::c_linear_search(after.clauses, before.clauses[i]);
    (stays ? kept : dropped).push_back(stays ? before.clauses[i] : before.names[i]);
  }
  const bool drops = !dropped.empty() && !kept.empty() && kept.size() <= after.clauses.size() &&
                     std::equal(kept.begin(), kept.end(), after.clauses.begin());
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
