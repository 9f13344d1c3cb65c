#include "clients/cli/error_text.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "clients/cli/text_width.h"
#include "clients/cpp/status.h"

namespace bonnie::cli {
namespace {

// What to do about a reason that the services give.
absl::string_view AdviceForReason(absl::string_view reason) {
  struct Advice {
    absl::string_view reason;
    absl::string_view text;
  };
  static constexpr Advice kAdvice[] = {
      {"ETAG_MISMATCH", "somebody changed it since: read it again, then repeat with the etag it has now"},
      {"HAS_MEDICAL_RECORDS", "delete the records first, or all together by --force"},
      {"AUTHOR_MAY_NOT_APPROVE", "somebody else's certificate must: `bonnie --config THEIRS schema approve PLAN`"},
      {"PLAN_BEGUN", "`bonnie schema operations` says how it went; plan again for what is left"},
      {"PLAN_DECIDED", "plan again: `bonnie schema plan TARGET`"},
      {"PLAN_EXPIRED", "plan again: `bonnie schema plan TARGET`"},
      {"PLAN_UNKNOWN", "`bonnie schema operations` lists what is kept; or plan again"},
      {"PLAN_AMBIGUOUS", "write more of the plan's id"},
      {"STATEMENT_FAILED",
       "mend what it says, then `bonnie schema upgrade` (or downgrade) goes on from there; `bonnie schema recover` "
       "shows where it stands"},
      {"UNFORESEEN_CHANGE",
       "`bonnie schema check` shows how the database is now; then the same command goes on after that statement"},
      {"TABLE_UNKNOWN", "`bonnie schema inspect` lists what there is"},
      {"PLAN_CHANGED", "run the command again: it makes the plan anew"},
      {"DATA_LOSS_NOT_ALLOWED", "if the data may go, add --allow data-loss"},
      {"LEASE_HELD", "see `bonnie schema operations`; wait until that one has ended, then run the command again"},
      {"LEASE_OBSTRUCTED", "have the database's administrator look at that connection and end it"},
      {"LOCK_TIMEOUT", "somebody else holds a lock: run the command again"},
      {"OPERATION_CANCELLED", "to go on from there, run the command again"},
      {"OPERATION_UNKNOWN", "`bonnie schema operations` lists what there is"},
      {"OPERATION_AMBIGUOUS", "write more of the operation's id"},
      {"OPERATION_ENDED", "`bonnie schema operations` says how"},
      {"OPERATION_RUNNING", "`bonnie schema watch ID` shows it, `bonnie schema cancel ID` ends it"},
      {"OPERATION_STILL_RUNNING", "wait, or end it: `bonnie schema cancel ID`"},
      {"STEP_UNCERTAIN", "look at it: `bonnie schema recover`"},
      {"CONTENTION", "run the command again"},
      {"OVERLOADED", "try again in a while"},
      {"SITE_MISMATCH", "the configuration gives another site's address for this one: correct it there"},
      {"RIGHT_MISSING",
       "the live schema can be read without it; else have a role with the right in that site's policy"},
      {"PEER_MAY_NOT_FORWARD",
       "have method and identity listed in the caller's role in the policy of the site that refuses"},
      {"PEER_IDENTITY_MISMATCH",
       "correct address or identity of that peer in the configuration of the site that called"},
      {"SITE_NOT_LOCAL", "call that site's own service: --site NAME"},
      {"SCHEMA_MISMATCH", "look at `bonnie schema current`, then `bonnie schema upgrade head`"},
      {"REVISION_UNKNOWN", "`bonnie schema history` lists what there is"},
      {"REVISION_AMBIGUOUS", "write more of the revision's id"},
      {"SEVERAL_HEADS", "name the revision: `bonnie schema heads` lists them"},
      {"HEADS_MOVED", "look at `bonnie schema current`, then run the command again"},
      {"REVISION_MISSING", "bring the file back, such as by git, then `bonnie schema push`"},
      {"FOLDER_NOT_WRITABLE", "let the service's account write its migrations_dir, or put the files there yourself"},
      {"NOTHING_TO_MERGE", "`bonnie schema heads` lists what there is"},
      {"OPERATION_UNFINISHED",
       "finish it first: repeat the upgrade or downgrade that was cut off; see `bonnie schema recover`"},
      {"DATABASE_UNAVAILABLE", "the service cannot reach its database: see the service's log, then the database's"},
      {"DATABASE_READ_ONLY", "the database refuses writes for now (a failover?): try again in a while"},
      {"DATABASE_AUTH", "the service's database account was refused: see the service's log"},
  };
  for (const Advice& advice : kAdvice) {
    if (advice.reason == reason) return advice.text;
  }
  return "";
}

absl::string_view AdviceForCode(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kPermissionDenied:
      return "this identity has no role for it: use another certificate, or have the site's policy file changed";
    case absl::StatusCode::kUnauthenticated:
      return "the service wants a client certificate with an identity: see `tls` in the configuration";
    case absl::StatusCode::kUnimplemented:
      return "the service does not know this method: is it older than this command? `bonnie status` shows versions";
    case absl::StatusCode::kDeadlineExceeded:
      return "give it more time by --timeout, or look at `bonnie status`";
    case absl::StatusCode::kUnknown:
      return "it may or may not have happened: look before you repeat it";
    default:
      return "";
  }
}

// Whether `text` stands in `said` as words of their own, not as a part of some.
bool IsSaid(absl::string_view said, absl::string_view text) {
  const auto is_inside = [&](std::size_t at) { return at < said.size() && absl::ascii_isalnum(said[at]); };
  for (std::size_t at = said.find(text); at != absl::string_view::npos; at = said.find(text, at + 1)) {
    if (!is_inside(at - 1) && !is_inside(at + text.size())) return true;  // at - 1 of 0: beyond the end
  }
  return false;
}

}  // namespace

