#ifndef BONNIE_SERVICES_SCHEMA_SQL_GATE_TABLE_GRAMMAR_H_
#define BONNIE_SERVICES_SCHEMA_SQL_GATE_TABLE_GRAMMAR_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/schema/clause_reader.h"

namespace bonnie::schema {

// The allow-list of what a table's definition may hold: a clause, an option, an engine or an attribute that is not
// listed here is refused, because what it does to rows or to the database's host is not known. Refused by name:
// engines other than InnoDB (their rows are not durable, or lie elsewhere), DATA and INDEX DIRECTORY, CONNECTION,
// UNION, TABLESPACE, attributes of an engine, rows taken from a query.
//
// All functions are pure and read a normalised statement. kInvalidArgument: the words that are not allowed.

// What an ALTER TABLE does beside changing the definition.
struct AlterEffects {
  // What it drops with data in it, such as "column a". A type that rounds is none: the lint rule `narrowing` names it.
  std::vector<std::string> losses;
  std::string renamed_to;  // the table's new name; empty when it keeps its own
};

// CREATE TABLE name … from after the name to the end. Returns how many partitions the table has, 0 for none.
absl::StatusOr<size_t> CheckTableBody(ClauseReader& reader);

// ALTER TABLE name … from after the name to the end.
absl::StatusOr<AlterEffects> CheckAlterClauses(ClauseReader& reader);

// CREATE INDEX … from after the columns to the end: its options.
absl::Status CheckIndexOptions(ClauseReader& reader);

// The partitions that a normalised CREATE TABLE makes, subpartitions counted; 0 where it has none or is not one.
size_t CountPartitions(absl::string_view create_table);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_SQL_GATE_TABLE_GRAMMAR_H_
