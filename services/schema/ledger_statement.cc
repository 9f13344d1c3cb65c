#include "services/schema/ledger_statement.h"

namespace bonnie::schema {

absl::Status CheckLedger(data_access::Querier& querier) {
  return server::CheckLedgerVersion(querier.Query(OfLedger(querier, server::kLedgerVersionSql)), querier.schema());
}

}  // namespace bonnie::schema
