#ifndef BONNIE_CLIENTS_CLI_SCHEMA_APPLY_H_
#define BONNIE_CLIENTS_CLI_SCHEMA_APPLY_H_

#include <string>

#include "absl/status/status.h"

namespace CLI {
class App;
}

namespace bonnie::client {
class SchemaClient;
}

namespace bonnie::schema::v1 {
class Plan;
}

namespace bonnie::cli {

class Context;
struct ApplyChoice;

// Applies a plan that was shown, after asking as `choice` and its findings want, and shows what happens. What the
// command line lacks is reported with its exit code, and is OK here.
absl::Status ApplyShownPlan(Context& context, const std::string& site, client::SchemaClient& client,
                            const schema::v1::Plan& plan, const ApplyChoice& choice);

// Adds the verbs `upgrade` and `downgrade` to the group `schema`: plan, show, ask, apply. `checkout` is what
// --migrations says. All outlive the parsing.
void AddApplyVerbs(CLI::App& group, Context& context, std::string& checkout);

// --migrations. The group has it, and each verb that works from a checkout, so that its help tells of it.
void AddCheckoutOption(CLI::App& app, std::string& checkout);

}  // namespace bonnie::cli

#endif  // BONNIE_CLIENTS_CLI_SCHEMA_APPLY_H_