std::string ErrorText(absl::string_view where, const absl::Status& status) {
  const client::ErrorDetails details = client::DetailsOf(status);
  std::string text =
      absl::StrCat("bonnie: ", where, ": ", absl::StatusCodeToString(status.code()), details.reason.empty() ? "" : " ",
                   details.reason, ": ", Printable(std::string(status.message())), "\n");
  const auto line = [&](auto... parts) { absl::StrAppend(&text, "  ", Printable(absl::StrCat(parts...)), "\n"); };
  // A detail is for programs, too, and often repeats the message.
  const auto is_said = [&](absl::string_view detail) { return IsSaid(status.message(), detail); };
  const absl::string_view advice = AdviceForReason(details.reason);
  for (const auto& violation : details.field_violations) {
    const bool said = details.field_violations.size() == 1 && is_said(violation.description);
    if (!said) line(violation.field, ": ", violation.description);
  }
  for (const auto& precondition : details.preconditions) {
    const bool said = precondition.type == details.reason && is_said(precondition.subject) && !advice.empty();
    if (!said) line(precondition.type, " ", precondition.subject, ": ", precondition.description);
  }
  for (const auto& resource : details.resources) {
    const bool said = is_said(resource.name) && is_said(resource.description);
    if (!resource.name.empty() && !said)
      line(resource.name, resource.description.empty() ? "" : ": ", resource.description);
  }
  for (const auto& quota : details.quotas) line(quota.subject, ": ", quota.description);
  for (const auto& [key, value] : details.metadata) {
    if (!is_said(value)) line(key, ": ", value);
  }
  if (details.retry_delay > absl::ZeroDuration()) line("come back in ", absl::FormatDuration(details.retry_delay));
  if (const absl::string_view what = advice.empty() ? AdviceForCode(status.code()) : advice; !what.empty()) line(what);
  return text;
}

}  // namespace bonnie::cli
