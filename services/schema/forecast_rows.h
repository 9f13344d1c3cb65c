#ifndef BONNIE_SERVICES_SCHEMA_FORECAST_ROWS_H_
#define BONNIE_SERVICES_SCHEMA_FORECAST_ROWS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/schema/forecast_live.h"
#include "services/schema/model.h"

namespace bonnie::schema {

// A rule that rows of a live table may break, so that the statement which brings it would fail.
struct RowQuestion {
  std::string what;   // "column c holds NULL"
  std::string query;  // "FROM …" that finds such a row
};

// The rules that `after` has and `before` has not and that can be asked of the rows as they are now: NOT NULL, UNIQUE,
// foreign keys, CHECK. Pure.
std::vector<RowQuestion> RowQuestions(const Table& before, const Table& after);

// Looks for such rows, a second for each at most, where the account may read the table. Answers notes, without values.
// Errors of the connection.
absl::StatusOr<std::vector<std::string>> CheckRows(LiveSchema& live, const Table& before, const Table& after);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_FORECAST_ROWS_H_
