#ifndef BONNIE_CLIENTS_CLI_ERROR_TEXT_H_
#define BONNIE_CLIENTS_CLI_ERROR_TEXT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace bonnie::cli {

// An RPC's error for a person: what failed, where, every detail in a line of its own, and what to do. Ends with a
// newline. `where` such as "azure (records service at localhost:7101)". Pure.
std::string ErrorText(absl::string_view where, const absl::Status& status);

}  // namespace bonnie::cli

#endif  // BONNIE_CLIENTS_CLI_ERROR_TEXT_H_
