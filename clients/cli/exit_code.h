#ifndef BONNIE_CLIENTS_CLI_EXIT_CODE_H_
#define BONNIE_CLIENTS_CLI_EXIT_CODE_H_

#include <algorithm>

#include "absl/status/status.h"

namespace bonnie::cli {

// What the process answers its caller with; scripts build on these.
inline constexpr int kDone = 0;
inline constexpr int kDifferencesFound = 1;  // of the verbs that compare
inline constexpr int kWrongUse = 2;          // of the command line, or of the files that configure it
inline constexpr int kRpcError = 64;  // plus the gRPC code: 67 INVALID_ARGUMENT, 69 NOT_FOUND, 78 UNAVAILABLE, …

inline constexpr int kInterrupted = 130;  // by Ctrl-C, while an operation goes on without us

// Of an error that an RPC answered.
inline int ExitCodeOf(const absl::Status& status) {
  return status.ok() ? kDone : kRpcError + static_cast<int>(status.code());
}

// Of a command that did several things.
inline int Worst(int a, int b) { return std::max(a, b); }

}  // namespace bonnie::cli

#endif  // BONNIE_CLIENTS_CLI_EXIT_CODE_H_
