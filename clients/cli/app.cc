#include "clients/cli/app.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "clients/cli/completion.h"
#include "clients/cli/context.h"
#include "clients/cli/import_commands.h"
#include "clients/cli/option_checks.h"
#include "clients/cli/patients_commands.h"
#include "clients/cli/records_commands.h"
#include "clients/cli/schema_commands.h"
#include "clients/cli/status_command.h"
#include "clients/cli/text_width.h"
#include "clients/cli/usage_error.h"

namespace bonnie::cli {
namespace {

constexpr char kFooter[] = R"(
Exit codes: 0 done; 1 differences found; 2 wrong use; 64 + gRPC code for an error of a service (67 INVALID_ARGUMENT,
69 NOT_FOUND, 70 ALREADY_EXISTS, 71 PERMISSION_DENIED, 73 FAILED_PRECONDITION, 74 ABORTED, 78 UNAVAILABLE).

Examples:
  bonnie status --site all
  bonnie patients list --limit 5
  bonnie --site gcp patients get 7 --output json
  bonnie schema upgrade head
  bonnie completion bash > /etc/bash_completion.d/bonnie)";

std::string ReadTimeout(const std::string& text, absl::Duration* timeout) {
  if (absl::ParseDuration(text, timeout) && *timeout > absl::ZeroDuration() && *timeout <= absl::Hours(24)) return "";
  return "--timeout: '" + text + "', want a time such as 10s or 1m30s, at most 24h";
}

void AddGlobalOptions(CLI::App& app, GlobalOptions& options) {
  static const std::map<std::string, Format> kFormats = {
      {"table", Format::kTable}, {"json", Format::kJson}, {"csv", Format::kCsv}};
  app.add_option("--site", options.site, "Site to work on, or `all`; default: the configuration's default_site")
      ->check([](const std::string& name) { return name.empty() ? "'', want a site's name, or all" : ""; })
      ->type_name("NAME");
  app.add_option("--config", options.config,
                 "Configuration; default: the first of $BONNIE_CONFIG, .bonnie/client.textproto, "
                 "~/.config/bonnie/client.textproto, /etc/bonnie/client.textproto")
      ->type_name("FILE");
  app.add_option_function<std::string>(
         "--output", [&options](const std::string& text) { options.format = kFormats.at(text); },
         "table for people, json (one object a line), or csv")
      ->check(OneOf({"table", "json", "csv"}))
      ->type_name("FORMAT");
  app.add_option_function<std::string>(
         "--timeout",
         [&options](const std::string& text) {
           if (const std::string error = ReadTimeout(text, &options.timeout); !error.empty())
             throw CLI::ValidationError(error);
         },
         "Time for one call, such as 10s; default: 5s to 30s, as the method needs")
      ->type_name("TIME");
}

}  // namespace

int Run(int argc, const char* const* argv, Console& console) {
  Context context(console);
  for (int i = 1; i < argc; ++i) {
    if (IsUtf8(argv[i])) continue;
    context.ReportWrongUse(absl::StrCat("argument ", i, " is not UTF-8"));
    return context.Finish();
  }
  CLI::App app("Patients, medical records and schema of Bonnie's sites.", "bonnie");
  app.fallthrough();  // the options above may stand after the verb too
  app.require_subcommand(1);
  app.set_version_flag("--version", "bonnie " BONNIE_VERSION, "Print the version");
  AddGlobalOptions(app, context.options());
  AddPatientsCommands(app, context);
  AddRecordsCommands(app, context);
  AddSchemaCommands(app, context);
  AddStatusCommand(app, context);
  AddImportCommands(app, context);
  AddCompletionCommand(app, context);
  app.footer(kFooter);  // last, or every group would inherit it
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error, console.out, console.err);  // help or version, printed there
    context.ReportWrongUse(UsageErrorText(app, error));
  }
  return context.Finish();
}

}  // namespace bonnie::cli
