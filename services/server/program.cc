#include "services/server/program.h"

#include <malloc.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "bonnie/config/v1/config.pb.h"
#include "services/data_access/status_macros.h"
#include "services/server/config.h"
#include "services/server/policy.h"
#include "services/server/stop_signal.h"
#include "services/server/tls.h"

namespace bonnie::server {
namespace {

enum ExitCode { kDone = 0, kFailed = 1, kWrongUse = 2, kBadConfig = 78 };

constexpr int kMaxArenas = 4;  // malloc's arenas of many threads look like a leak (grpc/grpc#12160)

struct Arguments {
  std::string config;
  bool check_config = false;
  bool version = false;
  bool allow_trace = false;
};

// The files that a server reads besides its configuration.
absl::Status CheckFiles(const config::v1::Server& server) {
  if (server.has_tls()) {
    BONNIE_RETURN_IF_ERROR(LoadCertificates(TlsFilesOf(server.tls()), absl::Now()).status());
  }
  return Policy::Load(server.policy_file(), nullptr).status();
}

absl::Status CheckOtherFiles(const config::v1::RecordsConfig&) { return absl::OkStatus(); }

// The files with which it calls its peers.
absl::Status CheckOtherFiles(const config::v1::SchemaConfig& config) {
  if (config.peers().empty() || config.server().insecure_loopback()) return absl::OkStatus();
  const config::v1::ServerTls& own = config.server().tls();
  return LoadCertificates({own.cert_file(), own.key_file(), config.peer_ca_file()}, absl::Now()).status();
}

int Complain(const Program& program, const absl::Status& status, ExitCode code) {
  std::cerr << program.binary << ": " << std::string(status.message()) << std::endl;
  return code;
}

// A core file would hold patients' data.
void PrepareProcess() {
  umask(umask(027) | 027);  // logs are for the service and its group at most
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  prctl(PR_SET_DUMPABLE, 0);
  mallopt(M_ARENA_MAX, kMaxArenas);
  BlockStopSignals();
}

template <class Config>
int RunProgram(int argc, char** argv, const Program& program, const std::function<absl::Status(const Config&)>& run) {
  PrepareProcess();
  Arguments arguments;
  CLI::App app("Serves Bonnie's RPCs; ends in order at SIGTERM.", program.binary);
  app.add_option("--config", arguments.config, "Configuration, a textproto")->type_name("FILE");
  app.add_flag("--check_config", arguments.check_config, "Check the configuration and the files it names, then end");
  app.add_flag("--version", arguments.version, "Print the version, then end");
  app.add_flag("--allow_trace", arguments.allow_trace, "Start although GRPC_TRACE is set: traces show patients' data");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kDone : kWrongUse;
  }
  if (arguments.version) {
    std::cout << program.binary << " " << program.version << std::endl;
    return kDone;
  }
  if (arguments.config.empty())
    return Complain(program, absl::InvalidArgumentError("--config FILE is missing"), kWrongUse);
  if (std::getenv("GRPC_TRACE") != nullptr && !arguments.allow_trace) {
    return Complain(program, absl::InvalidArgumentError("GRPC_TRACE is set, and traces show patients' data: unset it"),
                    kWrongUse);
  }
  Config config;
  std::vector<NamedFile> files;
  absl::Status status = LoadConfig(arguments.config, &config, program.check, &files);
  // Whoever may write the configuration may name another policy.
  files.push_back({absl::StrCat(arguments.config, ":1:1"), arguments.config, Want::kTrustedFile});
  if (status.ok()) status = CheckNamedFiles(files);
  if (status.ok()) status = CheckFiles(config.server());
  if (status.ok()) status = CheckOtherFiles(config);
  if (!status.ok()) return Complain(program, status, kBadConfig);
  if (arguments.check_config) {
    std::cout << arguments.config << ": good" << std::endl;
    return kDone;
  }
  status = run(config);
  return status.ok() ? kDone : Complain(program, status, kFailed);
}

}  // namespace

int ProgramMain(int argc, char** argv, const Program& program,
                const std::function<absl::Status(const config::v1::RecordsConfig&)>& run) {
  return RunProgram(argc, argv, program, run);
}

int ProgramMain(int argc, char** argv, const Program& program,
                const std::function<absl::Status(const config::v1::SchemaConfig&)>& run) {
  return RunProgram(argc, argv, program, run);
}

}  // namespace bonnie::server
