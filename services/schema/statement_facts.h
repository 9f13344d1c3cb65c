#ifndef BONNIE_SERVICES_SCHEMA_STATEMENT_FACTS_H_
#define BONNIE_SERVICES_SCHEMA_STATEMENT_FACTS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace bonnie::schema {

// Something in the schema that SHOW CREATE shows.
struct SchemaObject {
  enum class Kind { kTable, kView, kTrigger, kEvent, kProcedure, kFunction } kind = Kind::kTable;
  std::string name;
  bool there_afterwards = true;  // of a statement: whether it is there when that has run
  friend bool operator==(const SchemaObject&, const SchemaObject&) = default;
};

// What can be told of a statement from its text alone.
struct StatementFacts {
  bool is_ddl = false;                // commits by itself; else it changes rows only
  std::vector<SchemaObject> objects;  // that a DDL statement changes, makes or drops
  std::string loss;                   // what data it drops, such as "drops column a of t"; empty for none
};

// Looks at a statement of a revision, best a normalised one (sql_gate/sql_gate.h). Pure.
//
// Loss is found in the text: DROP TABLE, DROP COLUMN, DROP PARTITION, DROP SYSTEM VERSIONING, DELETE, REPLACE, and
// those of the body of a trigger, event or routine. A narrower type is none: sessions are strict, so a value that does
// not fit stops the statement.
//
// kInvalidArgument: not a statement that a revision may hold; the message says why. An allow-list decides: a statement,
// a clause, an option or an engine that is not known is refused. Known and refused: what a crash would leave
// undecidable (TRUNCATE, CREATE OR REPLACE TABLE, EXCHANGE PARTITION, several things in one DROP or RENAME), what is
// bound to its session (SET, USE, BEGIN, TEMPORARY), what loses rows in silence (IGNORE), what names another schema,
// anywhere a table of the ledger in one, and what passes a limit of
// sql_gate/sql_limits.h.
absl::StatusOr<StatementFacts> LookAt(absl::string_view sql);

// Whether a statement touches tables and nothing else. Pure.
bool OnlyTables(const StatementFacts& facts);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_STATEMENT_FACTS_H_
