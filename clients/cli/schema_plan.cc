#include "clients/cli/schema_plan.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "clients/cli/context.h"
#include "clients/cli/field_text.h"
#include "clients/cli/operation_view.h"
#include "clients/cli/schema_apply.h"
#include "clients/cli/schema_push.h"
#include "clients/cli/text_width.h"
#include "services/schema/lint.h"

namespace bonnie::cli {
namespace {

using client::SchemaClient;
using schema::v1::Forecast;
using schema::v1::Plan;
using schema::v1::PlanFinding;
using schema::v1::PlanStep;

const char* AlgorithmText(schema::v1::Algorithm algorithm) {
  switch (algorithm) {
    case schema::v1::ALGORITHM_INSTANT:
      return "instant";
    case schema::v1::ALGORITHM_INPLACE:
      return "in place";
    case schema::v1::ALGORITHM_REBUILD:
      return "rebuilds the table";
    case schema::v1::ALGORITHM_COPY:
      return "copies the table";
    default:
      return "";
  }
}

// "  [copies the table, writes wait, about 8,376 rows]"; empty where there is nothing to forecast.
std::string ForecastText(const Forecast& forecast) {
  std::vector<std::string> parts;
  if (const std::string text = AlgorithmText(forecast.algorithm()); !text.empty()) parts.push_back(text);
  if (forecast.blocks_writes()) parts.push_back(forecast.blocks_reads() ? "reads and writes wait" : "writes wait");
  if ((forecast.blocks_writes() || forecast.rebuilds()) && forecast.table_rows() > 0) {
    parts.push_back(absl::StrCat("about ", CountText(forecast.table_rows()), " rows"));
  }
  return parts.empty() ? "" : absl::StrCat("  [", absl::StrJoin(parts, ", "), "]");
}

// The statement in the form in which it is sent, its own lines indented.
std::string WholeStatement(const std::string& sql) {
  std::string text;
  for (const absl::string_view line : absl::StrSplit(absl::StripAsciiWhitespace(sql), '\n')) {
    absl::StrAppend(&text, "      ", Printable(line), "\n");
  }
  return text;
}

std::string StepText(const PlanStep& step, Statements statements) {
  const std::string place =  // a stamp's move has no line, and a head without a file no place
      step.line() > 0 ? absl::StrCat(step.file_name(), ":", step.line(), "  ") : std::string();
  const std::string line = StatementLine(step.sql());
  const bool fits = line == OneLine(step.sql());
  std::string text = absl::StrCat("  ", place, line, step.drops_data() ? "  (drops data)" : "",
                                  step.already_done() ? "  (done already)" : ForecastText(step.forecast()), "\n");
  if (!fits && statements == Statements::kWhole) absl::StrAppend(&text, WholeStatement(step.sql()));
  for (const std::string& note : step.forecast().notes()) absl::StrAppend(&text, "    ", Printable(note), "\n");
  return text;
}

// "; approved by spiffe://bonnie/approver".
std::string ApprovalText(const Plan& plan) {
  if (!plan.has_approval()) return "";
  const bool approved = plan.approval().decision() == schema::v1::PLAN_DECISION_APPROVE;
  return absl::StrCat(
      "; ", approved ? "approved" : "rejected", " by ", plan.approval().identity(),
      plan.approval().comment().empty() ? "" : absl::StrCat(": ", Printable(plan.approval().comment())));
}

// "  planned by a; pushed by b (0007, 0008), c (0009)", for whoever has to know who may approve it.
std::string AuthorsText(const Plan& plan) {
  if (plan.author().empty() || plan.approval_policy() != schema::v1::APPROVAL_POLICY_OTHER) return "";
  std::map<std::string, std::vector<std::string>> pushed;
  for (const schema::v1::PlanRevision& revision : plan.revisions()) {
    for (const std::string& identity : revision.pushed_by()) pushed[identity].push_back(revision.id());
  }
  std::vector<std::string> pushers;
  for (const auto& [identity, revisions] : pushed) {
    pushers.push_back(absl::StrCat(Printable(identity), " (", absl::StrJoin(revisions, ", "), ")"));
  }
  return absl::StrCat("  planned by ", Printable(plan.author()),
                      pushers.empty() ? "" : absl::StrCat("; pushed by ", absl::StrJoin(pushers, ", ")), "\n");
}

// Whether a finding still wants to be allowed, besides what the command line and whoever approved allow.
bool IsMissing(const PlanFinding& finding, const Plan& plan, const std::vector<std::string>& allow) {
  const auto& approved = plan.approval().allow();
  const auto allowed = [&](const std::string& code) {
    return std::find(allow.begin(), allow.end(), code) != allow.end() ||
           std::find(approved.begin(), approved.end(), code) != approved.end();
  };
  return finding.wants_allow() && !allowed(finding.code()) && !allowed(finding.covered_by());
}

// Codes that the command line would have to allow besides.
std::set<std::string> MissingCodes(const Plan& plan, const std::vector<std::string>& allow) {
  std::set<std::string> missing;
  for (const PlanFinding& finding : plan.findings()) {
    if (IsMissing(finding, plan, allow)) missing.insert(finding.code());
  }
  return missing;
}

bool WantsAnswer(const Plan& plan) {
  return plan.direction() == schema::v1::DIRECTION_DOWN ||
         std::any_of(plan.findings().begin(), plan.findings().end(),
                     [](const PlanFinding& finding) { return finding.wants_allow(); });
}

bool IsYes(Console& console, const std::string& question) {
  console.err << question << " [y/N] " << std::flush;
  std::string answer;
  std::getline(console.in, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

absl::StatusOr<Plan> Decide(SchemaClient& client, const Plan& plan, schema::v1::PlanDecision decision,
                            const std::vector<std::string>& allow, const std::string& comment) {
  schema::v1::ApprovePlanRequest request;
  request.set_plan_id(plan.plan_id());
  request.set_fingerprint(plan.fingerprint());
  request.set_decision(decision);
  *request.mutable_allow() = {allow.begin(), allow.end()};
  request.set_comment(comment);
  auto response = client.ApprovePlan(request);
  if (!response.ok()) return response.status();
  return response->plan();
}

// Under SELF the author's word is enough, and applying is saying it.
bool IsApproved(Context& context, const std::string& site, SchemaClient& client, const Plan& plan,
                const std::vector<std::string>& allow) {
  const bool wanted = plan.approval_policy() == schema::v1::APPROVAL_POLICY_SELF;
  if (!wanted || plan.approval().decision() == schema::v1::PLAN_DECISION_APPROVE) return true;
  const absl::Status decided = Decide(client, plan, schema::v1::PLAN_DECISION_APPROVE, allow, "").status();
  context.ReportRpcError(site, decided);
  return decided.ok();
}

// Whether it is for this caller to go on with the plan at all; says what stands in the way.
bool IsOpen(Context& context, const std::string& site, const Plan& plan) {
  const auto decision = plan.approval().decision();
  const std::string id = ShortId(plan.plan_id());
  std::string problem;
  if (plan.is_begun()) {
    problem = "was applied already; plan again";
  } else if (decision == schema::v1::PLAN_DECISION_REJECT) {
    problem = absl::StrCat("was rejected by ", plan.approval().identity(), "; plan again");
  } else if (plan.approval_policy() == schema::v1::APPROVAL_POLICY_OTHER &&
             decision != schema::v1::PLAN_DECISION_APPROVE) {
    problem =
        absl::StrCat("requires the approval of somebody who neither made it nor pushed its revisions: `bonnie --site ",
                     site, " schema approve ", id, "`; then `bonnie --site ", site, " schema apply ", id, "`");
  }
  if (problem.empty()) return true;
  context.console().err << "bonnie: " << site << ": plan " << id << " " << problem << "\n";
  context.TakeExitCode(ExitCodeOf(absl::FailedPreconditionError("")));
  return false;
}

void Show(Context& context, const std::string& site, const Plan& plan) {
  if (context.output().format() == Format::kJson) {
    context.output().JsonLine(site, ToJson(plan));
  } else {
    context.console().out << PlanText(site, plan, Statements::kWhole) << std::flush;
  }
}

// What to do next with a plan that is kept.
std::string NextStep(const std::string& site, const Plan& plan) {
  if (plan.plan_id().empty() || plan.is_begun() || plan.steps().empty()) return "";
  if (plan.approval().decision() == schema::v1::PLAN_DECISION_REJECT) return "";
  const bool approve = plan.approval_policy() == schema::v1::APPROVAL_POLICY_OTHER && !plan.has_approval();
  return absl::StrCat(approve ? "to have it approved by somebody else: " : "to apply it: ", "`bonnie --site ", site,
                      " schema ", approve ? "approve " : "apply ", ShortId(plan.plan_id()), "`\n");
}

// Of a plan that was only looked at.
std::string NotKeptText(const schema::v1::PlanMigrationResponse& planned) {
  if (planned.is_kept() || !planned.plan().plan_id().empty() || planned.plan().steps().empty()) return "";
  return "this plan is not kept, because your roles may not apply plans: whoever may plans it, then it can be "
         "approved\n";
}

void AddPlan(CLI::App& group, Context& context, const std::string& checkout) {
  struct Options {
    std::string target;
    bool down = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* verb =
      group.add_subcommand("plan", "Plan the way to a revision, show it and keep it for 24 hours; or show a plan");
  verb->add_option("TARGET", options->target,
                   "A revision word (head, +1, an id, …), or a plan's id or its first 4 characters or more with --show")
      ->required();
  verb->add_flag("--down", options->down, "Go down to it");
  auto show = std::make_shared<bool>(false);
  verb->add_flag("--show", *show, "TARGET is a plan that is kept: show it");
  verb->footer(
      "\nExamples:\n  bonnie schema plan head\n  bonnie schema plan --down -- -1\n  bonnie schema plan --show 3f9a2c");
  verb->callback([&context, &checkout, options, show] {
    context.WithSchema(Reach::kManySites, [&](const std::string& site, SchemaClient& client) {
      schema::v1::PlanMigrationRequest request;
      if (*show) {
        request.set_plan_id(options->target);
      } else {
        request.set_target(options->target);
        request.set_direction(options->down ? schema::v1::DIRECTION_DOWN : schema::v1::DIRECTION_UP);
      }
      auto response = client.PlanMigration(request);
      if (!response.ok()) return response.status();
      Show(context, site, response->plan());
      if (context.output().format() == Format::kTable)
        context.console().err << NotKeptText(*response) << NextStep(site, response->plan());
      if (!*show && !options->down) NameApart(context, site, client, checkout);
      return absl::OkStatus();
    });
  });
}

void AddDecision(CLI::App& group, Context& context, bool approve) {
  struct Options {
    std::string id, comment;
    ApplyChoice choice;
  };
  auto options = std::make_shared<Options>();
  CLI::App* verb = approve ? group.add_subcommand("approve", "Approve a plan: show it, ask, and let it be applied")
                           : group.add_subcommand("reject", "Reject a plan: it is not applied any more");
  verb->add_option("PLAN", options->id, "Its id, or the first 4 characters or more")->required();
  verb->add_option("-m,--message", options->comment, "Why")->type_name("TEXT");
  if (approve) {
    AddApplyChoice(
        *verb, options->choice, "Approve without asking",
        "Accept findings of this code; may be repeated: data-loss, blocks-writes, refused, or a finding's own");
    verb->footer(
        "\nExamples:\n  bonnie --site azure schema approve 3f9a2c\n"
        "  bonnie --site azure schema approve 3f9a2c --allow data-loss -m 'the column moved in 0007'");
  } else {
    verb->footer("\nExample:\n  bonnie --site azure schema reject 3f9a2c -m 'not before the night'");
  }
  verb->callback([&context, options, approve] {
    context.WithSchema(Reach::kOneSite, [&](const std::string& site, SchemaClient& client) -> absl::Status {
      auto plan = FindKeptPlan(client, options->id);
      if (!plan.ok()) return plan.status();
      const bool json = context.output().format() == Format::kJson;
      if (!json) Show(context, site, *plan);
      if (approve && !options->choice.yes) {
        if (!context.console().can_ask) {
          context.ReportWrongUse(absl::StrCat(site, ": there is no terminal to ask on: add --yes"));
          return absl::OkStatus();
        }
        if (!IsYes(context.console(), absl::StrCat("Approve it for ", site, "?"))) {
          context.ReportWrongUse(absl::StrCat(site, ": nothing was done"));
          return absl::OkStatus();
        }
      }
      auto decided =
          Decide(client, *plan, approve ? schema::v1::PLAN_DECISION_APPROVE : schema::v1::PLAN_DECISION_REJECT,
                 options->choice.allow, options->comment);
      if (!decided.ok()) return decided.status();
      if (json) {
        context.output().JsonLine(site, ToJson(*decided));
      } else {
        context.console().out << site << ": plan " << ShortId(decided->plan_id()) << ApprovalText(*decided) << "\n";
        context.console().err << NextStep(site, *decided);
      }
      return absl::OkStatus();
    });
  });
}

void AddApply(CLI::App& group, Context& context) {
  struct Options {
    std::string id;
    ApplyChoice choice;
  };
  auto options = std::make_shared<Options>();
  CLI::App* verb = group.add_subcommand(
      "apply", "Apply a plan that is kept: show it, ask when it goes down or needs leave, apply it");
  verb->add_option("PLAN", options->id, "Its id, or the first 4 characters or more")->required();
  AddApplyChoice(
      *verb, options->choice, "Apply without asking",
      "Apply although it does this; may be repeated: data-loss, blocks-writes, refused, or a finding's code");
  verb->footer("\nExample:\n  bonnie --site azure schema apply 3f9a2c");
  verb->callback([&context, options] {
    context.WithSchema(Reach::kOneSite, [&](const std::string& site, SchemaClient& client) -> absl::Status {
      auto plan = FindKeptPlan(client, options->id);
      if (!plan.ok()) return plan.status();
      Show(context, site, *plan);
      return ApplyShownPlan(context, site, client, *plan, options->choice);
    });
  });
}

}  // namespace

absl::StatusOr<Plan> FindKeptPlan(SchemaClient& client, const std::string& id) {
  schema::v1::PlanMigrationRequest request;
  request.set_plan_id(id);
  auto response = client.PlanMigration(request);
  if (!response.ok()) return response.status();
  return response->plan();
}

std::string AllowedCode(const std::string& code) {
  const bool known = code == schema::kDataLossCode || code == schema::kKeptElsewhereCode ||
                     code == schema::kBlocksWritesCode || code == schema::kRefusedCode ||
                     code == schema::kAnyAlgorithmCode || code == schema::kUnforeseenCode ||
                     code == schema::kStampContradictsCode || schema::FindRule(code) != nullptr;
  if (known) return "";
  return absl::StrCat(
      "'", code,
      "', want data-loss, kept-elsewhere, blocks-writes, refused, stamp-contradicts, any-algorithm, "
      "unforeseen-change or a rule's code: `bonnie schema lint --rules`");
}

void AddApplyChoice(CLI::App& verb, ApplyChoice& choice, const char* yes, const char* allow) {
  verb.add_flag("--yes", choice.yes, yes);
  verb.add_option("--allow", choice.allow, allow)->check(AllowedCode)->type_name("CODE")->allow_extra_args(false);
}

Statements StatementsToShow(const Plan& plan) {
  return plan.approval_policy() == schema::v1::APPROVAL_POLICY_NONE ? Statements::kClipped : Statements::kWhole;
}

std::string PlanText(const std::string& site, const Plan& plan, Statements statements) {
  std::string text = absl::StrCat(site, ": ", HeadsLine(plan.from()), " -> ", HeadsLine(plan.to()), ", ",
                                  plan.steps_size(), plan.steps_size() == 1 ? " statement" : " statements",
                                  plan.plan_id().empty() ? "" : absl::StrCat(", plan ", ShortId(plan.plan_id())),
                                  ApprovalText(plan), plan.is_begun() ? "; applied already" : "", "\n");
  for (const PlanStep& step : plan.steps()) absl::StrAppend(&text, StepText(step, statements));
  absl::StrAppend(&text, AuthorsText(plan));
  for (const PlanFinding& finding : plan.findings()) {
    absl::StrAppend(&text, "  ! ", finding.code(), ": ", Printable(finding.description()),
                    IsMissing(finding, plan, {}) ? absl::StrCat("  (wants --allow ", finding.code(), ")") : "", "\n");
  }
  return text;
}

bool MayApply(Context& context, const std::string& site, SchemaClient& client, const Plan& plan,
              const ApplyChoice& choice) {
  if (!IsOpen(context, site, plan)) return false;
  if (const std::set<std::string> missing = MissingCodes(plan, choice.allow); !missing.empty()) {
    const bool loss = missing.count(schema::kDataLossCode) > 0;
    context.ReportWrongUse(absl::StrCat(site, ": the plan ",
                                        loss ? "drops data; if that may go" : "does what wants to be allowed",
                                        ", add --allow ", absl::StrJoin(missing, " --allow ")));
    return false;
  }
  if (!choice.yes && WantsAnswer(plan)) {
    Console& console = context.console();
    if (!console.can_ask) {
      context.ReportWrongUse(
          absl::StrCat(site, ": this plan wants a yes, and there is no terminal to ask on: add --yes"));
      return false;
    }
    if (!IsYes(console, absl::StrCat("Apply to ", site, "?"))) {
      context.ReportWrongUse(absl::StrCat(site, ": nothing was done"));
      return false;
    }
  }
  return IsApproved(context, site, client, plan, choice.allow);
}

void AddPlanVerbs(CLI::App& group, Context& context, const std::string& checkout) {
  AddPlan(group, context, checkout);
  AddDecision(group, context, /*approve=*/true);
  AddDecision(group, context, /*approve=*/false);
  AddApply(group, context);
}

}  // namespace bonnie::cli
