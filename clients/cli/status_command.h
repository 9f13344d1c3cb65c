#ifndef BONNIE_CLIENTS_CLI_STATUS_COMMAND_H_
#define BONNIE_CLIENTS_CLI_STATUS_COMMAND_H_

namespace CLI {
class App;
}

namespace bonnie::cli {

class Context;

// Adds the verb `status` to the command line. Both outlive the parsing of it.
void AddStatusCommand(CLI::App& app, Context& context);

}  // namespace bonnie::cli

#endif  // BONNIE_CLIENTS_CLI_STATUS_COMMAND_H_
