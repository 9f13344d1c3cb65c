#ifndef BONNIE_SERVICES_SCHEMA_ERD_TABLES_H_
#define BONNIE_SERVICES_SCHEMA_ERD_TABLES_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/schema/diff.h"
#include "services/schema/erd.h"
#include "services/schema/table_difference.h"

namespace bonnie::schema {

// The boxes of a diagram, one table at a time. Pure.

// Names that one of the patterns matches (`*` stands for any characters; without case).
// kInvalidArgument TABLE_UNKNOWN: some patterns match nothing; all those are named.
absl::StatusOr<std::set<std::string>> MatchTables(const std::vector<std::string>& patterns,
                                                  const std::vector<std::string>& names);

// The mark of something that is there before, after, or both.
template <typename T>
ErdMark MarkOf(const Pair<T>& pair, bool changed) {
  if (pair.before == nullptr) return ErdMark::kAdded;
  if (pair.after == nullptr) return ErdMark::kRemoved;
  return changed ? ErdMark::kChanged : ErdMark::kNone;
}

// Everything about one table: all its columns, and of two states a note for each other part that differs. `changes` are
// those of Diff that belong to it; empty when only one schema is drawn, and then `table.before` is null.
ErdTable MakeErdTable(const Pair<Table>& table, bool is_diff, const std::vector<Change>& changes);

// Leaves out what `detail` (not kAutomatic) does not show; columns of `kept`, keys and changed ones stay with kKeys.
void HideRows(ErdDetail detail, const std::set<std::string>& kept, ErdTable* table);

// Whether the columns hold at most one row for each value: a unique key is among them.
bool CoversUniqueKey(const Table& table, const std::vector<std::string>& columns);

// The table's comment, unquoted.
std::string CommentOf(const Table& table);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_ERD_TABLES_H_
