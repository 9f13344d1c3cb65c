#ifndef BONNIE_SERVICES_SCHEMA_FORECAST_WALK_H_
#define BONNIE_SERVICES_SCHEMA_FORECAST_WALK_H_

#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/schema/forecast.h"
#include "services/schema/plan.h"

namespace bonnie::schema {

class LiveSchema;
class ScratchDatabase;

// Where a walk begins.
struct WalkBegin {
  LiveSchema& live;
  ScratchDatabase* scratch;         // null: nothing is tried
  std::string untried;              // why
  std::set<std::string> touched;    // keys of the live tables that the steps change
  std::vector<std::string> needed;  // tables that they read
};

// Goes through the steps of a plan in order, each tried on what the ones before it made of the clones, and foretells
// each: adds to `forecast` its steps and what they alter. Blocks. Errors as Forecaster::Look.
absl::Status WalkPlan(const WalkBegin& begin, const std::vector<const PlanStep*>& steps, PlanForecast* forecast);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_FORECAST_WALK_H_
