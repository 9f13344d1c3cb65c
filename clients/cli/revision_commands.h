#ifndef BONNIE_CLIENTS_CLI_REVISION_COMMANDS_H_
#define BONNIE_CLIENTS_CLI_REVISION_COMMANDS_H_

#include <string>

namespace CLI {
class App;
}

namespace bonnie::cli {

class Context;

// Adds the verbs `branches`, `merge`, `stamp` and `edit` to the group `schema`. `checkout` is the option --migrations;
// all outlive the parsing.
void AddRevisionVerbs(CLI::App& group, Context& context, std::string& checkout);

}  // namespace bonnie::cli

#endif  // BONNIE_CLIENTS_CLI_REVISION_COMMANDS_H_
