#ifndef BONNIE_SERVICES_SERVER_PROGRAM_H_
#define BONNIE_SERVICES_SERVER_PROGRAM_H_

#include <functional>

#include "absl/status/status.h"
#include "services/server/config_checks.h"

namespace bonnie::config::v1 {
class RecordsConfig;
class SchemaConfig;
}  // namespace bonnie::config::v1

namespace bonnie::server {

struct Program {
  const char* binary;           // bonnie-records
  const char* error_domain;     // records.bonnie
  const char* version;          // 0.1.0
  ConfigCheck check = nullptr;  // of what only this binary knows in its configuration; null: nothing more
};

// The main function of a server: reads `--config FILE`, then calls `run` with it on the main thread. `--check_config`
// ends after the checks, which precede every start: the configuration, its file and each file that it names (readable;
// written by its owner only; secrets read by their owner only), the policy, the certificates. `--version` and `--help`
// print and end.
// Before anything else: no core dumps, no deadlock detection in absl::Mutex (2 to 4 % of each call), SIGTERM and SIGINT
// left to Server::Run.
//
// Exit codes: 0 done; 1 `run` failed, or a second signal; 2 wrong use; 78 (EX_CONFIG) the configuration or a file it
// names cannot be used. Errors go to standard error as `bonnie-records: <message>`.
int ProgramMain(int argc, char** argv, const Program& program,
                const std::function<absl::Status(const config::v1::RecordsConfig&)>& run);
int ProgramMain(int argc, char** argv, const Program& program,
                const std::function<absl::Status(const config::v1::SchemaConfig&)>& run);

}  // namespace bonnie::server

#endif  // BONNIE_SERVICES_SERVER_PROGRAM_H_
