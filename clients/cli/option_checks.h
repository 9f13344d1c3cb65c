#ifndef BONNIE_CLIENTS_CLI_OPTION_CHECKS_H_
#define BONNIE_CLIENTS_CLI_OPTION_CHECKS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace bonnie::cli {

// Checks of an option's text, for CLI::Option::check: each answers "" or what is wrong as "VALUE, want EXPECTATION",
// which the command line's parser puts behind the option's name. CLI11's own say neither in our words. Pure.
using OptionCheck = std::function<std::string(const std::string&)>;

// A whole number from `least` to `most`.
OptionCheck NumberFrom(int64_t least, int64_t most);
// An id of a row: a whole number from 1.
OptionCheck Id();
// One of these words.
OptionCheck OneOf(std::vector<std::string> words);

}  // namespace bonnie::cli

#endif  // BONNIE_CLIENTS_CLI_OPTION_CHECKS_H_
