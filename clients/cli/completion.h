#ifndef BONNIE_CLIENTS_CLI_COMPLETION_H_
#define BONNIE_CLIENTS_CLI_COMPLETION_H_

#include <string>

namespace CLI {
class App;
}

namespace bonnie::cli {

class Context;

// A script for bash that completes the groups, verbs and options of `app`. Pure.
std::string BashCompletion(const CLI::App& app);

// Adds the group `completion` to the command line. Both outlive the parsing of it.
void AddCompletionCommand(CLI::App& app, Context& context);

}  // namespace bonnie::cli

#endif  // BONNIE_CLIENTS_CLI_COMPLETION_H_
