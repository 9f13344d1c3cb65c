#ifndef BONNIE_SERVICES_SCHEMA_FORECAST_PROBE_H_
#define BONNIE_SERVICES_SCHEMA_FORECAST_PROBE_H_

#include <string>

#include "absl/status/statusor.h"
#include "services/data_access/error_table.h"
#include "services/schema/alter_clause.h"
#include "services/schema/forecast.h"
#include "services/schema/scratch.h"

namespace bonnie::schema {

// What the server took.
struct Probe {
  Algorithm algorithm = Algorithm::kUnknown;  // of MySQL's INPLACE it is not known whether it rebuilds: kInplace
  LockLevel lock = LockLevel::kUnknown;
  std::string clause;       // empty: only the bare statement was taken
  int instant_clauses = 0;  // of several: how many the server would do instantly each by itself, one after the other
  std::string refusal;      // the server's words when it took the statement in no form; empty when it did
};

// Tries an ALTER in scratch with the best ALGORITHM and LOCK first, until the server takes it; that attempt has then
// changed the table, those before it nothing. `not_instantly`: begins after INSTANT. Blocks, some milliseconds for each
// attempt; where several clauses together are not instant, each is tried on one more empty table. Errors that end a
// forecast.
absl::StatusOr<Probe> ProbeAlter(ScratchDatabase& scratch, const AlterStatement& statement,
                                 data_access::Flavour flavour, bool not_instantly);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_FORECAST_PROBE_H_
