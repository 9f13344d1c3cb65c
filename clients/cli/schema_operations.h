#ifndef BONNIE_CLIENTS_CLI_SCHEMA_OPERATIONS_H_
#define BONNIE_CLIENTS_CLI_SCHEMA_OPERATIONS_H_

namespace CLI {
class App;
}

namespace bonnie::cli {

class Context;

// Adds the verbs `operations`, `watch`, `cancel` and `recover` to the group `schema`. Both outlive the parsing.
void AddOperationVerbs(CLI::App& group, Context& context);

}  // namespace bonnie::cli

#endif  // BONNIE_CLIENTS_CLI_SCHEMA_OPERATIONS_H_
