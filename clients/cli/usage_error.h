#ifndef BONNIE_CLIENTS_CLI_USAGE_ERROR_H_
#define BONNIE_CLIENTS_CLI_USAGE_ERROR_H_

#include <string>

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace bonnie::cli {

// What is wrong with a command line that `app` refused with `error`, as a person wants to read it: an unknown verb or
// option by its name, with what there is instead. CLI11 itself answers both with what it would have wanted. Without
// "bonnie: " and without a line break. Pure.
std::string UsageErrorText(const CLI::App& app, const CLI::ParseError& error);

}  // namespace bonnie::cli

#endif  // BONNIE_CLIENTS_CLI_USAGE_ERROR_H_
