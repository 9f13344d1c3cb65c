#ifndef BONNIE_SERVICES_SCHEMA_FORECAST_VALUES_H_
#define BONNIE_SERVICES_SCHEMA_FORECAST_VALUES_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "services/schema/alter_clause.h"
#include "services/schema/forecast.h"
#include "services/schema/model.h"

namespace bonnie::schema {

// What `statement`, which made `after` of the live table `before`, does to values of rows. `in_utc`: as of
// ValueChangeOf. Pure.
std::vector<ValueLoss> ValueLosses(const Table& before, const Table& after, const AlterStatement& statement,
                                   bool in_utc);

// The same where the statement was not tried: what may convert values counts as the worst. Pure.
std::vector<ValueLoss> UnknownValueLosses(const AlterStatement& statement);

// Whether no values are lost by the statement, although its text looks like it: it drops columns that were computed
// from others, or computes them in another way. Pure.
bool DropsComputedOnly(const Table& before, const Table& after, const AlterStatement& statement);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_FORECAST_VALUES_H_
