#ifndef BONNIE_SERVICES_SCHEMA_SQL_GATE_NORMAL_SQL_H_
#define BONNIE_SERVICES_SCHEMA_SQL_GATE_NORMAL_SQL_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/data_access/error_table.h"

namespace bonnie::schema {

// Returns a statement in the form in which it is checked and sent: without comments. A version comment that servers of
// `flavour` execute is opened (`/*!50100 PARTITION BY … */` on both), one that they skip is removed (`/*M! … */` on
// MySQL, `/*!80016 … */` on MariaDB). So the text means the same to every reader, whatever its rules for comments are.
// A comment becomes a space and its line breaks, so that the server counts lines as the file does. Strings and quoted
// names stay byte for byte. Pure.
//
// kInvalidArgument: a version comment whose number has not 5 or 6 digits, or is beyond every supported release; a
// comment, string or quoted name that does not end; an end of a comment without its beginning.
absl::StatusOr<std::string> NormalizeSql(absl::string_view sql, data_access::Flavour flavour);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_SQL_GATE_NORMAL_SQL_H_
