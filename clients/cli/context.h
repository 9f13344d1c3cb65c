#ifndef BONNIE_CLIENTS_CLI_CONTEXT_H_
#define BONNIE_CLIENTS_CLI_CONTEXT_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "clients/cli/console.h"
#include "clients/cli/exit_code.h"
#include "clients/cli/output.h"
#include "clients/cpp/config.h"
#include "clients/cpp/records_client.h"
#include "clients/cpp/schema_client.h"

namespace bonnie::cli {

// The options that every command has.
struct GlobalOptions {
  std::string site;  // a name, `all`, or empty: the configuration's default_site
  std::string config;
  Format format = Format::kTable;
  absl::Duration timeout = absl::ZeroDuration();  // zero: each method's own
  std::string migrations;                         // of the group `schema`: the checkout's folder
};

// Whether a verb can work on `--site all`. Of many sites, one that only reads goes on after an error; one that changes
// them goes canary first, in the configuration's order, and stops at the first that fails.
enum class Reach { kOneSite, kManySites, kCanaryFirst };

// What a verb works with: the options of the command line, the sites they choose, clients for them, the console, and
// the exit code so far. A verb is a function for one site; its errors are printed here, with site and address, and
// become the exit code: that of the worst site. Used by one thread at a time.
class Context {
 public:
  explicit Context(Console& console) : console_(console) {}

  GlobalOptions& options() { return options_; }
  Console& console() { return console_; }
  // What results are written with. Its list, if any, is ended by Finish.
  Output& output();

  // Runs `verb` for each chosen site that has a records service (schema service), in the configuration's order. A walk
  // that stops names the sites not touched.
  void WithRecords(Reach reach,
                   absl::FunctionRef<absl::Status(const std::string& site, client::RecordsClient& client)> verb);
  void WithSchema(Reach reach,
                  absl::FunctionRef<absl::Status(const std::string& site, client::SchemaClient& client)> verb);
  // The chosen sites, for a verb that calls both services. Empty, and reported, when they cannot be had.
  std::vector<client::Config::Site> ChooseSites(Reach reach);
  // The configuration; only after ChooseSites has given sites.
  const client::Config& config() const { return *config_; }
  // How to call a site's services, with --timeout.
  client::Options RecordsOptions(const client::Config::Site& site) const;
  client::Options SchemaOptions(const client::Config::Site& site) const;
  // Whether results of several sites may come.
  bool all_sites() const { return options_.site == "all"; }

  // Prints `status` as an RPC's error at `where`, and takes it into the exit code. OK: does nothing.
  void ReportRpcError(absl::string_view where, const absl::Status& status);
  // Prints what is wrong with the command line or the configuration; exit code 2.
  void ReportWrongUse(absl::string_view message);
  void TakeExitCode(int code) { exit_code_ = Worst(exit_code_, code); }

  // Writes what is left to write, and answers the exit code.
  int Finish();

 private:
  Console& console_;
  GlobalOptions options_;
  std::unique_ptr<Output> output_;          // made when the options are known
  std::unique_ptr<client::Config> config_;  // read when a verb first needs it
  int exit_code_ = kDone;
};

// "azure (records service at localhost:7101)".
std::string Where(absl::string_view site, absl::string_view service, absl::string_view address);

}  // namespace bonnie::cli

#endif  // BONNIE_CLIENTS_CLI_CONTEXT_H_
