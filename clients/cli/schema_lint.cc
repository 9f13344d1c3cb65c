#include "clients/cli/schema_lint.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "bonnie/schema/v1/lint.pb.h"
#include "clients/cli/checkout.h"
#include "clients/cli/context.h"
#include "clients/cli/option_checks.h"
#include "clients/cli/schema_model.h"
#include "services/schema/lint.h"  // the rules alone, which know no server: see the README on this arrow

namespace bonnie::cli {
namespace {

using client::SchemaClient;
using schema::v1::LintFinding;
using schema::v1::LintSchemaRequest;
using schema::v1::LintSeverity;

struct LintOptions {
  bool live = false, model = false, rules = false;
  std::string revision, from;
  std::vector<std::string> severities;  // CODE=SEVERITY
  std::string fail_on = "error";
};

LintSeverity ToProto(schema::Severity severity) { return static_cast<LintSeverity>(static_cast<int>(severity) + 1); }
std::string Name(LintSeverity severity) {
  return std::string(schema::SeverityName(static_cast<schema::Severity>(static_cast<int>(severity) - 1)));
}

// "pk=error" taken apart.
absl::StatusOr<std::pair<std::string, schema::Severity>> ReadRule(const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, absl::MaxSplits('=', 1));
  const auto severity = schema::SeverityNamed(parts.size() == 2 ? parts[1] : "");
  if (!severity.has_value()) {
    return absl::InvalidArgumentError(absl::StrCat("'", text, "', want CODE=ignore, notice, warning or error"));
  }
  if (schema::FindRule(parts[0]) == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", parts[0], "' is no rule; `bonnie schema lint --rules` lists all"));
  }
  return std::make_pair(parts[0], *severity);
}

std::string CheckRule(const std::string& text) {
  const auto rule = ReadRule(text);
  return rule.ok() ? "" : std::string(rule.status().message());
}

std::string CheckWord(const std::string& word) { return word.empty() ? "'', want live, model or a revision word" : ""; }

void ListRules(Context& context) {
  context.output().BeginList({{"severity"},
                              {"code"},
                              {"name"},
                              {.name = "harm", .whole = true},
                              {"drops_data", Column::Shown::kNotInTables},
                              {"blocks_writes", Column::Shown::kNotInTables}});
  for (const schema::RuleInfo& rule : schema::Rules()) {
    LintFinding message;
    message.set_code(rule.code);
    message.set_severity(ToProto(rule.severity));
    message.set_description(rule.name);
    message.set_harm(rule.harm);
    message.set_drops_data(rule.drops_data);
    message.set_blocks_writes(rule.blocks_writes);
    context.output().Row("",
                         {std::string(schema::SeverityName(rule.severity)), rule.code, rule.name, rule.harm,
                          rule.drops_data ? "true" : "false", rule.blocks_writes ? "true" : "false"},
                         message);
  }
}

// What to look at: what is said, else the checkout's model if there is a checkout, else the database.
std::string SourceWord(const LintOptions& options, const std::string& folder) {
  if (options.live) return "live";
  if (!options.revision.empty()) return options.revision;
  return options.model || !folder.empty() ? "model" : "live";
}

absl::Status FillRequest(const LintOptions& options, const std::string& folder, LintSchemaRequest* request) {
  if (absl::Status read = FillSource(SourceWord(options, folder), folder, request->mutable_source()); !read.ok()) {
    return read;
  }
  if (!options.from.empty()) {
    if (absl::Status read = FillSource(options.from, folder, request->mutable_from()); !read.ok()) return read;
  }
  for (const std::string& text : options.severities) {
    const auto rule = ReadRule(text);
    if (!rule.ok()) return rule.status();
    schema::v1::RuleSeverity* message = request->add_rules();
    message->set_code(rule->first);
    message->set_severity(ToProto(rule->second));
  }
  return absl::OkStatus();
}

void Show(Context& context, const std::string& site, const std::vector<LintFinding>& findings) {
  context.output().BeginList({{"severity"},
                              {"code"},
                              {.name = "finding", .whole = true},
                              {"table", Column::Shown::kNotInTables},
                              {"object", Column::Shown::kNotInTables},
                              {"file", Column::Shown::kNotInTables},
                              {"harm", Column::Shown::kNotInTables},
                              {"drops_data", Column::Shown::kNotInTables},
                              {"blocks_writes", Column::Shown::kNotInTables}});
  for (const LintFinding& finding : findings) {
    context.output().Row(site,
                         {Name(finding.severity()), finding.code(), finding.description(), finding.table(),
                          finding.object(), finding.file(), finding.harm(), finding.drops_data() ? "true" : "false",
                          finding.blocks_writes() ? "true" : "false"},
                         finding);
  }
}

void Lint(Context& context, const std::string& folder, const LintOptions& options) {
  LintSchemaRequest request;
  if (absl::Status filled = FillRequest(options, folder, &request); !filled.ok()) {
    return context.ReportWrongUse(filled.message());
  }
  const LintSeverity fails = ToProto(*schema::SeverityNamed(options.fail_on));
  context.WithSchema(Reach::kManySites, [&](const std::string& site, SchemaClient& client) {
    const auto response = client.LintSchema(request);
    if (!response.ok()) return response.status();
    const std::vector<LintFinding> findings(response->findings().begin(), response->findings().end());
    for (const LintFinding& finding : findings) {
      if (finding.severity() >= fails) context.TakeExitCode(kDifferencesFound);
    }
    if (findings.empty() && context.output().format() == Format::kTable) {
      context.console().err << site << ": nothing found\n";
    } else {
      Show(context, site, findings);
    }
    return absl::OkStatus();
  });
}

}  // namespace

void AddLintVerb(CLI::App& group, Context& context, const std::string& checkout) {
  auto options = std::make_shared<LintOptions>();
  CLI::App* verb =
      group.add_subcommand("lint", "Say what in a schema, or in a change, does harm; exit code 1 on an error");
  auto* model =
      verb->add_flag("--model", options->model, "The checkout's model; the default where there is a checkout");
  auto* live = verb->add_flag("--live", options->live, "The database; the default where there is none");
  auto* revision = verb->add_option("--revision", options->revision, "What the revisions up to this one make");
  revision->type_name("WORD")->check(CheckWord)->excludes(model)->excludes(live);
  live->excludes(model);
  verb->add_option("--from", options->from, "Look at the change from there too: live, model, or a revision word")
      ->type_name("WORD")
      ->check(CheckWord);
  verb->add_option("--rule", options->severities, "Weigh a rule otherwise: ignore, notice, warning or error")
      ->type_name("CODE=SEVERITY")
      ->check(CheckRule);
  verb->add_option("--fail-on", options->fail_on, "End with exit code 1 from this severity on; default: error")
      ->type_name("SEVERITY")
      ->check(OneOf({"notice", "warning", "error"}));
  verb->add_flag("--rules", options->rules, "List the rules, and what harm each is about; asks no site");
  verb->footer(
      "\nA comment `-- nolint: CODE why` before a CREATE TABLE of the model, or before a statement of a revision, "
      "leaves\n"
      "that rule out there.\n"
      "\nExamples:\n  bonnie schema lint\n  bonnie schema lint --from live --fail-on warning\n"
      "  bonnie schema lint --revision 0005 --from 0004\n"
      "  bonnie --site all schema lint --live --rule pk=error --rule name-case=ignore\n  bonnie schema lint --rules");
  verb->callback([&context, &checkout, options] {
    if (options->rules) return ListRules(context);
    Lint(context, FindCheckout(checkout), *options);
  });
}

}  // namespace bonnie::cli
