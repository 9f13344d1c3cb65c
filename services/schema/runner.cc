#include "services/schema/runner.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "services/data_access/fault.h"
#include "services/data_access/status_macros.h"
#include "services/data_access/transaction.h"
#include "services/schema/ddl_session.h"
#include "services/schema/lease.h"
#include "services/schema/ledger.h"
#include "services/schema/lint.h"
#include "services/schema/object_drift.h"
#include "services/schema/operation_list.h"
#include "services/schema/plan_store.h"
#include "services/schema/sql_gate/sql_gate.h"
#include "services/schema/statement_monitor.h"
#include "services/schema/step_error.h"
#include "services/schema/step_finding.h"
#include "services/server/error.h"

namespace bonnie::schema {

namespace {

using data_access::Transaction;

constexpr int kRebuildAttempts = 2;                                // each may take hours before it finds out
constexpr absl::Duration kWorthTelling = absl::Milliseconds(900);  // of a statement's progress

absl::Status CheckAllowed(const Plan& plan, const std::vector<std::string>& allow) {
  if (!plan.drops_data() || std::find(allow.begin(), allow.end(), kDataLossCode) != allow.end())
    return absl::OkStatus();
  std::vector<std::string> losses;
  for (const PlanRevision& revision : plan.revisions) {
    for (const PlanStep& step : revision.steps) {
      if (!step.loss.empty() && !step.already_done) losses.push_back(absl::StrCat(PlaceOf(step), " ", step.loss));
    }
  }
  return server::FailedPrecondition(
      "DATA_LOSS_NOT_ALLOWED",
      absl::StrCat("this drops data, and wants to be allowed ('", kDataLossCode, "'): ", absl::StrJoin(losses, "; ")));
}

absl::Status CheckKept(const Plan& plan, const std::vector<std::string>& allow) {
  if (!plan.drops_what_is_kept() || std::find(allow.begin(), allow.end(), kKeptElsewhereCode) != allow.end()) {
    return absl::OkStatus();
  }
  return server::FailedPrecondition(
      "FINDING_NOT_ALLOWED",
      absl::StrCat("this drops data of which its files say that it is held elsewhere, and requires to be allowed ('",
                   kKeptElsewhereCode, "')"),
      {{"codes", kKeptElsewhereCode}});
}

// The statement as it may be sent. A plan comes from the ledger, so it is checked again: what is sent is what the gate
// lets through, to the byte.
absl::StatusOr<std::string> ToSend(const PlanStep& step, const std::string& sql, data_access::Flavour flavour) {
  absl::StatusOr<GatedSql> gated = GateSql(sql, flavour);
  if (gated.ok() && gated->text == sql) return std::move(gated->text);
  return server::FailedPrecondition(
      "STATEMENT_REFUSED",
      absl::StrCat(PlaceOf(step), ": ",
                   gated.ok() ? "the plan does not hold the statement that would be sent; plan again"
                              : gated.status().message()));
}

}  // namespace

// One run, from the lease to its end.
class Runner::Operation {
 public:
  Operation(Runner& runner, const ApplyRequest& request, const std::string& id,
            const std::function<void(const OperationEvent&)>& sink, OperationControl& control)
      : runner_(runner), request_(request), id_(id), sink_(sink), control_(control) {}

  absl::Status Run() {
    const absl::Time begin = absl::Now();
    BONNIE_RETURN_IF_ERROR(runner_.dir_.Load().status());  // a folder that cannot be used touches no database
    const RunnerOptions& options = runner_.options_;
    BONNIE_ASSIGN_OR_RETURN(ddl_, DdlSession::Open(runner_.driver_, options.connect, options.lock_wait,
                                                   /*takes_zero_dates=*/request_.direction == Direction::kDown));
    auto lease = Lease::Acquire(runner_.driver_, {options.connect, options.guard_timeout}, *ddl_, request_.identity,
                                id_, [this] { return control_.MayGoOn().ok(); });
    if (!lease.ok()) return control_.cancelled() ? control_.MayGoOn() : lease.status();
    lease_ = *std::move(lease);
    monitor_ = std::make_unique<StatementMonitor>(runner_.driver_, options.connect,
                                                  static_cast<std::int64_t>(ddl_->session().facts().connection_id),
                                                  [this](const StatementSight& sight) { Tell(sight); });
    Observe(RunnerPoint::kLeaseTaken);
    BONNIE_RETURN_IF_ERROR(PlanAgain());
    BONNIE_RETURN_IF_ERROR(Fenced([&](Transaction& transaction) { return Begin(transaction); }));
    sink_(OperationStarted{request_.planned.has_value() ? request_.planned->fingerprint : plan_.fingerprint,
                           plan_.step_count(), lease_->fence()});
    const absl::Status applied = ApplyRevisions();
    End(applied);
    if (applied.ok()) sink_(OperationDone{plan_.to, absl::Now() - begin});
    return applied;
  }

