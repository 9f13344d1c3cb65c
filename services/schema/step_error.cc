#include "services/schema/step_error.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/data_access/fault.h"
#include "services/schema/sql_splitter.h"
#include "services/server/error.h"

namespace bonnie::schema {

namespace {

using Details = std::map<std::string, std::string>;

absl::Status Error(absl::StatusCode code, absl::string_view reason, const PlanStep& step, absl::string_view what,
                   Details details = {}) {
  details["revision"] = step.revision;
  details["ordinal"] = absl::StrCat(step.ordinal);
  details["file"] = step.file_name;
  details["line"] = absl::StrCat(step.line);
  return server::Error(code, absl::StrCat(PlaceOf(step), what),
                       {.reason = std::string(reason), .metadata = std::move(details)});
}

// What the server said, where it can only be names: a definition has no row's values, and without a query no literal
// that becomes a column's name.
std::string WordsOf(const PlanStep& step, const absl::Status& run) {
  const auto fault = data_access::FaultOf(run);
  if (!fault.has_value() || fault->words.empty() || !step.facts.is_ddl) return std::string(run.message());
  for (const Token& token : Tokenize(step.sql)) {
    if (token.kind == Token::Kind::kWord && token.text == "select") return std::string(run.message());
  }
  return absl::StrCat(fault->words, " [", fault->number, "]");
}

bool HasReason(const absl::Status& run, absl::string_view reason) {
  const auto fault = data_access::FaultOf(run);
  return fault.has_value() && fault->reason == reason;
}

}  // namespace

std::string PlaceOf(const PlanStep& step) { return absl::StrCat("versions/", step.file_name, ":", step.line); }

bool IsLockTimeout(const absl::Status& run) { return HasReason(run, "LOCK_TIMEOUT"); }
bool IsInterrupted(const absl::Status& run) { return HasReason(run, "DB_INTERRUPTED"); }

bool IsConnectionLost(const absl::Status& run) {
  const auto fault = data_access::FaultOf(run);
  return fault.has_value() && fault->fate != data_access::SessionFate::kKeep &&
         fault->fate != data_access::SessionFate::kRollback;
}

// ER_ALTER_OPERATION_NOT_SUPPORTED and …_REASON: only a statement with the forecast's clause gets them.
bool IsForecastMissed(const PlanStep& step, const absl::Status& run) {
  const auto fault = data_access::FaultOf(run);
  return !step.clause_sql.empty() && step.clause_sql != step.sql && fault.has_value() &&
         (fault->number == 1845 || fault->number == 1846);
}

absl::Status StatementFailed(const PlanStep& step, const absl::Status& run) {
  Details details;
  if (const auto fault = data_access::FaultOf(run); fault.has_value()) {
    details["server_error"] = absl::StrCat(fault->number);
    if (!fault->constraint.empty()) details["constraint"] = fault->constraint;
  }
  return Error(absl::StatusCode::kFailedPrecondition, "STATEMENT_FAILED", step,
               absl::StrCat(": the server refused this statement of revision ", step.revision, ": ", WordsOf(step, run),
                            "; what ran before it stays"),
               std::move(details));
}

absl::Status TableInUse(const PlanStep& step, absl::Duration lock_wait, const std::vector<Blocker>& blockers) {
  Details details;
  const std::string by = BlockersText(blockers);
  if (!by.empty()) details["blockers"] = by;
  return Error(absl::StatusCode::kAborted, "LOCK_TIMEOUT", step,
               absl::StrCat(": a table it changes was in use whenever it was tried, ", absl::FormatDuration(lock_wait),
                            " each time", by.empty() ? "" : ", by ", by,
                            "; end long transactions on it, then run again to go on from there"),
               std::move(details));
}

absl::Status RowsInUse(const PlanStep& step) {
  return Error(absl::StatusCode::kAborted, "LOCK_TIMEOUT", step,
               ": rows it changes were in use; run again to go on from there");
}

absl::Status StatementCancelled(const PlanStep& step) {
  return Error(absl::StatusCode::kAborted, "OPERATION_CANCELLED", step,
               ": the operation was cancelled, and this was undone; what ran before it stays, and the next operation "
               "goes on from there");
}

absl::Status ForecastMissed(const PlanStep& step, absl::string_view allow) {
  return Error(absl::StatusCode::kFailedPrecondition, "FORECAST_MISSED", step,
               absl::StrCat(": the server cannot run this as it was forecast, and has not run it; allow '", allow,
                            "' to let it choose, in a quiet hour"));
}

absl::Status UnforeseenChange(const PlanStep& step, absl::string_view allow) {
  std::vector<std::string> names;
  for (const SchemaObject& object : step.facts.objects) names.push_back(object.name);
  const std::string objects = absl::StrJoin(names, ", ");
  return Error(absl::StatusCode::kFailedPrecondition, "UNFORESEEN_CHANGE", step,
               absl::StrCat(" ran, but the result differs from the forecast (", objects,
                            "). Look at the database (CheckPending). Then run the command again to continue after this "
                            "statement, or allow '",
                            allow, "'"),
               {{"objects", objects}});
}

absl::Status StatementCutOff(const PlanStep& step, const absl::Status& run) {
  return Error(absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE", step,
               absl::StrCat(": the connection was lost while this ran (", run.message(),
                            "); run again: what took effect is found out then"));
}

absl::Status StepUncertain(const PlanStep& step, const std::string& operation_id) {
  return Error(absl::StatusCode::kFailedPrecondition, "STEP_UNCERTAIN", step,
               " was cut off, and what it changes is neither as it was nor as it would be afterwards, so somebody has "
               "to decide (RecoverOperation)",
               {{"operation", operation_id}});
}

absl::Status RunStatementEdited(const PlanStep& step) {
  return Error(absl::StatusCode::kFailedPrecondition, "REVISION_EDITED", step,
               " was edited, and the statement as it was before has run; put it back");
}

}  // namespace bonnie::schema
