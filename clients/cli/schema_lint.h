#ifndef BONNIE_CLIENTS_CLI_SCHEMA_LINT_H_
#define BONNIE_CLIENTS_CLI_SCHEMA_LINT_H_

#include <string>

namespace CLI {
class App;
}

namespace bonnie::cli {

class Context;

// Adds the verb `lint` to the group `schema`. `checkout` is the group's option --migrations. All outlive the parsing.
void AddLintVerb(CLI::App& group, Context& context, const std::string& checkout);

}  // namespace bonnie::cli

#endif  // BONNIE_CLIENTS_CLI_SCHEMA_LINT_H_
