#include "services/schema/erd_tables.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/schema/clause_reader.h"
#include "services/server/error.h"

namespace bonnie::schema {

namespace {

using Kind = Change::Kind;

bool Contains(const std::vector<std::string>& names, const std::string& name) {
  return absl::c_any_of(names, [&](const std::string& other) { return absl::EqualsIgnoreCase(other, name); });
}

void FillKeys(const Table& table, const Column& column, ErdRow* row) {
  for (const Index& index : table.indexes) {
    const bool has = absl::c_any_of(
        index.parts, [&](const IndexPart& part) { return absl::EqualsIgnoreCase(part.column, column.name); });
    if (has && index.kind == Index::Kind::kPrimary) row->primary = true;
    if (has && index.kind == Index::Kind::kUnique && index.parts.size() == 1) row->unique = true;
  }
  for (const ForeignKey& key : table.foreign_keys) row->foreign |= Contains(key.columns, column.name);
}

std::string DefaultText(const Column& column) { return column.default_value.value_or("none"); }

// What differs between two states of a column, in a few words.
std::string ChangedText(const Column& before, const Column& after, bool moved, const std::string& was) {
  std::vector<std::string> parts;
  parts.push_back(before.type == after.type ? after.type : absl::StrCat(before.type, " → ", after.type));
  if (!was.empty()) parts.push_back(absl::StrCat("was ", was));
  if (before.nullable != after.nullable) parts.push_back(after.nullable ? "NOT NULL → NULL" : "NULL → NOT NULL");
  if (before.default_value != after.default_value) {
    parts.push_back(absl::StrCat("default ", DefaultText(before), " → ", DefaultText(after)));
  }
  if (before.generated != after.generated || before.stored != after.stored) parts.push_back("generated");
  if (before.auto_increment != after.auto_increment) {
    parts.push_back(after.auto_increment ? "+ auto_increment" : "− auto_increment");
  }
  if (before.collation != after.collation) {
    parts.push_back(absl::StrCat(before.collation, " → ", after.collation));
  }
  if (before.comment != after.comment) parts.push_back("comment");
  if (moved) parts.push_back("moved");
  if (parts.size() == 1 && before.type == after.type) parts.push_back("definition");
  return absl::StrJoin(parts, ", ");
}

// A note for a part that is no column; without name for what has none.
ErdRow NoteOf(const Change& change) {
  ErdRow row;
  row.is_note = true;
  row.mark = change.before.empty() ? ErdMark::kAdded : change.after.empty() ? ErdMark::kRemoved : ErdMark::kChanged;
  switch (change.kind) {
    case Kind::kAddIndex:
    case Kind::kDropIndex:
    case Kind::kModifyIndex:
      row.name = absl::StrCat("index ", change.object);
      break;
    case Kind::kRenameIndex:
      row.name = absl::StrCat("index ", change.before, " → ", change.after);
      break;
    case Kind::kAddForeignKey:
    case Kind::kDropForeignKey:
    case Kind::kModifyForeignKey:
      row.name = absl::StrCat("foreign key ", change.object);
      break;
    case Kind::kAddCheck:
    case Kind::kDropCheck:
    case Kind::kModifyCheck:
      row.name = absl::StrCat("check ", change.object);
      break;
    case Kind::kMoveIndex:
      row.name = absl::StrCat("order of index ", change.object);
      row.mark = ErdMark::kChanged;
      break;
    case Kind::kMoveCheck:
      row.name = absl::StrCat("order of check ", change.object);
      row.mark = ErdMark::kChanged;
      break;
    case Kind::kTableOption:
      row.name = absl::StrCat("option ", change.object);
      break;
    case Kind::kPartitioning:
      row.name = "partitioning";
      break;
    default:
      break;
  }
  return row;
}

ErdRow RowOf(const Pair<Column>& pair, const Table& before, const Table& after, const std::vector<std::string>& moved,
             const std::map<std::string, std::string>& old_names) {
  const Column& column = pair.after != nullptr ? *pair.after : *pair.before;
  ErdRow row;
  row.name = column.name;
  row.type = column.type;
  row.not_null = !column.nullable;
  FillKeys(pair.after != nullptr ? after : before, column, &row);
  const auto renamed = old_names.find(column.name);
  const std::string was = renamed == old_names.end() ? "" : renamed->second;
  const bool has_moved = absl::c_linear_search(moved, column.name);
  row.mark = MarkOf(pair, Changed(pair) || has_moved || !was.empty());
  if (row.mark == ErdMark::kChanged) row.change = ChangedText(*pair.before, column, has_moved, was);
  return row;
}

// Whether all of `name` matches `pattern`: on a mismatch the last `*` takes one character more.
bool Matches(absl::string_view pattern, absl::string_view name) {
  size_t p = 0, n = 0, star = absl::string_view::npos, taken = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      taken = n;
    } else if (p < pattern.size() && absl::ascii_tolower(pattern[p]) == absl::ascii_tolower(name[n])) {
      ++p;
      ++n;
    } else if (star != absl::string_view::npos) {
      p = star + 1;
      n = ++taken;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace

absl::StatusOr<std::set<std::string>> MatchTables(const std::vector<std::string>& patterns,
                                                  const std::vector<std::string>& names) {
  std::set<std::string> matched;
  std::vector<std::string> unknown;
  for (const std::string& pattern : patterns) {
    bool found = false;
    for (const std::string& name : names) {
      if (!Matches(pattern, name)) continue;
      matched.insert(name);
      found = true;
    }
    if (!found) unknown.push_back(pattern);
  }
  if (unknown.empty()) return matched;
  const std::string which = absl::StrCat("no such table: ", absl::StrJoin(unknown, ", "));
  return server::Error(absl::StatusCode::kInvalidArgument, absl::StrCat("tables: ", which),
                       {.reason = "TABLE_UNKNOWN", .violations = {{"tables", which}}});
}

ErdTable MakeErdTable(const Pair<Table>& pair, bool is_diff, const std::vector<Change>& changes) {
  const Table& table = pair.after != nullptr ? *pair.after : *pair.before;
  ErdTable drawn;
  drawn.name = table.name;
  drawn.comment = CommentOf(table);
  if (is_diff) drawn.mark = MarkOf(pair, !changes.empty());
  std::map<std::string, std::string> old_names;  // of columns, by the new one
  for (const Change& change : changes) {
    if (change.kind == Kind::kRenameTable) drawn.was = change.before;
    if (change.kind == Kind::kRenameColumn) old_names[change.after] = change.before;
  }
  const Table& before = pair.before != nullptr ? *pair.before : table;
  const TableDifference difference = Compare(before, table);
  const std::vector<std::string> moved = is_diff ? MovedColumns(difference) : std::vector<std::string>();
  for (const Pair<Column>& column : difference.columns) {
    ErdRow row = RowOf(column, before, table, moved, old_names);
    if (drawn.mark == ErdMark::kAdded || drawn.mark == ErdMark::kRemoved) row.mark = drawn.mark;
    drawn.rows.push_back(std::move(row));
  }
  for (const Change& change : changes) {
    if (ErdRow note = NoteOf(change); !note.name.empty()) drawn.rows.push_back(std::move(note));
  }
  return drawn;
}

void HideRows(ErdDetail detail, const std::set<std::string>& kept, ErdTable* table) {
  if (detail == ErdDetail::kAll) return;
  const bool whole = table->mark == ErdMark::kAdded || table->mark == ErdMark::kRemoved;
  std::vector<ErdRow> rows;
  for (ErdRow& row : table->rows) {
    const bool is_key = row.primary || row.foreign || row.unique || kept.count(row.name) > 0;
    const bool differs = row.is_note || (row.mark != ErdMark::kNone && !whole);
    if (detail == ErdDetail::kKeys && (is_key || differs)) {
      rows.push_back(std::move(row));
    } else if (!row.is_note) {
      ++table->hidden_columns;
    }
  }
  table->rows = std::move(rows);
}

std::string CommentOf(const Table& table) {
  const std::string option = table.option("COMMENT");
  return option.empty() ? "" : ClauseReader(option).TakeString().value_or("");
}

bool CoversUniqueKey(const Table& table, const std::vector<std::string>& columns) {
  return absl::c_any_of(table.indexes, [&](const Index& index) {
    const bool is_unique = index.kind == Index::Kind::kPrimary || index.kind == Index::Kind::kUnique;
    return is_unique && absl::c_all_of(index.parts, [&](const IndexPart& part) {
             return !part.column.empty() && Contains(columns, part.column);
           });
  });
}

}  // namespace bonnie::schema
