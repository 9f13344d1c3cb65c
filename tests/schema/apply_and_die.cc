// Applies a plan as the schema service would, and kills itself on the way: the process that the fault tests start.
//   apply_and_die PORT CA_FILE PASSWORD_FILE MIGRATIONS TARGET up|down KILL_AT KILL_AFTER_MS
// KILL_AT: the number of the runner's point at which to die, 0 for never; KILL_AFTER_MS: so long after that point
// instead of at once. Exit code 0: applied; 1: refused, with the status on standard error.
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/data_access/mysql_driver.h"
#include "services/schema/ddl_session.h"
#include "services/schema/ledger.h"
#include "services/schema/runner.h"

namespace bonnie::schema {
namespace {

int Main(char** argv) {
  const std::unique_ptr<data_access::Driver> driver = data_access::MakeMySqlDriver();
  RunnerOptions options;
  options.site = "test";
  options.connect.host = "127.0.0.1";
  options.connect.port = std::atoi(argv[1]);
  options.connect.schema = "bonnie";
  options.connect.tls.emplace();
  options.connect.tls->ca_file = argv[2];
  options.connect.credentials = data_access::PasswordFile("bonnie_schema", argv[3]);
  MigrationDir dir(argv[4]);
  const std::string target = argv[5];
  const Direction direction = argv[6] == std::string("up") ? Direction::kUp : Direction::kDown;
  const int kill_at = std::atoi(argv[7]);
  const int kill_after_ms = std::atoi(argv[8]);

  int points = 0;
  options.observer = [&](RunnerPoint) {
    if (++points != kill_at) return;
    if (kill_after_ms == 0) kill(getpid(), SIGKILL);
    std::thread([kill_after_ms] {
      std::this_thread::sleep_for(std::chrono::milliseconds(kill_after_ms));
      kill(getpid(), SIGKILL);
    }).detach();
  };
  const auto session = DdlSession::Open(*driver, options.connect, absl::Seconds(2));
  if (!session.ok()) return std::cerr << session.status() << "\n", 1;
  const auto ledger = ReadLedger((*session)->session());
  if (!ledger.ok()) return std::cerr << ledger.status() << "\n", 1;
  const auto folder = dir.Load();
  if (!folder.ok()) return std::cerr << folder.status() << "\n", 1;
  const auto plan = MakePlan(**folder, *ledger, (*session)->session().flavour(), options.site, target, direction);
  if (!plan.ok()) return std::cerr << plan.status() << "\n", 1;
  Runner runner(*driver, dir, options);
  OperationControl control;
  const absl::Status applied = runner.Run(
      {"apply_and_die", target, direction, plan->fingerprint, {"data-loss", "kept-elsewhere"}},
      absl::StrCat("died-", absl::ToUnixMicros(absl::Now())), [](const OperationEvent&) {}, control);
  if (!applied.ok()) std::cerr << applied << "\n";
  return applied.ok() ? 0 : 1;
}

}  // namespace
}  // namespace bonnie::schema

int main(int argc, char** argv) { return argc == 9 ? bonnie::schema::Main(argv) : 2; }
