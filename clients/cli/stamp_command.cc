#include "clients/cli/stamp_command.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cli/context.h"
#include "clients/cli/field_text.h"
#include "clients/cli/schema_text.h"
#include "clients/cli/text_width.h"
#include "clients/cpp/status.h"

namespace bonnie::cli {
namespace {

using client::SchemaClient;
using schema::v1::StampRevisionRequest;
using schema::v1::StampRevisionResponse;

struct StampOptions {
  std::vector<std::string> revisions;
  std::string from_tool, as;
  bool purge = false;
  ApplyChoice choice;
};

std::string HeadsText(const google::protobuf::RepeatedPtrField<std::string>& heads) {
  return heads.empty() ? "base" : absl::StrJoin(heads, ", ");
}

// What else there is to say of a database that another tool has managed.
void ShowAdoption(Context& context, const std::string& site, const StampRevisionResponse& stamped) {
  context.console().out << site << ": its schema is what " << HeadsText(stamped.to())
                        << " makes; alembic_version stays as it is and says "
                        << (stamped.tool_revisions().empty() ? "nothing"
                                                             : absl::StrJoin(stamped.tool_revisions(), ", "))
                        << "\n";
  for (const std::string& table : stamped.unmanaged_tables()) {
    context.console().out << site << ": no revision makes table " << Printable(table) << "; it is left alone\n";
  }
  for (const auto& part : stamped.unsupported()) context.console().out << UnsupportedText(part);
}

absl::Status SendStamp(Context& context, const std::string& site, SchemaClient& client,
                       const StampRevisionRequest& request) {
  auto stamped = client.StampRevision(request);
  if (!stamped.ok()) return stamped.status();
  if (context.output().format() == Format::kJson) {
    context.output().JsonLine(site, ToJson(*stamped));
    return absl::OkStatus();
  }
  context.console().out << site << ": stamped " << HeadsText(stamped->from()) << " -> " << HeadsText(stamped->to())
                        << "\n";
  if (!request.from_tool().empty()) ShowAdoption(context, site, *stamped);
  return absl::OkStatus();
}

// Where the site requires approvals, the service has made a plan of the stamp: the plan is shown, and applied if it is
// approved.
absl::Status Stamp(Context& context, const StampOptions& options, const std::string& site, SchemaClient& client) {
  StampRevisionRequest request;
  *request.mutable_revisions() = {options.revisions.begin(), options.revisions.end()};
  if (!options.as.empty()) request.add_revisions(options.as);
  request.set_purge(options.purge);
  request.set_from_tool(options.from_tool);
  *request.mutable_allow() = {options.choice.allow.begin(), options.choice.allow.end()};
  const absl::Status sent = SendStamp(context, site, client, request);
  const client::ErrorDetails details = client::DetailsOf(sent);
  const auto plan_id = details.metadata.find("plan_id");
  if (details.reason != "PLAN_NOT_APPROVED" || plan_id == details.metadata.end()) return sent;
  auto plan = FindKeptPlan(client, plan_id->second);
  if (!plan.ok()) return plan.status();
  if (context.output().format() != Format::kJson) {
    context.console().out << PlanText(site, *plan, StatementsToShow(*plan)) << std::flush;
  }
  if (!MayApply(context, site, client, *plan, options.choice)) return absl::OkStatus();
  return SendStamp(context, site, client, request);
}

}  // namespace

absl::Status ApplyStampPlan(Context& context, const std::string& site, SchemaClient& client,
                            const schema::v1::Plan& plan, const ApplyChoice& choice) {
  StampRevisionRequest request;
  *request.mutable_revisions() = plan.stamp().revisions();
  request.set_purge(plan.stamp().purge());
  request.set_from_tool(plan.stamp().from_tool());
  *request.mutable_allow() = {choice.allow.begin(), choice.allow.end()};
  return SendStamp(context, site, client, request);
}

void AddStampVerb(CLI::App& group, Context& context) {
  auto options = std::make_shared<StampOptions>();
  CLI::App* verb = group.add_subcommand("stamp", "Say that the database is at a revision, without running anything");
  verb->add_option("REVISION", options->revisions, "Revision words: where the database is; base: nowhere");
  verb->add_flag("--purge", options->purge, "Forget all applied heads first, also those that have no file");
  verb->add_option("--from", options->from_tool, "The tool that has managed the database: alembic; requires --as")
      ->type_name("TOOL")
      ->check(CLI::IsMember(std::vector<std::string>{"alembic"}));
  verb->add_option("--as", options->as, "With --from: the revision that makes just this schema; else it is refused")
      ->type_name("REVISION");
  AddApplyChoice(*verb, options->choice, "Stamp without asking",
                 "Stamp although the database is not what the revision makes: stamp-contradicts");
  verb->footer(
      "\nWhere the site requires approvals, a stamp is a plan like any other: stamp, have it approved, stamp again.\n"
      "\nExamples:\n  bonnie schema stamp head\n  bonnie --site gcp schema stamp --purge 0003\n"
      "  bonnie schema stamp --from alembic --as 0001");
  verb->callback([&context, options] {
    if (options->from_tool.empty() != options->as.empty()) {
      return context.ReportWrongUse("--from and --as belong together: --from alembic --as REVISION");
    }
    if (options->revisions.empty() == options->as.empty()) {
      return context.ReportWrongUse("want either REVISION, or --from alembic --as REVISION");
    }
    context.WithSchema(Reach::kCanaryFirst, [&](const std::string& site, SchemaClient& client) {
      return Stamp(context, *options, site, client);
    });
  });
}

}  // namespace bonnie::cli
