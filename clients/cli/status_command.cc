#include "clients/cli/status_command.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <future>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cli/context.h"
#include "clients/cli/field_text.h"

namespace bonnie::cli {
namespace {

using nlohmann::json;
using Site = client::Config::Site;

// One service of a site as a row, and as an object for JSON.
struct Report {
  std::string site;
  std::string service;  // records or schema
  std::string address;
  absl::Status status;     // the first thing that is wrong
  bool wrong_use = false;  // and that it is wrong on this side: the configuration's TLS files
  bool serving = false;
  std::vector<std::string> cells;
  json object = json::object();
};

std::vector<Column> StatusColumns() {
  return {{"service"},
          {"health"},
          {"version"},
          {"database"},
          {"schema"},
          {"patients", Column::Shown::kAlways, true},
          {"records", Column::Shown::kAlways, true},
          {"pool"},
          {"uptime"}};
}

std::string Health(const Report& report) {
  if (!report.status.ok()) return std::string(absl::StatusCodeToString(report.status.code()));
  return report.serving ? "SERVING" : "NOT_SERVING";
}

std::string Database(const std::string& flavour, const std::string& version, const std::string& tls) {
  return absl::StrCat(flavour, flavour.empty() ? "" : " ", version, tls.empty() ? "" : ", ", tls);
}

void TakeHealth(const absl::StatusOr<bool>& serving, Report& report) {
  report.status.Update(serving.status());
  report.serving = serving.ok() && *serving;
}

Report AskRecords(const Context& context, const Site& site) {
  Report report{site.name, "records", site.records_address};
  auto client = client::RecordsClient::Connect(context.RecordsOptions(site));
  report.wrong_use = !client.ok();
  auto answer = client.ok() ? client->GetStatus() : client.status();
  report.status = answer.status();
  if (answer.ok()) {
    TakeHealth(client->IsServing(), report);
    report.object = json::parse(ToJson(*answer));
    const auto& database = answer->database();
    const auto& pool = answer->pool();
    report.cells = {answer->version(),
                    database.reachable() ? Database(database.flavour(), database.version(), database.tls_version()) +
                                               (database.read_only() ? ", read-only" : "")
                                         : "not reachable",
                    absl::StrJoin(answer->schema_revisions(), ", "),
                    answer->has_patients() ? CountText(answer->patients()) : "?",
                    answer->has_medical_records() ? CountText(answer->medical_records()) : "?",
                    absl::StrCat(pool.in_use(), " of ", pool.max_sessions(), " in use, ", pool.open(), " open"),
                    ElapsedText(answer->uptime())};
  }
  return report;
}

Report AskSchema(const Context& context, const Site& site) {
  Report report{site.name, "schema", site.schema_address};
  auto client = client::SchemaClient::Connect(context.SchemaOptions(site));
  report.wrong_use = !client.ok();
  auto answer = client.ok() ? client->CheckSite({}) : client.status();
  report.status = answer.status();
  if (answer.ok()) {
    TakeHealth(client->IsServing(), report);
    auto current = client->GetCurrent({});
    report.status.Update(current.status());  // such as a migrations folder that somebody edited
    report.object = json::parse(ToJson(*answer));
    std::string revisions = absl::StrJoin(answer->current_revisions(), ", ");
    if (current.ok()) {
      report.object["current"] = json::parse(ToJson(*current));
      revisions = current->revisions().empty() ? "base" : "";
      for (const auto& revision : current->revisions()) {
        absl::StrAppend(&revisions, revisions.empty() ? "" : ", ", revision.id(), revision.is_head() ? " (head)" : "");
      }
    }
    report.cells = {answer->service_version(),
                    Database(answer->server_flavour(), answer->server_version(), answer->tls_version()), revisions};
  }
  return report;
}

void Print(Context& context, Output& output, const std::vector<Report>& reports) {
  json line = json::object();
  for (const Report& report : reports) {
    std::vector<std::string> cells = {report.service, Health(report)};
    cells.insert(cells.end(), report.cells.begin(), report.cells.end());
    cells.resize(StatusColumns().size());
    output.Cells(report.site, cells);
    line[report.service] = report.object;
    line[report.service]["health"] = Health(report);
    line[report.service]["address"] = report.address;
  }
  if (output.format() == Format::kJson) output.JsonLine(reports.front().site, line.dump());
  for (const Report& report : reports) {
    if (report.wrong_use)
      return context.ReportWrongUse(absl::StrCat(context.config().file, ": ", report.status.message()));
    context.ReportRpcError(Where(report.site, report.service, report.address), report.status);
    if (report.status.ok() && !report.serving) context.TakeExitCode(ExitCodeOf(absl::UnavailableError("")));
  }
}

// All services at once: one that does not answer costs its own time only.
void ShowStatus(Context& context) {
  std::vector<std::vector<std::future<Report>>> asked;
  for (const Site& site : context.ChooseSites(Reach::kManySites)) {
    auto& services = asked.emplace_back();
    if (!site.records_address.empty()) {
      services.push_back(std::async(std::launch::async, [&context, site] { return AskRecords(context, site); }));
    }
    services.push_back(std::async(std::launch::async, [&context, site] { return AskSchema(context, site); }));
  }
  if (asked.empty()) return;
  Output output(context.options().format, /*with_site=*/true, context.console().out);
  output.BeginList(StatusColumns());
  for (auto& services : asked) {
    std::vector<Report> reports;
    for (auto& service : services) reports.push_back(service.get());
    Print(context, output, reports);
  }
  output.EndList();
}

}  // namespace

void AddStatusCommand(CLI::App& app, Context& context) {
  CLI::App* verb =
      app.add_subcommand("status", "Show how a site's services fare; exit code 78 when one does not serve");
  verb->footer("\nExamples:\n  bonnie --site all status\n  bonnie status --output json | jq .records.pool");
  verb->callback([&context] { ShowStatus(context); });
}

}  // namespace bonnie::cli
