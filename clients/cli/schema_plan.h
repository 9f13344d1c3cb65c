#ifndef BONNIE_CLIENTS_CLI_SCHEMA_PLAN_H_
#define BONNIE_CLIENTS_CLI_SCHEMA_PLAN_H_

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bonnie/schema/v1/migration_service.pb.h"

namespace CLI {
class App;
}

namespace bonnie::client {
class SchemaClient;
}

namespace bonnie::cli {

class Context;

// How a plan is meant to be applied, as the command line says.
struct ApplyChoice {
  bool yes = false;                // do not ask
  std::vector<std::string> allow;  // codes of findings
};

// A check of --allow, as option_checks.h has them: "" for a code that a finding can have, else what is wrong.
std::string AllowedCode(const std::string& code);

// Adds --yes and --allow to a verb that applies plans; `yes`, `allow`: their help.
void AddApplyChoice(CLI::App& verb, ApplyChoice& choice, const char* yes, const char* allow);

// How much of a long statement is shown: one line of it, or all. Whoever approves sees all that will run.
enum class Statements { kClipped, kWhole };

// What a plan does, for people: its statements with what each will do to tables that are in use, then its findings.
std::string PlanText(const std::string& site, const schema::v1::Plan& plan, Statements statements);
// What a command shows that applies the plan at once: all where that is to approve it.
Statements StatementsToShow(const schema::v1::Plan& plan);

// Whether the plan may be applied as the command line stands: its findings are allowed, whoever is asked says yes, and
// it is approved where the site wants that (a site that takes its author's own word gets it here). What is wrong is
// reported, with the exit code.
bool MayApply(Context& context, const std::string& site, client::SchemaClient& client, const schema::v1::Plan& plan,
              const ApplyChoice& choice);

// The kept plan of that id, or beginning of one.
absl::StatusOr<schema::v1::Plan> FindKeptPlan(client::SchemaClient& client, const std::string& id);

// Adds the verbs `plan`, `approve`, `reject` and `apply` to the group `schema`. `checkout` is the option --migrations;
// all outlive the parsing.
void AddPlanVerbs(CLI::App& group, Context& context, const std::string& checkout);

}  // namespace bonnie::cli

#endif  // BONNIE_CLIENTS_CLI_SCHEMA_PLAN_H_
