#ifndef BONNIE_CLIENTS_CLI_APP_H_
#define BONNIE_CLIENTS_CLI_APP_H_

#include "clients/cli/console.h"

namespace bonnie::cli {

// Runs one command line (argv[0] is the program) and answers the exit code (exit_code.h). Blocks.
int Run(int argc, const char* const* argv, Console& console);

}  // namespace bonnie::cli

#endif  // BONNIE_CLIENTS_CLI_APP_H_
