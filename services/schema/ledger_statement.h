#ifndef BONNIE_SERVICES_SCHEMA_LEDGER_STATEMENT_H_
#define BONNIE_SERVICES_SCHEMA_LEDGER_STATEMENT_H_

#include <utility>

#include "absl/status/status.h"
#include "services/data_access/session.h"
#include "services/data_access/statement.h"
#include "services/server/ledger.h"

namespace bonnie::schema {

// A statement on the ledger of the database that `querier` is in. `sql` names tables as `ledger.bonnie_…`.
template <class... Values>
data_access::Statement OfLedger(const data_access::Querier& querier, const data_access::Sql& sql, Values&&... values) {
  return data_access::Statement(server::InLedger(sql, querier.schema()), std::forward<Values>(values)...);
}

// Whether the ledger can be used: called before what reads or writes it. Blocks for one query.
// kFailedPrecondition LEDGER_MISSING, LEDGER_OUTDATED: server/ledger.h. Errors of the connection.
absl::Status CheckLedger(data_access::Querier& querier);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_LEDGER_STATEMENT_H_
