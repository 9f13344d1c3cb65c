#ifndef BONNIE_SERVICES_SCHEMA_SQL_GATE_TOKEN_RULES_H_
#define BONNIE_SERVICES_SCHEMA_SQL_GATE_TOKEN_RULES_H_

#include <vector>

#include "absl/status/status.h"
#include "services/schema/sql_splitter.h"

namespace bonnie::schema {

// Refuses what no statement of a caller may hold, wherever it stands: functions that act on the server instead of on
// rows (locks, pauses, files), system variables, INTO OUTFILE, libraries, and names of the servers' own databases, of a
// ledger and of scratch databases before a point. `tokens` are those of one normalised statement. Pure.
// kInvalidArgument: names the word.
absl::Status CheckTokens(const std::vector<Token>& tokens);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_SQL_GATE_TOKEN_RULES_H_
