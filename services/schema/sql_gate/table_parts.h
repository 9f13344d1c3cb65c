#ifndef BONNIE_SERVICES_SCHEMA_SQL_GATE_TABLE_PARTS_H_
#define BONNIE_SERVICES_SCHEMA_SQL_GATE_TABLE_PARTS_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/schema/clause_reader.h"

namespace bonnie::schema {

// What CREATE TABLE and ALTER TABLE have in common: definitions, options and partitions, each from an allow-list. All
// read a normalised statement from left to right and are pure. kInvalidArgument: names the words that are not allowed.

// The refusal of `what`, such as "the option UNION".
absl::Status NotAllowed(absl::string_view what);
// The words that come next, at most three, for a refusal; never a value.
std::string WordsAt(const ClauseReader& reader);

// [=] value.
absl::Status TakeValue(ClauseReader& reader);
// One option of a table: of those that are listed, with InnoDB as the only engine.
absl::Status TakeTableOption(ClauseReader& reader);
// One column, key or constraint: up to a comma, the closing parenthesis, a PARTITION BY, a REMOVE PARTITIONING or the
// end. Refuses attributes of an engine and names that say which schema they are in.
absl::Status TakeDefinition(ClauseReader& reader);

// "(PARTITION …, PARTITION …)". Returns how many, subpartitions counted.
absl::StatusOr<size_t> TakePartitionList(ClauseReader& reader);
// The number after PARTITIONS or SUBPARTITIONS, at least 1.
absl::StatusOr<size_t> TakeCount(ClauseReader& reader);
// From after PARTITION BY to the end. Returns how many partitions there will be, subpartitions counted.
absl::StatusOr<size_t> TakePartitioning(ClauseReader& reader);
// Whether one table may have so many.
absl::Status CheckPartitionCount(size_t count);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_SQL_GATE_TABLE_PARTS_H_
