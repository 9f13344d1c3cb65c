#ifndef BONNIE_SERVICES_SCHEMA_SQL_GATE_SQL_GATE_H_
#define BONNIE_SERVICES_SCHEMA_SQL_GATE_SQL_GATE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/data_access/error_table.h"
#include "services/schema/statement_facts.h"

namespace bonnie::schema {

// A statement of a caller that may be sent.
struct GatedSql {
  std::string text;      // what is sent, shown, forecast and approved: the normalised statement
  StatementFacts facts;  // of that text
};

// The one way from a caller's text (a model or a revision) to a server: normalises the statement, checks it against the
// limits and the allow-list, and returns the text that may be sent. The planner calls it, and the senders
// (ScratchDatabase::Run, Runner) call it again before each statement: what is checked is what is sent. Pure; applied to
// its own result, it returns the same.
//
// kInvalidArgument: the statement is not one that a revision may hold; the message says why, without values.
absl::StatusOr<GatedSql> GateSql(absl::string_view sql, data_access::Flavour flavour);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_SQL_GATE_SQL_GATE_H_
