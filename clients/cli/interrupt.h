#ifndef BONNIE_CLIENTS_CLI_INTERRUPT_H_
#define BONNIE_CLIENTS_CLI_INTERRUPT_H_

#include <signal.h>

namespace bonnie::cli {

// While it lives, Ctrl-C (SIGINT) does not end the process but is remembered, once: the second one ends it. For work
// that goes on elsewhere and has to be said so. At most one at a time.
class InterruptCatcher {
 public:
  InterruptCatcher();
  ~InterruptCatcher();
  InterruptCatcher(const InterruptCatcher&) = delete;
  InterruptCatcher& operator=(const InterruptCatcher&) = delete;

  // Whether there was one, in this process, while there was a catcher. Thread-safe.
  static bool interrupted();

 private:
  struct sigaction before_;
};

}  // namespace bonnie::cli

#endif  // BONNIE_CLIENTS_CLI_INTERRUPT_H_
