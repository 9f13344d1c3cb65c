#ifndef BONNIE_SERVICES_SCHEMA_MAKE_LEDGER_H_
#define BONNIE_SERVICES_SCHEMA_MAKE_LEDGER_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/data_access/session.h"
#include "services/schema/ddl_session.h"
#include "services/schema/ledger_tables.h"

namespace bonnie::schema {

// Makes the ledger's tables where they are missing, and gives those of an older version what they lack. May be cut off
// anywhere and run again. Called under the lease's locks; blocks. Errors of the statements.
absl::Status MakeLedger(DdlSession& ddl);

// What LedgerChanges brings and this database's ledger lacks; all of it where there is no ledger. Whoever reads a
// ledger that nobody has written since the service was renewed asks this before naming new columns. One round trip.
absl::StatusOr<std::vector<LedgerChange>> MissingLedgerChanges(data_access::Querier& querier);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_MAKE_LEDGER_H_
