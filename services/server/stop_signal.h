#ifndef BONNIE_SERVICES_SERVER_STOP_SIGNAL_H_
#define BONNIE_SERVICES_SERVER_STOP_SIGNAL_H_

#include "absl/time/time.h"

namespace bonnie::server {

// SIGTERM, SIGINT, or a Stop from within the process. The signals arrive here only where they are blocked in all
// threads (BlockStopSignals, before any thread starts). Wait is for one thread; Stop is thread-safe.
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  // Blocks until a stop was asked for, or `deadline`; says which.
  bool Wait(absl::Time deadline);
  // Asks once; Wait answers true for it once.
  void Stop();

 private:
  const int signal_fd_;
  const int event_fd_;
};

// In the calling thread and those it starts later. SIGPIPE is ignored as well.
void BlockStopSignals();

}  // namespace bonnie::server

#endif  // BONNIE_SERVICES_SERVER_STOP_SIGNAL_H_
