#ifndef BONNIE_SERVICES_SCHEMA_PLAN_FINDINGS_H_
#define BONNIE_SERVICES_SCHEMA_PLAN_FINDINGS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "bonnie/schema/v1/migration_service.pb.h"
#include "services/schema/forecast.h"
#include "services/schema/lint.h"
#include "services/schema/plan.h"

namespace bonnie::schema {

// What to know about a plan before it is applied, and what of it has to be allowed by name. Pure.
//   data-loss      a statement drops data                   wants to be allowed
//   MY130 … MY136  a statement keeps writes to a table that is in use waiting: why; `blocks-writes` covers them all,
//   and is
//                  the code where no other fits             wants to be allowed where the table has 10,000 rows or 16
//                  MiB
//   refused        the server refused it when it was tried  wants to be allowed
//   others         what the lint rules warn of in the tables that are altered, as far as a clone was; to know
void AddFindings(const Plan& plan, const PlanForecast& forecast, data_access::Flavour flavour, const LintOptions& lint,
                 v1::Plan* message);

// kFailedPrecondition, naming each: DATA_LOSS_NOT_ALLOWED, FINDING_NOT_ALLOWED: `allow` lacks the code of a finding
// that wants it, and what covers it.
absl::Status CheckFindings(const v1::Plan& plan, const std::vector<std::string>& allow);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_PLAN_FINDINGS_H_
