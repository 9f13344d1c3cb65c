#include "clients/cli/schema_apply.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cli/checkout.h"
#include "clients/cli/context.h"
#include "clients/cli/interrupt.h"
#include "clients/cli/operation_view.h"
#include "clients/cli/option_checks.h"
#include "clients/cli/schema_offline.h"
#include "clients/cli/schema_plan.h"
#include "clients/cli/schema_push.h"
#include "clients/cli/stamp_command.h"
#include "clients/cli/text_width.h"

namespace bonnie::cli {
namespace {

using client::SchemaClient;
using schema::v1::Direction;
using schema::v1::Plan;

struct ApplyOptions {
  std::string target;
  Direction direction = schema::v1::DIRECTION_UP;
  ApplyChoice choice;
  bool sql = false;
  std::string flavour;
};

absl::Status PlanAndApply(Context& context, const std::string& site, SchemaClient& client,
                          const ApplyOptions& options) {
  schema::v1::PlanMigrationRequest planning;
  planning.set_target(options.target);
  planning.set_direction(options.direction);
  auto planned = client.PlanMigration(planning);
  if (!planned.ok()) return planned.status();
  const Plan& plan = planned->plan();
  const bool json = context.output().format() == Format::kJson;
  if (json) context.output().JsonLine(site, ToJson(plan));
  if (plan.steps().empty() && HeadsLine(plan.from()) == HeadsLine(plan.to())) {
    if (!json) context.console().out << site << ": at " << HeadsLine(plan.to()) << " already\n";
    return absl::OkStatus();
  }
  if (!json) context.console().out << PlanText(site, plan, StatementsToShow(plan)) << std::flush;
  return ApplyShownPlan(context, site, client, plan, options.choice);
}

// Whoever upgrades from a checkout means its files: the site gets those that it lacks. Going down needs none.
absl::Status MeetCheckout(Context& context, const std::string& site, SchemaClient& client, const std::string& folder,
                          const CheckoutSum& sum, Direction direction) {
  if (direction == schema::v1::DIRECTION_UP && sum.text == sum.written) {
    return PushMissing(context, site, client, folder, sum).status();
  }
  absl::StatusOr<Apart> apart = CompareWithSite(client, sum);
  if (!apart.ok()) return apart.status();
  context.console().err << ApartText(folder, site, *apart) << MissingText(folder, site, sum, *apart);
  return absl::OkStatus();
}

// A folder that was named must be a checkout, and whoever goes up means the files of one that lies here: none of them
// may be broken. Going down, the service's own files do.
void Migrate(Context& context, const std::string& checkout, const ApplyOptions& options) {
  const std::string folder = FindCheckout(checkout);
  const absl::StatusOr<CheckoutSum> sum = folder.empty() ? absl::NotFoundError("") : ReadCheckout(folder);
  if (!sum.ok() && !checkout.empty()) {
    return context.ReportWrongUse(absl::StrCat("--migrations: ", sum.status().message()));
  }
  const bool is_broken = !sum.ok() && !absl::IsNotFound(sum.status());
  if (is_broken && options.direction == schema::v1::DIRECTION_UP) return context.ReportWrongUse(sum.status().message());
  if (!sum.ok() && !folder.empty()) context.console().err << "bonnie: " << sum.status().message() << "\n";
  context.WithSchema(Reach::kCanaryFirst, [&](const std::string& site, SchemaClient& client) {
    if (InterruptCatcher::interrupted()) return absl::OkStatus();  // whoever left the site before means all of them
    absl::Status compared =
        sum.ok() ? MeetCheckout(context, site, client, folder, *sum, options.direction) : absl::OkStatus();
    return compared.ok() ? PlanAndApply(context, site, client, options) : compared;
  });
}

struct VerbText {
  const char* target;
  const char* yes;
  const char* allow;
};

void AddVerb(Context& context, std::string& checkout, CLI::App* verb, Direction direction, const VerbText& text) {
  auto options = std::make_shared<ApplyOptions>();
  options->direction = direction;
  auto targets = std::make_shared<std::vector<std::string>>();
  verb->add_option("TARGET", *targets, text.target)->required();
  verb->add_flag("--sql", options->sql,
                 "Print the SQL instead of applying it; TARGET may be a:b then (default from base)");
  verb->add_option("--flavour", options->flavour, "With --sql: for which server; default: the site's")
      ->check(OneOf({"mysql", "mariadb"}))
      ->type_name("NAME");
  AddApplyChoice(*verb, options->choice, text.yes, text.allow);
  AddCheckoutOption(*verb, checkout);
  verb->callback([&context, &checkout, options, targets] {
    options->target = absl::StrJoin(*targets, ",");
    if (options->sql) {
      return WriteOfflineSql(context, checkout, options->target, options->direction, options->flavour);
    }
    Migrate(context, checkout, *options);
  });
}

}  // namespace

absl::Status ApplyShownPlan(Context& context, const std::string& site, SchemaClient& client, const Plan& plan,
                            const ApplyChoice& choice) {
  if (!MayApply(context, site, client, plan, choice)) return absl::OkStatus();
  if (plan.has_stamp()) return ApplyStampPlan(context, site, client, plan, choice);
  schema::v1::ApplyPlanRequest applying;
  applying.set_fingerprint(plan.fingerprint());
  *applying.mutable_allow() = {choice.allow.begin(), choice.allow.end()};
  OperationView view(context, site);
  view.Expect(plan);
  return FollowInTerminal(context, site, view, [&](const client::FollowOptions& follow) {
    return client::ApplyAndFollow(
        client, applying, [&](const schema::v1::ApplyPlanResponse& event) { view.OnEvent(event); }, follow);
  });
}

void AddCheckoutOption(CLI::App& app, std::string& checkout) {
  app.add_option("--migrations", checkout, "The checkout's migrations; default: ./migrations, or . with bonnie.sum")
      ->type_name("DIR");
}

void AddApplyVerbs(CLI::App& group, Context& context, std::string& checkout) {
  CLI::App* upgrade = group.add_subcommand("upgrade", "Go up to a revision: plan, show the plan, apply it");
  upgrade->footer(
      "\nCtrl-C leaves the operation to the service, and says how to watch it.\n"
      "\nExamples:\n  bonnie schema upgrade head\n  bonnie --site all schema upgrade +1\n"
      "  bonnie schema upgrade head --sql >migration.sql\n  bonnie schema upgrade 0003:head --sql --flavour mysql");
  AddVerb(
      context, checkout, upgrade, schema::v1::DIRECTION_UP,
      {"The revision to go up to: head, +1, an id or a unique beginning of one, …",
       "Apply without asking; it asks only when something has to be allowed",
       "Apply a plan although it does this: data-loss, blocks-writes, refused, or a finding's code; may be repeated"});
  CLI::App* downgrade = group.add_subcommand("downgrade", "Go down to a revision: plan, show the plan, ask, apply it");
  downgrade->footer(
      "\nExamples:\n  bonnie schema downgrade -1\n  bonnie schema downgrade 0003 --yes --allow data-loss\n"
      "  bonnie schema downgrade head:0003 --sql");
  AddVerb(context, checkout, downgrade, schema::v1::DIRECTION_DOWN,
          {"The revision to go down to: -1, base (below the first), an id or a unique beginning of one, …",
           "Apply without asking",
           "Go down although this happens: data-loss (what the lower revision cannot hold is deleted), blocks-writes, "
           "refused, or a finding's code; may be repeated"});
}

}  // namespace bonnie::cli
