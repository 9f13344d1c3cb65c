#include "services/schema/plan_content.h"

#include <google/protobuf/util/json_util.h>

#include <iterator>

#include "absl/strings/str_cat.h"
#include "services/schema/convert.h"

namespace bonnie::schema {

namespace {

using Kind = SchemaObject::Kind;

Kind KindOf(absl::string_view word) {
  for (const Kind kind : {Kind::kView, Kind::kTrigger, Kind::kEvent, Kind::kProcedure, Kind::kFunction}) {
    if (word == KindName(kind)) return kind;
  }
  return Kind::kTable;
}

v1::Algorithm ToProto(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kUnknown:
      return v1::ALGORITHM_UNSPECIFIED;
    case Algorithm::kNone:
      return v1::ALGORITHM_NONE;
    case Algorithm::kInstant:
      return v1::ALGORITHM_INSTANT;
    case Algorithm::kInplace:
      return v1::ALGORITHM_INPLACE;
    case Algorithm::kRebuild:
      return v1::ALGORITHM_REBUILD;
    case Algorithm::kCopy:
      return v1::ALGORITHM_COPY;
  }
  return v1::ALGORITHM_UNSPECIFIED;
}

v1::TableLock ToProto(LockLevel lock) {
  switch (lock) {
    case LockLevel::kUnknown:
      return v1::TABLE_LOCK_UNSPECIFIED;
    case LockLevel::kNone:
      return v1::TABLE_LOCK_NONE;
    case LockLevel::kShared:
      return v1::TABLE_LOCK_SHARED;
    case LockLevel::kExclusive:
      return v1::TABLE_LOCK_EXCLUSIVE;
  }
  return v1::TABLE_LOCK_UNSPECIFIED;
}

v1::ForecastBasis ToProto(ForecastBasis basis) {
  switch (basis) {
    case ForecastBasis::kUnknown:
      return v1::FORECAST_BASIS_UNSPECIFIED;
    case ForecastBasis::kProbed:
      return v1::FORECAST_BASIS_PROBED;
    case ForecastBasis::kRule:
      return v1::FORECAST_BASIS_RULE;
  }
  return v1::FORECAST_BASIS_UNSPECIFIED;
}

void Fill(const StepForecast& from, v1::Forecast* to) {
  to->set_algorithm(ToProto(from.algorithm));
  to->set_lock(ToProto(from.lock));
  to->set_blocks_writes(from.blocks_writes);
  to->set_blocks_reads(from.blocks_reads);
  to->set_rebuilds(from.rebuilds);
  to->set_basis(ToProto(from.basis));
  to->set_clause(from.clause);
  to->set_table_rows(from.rows);
  to->set_table_bytes(from.bytes);
  to->mutable_notes()->Assign(from.notes.begin(), from.notes.end());
  to->set_sql(from.sql);
  to->set_expected_fingerprint(from.expected_after);
  to->set_drops_computed(from.drops_computed);
}

// Length before content, so that no two different plans have the same text.
void Cover(std::string& text, absl::string_view field) { absl::StrAppend(&text, field.size(), ":", field, ";"); }

void Fill(const PlanApproval& from, v1::PlanApproval* to) {
  to->set_decision(from.approved ? v1::PLAN_DECISION_APPROVE : v1::PLAN_DECISION_REJECT);
  to->set_identity(from.identity);
  schema::ToProto(from.decide_time, to->mutable_decide_time());
  to->mutable_allow()->Assign(from.allow.begin(), from.allow.end());
  to->set_comment(from.comment);
}

}  // namespace

void FillForecast(const PlanForecast& forecast, v1::Plan* plan) {
  for (const ObjectState& from : forecast.objects) {
    v1::ObjectState* object = plan->add_objects();
    object->set_kind(KindName(from.object.kind));
    object->set_name(from.object.name);
    if (from.present) object->set_create_statement(from.create_statement);
    object->set_fingerprint(from.fingerprint);
  }
  for (int i = 0; i < plan->steps_size() && i < static_cast<int>(forecast.steps.size()); ++i) {
    Fill(forecast.steps[i], plan->mutable_steps(i)->mutable_forecast());
    if (forecast.steps[i].drops_computed) plan->mutable_steps(i)->set_drops_data(false);
  }
}

std::string FullFingerprint(absl::string_view base, absl::string_view target, const v1::Plan& plan) {
  std::string text;
  Cover(text, base);
  Cover(text, target);
  for (const v1::ObjectState& object : plan.objects()) {
    Cover(text, absl::StrCat(object.kind(), " ", object.name()));
    Cover(text, object.fingerprint());
  }
  for (const v1::PlanStep& step : plan.steps()) {
    const v1::Forecast& forecast = step.forecast();
    Cover(text, absl::StrCat(forecast.algorithm(), " ", forecast.lock(), " ", forecast.basis(), " ",
                             forecast.blocks_writes(), forecast.blocks_reads(), forecast.rebuilds(),
                             forecast.drops_computed() ? " computed" : ""));
    Cover(text, forecast.sql());
    Cover(text, forecast.expected_fingerprint());
  }
  for (const v1::PlanFinding& finding : plan.findings()) {
    Cover(text, absl::StrCat(finding.code(), " ", finding.wants_allow(), " ", finding.covered_by()));
    Cover(text, finding.description());
  }
  return Sha256Hex(text);
}

std::string WriteContent(const v1::Plan& plan) {
  std::string text;
  (void)google::protobuf::util::MessageToJsonString(plan, &text);  // fails for messages of type Any only
  return text;
}

absl::StatusOr<v1::Plan> ReadContent(const KeptPlan& kept) {
  v1::Plan plan;
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;  // of a newer service on the same database
  if (!google::protobuf::util::JsonStringToMessage(kept.content, &plan, options).ok()) {
    return absl::InternalError(absl::StrCat("plan ", kept.id, ": its text in the ledger cannot be read"));
  }
  plan.set_plan_id(kept.id);
  plan.set_fingerprint(kept.fingerprint);
  plan.set_author(kept.author);
  ToProto(kept.create_time, plan.mutable_create_time());
  ToProto(kept.expire_time, plan.mutable_expire_time());
  plan.set_is_begun(kept.is_begun);
  if (kept.approval.has_value()) Fill(*kept.approval, plan.mutable_approval());
  return plan;
}

PlannedBefore PlannedFrom(const v1::Plan& plan) {
  PlannedBefore planned{.plan_id = plan.plan_id(), .fingerprint = plan.fingerprint()};
  for (const v1::ObjectState& object : plan.objects()) {
    planned.objects.push_back({.object = {KindOf(object.kind()), object.name()},
                               .present = !object.create_statement().empty(),
                               .create_statement = object.create_statement(),
                               .fingerprint = object.fingerprint()});
  }
  for (const v1::PlanStep& step : plan.steps()) {
    StepForecast forecast;
    forecast.rebuilds = step.forecast().rebuilds() || step.forecast().algorithm() == v1::ALGORITHM_COPY;
    forecast.sql = step.forecast().sql();
    forecast.expected_after = step.forecast().expected_fingerprint();
    forecast.drops_computed = step.forecast().drops_computed();
    planned.steps.push_back(std::move(forecast));
  }
  return planned;
}

}  // namespace bonnie::schema
