#include "clients/cli/context.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cli/error_text.h"

namespace bonnie::cli {
namespace {

std::string SiteNames(const client::Config& config) {
  return absl::StrJoin(config.sites, ", ",
                       [](std::string* text, const client::Config::Site& site) { absl::StrAppend(text, site.name); });
}

}  // namespace

std::string Where(absl::string_view site, absl::string_view service, absl::string_view address) {
  return absl::StrCat(site, " (", service, " service at ", address, ")");
}

Output& Context::output() {
  if (output_ == nullptr) output_ = std::make_unique<Output>(options_.format, all_sites(), console_.out);
  return *output_;
}

client::Options Context::RecordsOptions(const client::Config::Site& site) const {
  client::Options options = config_->RecordsOptions(site);
  options.timeout = options_.timeout;
  return options;
}

client::Options Context::SchemaOptions(const client::Config::Site& site) const {
  client::Options options = config_->SchemaOptions(site);
  options.timeout = options_.timeout;
  return options;
}

std::vector<client::Config::Site> Context::ChooseSites(Reach reach) {
  if (config_ == nullptr) {
    absl::StatusOr<std::string> file = client::FindConfig(client::ConfigSearch::FromProcess(options_.config));
    absl::StatusOr<client::Config> config = file.ok() ? client::LoadConfig(*file) : file.status();
    if (!config.ok()) {
      ReportWrongUse(config.status().message());
      return {};
    }
    config_ = std::make_unique<client::Config>(*std::move(config));
  }
  if (all_sites()) {
    if (reach == Reach::kOneSite) {
      ReportWrongUse(absl::StrCat("--site: all, want one site for this command: ", SiteNames(*config_)));
      return {};
    }
    std::vector<client::Config::Site> sites;
    for (const client::Config::Site& site : config_->sites) {
      if (!site.not_in_all) sites.push_back(site);
    }
    return sites;
  }
  const std::string& name = options_.site.empty() ? config_->default_site : options_.site;
  const client::Config::Site* site = config_->FindSite(name);
  if (site == nullptr) {
    ReportWrongUse(
        absl::StrCat("--site: ", name.empty() ? "not given, and the configuration has no default_site" : name,
                     ", want one of ", SiteNames(*config_), ", all (from ", config_->file, ")"));
    return {};
  }
  return {*site};
}

void Context::WithRecords(Reach reach,
                          absl::FunctionRef<absl::Status(const std::string&, client::RecordsClient&)> verb) {
  for (const client::Config::Site& site : ChooseSites(reach)) {
    if (site.records_address.empty()) {
      if (!all_sites()) ReportWrongUse(absl::StrCat("--site: ", site.name, " has no records service"));
      continue;
    }
    absl::StatusOr<client::RecordsClient> client = client::RecordsClient::Connect(RecordsOptions(site));
    if (!client.ok()) return ReportWrongUse(absl::StrCat(config_->file, ": ", client.status().message()));
    ReportRpcError(Where(site.name, "records", site.records_address), verb(site.name, *client));
  }
}

void Context::WithSchema(Reach reach, absl::FunctionRef<absl::Status(const std::string&, client::SchemaClient&)> verb) {
  const std::vector<client::Config::Site> sites = ChooseSites(reach);
  for (std::size_t i = 0; i < sites.size(); ++i) {
    const client::Config::Site& site = sites[i];
    absl::StatusOr<client::SchemaClient> client = client::SchemaClient::Connect(SchemaOptions(site));
    if (!client.ok()) return ReportWrongUse(absl::StrCat(config_->file, ": ", client.status().message()));
    ReportRpcError(Where(site.name, "schema", site.schema_address), verb(site.name, *client));
    if (reach != Reach::kCanaryFirst || exit_code_ == kDone || i + 1 == sites.size()) continue;
    const auto name = [](std::string* text, const client::Config::Site& left) { absl::StrAppend(text, left.name); };
    console_.err << "bonnie: stopped at " << site.name << "; not touched: "
                 << absl::StrJoin(sites.begin() + static_cast<std::ptrdiff_t>(i) + 1, sites.end(), ", ", name) << "\n";
    return;
  }
}

void Context::ReportRpcError(absl::string_view where, const absl::Status& status) {
  if (status.ok()) return;
  console_.err << ErrorText(where, status);
  TakeExitCode(ExitCodeOf(status));
}

void Context::ReportWrongUse(absl::string_view message) {
  console_.err << "bonnie: " << message << "\n";
  TakeExitCode(kWrongUse);
}

int Context::Finish() {
  if (output_ != nullptr) output_->EndList();
  console_.out.flush();
  if (!console_.out) {
    console_.err << "bonnie: the output could not be written\n";
    TakeExitCode(kWrongUse);
  }
  return exit_code_;
}

}  // namespace bonnie::cli
