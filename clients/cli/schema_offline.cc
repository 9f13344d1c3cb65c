#include "clients/cli/schema_offline.h"

#include <map>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/checkout.h"
#include "clients/cli/context.h"
#include "services/schema/offline_sql.h"  // the files alone: see the README on this arrow
#include "services/server/error.h"

namespace bonnie::cli {
namespace {

using client::SchemaClient;
using Folder = std::shared_ptr<const schema::MigrationFolder>;

absl::StatusOr<Folder> FolderOf(SchemaClient& client) {
  std::map<std::string, std::string> files;
  for (const auto& revision : client.Revisions({})) {
    if (!revision.ok()) return revision.status();
    schema::v1::GetRevisionRequest request;
    request.set_revision(revision->id());
    auto whole = client.GetRevision(request);
    if (!whole.ok()) return whole.status();
    files[revision->file_name()] = whole->revision().text();
  }
  return schema::MigrationFolder::Of(files);
}

bool WantsFlavour(const absl::Status& status) {
  const auto details = server::DetailsOf(status);
  return details.has_value() && details->reason == "FLAVOUR_NEEDED";
}

}  // namespace

void WriteOfflineSql(Context& context, const std::string& checkout, const std::string& way,
                     schema::v1::Direction direction, const std::string& flavour) {
  const auto to = direction == schema::v1::DIRECTION_UP ? schema::Direction::kUp : schema::Direction::kDown;
  const absl::StatusOr<schema::OfflineWay> parsed = schema::ParseOfflineWay(way, to);
  if (!parsed.ok()) return context.ReportWrongUse(parsed.status().message());
  Folder folder;
  const std::string path = FindCheckout(checkout);
  if (!path.empty()) {
    absl::StatusOr<Folder> read = schema::MigrationFolder::Read(path);
    if (!read.ok()) return context.ReportWrongUse(absl::StrCat(path, ": ", read.status().message()));
    folder = *std::move(read);
  } else {
    context.WithSchema(Reach::kOneSite, [&](const std::string&, SchemaClient& client) {
      absl::StatusOr<Folder> read = FolderOf(client);
      if (read.ok()) folder = *std::move(read);
      return read.status();
    });
    if (folder == nullptr) return;  // reported
  }
  absl::StatusOr<std::string> sql = schema::OfflineSql(*folder, *parsed, to, flavour);
  if (WantsFlavour(sql.status())) {
    std::string of_site;
    context.WithSchema(Reach::kOneSite, [&](const std::string&, SchemaClient& client) {
      auto site = client.CheckSite({});
      if (site.ok()) of_site = absl::AsciiStrToLower(site->server_flavour());
      return site.status();
    });
    if (!of_site.empty()) sql = schema::OfflineSql(*folder, *parsed, to, of_site);
  }
  if (!sql.ok()) return context.ReportWrongUse(sql.status().message());
  context.console().out << *sql;
}

}  // namespace bonnie::cli
