#ifndef BONNIE_CLIENTS_CLI_SCHEMA_APPLY_H_
#define BONNIE_CLIENTS_CLI_SCHEMA_APPLY_H_

#include <string>

namespace CLI {
class App;
}

namespace bonnie::cli {

class Context;

// Adds the verbs `upgrade` and `downgrade` to the group `schema`: plan, show, ask, apply. `checkout` is what
// --migrations says. All outlive the parsing.
void AddApplyVerbs(CLI::App& group, Context& context, std::string& checkout);

// --migrations. The group has it, and each verb that works from a checkout, so that its help tells of it.
void AddCheckoutOption(CLI::App& app, std::string& checkout);

}  // namespace bonnie::cli

#endif  // BONNIE_CLIENTS_CLI_SCHEMA_APPLY_H_
