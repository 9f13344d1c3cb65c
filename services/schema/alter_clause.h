#ifndef BONNIE_SERVICES_SCHEMA_ALTER_CLAUSE_H_
#define BONNIE_SERVICES_SCHEMA_ALTER_CLAUSE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "services/data_access/error_table.h"
#include "services/schema/sql_splitter.h"

namespace bonnie::schema {

// What an ALTER TABLE does to the partitions of its table.
enum class PartitionWork {
  kNone,
  kAnew,    // PARTITION BY, REMOVE PARTITIONING: all rows move
  kAdd,     // ADD PARTITION (…): ranges and lists
  kDrop,    // DROP PARTITION
  kSpread,  // ADD PARTITION PARTITIONS n, COALESCE, REORGANIZE, REBUILD: rows of some partitions move
};

// An ALTER TABLE taken apart far enough to put ALGORITHM and LOCK into it. CREATE INDEX and DROP INDEX are read as the
// ALTER TABLE that does the same, because MariaDB takes no clause on DROP INDEX.
struct AlterStatement {
  std::string table;
  std::string sql;                   // the ALTER TABLE
  size_t clauses_at = 0;             // where its clauses begin in `sql`
  std::vector<std::string> clauses;  // without a PARTITION BY that follows them
  PartitionWork partitions = PartitionWork::kNone;
  std::string own_algorithm, own_lock;  // that the statement asks for itself, in upper case; empty for none
};

// Whether it must be the only thing that its statement does.
bool StandsAlone(PartitionWork work);

// nullopt: the statement alters no table so that clauses could be put into it. Pure.
absl::optional<AlterStatement> ReadAlterStatement(absl::string_view sql);

// The statement with `clause` ("ALGORITHM=INPLACE, LOCK=NONE") where both servers take it: before all others.
// Empty when the flavour takes none in this statement: MariaDB's ADD, DROP, REORGANIZE PARTITION.
std::string WithClause(const AlterStatement& statement, absl::string_view clause, data_access::Flavour flavour);

// Whether a clause adds or drops a column: what MySQL counts as a row version when it is done instantly.
bool AddsOrDropsColumn(absl::string_view clause);
// Whether it is of a kind that never rebuilds the table when it is done in place: it changes indexes, foreign keys or
// checks, or renames.
bool LeavesRowsAlone(absl::string_view clause);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_ALTER_CLAUSE_H_
