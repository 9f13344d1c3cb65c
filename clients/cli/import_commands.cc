#include "clients/cli/import_commands.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "clients/cli/context.h"
#include "clients/cli/field_text.h"
#include "clients/cli/option_checks.h"
#include "clients/cli/progress.h"
#include "clients/cli/synthea.h"
#include "clients/cli/synthea_import.h"

namespace bonnie::cli {
namespace {

struct SyntheaOptions {
  std::string folder;
  SlashDates dates = SlashDates::kByFile;
  ImportOptions import;
};

int64_t RefusedIn(const SyntheaExport& source, absl::string_view file) {
  int64_t count = 0;
  for (const RefusedRow& row : source.refused) count += row.file == file ? 1 : 0;
  return count;
}

void PrintSummary(Context& context, const std::string& site, const SyntheaExport& source, const ImportSummary& summary,
                  absl::Duration elapsed) {
  const int64_t patients_refused = summary.patients.refused + RefusedIn(source, "patients.csv");
  const int64_t records_refused = summary.records.refused + RefusedIn(source, "conditions.csv");
  std::ostream& out = context.console().out;
  if (context.output().format() == Format::kJson) {
    const auto counts = [](const ImportCounts& counts, int64_t refused) {
      return nlohmann::json{{"created", counts.created}, {"present", counts.present}, {"refused", refused}};
    };
    context.output().JsonLine(site, nlohmann::json{{"patients", counts(summary.patients, patients_refused)},
                                                   {"records", counts(summary.records, records_refused)},
                                                   {"deceased", summary.deceased},
                                                   {"withoutDischarge", summary.without_discharge},
                                                   {"seconds", absl::ToDoubleSeconds(elapsed)}}
                                        .dump());
    return;
  }
  const auto line = [&](absl::string_view name, const ImportCounts& counts, int64_t refused) {
    out << absl::StrFormat("%-10s%10s%10s%10s%10s\n", name, CountText(counts.created + counts.present),
                           CountText(counts.created), CountText(counts.present), CountText(refused));
  };
  out << absl::StrFormat("%s, %.1f s\n%-10s%10s%10s%10s%10s\n", site, absl::ToDoubleSeconds(elapsed), "", "in site",
                         "created", "present", "refused");
  line("patients", summary.patients, patients_refused);
  line("records", summary.records, records_refused);
  out << CountText(summary.deceased) << " deceased, " << CountText(summary.without_discharge) << " without discharge\n";
}

absl::Status ImportInto(Context& context, const std::string& site, const client::RecordsClient& client,
                        const SyntheaExport& source, const ImportOptions& options) {
  // A site that is not there is told of at once; one that goes away later is waited for.
  if (absl::StatusOr<bool> serving = client.IsServing(); !serving.ok()) return serving.status();
  const absl::Time begun = absl::Now();
  Progress progress(context.console().err, context.console().err_is_terminal, site,
                    static_cast<int64_t>(source.patients.size() + source.records.size()));
  SyntheaImport import(
      client, options, [&] { progress.Add(1); },
      [&](const RefusedRow& row) { progress.Say(absl::StrCat("bonnie: ", row.Text(), "\n")); });
  const absl::Status status = import.Run(source);
  progress.Finish();
  const ImportSummary summary = import.summary();
  PrintSummary(context, site, source, summary, absl::Now() - begun);
  if (!source.refused.empty() || summary.patients.refused + summary.records.refused > 0) {
    context.TakeExitCode(ExitCodeOf(absl::InvalidArgumentError("")));
  }
  if (!status.ok()) context.console().err << "bonnie: the import stopped; run it again to add what is missing\n";
  return status;
}

void AddSynthea(CLI::App& group, Context& context) {
  auto options = std::make_shared<SyntheaOptions>();
  CLI::App* verb = group.add_subcommand("synthea", "Add what a Synthea CSV export holds and the site does not");
  verb->add_option("DIR", options->folder, "Folder with patients.csv, conditions.csv and careplans.csv")->required();
  verb->add_option("--in-flight", options->import.in_flight, "Rows sent at a time, at most 256; default 64")
      ->check(NumberFrom(1, 256))
      ->type_name("N");
  verb->add_option_function<std::string>(
          "--dates",
          [options](const std::string& order) {
            options->dates = order == "dmy" ? SlashDates::kDayFirst : SlashDates::kMonthFirst;
          },
          "Order of dates with slashes: mdy reads 3/4/1980 as 4 March, dmy as 3 April. Default: the order that the "
          "other dates of each file show")
      ->check(CLI::IsMember({"mdy", "dmy"}))
      ->type_name("ORDER");
  verb->footer(
      "\nEach row goes by its source key: run again, cut off or not, it adds what is missing. Bad rows are named by "
      "file, line\n"
      "and column and left out; then the exit code is 67.\n\n"
      "Example:\n  bonnie --site azure import synthea ./synthea");
  verb->callback([&context, options] {
    absl::StatusOr<SyntheaFiles> files = ReadSyntheaFiles(options->folder);
    absl::StatusOr<SyntheaExport> source = files.ok() ? ParseSynthea(*files, options->dates) : files.status();
    if (!source.ok()) return context.ReportWrongUse(source.status().message());
    if (!files->warning.empty()) context.console().err << "bonnie: " << files->warning << "\n";
    for (const RefusedRow& row : source->refused) context.console().err << "bonnie: " << row.Text() << "\n";
    context.WithRecords(Reach::kManySites, [&](const std::string& site, client::RecordsClient& client) {
      return ImportInto(context, site, client, *source, options->import);
    });
  });
}

}  // namespace

void AddImportCommands(CLI::App& app, Context& context) {
  CLI::App* group = app.add_subcommand("import", "Bring patients and records in from files");
  group->require_subcommand(1);
  AddSynthea(*group, context);
}

}  // namespace bonnie::cli
