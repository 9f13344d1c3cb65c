#include "clients/cli/schema_operations.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "clients/cli/context.h"
#include "clients/cli/field_text.h"
#include "clients/cli/list_command.h"
#include "clients/cli/operation_view.h"
#include "clients/cli/option_checks.h"
#include "clients/cli/schema_plan.h"
#include "clients/cli/text_width.h"

namespace bonnie::cli {
namespace {

using client::SchemaClient;
using schema::v1::Operation;
using schema::v1::RecoverOperationRequest;
using schema::v1::RecoverOperationResponse;

// An enum's value as people read it: OPERATION_STATE_CUT_OFF is "cut off".
std::string Word(const std::string& name, absl::string_view prefix) {
  return absl::StrReplaceAll(absl::AsciiStrToLower(absl::StripPrefix(name, prefix)), {{"_", " "}});
}

std::string StateWord(const Operation& operation) {
  return Word(schema::v1::OperationState_Name(operation.state()), "OPERATION_STATE_");
}

std::vector<Column> OperationColumns() {
  return {{"operation_id"},
          {"state"},
          {"way"},
          {"statements"},
          {"begin_time"},
          {"end_time"},
          {"outcome"},
          {"identity"},
          {"fence", Column::Shown::kNotInTables, true},
          {"fingerprint", Column::Shown::kNotInTables}};
}

std::vector<std::string> OperationCells(const Operation& operation, bool whole_id) {
  return {whole_id ? operation.operation_id() : ShortId(operation.operation_id()),
          StateWord(operation),
          absl::StrCat(HeadsLine(operation.from()), " -> ", HeadsLine(operation.to())),
          operation.statements() == 0 ? "" : absl::StrCat(operation.statements_done(), " of ", operation.statements()),
          operation.has_begin_time() ? TimeText(operation.begin_time()) : "",
          operation.has_end_time() ? TimeText(operation.end_time()) : "",
          operation.outcome(),
          Printable(operation.identity()),
          absl::StrCat(operation.fence()),
          operation.fingerprint()};
}

void AddOperations(CLI::App& group, Context& context) {
  auto id = std::make_shared<std::string>();
  auto options = std::make_shared<ListOptions>();
  options->limit = 20;
  CLI::App* verb = group.add_subcommand("operations", "List what was applied and stamped, by whom, and how it ended");
  verb->add_option("ID", *id, "Only this one, or its first 4 or more characters");
  verb->add_option("--limit", options->limit, "At most so many; 0: all; default: 20")
      ->check(NumberFrom(0, 1000000))
      ->type_name("N");
  verb->footer(
      "\nA state is running, succeeded, failed, cancelled, cut off (the service or its server died; the next upgrade\n"
      "goes on), stamped, or decided (by `schema recover`).\n"
      "\nExamples:\n  bonnie --site all schema operations\n  bonnie schema operations 4f2a --output json");
  verb->callback([&context, id, options] {
    context.WithSchema(Reach::kManySites, [&](const std::string& site, SchemaClient& client) {
      schema::v1::ListOperationsRequest request;
      request.set_operation_id(*id);
      request.set_page_size(PageSize(*options));
      if (!id->empty()) {
        auto found = client.ListOperations(request);
        if (!found.ok()) return found.status();
        if (found->operations_size() == 1) {
          const Operation& one = found->operations(0);
          context.output().Card(site, OperationColumns(), OperationCells(one, /*whole_id=*/true), one);
          return absl::OkStatus();
        }
        if (found->operations().empty())
          context.console().err << "(no operation begins with " << Printable(*id) << ")\n";
      }
      const bool whole_id = context.output().format() != Format::kTable;
      return PrintItems<Operation>(context, *options, OperationColumns(), client.Operations(request),
                                   [&](const Operation& operation) {
                                     context.output().Row(site, OperationCells(operation, whole_id), operation);
                                   });
    });
  });
}

absl::Status Watch(Context& context, const std::string& site, SchemaClient& client, const std::string& id) {
  schema::v1::WatchOperationRequest request;
  request.set_operation_id(id);
  OperationView view(context, site);
  return FollowInTerminal(context, site, view, [&](const client::FollowOptions& options) {
    return client::FollowOperation(
        client, request, [&](const schema::v1::ApplyPlanResponse& event) { view.OnEvent(event); }, options);
  });
}

void AddWatch(CLI::App& group, Context& context) {
  auto id = std::make_shared<std::string>();
  CLI::App* verb = group.add_subcommand("watch", "Show an operation's events from its beginning to its end");
  verb->add_option("ID", *id, "The operation, or its first 4 or more characters")->required();
  verb->footer(
      "\nCtrl-C ends the watching, not the operation. The exit code is the operation's.\n"
      "\nExamples:\n  bonnie schema operations\n  bonnie --site gcp schema watch 4f2a77c0");
  verb->callback([&context, id] {
    context.WithSchema(Reach::kOneSite, [&](const std::string& site, SchemaClient& client) {
      return Watch(context, site, client, *id);
    });
  });
}

std::string EndText(const schema::v1::CancelOperationResponse& cancelled) {
  if (!cancelled.ended()) return " ends once the server has undone its statement";
  if (cancelled.outcome() == "done") return " was quicker: it is done";
  return absl::StrCat(" has ended", cancelled.outcome().empty() ? "" : ": ", cancelled.outcome());
}

void AddCancel(CLI::App& group, Context& context) {
  auto id = std::make_shared<std::string>();
  CLI::App* verb = group.add_subcommand("cancel", "End an operation; the statement that it runs is undone");
  verb->add_option("ID", *id, "The operation, or its first 4 or more characters")->required();
  verb->footer(
      "\nWhat ran before stays, and the next upgrade goes on from there.\n"
      "\nExample:\n  bonnie --site gcp schema cancel 4f2a77c0");
  verb->callback([&context, id] {
    context.WithSchema(Reach::kOneSite, [&](const std::string& site, SchemaClient& client) {
      schema::v1::CancelOperationRequest request;
      request.set_operation_id(*id);
      auto cancelled = client.CancelOperation(request);
      if (!cancelled.ok()) return cancelled.status();
      if (context.output().format() == Format::kJson) {
        context.output().JsonLine(site, ToJson(*cancelled));
        return absl::OkStatus();
      }
      context.console().out << site << ": operation " << ShortId(cancelled->operation_id()) << EndText(*cancelled)
                            << "\n";
      return absl::OkStatus();
    });
  });
}

struct RecoverOptions {
  std::string id;
  bool resume = false;
  int assume_done = 0;
  bool abandon = false;
  bool yes = false;
  std::vector<std::string> allow;
};

// What was found, for people.
std::string ReportText(const std::string& site, const RecoverOperationResponse& report) {
  if (report.operation_id().empty()) return absl::StrCat(site, ": nothing is unfinished\n");
  std::string text =
      absl::StrCat(site, ": operation ", ShortId(report.operation_id()), " was cut off in revision ", report.revision(),
                   report.is_downgrade() ? " on the way down to " : " on the way up to ", HeadsLine(report.to()), "\n");
  for (const schema::v1::RecoveredStep& step : report.steps()) {
    absl::StrAppend(&text, "  statement ", step.ordinal(),
                    report.statements_total() > 0 ? absl::StrCat(" of ", report.statements_total()) : "", "  ",
                    Word(schema::v1::StepState_Name(step.state()), "STEP_STATE_"), "  ", StatementLine(step.sql()),
                    "\n");
  }
  return text;
}

// What to do next.
std::string NextText(const std::string& site, const RecoverOperationResponse& report) {
  const std::string verb = absl::StrCat("bonnie --site ", site, " schema recover ");
  for (const schema::v1::RecoveredStep& step : report.steps()) {
    if (step.state() == schema::v1::STEP_STATE_STILL_RUNNING) {
      return absl::StrCat("the server still runs it: the next operation waits for it; to end it: bonnie --site ", site,
                          " schema cancel ", ShortId(report.operation_id()), "\n");
    }
    if (step.state() != schema::v1::STEP_STATE_UNCERTAIN) continue;
    return absl::StrCat("look at what statement ", step.ordinal(), " changes; if it is done:  ", verb, "--assume-done ",
                        step.ordinal(), "\nif you have put everything back to before ", report.revision(), ":  ", verb,
                        "--abandon\n");
  }
  return absl::StrCat("to go on:  ", verb, "--resume\n");
}

RecoverOperationRequest RequestOf(const RecoverOptions& options) {
  RecoverOperationRequest request;
  request.set_operation_id(options.id);
  if (options.resume) request.set_decision(schema::v1::RECOVERY_DECISION_RESUME);
  if (options.assume_done > 0) {
    request.set_decision(schema::v1::RECOVERY_DECISION_ASSUME_DONE);
    request.set_ordinal(options.assume_done);
  }
  if (options.abandon) request.set_decision(schema::v1::RECOVERY_DECISION_ABANDON);
  *request.mutable_allow() = {options.allow.begin(), options.allow.end()};
  return request;
}

// Whether what --assume-done and --abandon claim is so, the service cannot know.
bool IsMeant(Context& context, const std::string& site, const RecoverOptions& options) {
  if (options.yes || (options.assume_done == 0 && !options.abandon)) return true;
  Console& console = context.console();
  if (!console.can_ask) {
    context.ReportWrongUse(absl::StrCat(site, ": this wants a yes, and there is no terminal to ask on: add --yes"));
    return false;
  }
  if (options.abandon) {
    console.err << "Forget what ran of the revision on " << site << "? Its statements stay as they are. [y/N] ";
  } else {
    console.err << "Take statement " << options.assume_done << " for done on " << site
                << "? It will not be run. [y/N] ";
  }
  console.err << std::flush;
  std::string answer;
  std::getline(console.in, answer);
  if (answer == "y" || answer == "Y" || answer == "yes") return true;
  context.ReportWrongUse(absl::StrCat(site, ": nothing was done"));
  return false;
}

absl::Status Recover(Context& context, const std::string& site, SchemaClient& client, const RecoverOptions& options) {
  const RecoverOperationRequest request = RequestOf(options);
  const bool only_looks = request.decision() == schema::v1::RECOVERY_DECISION_UNSPECIFIED;
  if (!IsMeant(context, site, options)) return absl::OkStatus();
  auto report = client.RecoverOperation(request);
  if (!report.ok()) return report.status();
  if (context.output().format() == Format::kJson) {
    context.output().JsonLine(site, ToJson(*report));
  } else {
    context.console().out << ReportText(site, *report);
    if (only_looks && !report->operation_id().empty()) context.console().out << NextText(site, *report);
    context.console().out << std::flush;
  }
  return options.resume ? Watch(context, site, client, report->new_operation_id()) : absl::OkStatus();
}

void AddRecover(CLI::App& group, Context& context) {
  auto options = std::make_shared<RecoverOptions>();
  CLI::App* verb = group.add_subcommand("recover", "Say what became of an operation that was cut off, and decide");
  verb->add_option("ID", options->id, "The operation, or its first 4 or more characters; default: the unfinished one");
  CLI::Option* resume = verb->add_flag("--resume", options->resume, "Go on to where it was going, and watch that");
  CLI::Option* assume =
      verb->add_option("--assume-done", options->assume_done, "Take this statement of the revision for done")
          ->check(NumberFrom(1, 100000))
          ->type_name("N");
  CLI::Option* abandon = verb->add_flag("--abandon", options->abandon,
                                        "Forget what ran of the revision: for whoever has put the schema back by hand");
  resume->excludes(assume)->excludes(abandon);
  assume->excludes(abandon);
  verb->add_option("--allow", options->allow, "With --resume: go on although this happens, such as data-loss")
      ->type_name("CODE")
      ->check(AllowedCode)
      ->allow_extra_args(false);
  verb->add_flag("--yes", options->yes, "Decide without asking");
  verb->footer(
      "\nWithout a decision it only looks. What can be told by looking wants none: the next upgrade goes on by "
      "itself.\n"
      "\nExamples:\n  bonnie schema recover\n  bonnie schema recover --resume\n"
      "  bonnie --site gcp schema recover 4f2a77c0 --assume-done 3");
  verb->callback([&context, options] {
    context.WithSchema(Reach::kOneSite, [&](const std::string& site, SchemaClient& client) {
      return Recover(context, site, client, *options);
    });
  });
}

}  // namespace

void AddOperationVerbs(CLI::App& group, Context& context) {
  AddOperations(group, context);
  AddWatch(group, context);
  AddCancel(group, context);
  AddRecover(group, context);
}

}  // namespace bonnie::cli