 private:
  absl::Status PlanAgain() {
    BONNIE_ASSIGN_OR_RETURN(folder_, runner_.dir_.Load());
    BONNIE_ASSIGN_OR_RETURN(ledger_, ReadLedger(ddl_->session()));
    BONNIE_ASSIGN_OR_RETURN(plan_, MakePlan(*folder_, ledger_, ddl_->session().flavour(), runner_.options_.site,
                                            request_.target, request_.direction));
    if (plan_.fingerprint != request_.fingerprint) {
      return server::FailedPrecondition(
          "PLAN_CHANGED", "the revisions or what is applied changed since this was planned; plan again and look at it",
          {{"fingerprint", plan_.fingerprint}, {"from", absl::StrJoin(plan_.from, ",")}});
    }
    TakeForecasts(request_.planned.has_value() ? request_.planned->steps : request_.forecasts);
    BONNIE_RETURN_IF_ERROR(CheckAllowed(plan_, request_.allow));
    BONNIE_RETURN_IF_ERROR(CheckKept(plan_, request_.allow));
    if (!request_.planned.has_value()) return absl::OkStatus();
    return CheckObjects(*ddl_, request_.planned->objects);
  }

  void TakeForecasts(const std::vector<StepForecast>& forecasts) {
    const bool any_algorithm = IsAllowed(kAnyAlgorithmCode);
    auto forecast = forecasts.begin();
    for (PlanRevision& revision : plan_.revisions) {
      for (PlanStep& step : revision.steps) {
        if (forecast == forecasts.end()) return;
        if (!any_algorithm) step.clause_sql = forecast->sql;
        if (!forecast->expected_after.empty()) step.expected_after = forecast->expected_after;
        step.rebuilds = forecast->rebuilds;
        if (forecast->drops_computed) step.loss.clear();
        ++forecast;
      }
    }
  }

  absl::Status Begin(Transaction& transaction) {
    if (!request_.planned.has_value()) {
      BONNIE_RETURN_IF_ERROR(BeginOperation(transaction, id_, lease_->fence(), request_.identity, plan_));
      return request_.resumes.empty() ? absl::OkStatus() : InheritPlan(transaction, id_, request_.resumes);
    }
    BONNIE_ASSIGN_OR_RETURN(const bool begun, BeginPlan(transaction, id_, lease_->fence(), request_.identity));
    if (begun) return absl::OkStatus();
    return server::FailedPrecondition(
        "PLAN_BEGUN", absl::StrCat("plan ", id_, " was applied or rejected meanwhile; plan again to go on from there"));
  }

  absl::Status ApplyRevisions() {
    std::vector<std::string> heads = plan_.from;
    for (const PlanRevision& revision : plan_.revisions) {
      for (const PlanStep& step : revision.steps) {
        BONNIE_RETURN_IF_ERROR(ApplyStep(step));
        ++index_;
      }
      Observe(RunnerPoint::kBeforeAdvance);
      BONNIE_RETURN_IF_ERROR(Fenced([&](Transaction& transaction) {
        return AdvanceHeads(transaction, id_, lease_->fence(), heads, revision, plan_.direction, *folder_);
      }));
      Observe(RunnerPoint::kAdvanced);
      heads = revision.heads_after;
      sink_(RevisionDone{revision.id, plan_.direction});
    }
    return absl::OkStatus();
  }

  absl::Status ApplyStep(const PlanStep& step) {
    if (step.already_done) {
      sink_(StepRecovered{step.revision, step.ordinal, true});
      return absl::OkStatus();
    }
    BONNIE_RETURN_IF_ERROR(control_.MayGoOn(PlaceOf(step)));
    BONNIE_RETURN_IF_ERROR(lease_->Check());
    BONNIE_ASSIGN_OR_RETURN(bool applied, Recover(step));
    if (applied) return absl::OkStatus();
    const absl::Time begin = absl::Now();
    bool unforeseen = false;
    if (step.facts.is_ddl) {
      BONNIE_ASSIGN_OR_RETURN(const std::string after, RunDdl(step));
      unforeseen = step.expected_after.has_value() && *step.expected_after != after;
    } else {
      BONNIE_RETURN_IF_ERROR(RunRows(step));
    }
    sink_(StepDone{index_, absl::Now() - begin, unforeseen});
    return unforeseen && !IsAllowed(kUnforeseenCode) ? UnforeseenChange(step, kUnforeseenCode) : absl::OkStatus();
  }

