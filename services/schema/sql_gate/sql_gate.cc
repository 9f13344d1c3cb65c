#include "services/schema/sql_gate/sql_gate.h"

#include <utility>

#include "services/data_access/status_macros.h"
#include "services/schema/sql_gate/normal_sql.h"

namespace bonnie::schema {

absl::StatusOr<GatedSql> GateSql(absl::string_view sql, data_access::Flavour flavour) {
  GatedSql gated;
  BONNIE_ASSIGN_OR_RETURN(gated.text, NormalizeSql(sql, flavour));
  BONNIE_ASSIGN_OR_RETURN(gated.facts, LookAt(gated.text));
  return gated;
}

}  // namespace bonnie::schema
