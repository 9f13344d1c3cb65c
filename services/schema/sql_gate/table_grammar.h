#ifndef BONNIE_SERVICES_SCHEMA_SQL_GATE_TABLE_GRAMMAR_H_
#define BONNIE_SERVICES_SCHEMA_SQL_GATE_TABLE_GRAMMAR_H_

#include <cstddef>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/schema/clause_reader.h"

namespace bonnie::schema {

// The allow-list of what a table's definition may hold: a clause, an option, an engine or an attribute that is not
// listed here is refused, because what it does to rows or to the database's host is not known. Refused by name:
// engines other than InnoDB (their rows are not durable, or lie elsewhere), DATA and INDEX DIRECTORY, CONNECTION,
// UNION, TABLESPACE, attributes of an engine. (A table made from a query is a revision's: a model refuses it by itself.)
//
// All functions are pure and read a normalised statement. kInvalidArgument: the words that are not allowed.

// CREATE TABLE name … from after the name to the end. Returns how many partitions the table has, 0 for none.
absl::StatusOr<size_t> CheckTableBody(ClauseReader& reader);

// CREATE INDEX … from after the columns to the end: its options.
absl::Status CheckIndexOptions(ClauseReader& reader);

// The partitions that a normalised CREATE TABLE makes, subpartitions counted; 0 where it has none or is not one.
size_t CountPartitions(absl::string_view create_table);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_SQL_GATE_TABLE_GRAMMAR_H_
