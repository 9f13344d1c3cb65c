#include "services/schema/portable_diff.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/types/optional.h"

namespace bonnie::schema {

namespace {

using Part = PortablePart;
using Kind = Change::Kind;

struct Kinds {
  Kind add, drop, modify;
};

Kinds KindsOf(Part::Kind kind) {
  switch (kind) {
    case Part::Kind::kTable:
      return {Kind::kAddTable, Kind::kDropTable, Kind::kRenameTable};
    case Part::Kind::kColumn:
      return {Kind::kAddColumn, Kind::kDropColumn, Kind::kModifyColumn};
    case Part::Kind::kColumnOrder:
      return {Kind::kMoveColumn, Kind::kMoveColumn, Kind::kMoveColumn};
    case Part::Kind::kIndex:
      return {Kind::kAddIndex, Kind::kDropIndex, Kind::kModifyIndex};
    case Part::Kind::kForeignKey:
      return {Kind::kAddForeignKey, Kind::kDropForeignKey, Kind::kModifyForeignKey};
    case Part::Kind::kCheck:
      return {Kind::kAddCheck, Kind::kDropCheck, Kind::kModifyCheck};
    case Part::Kind::kTableOption:
      return {Kind::kTableOption, Kind::kTableOption, Kind::kTableOption};
    case Part::Kind::kPartitioning:
      return {Kind::kPartitioning, Kind::kPartitioning, Kind::kPartitioning};
    case Part::Kind::kObject:
      return {Kind::kAddObject, Kind::kDropObject, Kind::kModifyObject};
  }
  return {};
}

bool HaveTheSameNames(const Part& a, const Part& b) {
  std::vector<std::string> of_a = absl::StrSplit(a.plain, ','), of_b = absl::StrSplit(b.plain, ',');
  std::sort(of_a.begin(), of_a.end());
  std::sort(of_b.begin(), of_b.end());
  return of_a == of_b;
}

// The difference of one part; either may be null.
absl::optional<Change> ChangeOf(const Part* before, const Part* after, bool by_text) {
  const Part& one = after != nullptr ? *after : *before;
  const Kinds kinds = KindsOf(one.kind);
  const std::string text_before = before != nullptr ? before->text : "",
                    text_after = after != nullptr ? after->text : "";
  if (before == nullptr) return Change{kinds.add, one.table, one.name, "", text_after};
  if (after == nullptr) return Change{kinds.drop, one.table, one.name, text_before, ""};
  const bool texts_count = by_text && !text_before.empty() && !text_after.empty();
  if (before->plain == after->plain && !(texts_count && ExactText(*before) != ExactText(*after))) return absl::nullopt;
  // Of other columns, the order follows.
  if (one.kind == Part::Kind::kColumnOrder && !HaveTheSameNames(*before, *after)) return absl::nullopt;
  return Change{kinds.modify, one.table, one.name, text_before, text_after};
}

}  // namespace

std::map<std::string, PortablePart> PartsByKey(const Schema& schema) {
  std::map<std::string, PortablePart> parts;
  std::map<std::string, std::string> owners;  // of a lower-case name: the table that has it first
  for (PortablePart& part : PortableParts(schema)) {
    const std::string& owner = owners.emplace(absl::AsciiStrToLower(part.table), part.table).first->second;
    std::string key = owner == part.table ? part.Key() : absl::StrCat(part.Key(), "\n", part.table);
    parts.emplace(std::move(key), std::move(part));
  }
  return parts;
}

std::vector<Change> PortableDiff(const Schema& from, const Schema& to) {
  const std::map<std::string, PortablePart> before = PartsByKey(from), after = PartsByKey(to);
  const bool by_text = AreOfOneSeries(from, to);
  std::set<std::string> keys;
  std::set<std::string> whole;  // tables that come or go: their parts go with them
  for (const auto& [parts, others] : {std::make_pair(&before, &after), std::make_pair(&after, &before)}) {
    for (const auto& [key, part] : *parts) {
      keys.insert(key);
      if (part.kind == Part::Kind::kTable && others->count(key) == 0) whole.insert(part.table);
    }
  }
  std::vector<Change> changes;
  for (const std::string& key : keys) {
    const auto old_part = before.find(key), new_part = after.find(key);
    const Part* const a = old_part == before.end() ? nullptr : &old_part->second;
    const Part* const b = new_part == after.end() ? nullptr : &new_part->second;
    const Part& one = b != nullptr ? *b : *a;
    if (one.kind != Part::Kind::kTable && (a == nullptr || b == nullptr) && whole.count(one.table) > 0) continue;
    if (absl::optional<Change> change = ChangeOf(a, b, by_text)) changes.push_back(*std::move(change));
  }
  return changes;
}

}  // namespace bonnie::schema
