#include "clients/cli/operation_view.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cli/field_text.h"
#include "clients/cli/interrupt.h"
#include "clients/cli/text_width.h"
#include "clients/cpp/status.h"

namespace bonnie::cli {
namespace {

using schema::v1::ApplyPlanResponse;

constexpr std::size_t kStatementWidth = 90;
constexpr std::size_t kStageWidth = 40;
constexpr std::size_t kShortId = 12;

// Such as "copy to tmp table 43 %, 12 s".
std::string ProgressText(const schema::v1::StepProgress& progress) {
  std::string text = Clip(Printable(progress.stage()), kStageWidth);
  if (progress.work_estimated() > 0) {
    const int64_t percent = std::min<int64_t>(100, progress.work_done() * 100 / progress.work_estimated());
    absl::StrAppend(&text, text.empty() ? "" : " ", percent, " %");
  }
  return absl::StrCat(text, text.empty() ? "" : ", ", ElapsedText(progress.elapsed()));
}

std::string BlockerText(const schema::v1::Blocker& blocker) {
  return absl::StrCat("connection ", blocker.connection_id(), " (", Printable(blocker.user()), ", ",
                      Printable(blocker.activity()), " for ", ElapsedText(blocker.elapsed()), ")");
}

}  // namespace

std::string OneLine(std::string sql) {
  absl::RemoveExtraAsciiWhitespace(&sql);
  return Printable(sql);
}

std::string StatementLine(std::string sql) { return Clip(OneLine(std::move(sql)), kStatementWidth); }

std::string HeadsLine(const google::protobuf::RepeatedPtrField<std::string>& heads) {
  return heads.empty() ? "base" : absl::StrJoin(heads, ", ");
}

std::string ShortId(const std::string& operation_id) { return operation_id.substr(0, kShortId); }

void OperationView::Expect(const schema::v1::Plan& plan) {
  total_ = plan.steps_size();
  for (int i = 0; i < plan.steps_size(); ++i) steps_[i] = {plan.steps(i).revision(), plan.steps(i).sql()};
}

Progress& OperationView::progress() {
  if (progress_ == nullptr) {
    progress_ = std::make_unique<Progress>(context_.console().err, context_.console().err_is_terminal, site_, total_);
  }
  return *progress_;
}

void OperationView::OnEvent(const ApplyPlanResponse& event) {
  operation_id_ = event.operation_id();
  const bool json = context_.output().format() == Format::kJson;
  if (json) context_.output().JsonLine(site_, ToJson(event));
  if (event.has_started()) {
    total_ = event.started().steps();
  } else if (event.has_step_recovered()) {
    const auto& step = event.step_recovered();
    progress().Say(absl::StrCat("  ", step.revision(), " statement ", step.ordinal(),
                                " was cut off before: ", step.was_applied() ? "found done" : "found undone", "\n"));
    if (step.was_applied()) progress().Add(1);
  } else if (event.has_step_started()) {
    steps_[event.step_started().index()] = {event.step_started().revision(), event.step_started().sql()};
  } else if (event.has_step_progress()) {
    progress().Note(ProgressText(event.step_progress()));
  } else if (event.has_lock_wait()) {
    OnLockWait(event.lock_wait());
  } else if (event.has_step_done()) {
    OnStepDone(event.step_done());
  } else if (event.has_done()) {
    progress().Finish();
    if (json) return;
    context_.console().out << site_ << ": now at " << HeadsLine(event.done().current()) << ", after "
                           << ElapsedText(event.done().elapsed()) << "\n";
  }
}

void OperationView::OnLockWait(const schema::v1::LockWait& wait) {
  progress().Note("waits for a table");
  if (told_wait_ == std::pair<int, int>(wait.index(), wait.attempt())) return;
  told_wait_ = {wait.index(), wait.attempt()};
  std::string by = absl::StrJoin(wait.blockers(), ", ", [](std::string* text, const schema::v1::Blocker& blocker) {
    absl::StrAppend(text, BlockerText(blocker));
  });
  progress().Say(
      absl::StrCat("  waits for a table, attempt ", wait.attempt(), by.empty() ? "" : "; it is used by ", by, "\n"));
}

void OperationView::OnStepDone(const schema::v1::StepDone& done) {
  progress().Note("");
  const auto step = steps_.find(done.index());
  if (step != steps_.end()) {
    progress().Say(absl::StrCat("  ", step->second.revision, "  ", StatementLine(step->second.sql), "  ",
                                ElapsedText(done.elapsed()), "\n"));
  }
  if (done.unforeseen()) {
    progress().Say(absl::StrCat("  ! it left something else than was foretold: `bonnie --site ", site_,
                                " schema check` says what\n"));
  }
  progress().Add(1);
}

absl::Status FollowInTerminal(Context& context, const std::string& site, OperationView& view,
                              absl::FunctionRef<absl::Status(const client::FollowOptions&)> follow) {
  client::FollowOptions options;
  options.stop = [] { return InterruptCatcher::interrupted(); };
  absl::Status followed;
  {
    InterruptCatcher catcher;
    followed = follow(options);
  }
  // With a reason, the service has told the operation's own end.
  const bool has_ended = followed.ok() || !client::DetailsOf(followed).reason.empty();
  if (has_ended || !InterruptCatcher::interrupted()) return followed;
  std::ostream& err = context.console().err;
  if (context.console().err_is_terminal) err << "\n";
  if (view.operation_id().empty()) {
    err << "bonnie: " << site << ": whether the operation has begun is not known: `bonnie --site " << site
        << " schema operations` lists them\n";
  } else {
    const std::string id = ShortId(view.operation_id());
    err << "bonnie: " << site << ": the operation goes on without you\n  watch it:  bonnie --site " << site
        << " schema watch " << id << "\n  end it:    bonnie --site " << site << " schema cancel " << id << "\n";
  }
  context.TakeExitCode(kInterrupted);
  return absl::OkStatus();
}

}  // namespace bonnie::cli
