#ifndef BONNIE_SERVICES_SCHEMA_CREATE_TABLE_H_
#define BONNIE_SERVICES_SCHEMA_CREATE_TABLE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/schema/model.h"

namespace bonnie::schema {

// Takes apart what SHOW CREATE TABLE answered (one server's canonical text, not any CREATE TABLE that a person writes).
// Pure. Charset and collation of columns are what the text says: written at the column, else the table's.
// kInvalidArgument: a part that is not understood; the message names table and clause. Nothing is skipped: the clauses
// of the result, put together again, are the input.
absl::StatusOr<Table> ParseCreateTable(absl::string_view text);

// A CREATE TABLE statement of `table`'s clauses. `with_foreign_keys`: whether its foreign keys are in it.
// With them, and nothing changed, it is `table.create_statement` but for white space and the version comments around
// options and partitioning, and for a COLLATE that a column has from its table.
std::string WriteCreateTable(const Table& table, bool with_foreign_keys);

// A name between backticks, with its backticks doubled.
std::string QuoteName(absl::string_view name);
// A text between single quotes, escaped for the default sql_mode (backslashes are escapes).
std::string QuoteText(absl::string_view text);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_CREATE_TABLE_H_
