#ifndef BONNIE_CLIENTS_CLI_CONSOLE_H_
#define BONNIE_CLIENTS_CLI_CONSOLE_H_

#include <istream>
#include <ostream>

namespace bonnie::cli {

// Where the command reads and writes; a test brings its own. The streams outlive it.
struct Console {
  std::istream& in;
  std::ostream& out;  // results
  std::ostream& err;  // errors, progress, questions
  bool can_ask;       // a person sits at `in` and reads `err`
  bool err_is_terminal;
  bool out_is_terminal;
};

}  // namespace bonnie::cli

#endif  // BONNIE_CLIENTS_CLI_CONSOLE_H_
