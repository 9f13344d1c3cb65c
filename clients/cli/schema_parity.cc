#include "clients/cli/schema_parity.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cli/context.h"
#include "clients/cli/schema_text.h"
#include "clients/cli/terminal_filter.h"
#include "clients/cli/text_width.h"

namespace bonnie::cli {
namespace {

using client::SchemaClient;
using schema::v1::CheckParityResponse;
using schema::v1::ParityDifference;
using schema::v1::SiteParity;

constexpr std::size_t kShortHash = 12;  // as git's
constexpr std::size_t kTextWidth = 160;

const char kRed[] = "\x1b[31m", kYellow[] = "\x1b[33m", kGreen[] = "\x1b[32m";

std::string Coloured(const std::string& text, const char* code, bool colour) {
  return colour ? absl::StrCat(code, text, "\x1b[0m\n") : text + "\n";
}

// "h1:base64" without what all hashes begin with.
std::string Short(const std::string& hash) {
  const std::size_t colon = hash.find(':');
  return hash.substr(colon == std::string::npos ? 0 : colon + 1, kShortHash);
}

std::string DifferenceText(const ParityDifference& difference, bool colour) {
  std::string text = Coloured(absl::StrCat("  ~ ", Printable(difference.description())), kYellow, colour);
  std::size_t width = 0;
  for (const auto& site : difference.texts()) width = std::max(width, site.site().size());
  for (const auto& site : difference.texts()) {
    const bool odd = std::count(difference.odd_sites().begin(), difference.odd_sites().end(), site.site()) > 0;
    const std::string name = Printable(site.site());
    const std::string padding(width - std::min(width, name.size()) + 2, ' ');
    const std::string what = site.present() ? Clip(Printable(site.text()), kTextWidth) : "(not there)";
    const std::string line = absl::StrCat(odd ? "    ! " : "      ", name, padding, what);
    absl::StrAppend(&text, odd ? Coloured(line, kRed, colour) : line + "\n");
  }
  return text;
}

void PrintSites(Context& context, const CheckParityResponse& parity) {
  context.output().BeginList(
      {{"site"}, {"server"}, {"applied"}, {"tables", Column::Shown::kAlways, true}, {"schema"}, {"folder"}, {"state"}});
  for (const SiteParity& site : parity.sites()) {
    const bool at_base = site.answered() && site.applied_revisions().empty();
    context.output().Cells("", {site.site(), absl::StrCat(site.server_flavour(), " ", site.server_version()),
                                at_base ? "base" : absl::StrJoin(site.applied_revisions(), ", "),
                                site.answered() ? absl::StrCat(site.tables()) : "", Short(site.portable_fingerprint()),
                                Short(site.folder_hash()),
                                site.answered() ? "answered" : absl::StrCat(site.error_reason(), ": ", site.error())});
  }
  context.output().EndList();
}

void Print(Context& context, const CheckParityResponse& parity) {
  if (!parity.same()) context.TakeExitCode(kDifferencesFound);
  if (context.output().format() == Format::kJson) {
    context.console().out << ToJson(parity) << "\n";
    return;
  }
  PrintSites(context, parity);
  if (context.output().format() != Format::kTable) return;
  WriteTrusted(context.console().out, ParityText(parity, context.console().out_is_terminal));
}

// Any site's service can gather: the first chosen one does.
void CheckParity(Context& context, const std::vector<std::string>& sites) {
  schema::v1::CheckParityRequest request;
  *request.mutable_sites() = {sites.begin(), sites.end()};
  const std::vector<client::Config::Site> chosen = context.ChooseSites(Reach::kManySites);
  if (chosen.empty()) return;
  const client::Config::Site& site = chosen.front();
  absl::StatusOr<SchemaClient> client = SchemaClient::Connect(context.SchemaOptions(site));
  if (!client.ok()) return context.ReportWrongUse(client.status().message());
  auto parity = client->CheckParity(request);
  if (!parity.ok()) return context.ReportRpcError(Where(site.name, "schema", site.schema_address), parity.status());
  Print(context, *parity);
}

}  // namespace

std::string ParityText(const CheckParityResponse& parity, bool colour) {
  std::string text;
  for (const ParityDifference& difference : parity.differences()) {
    absl::StrAppend(&text, DifferenceText(difference, colour));
  }
  if (parity.omitted_differences() > 0) {
    absl::StrAppend(&text, "  … and ", parity.omitted_differences(), " more\n");
  }
  if (!parity.not_portable().empty()) absl::StrAppend(&text, "Not portable:\n");
  for (const auto& part : parity.not_portable()) {
    const std::string object = part.object().empty() ? "" : absl::StrCat(" (", Printable(part.object()), ")");
    absl::StrAppend(&text, "  ? ", Printable(part.site()), ": ", Printable(part.table()), object, ": ",
                    Printable(part.feature()), "; lacking on ", Printable(absl::StrJoin(part.lacking_sites(), ", ")),
                    "\n");
  }
  if (!parity.unsupported().empty()) absl::StrAppend(&text, "Not compared:\n");
  for (const auto& part : parity.unsupported()) absl::StrAppend(&text, UnsupportedText(part));
  return absl::StrCat(text, Coloured(Printable(parity.verdict()), parity.same() ? kGreen : kRed, colour));
}

void AddParityVerb(CLI::App& group, Context& context) {
  auto sites = std::make_shared<std::vector<std::string>>();
  CLI::App* verb = group.add_subcommand(
      "parity", "Compare sites: schemas, revisions, settings that shape DDL; exit code 1 when they differ");
  verb->add_option("--sites", *sites, "The sites; default: all that the asked service knows")
      ->delimiter(',')
      ->type_name("A,B");
  verb->footer(
      "\nThe service of --site asks the others, so one endpoint is enough. A site that a majority stands against is "
      "marked with !.\n"
      "\nExamples:\n  bonnie schema parity\n  bonnie --site gcp schema parity --sites gcp,azure\n"
      "  bonnie --output json schema parity");
  verb->callback([&context, sites] { CheckParity(context, *sites); });
}

}  // namespace bonnie::cli
