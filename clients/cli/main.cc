#include <locale.h>
#include <stdlib.h>
#include <unistd.h>

#include <iostream>

#include "clients/cli/app.h"

int main(int argc, char** argv) {
  setlocale(LC_CTYPE, "");
  setenv("GRPC_VERBOSITY", "NONE", 0);  // the library's own lines on handshakes; its errors reach us as statuses
  std::ios::sync_with_stdio(false);
  const bool err_is_terminal = isatty(STDERR_FILENO) == 1;
  bonnie::cli::Console console{std::cin,        std::cout,
                               std::cerr,       isatty(STDIN_FILENO) == 1 && err_is_terminal,
                               err_is_terminal, isatty(STDOUT_FILENO) == 1};
  return bonnie::cli::Run(argc, argv, console);
}
