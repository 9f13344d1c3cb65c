#include "services/schema/plan_findings.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/schema/lint.h"
#include "services/schema/statement_renames.h"
#include "services/server/error.h"

namespace bonnie::schema {

namespace {

// Below both, by the server's statistics, a table is copied faster than a statement waits for its lock.
constexpr std::int64_t kSmallRows = 10000;
constexpr std::int64_t kSmallBytes = 16 << 20;

v1::PlanFinding* Add(v1::Plan* message, absl::string_view code, std::string description) {
  v1::PlanFinding* finding = message->add_findings();
  finding->set_code(std::string(code));
  finding->set_description(std::move(description));
  return finding;
}

std::string Place(const PlanStep& step) { return absl::StrCat(step.file_name, ":", step.line); }

void AddLoss(const PlanStep& step, v1::Plan* message) {
  v1::PlanFinding* finding = Add(message, kDataLossCode, absl::StrCat(Place(step), ": ", step.loss));
  finding->set_severity(v1::FINDING_SEVERITY_ERROR);
  finding->set_wants_allow(true);
}

void AddValues(const PlanStep& step, const StepForecast& forecast, v1::Plan* message) {
  for (const ValueLoss& loss : forecast.values) {
    v1::PlanFinding* finding = Add(message, loss.is_lost ? kDataLossCode : kValueChangeCode,
                                   absl::StrCat(Place(step), ": ", loss.description));
    finding->set_severity(v1::FINDING_SEVERITY_ERROR);
    finding->set_wants_allow(true);
  }
}

// The author's own words, for whoever approves to judge: nothing else vouches for them.
void AddKept(const PlanStep& step, v1::Plan* message) {
  v1::PlanFinding* finding =
      Add(message, kKeptElsewhereCode,
          absl::StrCat(Place(step), ": ", step.facts.loss, "; the file says that it is held elsewhere: ", step.keeps));
  finding->set_severity(v1::FINDING_SEVERITY_WARNING);
  finding->set_wants_allow(true);
}

void AddRefused(const PlanStep& step, v1::Plan* message) {
  v1::PlanFinding* finding =
      Add(message, kRefusedCode,
          absl::StrCat(Place(step),
                       ": the server refused this statement when it was tried; what comes before it would stay"));
  finding->set_severity(v1::FINDING_SEVERITY_ERROR);
  finding->set_wants_allow(true);
}

void AddBlocking(const PlanStep& step, const StepForecast& forecast, v1::Plan* message) {
  // A file's `nolint` does not speak here: what keeps writes waiting is for who applies to allow.
  const absl::string_view code = BlockingCode(step.sql);
  std::vector<std::string> tables;
  for (const SchemaObject& object : step.facts.objects) tables.push_back(object.name);
  v1::PlanFinding* finding = Add(
      message, code,
      absl::StrCat(Place(step), ": ", forecast.blocks_reads ? "reads of and writes to " : "writes to ",
                   absl::StrJoin(tables, ", "),
                   forecast.blocks_writes ? " wait until this has ended" : " may wait: what it does is not foretold"));
  const bool small = forecast.rows < kSmallRows && forecast.bytes < kSmallBytes;
  finding->set_severity(small ? v1::FINDING_SEVERITY_NOTICE : v1::FINDING_SEVERITY_ERROR);
  finding->set_wants_allow(!small);
  finding->set_covered_by(kBlocksWritesCode);
}

// What is not known of a table that is there counts as the worst.
bool MayBlock(const PlanStep& step, const StepForecast& forecast) {
  const bool unknown = forecast.algorithm == Algorithm::kUnknown || forecast.lock == LockLevel::kUnknown;
  return forecast.blocks_writes || (unknown && step.facts.is_ddl && forecast.bytes > 0);
}

v1::FindingSeverity ToProto(Severity severity) {
  switch (severity) {
    case Severity::kError:
      return v1::FINDING_SEVERITY_ERROR;
    case Severity::kWarning:
      return v1::FINDING_SEVERITY_WARNING;
    default:
      return v1::FINDING_SEVERITY_NOTICE;
  }
}

// What the rules say of the tables that are altered. What drops data or changes values is said of each statement.
void AddLint(const PlanForecast& forecast, const RenameHints& renames, data_access::Flavour flavour,
             const LintOptions& lint, v1::Plan* message) {
  Schema from{.flavour = flavour, .server_in_utc = forecast.server_in_utc}, to{.flavour = flavour};
  RenameHints hints = renames;
  for (const auto& [before, after] : forecast.altered) {
    from.tables[before.name] = before;
    to.tables[after.name] = after;
    if (before.name != after.name) hints.tables[after.name] = before.name;
  }
  for (const Finding& finding : LintChanges(from, to, Diff(from, to, hints), lint)) {
    const bool is_said = finding.drops_data || finding.blocks_writes || finding.code == kValueChangeCode;
    if (is_said || finding.severity < Severity::kWarning) continue;
    Add(message, finding.code, finding.description)->set_severity(ToProto(finding.severity));
  }
}

}  // namespace

void AddFindings(const Plan& plan, const PlanForecast& forecast, data_access::Flavour flavour, const LintOptions& lint,
                 v1::Plan* message) {
  LintOptions of_plan = lint;
  RenameTrail renames;
  auto seen = forecast.steps.begin();
  for (const PlanRevision& revision : plan.revisions) {
    for (const PlanStep& step : revision.steps) {
      const StepForecast* of_step = seen == forecast.steps.end() ? nullptr : &*seen++;
      for (const SchemaObject& object : step.facts.objects) {
        of_plan.nolint[object.name].insert(step.nolint.begin(), step.nolint.end());
      }
      if (step.already_done) continue;
      renames.Follow(step.sql);
      const bool drops_computed = of_step != nullptr && of_step->drops_computed;
      if (!step.loss.empty() && !drops_computed) AddLoss(step, message);
      if (of_step != nullptr) AddValues(step, *of_step, message);
      if (!step.keeps.empty()) AddKept(step, message);
      if (of_step != nullptr && of_step->refused) AddRefused(step, message);
      if (of_step != nullptr && !of_step->refused && MayBlock(step, *of_step)) AddBlocking(step, *of_step, message);
    }
  }
  AddLint(forecast, renames.hints(), flavour, of_plan, message);
}

absl::Status CheckFindings(const v1::Plan& plan, const std::vector<std::string>& allow) {
  const std::set<std::string> allowed(allow.begin(), allow.end());
  std::vector<std::string> missing;
  std::set<std::string> codes;
  for (const v1::PlanFinding& finding : plan.findings()) {
    if (!finding.wants_allow() || allowed.count(finding.code()) > 0 || allowed.count(finding.covered_by()) > 0)
      continue;
    missing.push_back(finding.description());
    codes.insert(finding.code());
  }
  if (missing.empty()) return absl::OkStatus();
  const bool loss = codes.count(kDataLossCode) > 0;
  return server::Error(absl::StatusCode::kFailedPrecondition,
                       absl::StrCat("this ", loss ? "drops data, and " : "", "wants to be allowed ('",
                                    absl::StrJoin(codes, "', '"), "'): ", absl::StrJoin(missing, "; ")),
                       {.reason = loss ? "DATA_LOSS_NOT_ALLOWED" : "FINDING_NOT_ALLOWED",
                        .metadata = {{"codes", absl::StrJoin(codes, ",")}}});
}

}  // namespace bonnie::schema
