#ifndef BONNIE_CLIENTS_CLI_SCHEMA_APPLY_H_
#define BONNIE_CLIENTS_CLI_SCHEMA_APPLY_H_

#include <string>

namespace CLI {
class App;
}

namespace bonnie::cli {

class Context;

// Adds the verbs `upgrade` and `downgrade` to the group `schema`: plan, show, ask, apply. `checkout` is the group's
// option
// --migrations. All outlive the parsing.
void AddApplyVerbs(CLI::App& group, Context& context, const std::string& checkout);

}  // namespace bonnie::cli

#endif  // BONNIE_CLIENTS_CLI_SCHEMA_APPLY_H_
