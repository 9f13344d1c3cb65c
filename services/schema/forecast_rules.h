#ifndef BONNIE_SERVICES_SCHEMA_FORECAST_RULES_H_
#define BONNIE_SERVICES_SCHEMA_FORECAST_RULES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/data_access/error_table.h"
#include "services/schema/alter_clause.h"
#include "services/schema/forecast.h"
#include "services/schema/model.h"

namespace bonnie::schema {

// What a clone cannot tell, from what is known of the servers. All pure.

// Sets algorithm, lock and basis, and what follows from them.
void Settle(StepForecast* forecast, Algorithm algorithm, LockLevel lock, ForecastBasis basis);

// What MariaDB does to partitions, whatever ALGORITHM it accepts: with INSTANT it takes a PARTITION BY and copies every
// row (measured on 10.11).
void SettlePartitionWork(PartitionWork work, StepForecast* forecast);

// What a statement that asks for its own ALGORITHM or LOCK says of itself.
void SettleOwnWish(const AlterStatement& statement, data_access::Flavour flavour, StepForecast* forecast);

// How many columns MySQL adds and drops instantly before a table must be rebuilt: 255 since 9.1, 64 before.
std::int64_t MaxRowVersions(absl::string_view version);

// Whether the server may do away with an index of `before` by itself, or call it otherwise, when it gets what is new in
// `after`: one that it made for a foreign key goes when another that begins with its columns comes. SHOW CREATE does
// not tell such an index from one that somebody asked for, so of a clone nothing can be learnt about it.
bool MayLoseIndex(const Table& before, const Table& after);

// What to know of a rebuild of a table this large.
std::vector<std::string> SizeNotes(const StepForecast& forecast, std::int64_t online_log_bytes);
// How a statement with several clauses could be better written; `instant_clauses`: how many would be instant alone.
std::vector<std::string> SplitNotes(const AlterStatement& statement, const StepForecast& forecast, int instant_clauses);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_FORECAST_RULES_H_