  bool IsAllowed(absl::string_view code) const {
    return std::find(request_.allow.begin(), request_.allow.end(), code) != request_.allow.end();
  }

  // Whether the journal's intent for this step, if there is one, took effect. No statement of an earlier operation
  // still runs: the lease waited for it.
  absl::StatusOr<bool> Recover(const PlanStep& step) {
    if (!ledger_.unfinished.has_value() || ledger_.unfinished->revision != step.revision) return false;
    const auto found = ledger_.unfinished->steps.find(step.ordinal);
    if (found == ledger_.unfinished->steps.end()) return false;
    const JournalStep& intent = found->second;
    BONNIE_ASSIGN_OR_RETURN(StepFinding finding, FindOut(*ddl_, intent));
    if (finding.state == StepFinding::State::kUncertain) {
      return StepUncertain(step, ledger_.unfinished->operation_id);
    }
    const bool applied = finding.state == StepFinding::State::kApplied;
    if (applied && intent.statement != step.sql) {
      return RunStatementEdited(step);
    }
    BONNIE_RETURN_IF_ERROR(Fenced([&](Transaction& transaction) {
      return applied ? MarkDone(transaction, intent.entry, finding.now) : MarkUndone(transaction, intent.entry);
    }));
    sink_(StepRecovered{step.revision, step.ordinal, applied});
    return applied;
  }

  // Answers the fingerprint of what it touches, as it is then.
  absl::StatusOr<std::string> RunDdl(const PlanStep& step) {
    BONNIE_ASSIGN_OR_RETURN(std::string before, ddl_->Fingerprint(step.facts.objects));
    Observe(RunnerPoint::kBeforeIntent);
    std::int64_t entry = 0;
    BONNIE_RETURN_IF_ERROR(Fenced([&](Transaction& transaction) -> absl::Status {
      BONNIE_ASSIGN_OR_RETURN(entry,
                              AddJournalStep(transaction, id_, lease_->fence(), step, plan_.direction, before, false));
      return absl::OkStatus();
    }));
    Observe(RunnerPoint::kIntentWritten);
    sink_(StepStarted{index_, step.revision, step.ordinal, step.sql});
    const absl::Status run = RunPatiently(step);
    if (IsConnectionLost(run)) return StatementCutOff(step, run);
    Observe(RunnerPoint::kStatementRun);
    BONNIE_ASSIGN_OR_RETURN(std::string after, ddl_->Fingerprint(step.facts.objects));
    if (!run.ok()) {
      if (after == before) {
        BONNIE_RETURN_IF_ERROR(Fenced([&](Transaction& transaction) { return MarkUndone(transaction, entry); }));
      }
      return run;
    }
    BONNIE_RETURN_IF_ERROR(Fenced([&](Transaction& transaction) { return MarkDone(transaction, entry, after); }));
    Observe(RunnerPoint::kDoneWritten);
    return after;
  }

  // A statement that waits for a table holds up everybody who wants the table after it, so it waits briefly, and often.
  absl::Status RunPatiently(const PlanStep& step) {
    const RunnerOptions& options = runner_.options_;
    const absl::Duration lock_wait = step.rebuilds ? options.rebuild_lock_wait : options.lock_wait;
    const int attempts = step.rebuilds ? std::min(options.lock_attempts, kRebuildAttempts) : options.lock_attempts;
    BONNIE_RETURN_IF_ERROR(ddl_->SetLockWait(lock_wait));
    BONNIE_RETURN_IF_ERROR(ddl_->SetKeepsZeros(OnlyTables(step.facts)));
    BONNIE_ASSIGN_OR_RETURN(const std::string sql, ToSend(step, step.clause_sql.empty() ? step.sql : step.clause_sql,
                                                          ddl_->session().flavour()));
    std::vector<Blocker> blockers;
    for (attempt_ = 1;; ++attempt_) {
      const absl::Status run = Watched(step, blockers, [&] { return ddl_->Run(sql); });
      if (run.ok() || IsConnectionLost(run)) return run;
      if (IsForecastMissed(step, run)) return ForecastMissed(step, kAnyAlgorithmCode);
      if (IsInterrupted(run) && control_.cancelled()) return StatementCancelled(step);
      if (!IsLockTimeout(run)) return StatementFailed(step, run);
      BONNIE_RETURN_IF_ERROR(control_.MayGoOn(PlaceOf(step)));
      if (attempt_ >= attempts) return TableInUse(step, lock_wait, blockers);
      absl::SleepFor(options.lock_pause);
    }
  }

