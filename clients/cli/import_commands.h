#ifndef BONNIE_CLIENTS_CLI_IMPORT_COMMANDS_H_
#define BONNIE_CLIENTS_CLI_IMPORT_COMMANDS_H_

namespace CLI {
class App;
}

namespace bonnie::cli {

class Context;

// Adds the group `import` to the command line. Both outlive the parsing of it.
void AddImportCommands(CLI::App& app, Context& context);

}  // namespace bonnie::cli

#endif  // BONNIE_CLIENTS_CLI_IMPORT_COMMANDS_H_
