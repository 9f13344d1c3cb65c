#ifndef BONNIE_SERVICES_SCHEMA_PLAN_CONTENT_H_
#define BONNIE_SERVICES_SCHEMA_PLAN_CONTENT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "bonnie/schema/v1/migration_service.pb.h"
#include "services/schema/forecast.h"
#include "services/schema/plan.h"
#include "services/schema/plan_store.h"
#include "services/schema/runner.h"

namespace bonnie::schema {

// A plan as it is kept and shown: the message bonnie.schema.v1.Plan, in the ledger as JSON, so that an administrator
// can read it with SQL alone. Pure.

// Puts what was seen and forecast into a plan's message, whose steps are there.
void FillForecast(const PlanForecast& forecast, v1::Plan* plan);
// SHA-256 in hexadecimal over `base` (Plan::fingerprint) and what the message adds to it: objects, forecasts and
// findings, and `target`, by whose words it is made again when it is applied. Without sizes, notes, people and times:
// the same plan made again has the same.
std::string FullFingerprint(absl::string_view base, absl::string_view target, const v1::Plan& plan);

// The message as text, and back, with id, people, times and decision from the row. kInternal: the row's text is none.
std::string WriteContent(const v1::Plan& plan);
absl::StatusOr<v1::Plan> ReadContent(const KeptPlan& kept);

// What the runner needs of it.
PlannedBefore PlannedFrom(const v1::Plan& plan);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_PLAN_CONTENT_H_
