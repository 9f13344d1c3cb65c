#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "services/schema/diff.h"

namespace bonnie::schema {

namespace {

using Kind = Change::Kind;

// "add column", "drop index" …; of tables and renames the whole is written by Describe.
absl::string_view Words(Kind kind) {
  switch (kind) {
    case Kind::kAddTable: return "add table";
    case Kind::kDropTable: return "drop table";
    case Kind::kRenameTable: return "rename table";
    case Kind::kAddColumn: return "add column";
    case Kind::kDropColumn: return "drop column";
    case Kind::kRenameColumn: return "rename column";
    case Kind::kModifyColumn: return "modify column";
    case Kind::kMoveColumn: return "move column";
    case Kind::kAddIndex: return "add index";
    case Kind::kDropIndex: return "drop index";
    case Kind::kRenameIndex: return "rename index";
    case Kind::kModifyIndex: return "modify index";
    case Kind::kAddForeignKey: return "add foreign key";
    case Kind::kDropForeignKey: return "drop foreign key";
    case Kind::kModifyForeignKey: return "modify foreign key";
    case Kind::kAddCheck: return "add check";
    case Kind::kDropCheck: return "drop check";
    case Kind::kModifyCheck: return "modify check";
    case Kind::kTableOption: return "option";
    case Kind::kPartitioning: return "partitioning";
    case Kind::kAddObject: return "add";
    case Kind::kDropObject: return "drop";
    case Kind::kModifyObject: return "modify";
    case Kind::kMoveIndex: return "move index";
    case Kind::kMoveCheck: return "move check";
  }
  return "";
}

bool IsOfColumn(Kind kind) { return kind == Kind::kAddColumn || kind == Kind::kModifyColumn; }
bool IsRename(Kind kind) {
  return kind == Kind::kRenameTable || kind == Kind::kRenameColumn || kind == Kind::kRenameIndex;
}

std::string OnOneLine(absl::string_view clause) { return absl::StrReplaceAll(clause, {{"\n", " "}}); }

std::string OrNone(const std::string& clause) { return clause.empty() ? "none" : OnOneLine(clause); }

}  // namespace

std::string Describe(const Change& change) {
  const absl::string_view words = Words(change.kind);
  if (change.kind == Kind::kAddTable || change.kind == Kind::kDropTable) return absl::StrCat(words, " ", change.table);
  if (change.kind == Kind::kRenameTable) return absl::StrCat(words, " ", change.before, " to ", change.after);
  const std::string where = change.table.empty() ? "" : absl::StrCat(change.table, ": ");
  if (IsRename(change.kind)) return absl::StrCat(where, words, " ", change.before, " to ", change.after);
  if (change.kind == Kind::kTableOption || change.kind == Kind::kPartitioning) {
    return absl::StrCat(where, words, " ", OrNone(change.before), " -> ", OrNone(change.after));
  }
  const std::string what = absl::StrCat(where, words, " ", change.object);
  if (IsOfColumn(change.kind)) {
    const std::string before = change.before.empty() ? "" : absl::StrCat(OnOneLine(change.before), " -> ");
    return absl::StrCat(what, " ", before, OnOneLine(change.after));
  }
  return what;
}

}  // namespace bonnie::schema
