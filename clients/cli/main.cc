#include <locale.h>
#include <stdlib.h>
#include <unistd.h>

#include <iostream>

#include "clients/cli/app.h"
#include "clients/cli/terminal_filter.h"

int main(int argc, char** argv) {
  setlocale(LC_CTYPE, "");
  setenv("GRPC_VERBOSITY", "NONE", 0);  // the library's own lines on handshakes; its errors reach us as statuses
  std::ios::sync_with_stdio(false);
  const bool out_is_terminal = isatty(STDOUT_FILENO) == 1, err_is_terminal = isatty(STDERR_FILENO) == 1;
  bonnie::cli::TerminalFilter out_filter(*std::cout.rdbuf()), err_filter(*std::cerr.rdbuf());
  std::ostream out(out_is_terminal ? &out_filter : std::cout.rdbuf());
  std::ostream err(err_is_terminal ? &err_filter : std::cerr.rdbuf());
  err.tie(&out);  // as std::cerr is to std::cout
  err << std::unitbuf;
  bonnie::cli::Console console{std::cin,       out, err, isatty(STDIN_FILENO) == 1 && err_is_terminal, err_is_terminal,
                               out_is_terminal};
  return bonnie::cli::Run(argc, argv, console);
}