  // Runs a statement of the plan where it can be interrupted and looked at. Whom it waited for goes into `blockers`.
  absl::Status Watched(const PlanStep& step, std::vector<Blocker>& blockers,
                       absl::FunctionRef<absl::Status()> statement) {
    monitor_->Begin(step.facts.objects);
    const absl::Status run = control_.Run(*ddl_, statement);
    if (std::vector<Blocker> seen = monitor_->End(); !seen.empty()) blockers = std::move(seen);
    return run;
  }

  // On the monitor's thread, while this one waits for the statement's answer.
  void Tell(const StatementSight& sight) {
    if (sight.progress.waits_for_table()) {
      sink_(LockWait{index_, attempt_, sight.blockers});
    } else if (sight.progress.elapsed >= kWorthTelling) {
      sink_(StepProgress{index_, sight.progress});
    }
  }

  // The statement and its journal row commit together, so it happens once and needs no looking.
  absl::Status RunRows(const PlanStep& step) {
    Observe(RunnerPoint::kBeforeIntent);
    sink_(StepStarted{index_, step.revision, step.ordinal, step.sql});
    std::vector<Blocker> blockers;
    attempt_ = 1;
    BONNIE_ASSIGN_OR_RETURN(const std::string sql, ToSend(step, step.sql, ddl_->session().flavour()));
    BONNIE_RETURN_IF_ERROR(ddl_->SetKeepsZeros(false));
    const absl::Status run = Fenced([&](Transaction& transaction) -> absl::Status {
      BONNIE_RETURN_IF_ERROR(Watched(step, blockers, [&] {
        return transaction.Execute(data_access::Statement(data_access::Sql{"migration.rows", sql.c_str()})).status();
      }));
      return AddJournalStep(transaction, id_, lease_->fence(), step, plan_.direction, "", true).status();
    });
    if (IsConnectionLost(run)) return StatementCutOff(step, run);
    if (IsInterrupted(run) && control_.cancelled()) return StatementCancelled(step);
    if (IsLockTimeout(run)) {
      return RowsInUse(step);
    }
    if (!run.ok()) return data_access::FaultOf(run).has_value() ? StatementFailed(step, run) : run;
    Observe(RunnerPoint::kDoneWritten);
    return absl::OkStatus();
  }

  // A transaction that commits only while the lease is ours.
  absl::Status Fenced(absl::FunctionRef<absl::Status(Transaction&)> unit) {
    return RunInTransaction(ddl_->session(), {}, [&](Transaction& transaction) -> absl::Status {
      BONNIE_RETURN_IF_ERROR(HoldFence(transaction, lease_->fence()));
      return unit(transaction);
    });
  }

  // How it ended is for people who look; nothing depends on it.
  void End(const absl::Status& applied) {
    const auto details = server::DetailsOf(applied);
    const std::string outcome = applied.ok() ? kOutcomeDone : details.has_value() ? details->reason : "failed";
    (void)Fenced([&](Transaction& transaction) { return EndOperation(transaction, id_, outcome); });
  }

  void Observe(RunnerPoint point) const {
    if (runner_.options_.observer) runner_.options_.observer(point);
  }

  Runner& runner_;
  const ApplyRequest& request_;
  const std::string& id_;
  const std::function<void(const OperationEvent&)>& sink_;
  OperationControl& control_;

  std::unique_ptr<DdlSession> ddl_;
  std::unique_ptr<Lease> lease_;  // after ddl_: given back first
  std::shared_ptr<const MigrationFolder> folder_;
  LedgerState ledger_;
  Plan plan_;
  int index_ = 0;                              // of the step among the plan's
  int attempt_ = 1;                            // of its statement; both stand still while the monitor tells of it
  std::unique_ptr<StatementMonitor> monitor_;  // last: ends before what it tells of
};

absl::Status Runner::Run(const ApplyRequest& request, const std::string& operation_id,
                         const std::function<void(const OperationEvent&)>& sink, OperationControl& control) {
  return Operation(*this, request, operation_id, sink, control).Run();
}

}  // namespace bonnie::schema
