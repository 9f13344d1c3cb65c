#ifndef BONNIE_SERVICES_SCHEMA_SQL_GATE_SQL_LIMITS_H_
#define BONNIE_SERVICES_SCHEMA_SQL_GATE_SQL_LIMITS_H_

#include <cstddef>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/schema/sql_splitter.h"

namespace bonnie::schema {

// A statement beyond these is refused before anything is sent. A server's parser and optimizer recurse over an
// expression: 2,000 nested calls of abs() end the process of MariaDB 10.11, where the patients are too.
inline constexpr size_t kMaxSqlNesting = 64;          // parentheses within parentheses
inline constexpr size_t kMaxExpressionTokens = 1024;  // from the outermost parenthesis to the innermost, between commas
inline constexpr size_t kMaxDdlBytes = 64 << 10;      // of a statement that defines something
inline constexpr size_t kMaxTablePartitions = 1024;   // of one table, subpartitions counted
inline constexpr size_t kMaxModelTables = 2000;       // of a model
inline constexpr size_t kMaxModelPartitions = 1024;   // of a model's tables together

// Whether a statement's expressions are within the limits. `tokens` are its tokens. Pure.
// kInvalidArgument: which limit is passed, and what is allowed.
absl::Status CheckSqlLimits(const std::vector<Token>& tokens);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_SQL_GATE_SQL_LIMITS_H_
