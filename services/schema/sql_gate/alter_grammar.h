#ifndef BONNIE_SERVICES_SCHEMA_SQL_GATE_ALTER_GRAMMAR_H_
#define BONNIE_SERVICES_SCHEMA_SQL_GATE_ALTER_GRAMMAR_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/schema/clause_reader.h"

namespace bonnie::schema {

// What an ALTER TABLE does beside changing the definition.
struct AlterEffects {
  // What it drops with data in it, such as "column a". A type that loses values is not listed: forecast_values finds
  // it.
  std::vector<std::string> losses;
  std::string renamed_to;  // the table's new name; empty when it keeps its own
};

// ALTER TABLE name … from after the name to the end. A clause that is not known to keep rows, or to lose them in a
// way that `losses` says, is refused. Pure. kInvalidArgument: names the words that are not allowed.
absl::StatusOr<AlterEffects> CheckAlterClauses(ClauseReader& reader);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_SQL_GATE_ALTER_GRAMMAR_H_
