#include "services/schema/forecast.h"

#include <memory>
#include <set>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "services/data_access/status_macros.h"
#include "services/schema/alter_clause.h"
#include "services/schema/canonical.h"
#include "services/schema/forecast_live.h"
#include "services/schema/forecast_walk.h"
#include "services/schema/sql_splitter.h"

namespace bonnie::schema {

namespace {

constexpr size_t kMostUntouching = 200;  // steps and clones; a CREATE costs 5 ms on MariaDB and 25 on MySQL

std::vector<const PlanStep*> StepsOf(const Plan& plan) {
  std::vector<const PlanStep*> steps;
  for (const PlanRevision& revision : plan.revisions) {
    for (const PlanStep& step : revision.steps) steps.push_back(&step);
  }
  return steps;
}

std::vector<SchemaObject> ObjectsOf(const std::vector<const PlanStep*>& steps) {
  std::vector<SchemaObject> objects;
  for (const PlanStep* step : steps) {
    for (const SchemaObject& object : step->facts.objects) {
      if (!absl::c_linear_search(objects, object)) objects.push_back(object);
    }
  }
  return objects;
}

// Tables that a statement needs beside those it changes: REFERENCES t, LIKE t, FROM t, JOIN t.
std::vector<std::string> NeededTables(const std::vector<const PlanStep*>& steps) {
  constexpr absl::string_view kBefore[] = {"references", "like", "from", "join"};
  std::set<std::string> names;
  for (const PlanStep* step : steps) {
    if (!step->facts.is_ddl || step->already_done || !OnlyTables(step->facts)) continue;
    const std::vector<Token> tokens = Tokenize(step->sql);
    for (size_t i = 0; i + 1 < tokens.size(); ++i) {
      const bool leads = tokens[i].kind == Token::Kind::kWord && absl::c_linear_search(kBefore, tokens[i].text);
      if (leads && !tokens[i + 1].name.empty()) names.insert(tokens[i + 1].name);
    }
  }
  return {names.begin(), names.end()};
}

// Keys of the live tables that the steps change.
std::set<std::string> Touched(const LiveSchema& live, const std::vector<const PlanStep*>& steps) {
  std::set<std::string> touched;
  for (const PlanStep* step : steps) {
    if (step->already_done || !step->facts.is_ddl || !OnlyTables(step->facts)) continue;
    for (const SchemaObject& object : step->facts.objects) {
      if (live.Find(object.name) != nullptr) touched.insert(live.Key(object.name));
    }
  }
  return touched;
}

bool AltersLive(const LiveSchema& live, const std::vector<const PlanStep*>& steps) {
  return absl::c_any_of(steps, [&](const PlanStep* step) {
    return !step->already_done && step->facts.is_ddl && OnlyTables(step->facts) &&
           live.Find(step->facts.objects[0].name) != nullptr && ReadAlterStatement(step->sql).has_value();
  });
}

}  // namespace

absl::StatusOr<PlanForecast> Forecaster::Look(const Plan& plan, absl::Time deadline) {
  const std::vector<const PlanStep*> steps = StepsOf(plan);
  BONNIE_ASSIGN_OR_RETURN(auto live, LiveSchema::Open(driver_, live_, deadline));
  const std::vector<std::string> needed = NeededTables(steps);
  BONNIE_RETURN_IF_ERROR(live->Read(ObjectsOf(steps), needed));
  PlanForecast forecast{.objects = live->objects()};
  const std::set<std::string> touched = Touched(*live, steps);

  DdlSetting setting = live->setting();
  if (plan.direction == Direction::kDown) setting.takes_zero_dates = true;  // as the runner does
  std::unique_ptr<ScratchDatabase> scratch;
  std::string untried = "not tried: the plan is long and alters no table that is there";
  if (AltersLive(*live, steps) || steps.size() + touched.size() <= kMostUntouching) {
    absl::StatusOr<std::unique_ptr<ScratchDatabase>> opened = canonical_.OpenScratch(setting, deadline);
    if (absl::IsDeadlineExceeded(opened.status())) return opened.status();
    if (opened.ok()) {
      scratch = *std::move(opened);
    } else {
      untried = absl::StrCat("not tried: ", opened.status().message());
    }
  }
  BONNIE_RETURN_IF_ERROR(WalkPlan({*live, scratch.get(), untried, touched, needed}, steps, &forecast));
  return forecast;
}

}  // namespace bonnie::schema
