#include "clients/cli/schema_push.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <map>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cli/checkout.h"
#include "clients/cli/context.h"
#include "clients/cli/field_text.h"
#include "clients/cli/schema_apply.h"
#include "services/schema/migration_dir.h"  // the files alone: see the README on this arrow

namespace bonnie::cli {
namespace {

using client::SchemaClient;

absl::StatusOr<schema::v1::PushRevisionsRequest> RequestFor(const std::string& folder,
                                                            const std::vector<std::string>& ids) {
  auto files = schema::MigrationFolder::ReadUnchecked(folder);
  if (!files.ok()) return absl::FailedPreconditionError(files.status().message());
  schema::v1::PushRevisionsRequest request;
  for (const std::string& id : ids) {
    if (!(*files)->graph().Contains(id)) continue;  // removed since it was compared
    const schema::Revision& revision = (*files)->at(id);
    schema::v1::RevisionFile* file = request.add_files();
    file->set_file_name(revision.file_name);
    file->set_text(revision.text);
    file->set_hash(revision.hash);
  }
  return request;
}

void Push(Context& context, const std::string& checkout) {
  const std::string folder = FindCheckout(checkout);
  if (folder.empty()) {
    return context.ReportWrongUse(
        "no checkout: want ./migrations, a current folder with bonnie.sum, or --migrations DIR");
  }
  const absl::StatusOr<CheckoutSum> sum = ReadCheckout(folder);
  if (!sum.ok()) return context.ReportWrongUse(sum.status().message());
  if (sum->text != sum->written) {
    return context.ReportWrongUse(absl::StrCat(folder,
                                               "/bonnie.sum: does not fit the files; look at them (`bonnie schema "
                                               "hash --check`), then write it: `bonnie schema hash`"));
  }
  context.WithSchema(Reach::kCanaryFirst, [&](const std::string& site, SchemaClient& client) {
    const absl::StatusOr<PushResult> pushed = PushMissing(context, site, client, folder, *sum);
    if (!pushed.ok()) return pushed.status();
    if (*pushed == PushResult::kRefused) context.TakeExitCode(kDifferencesFound);
    if (*pushed == PushResult::kNothingMissing && context.output().format() == Format::kTable) {
      context.console().out << site << ": has every revision of " << folder << " already\n";
    }
    return absl::OkStatus();
  });
}

}  // namespace

absl::StatusOr<Apart> CompareWithSite(SchemaClient& client, const CheckoutSum& sum) {
  Apart apart;
  std::map<std::string, std::string> here = sum.revisions;
  for (const auto& revision : client.Revisions({})) {
    if (!revision.ok()) return revision.status();
    const auto found = here.find(revision->id());
    if (found == here.end()) {
      apart.extra.push_back(revision->id());
    } else {
      if (found->second != revision->hash()) apart.edited.push_back(revision->id());
      here.erase(found);
    }
  }
  for (const auto& [id, hash] : here) apart.missing.push_back(id);
  std::sort(apart.edited.begin(), apart.edited.end());
  std::sort(apart.extra.begin(), apart.extra.end());
  return apart;
}

std::string ApartText(const std::string& folder, const std::string& site, const Apart& apart) {
  std::string text;
  if (!apart.edited.empty()) {
    absl::StrAppend(&text, "bonnie: ", folder, " and ", site, " are not the same in ",
                    absl::StrJoin(apart.edited, ", "),
                    ": a revision that was pushed does not change; put yours back, such as by `bonnie --site ", site,
                    " schema show ", apart.edited.front(), "` or git, and write a new one\n");
  }
  if (!apart.extra.empty()) {
    absl::StrAppend(&text, "bonnie: ", site, " has revisions that ", folder,
                    " has not: ", absl::StrJoin(apart.extra, ", "), "; get them by git, or see `bonnie --site ", site,
                    " schema show ", apart.extra.front(), "`\n");
  }
  return text;
}

std::string MissingText(const std::string& folder, const std::string& site, const CheckoutSum& sum,
                        const Apart& apart) {
  if (apart.missing.empty()) return "";
  return absl::StrCat(
      "bonnie: ", site, " has not ", absl::StrJoin(apart.missing, ", "), " of ", folder, "; ",
      sum.text == sum.written ? "" : "bonnie.sum does not fit the files: `bonnie schema hash` writes it, then ",
      "`bonnie --site ", site, " schema push` brings them there\n");
}

void NameApart(Context& context, const std::string& site, SchemaClient& client, const std::string& checkout) {
  const std::string folder = FindCheckout(checkout);
  if (folder.empty()) return;
  const absl::StatusOr<CheckoutSum> sum = ReadCheckout(folder);
  if (!sum.ok()) return;
  const absl::StatusOr<Apart> apart = CompareWithSite(client, *sum);
  if (!apart.ok()) return;
  context.console().err << ApartText(folder, site, *apart) << MissingText(folder, site, *sum, *apart);
}

absl::StatusOr<PushResult> PushMissing(Context& context, const std::string& site, SchemaClient& client,
                                       const std::string& folder, const CheckoutSum& sum) {
  absl::StatusOr<Apart> apart = CompareWithSite(client, sum);
  if (!apart.ok()) return apart.status();
  context.console().err << ApartText(folder, site, *apart);
  const bool json = context.output().format() == Format::kJson;
  if (!apart->edited.empty()) {
    if (!apart->missing.empty()) context.console().err << "bonnie: nothing was pushed to " << site << "\n";
    return PushResult::kRefused;
  }
  if (apart->missing.empty()) return PushResult::kNothingMissing;
  absl::StatusOr<schema::v1::PushRevisionsRequest> request = RequestFor(folder, apart->missing);
  if (!request.ok()) return request.status();
  auto pushed = client.PushRevisions(*request);
  if (!pushed.ok()) return pushed.status();
  if (json) {
    context.output().JsonLine(site, ToJson(*pushed));
  } else {
    context.console().out << site << ": pushed " << absl::StrJoin(pushed->added(), ", ") << " from " << folder << "\n";
  }
  return PushResult::kPushed;
}

void AddPushVerb(CLI::App& group, Context& context, std::string& checkout) {
  CLI::App* verb = group.add_subcommand("push", "Add the checkout's new revisions to the site's migrations");
  AddCheckoutOption(*verb, checkout);
  verb->footer(
      "\nRevisions are only added; one that the site has with other content is refused.\n"
      "\nExamples:\n  bonnie schema push\n  bonnie --site all schema push --migrations db/migrations");
  verb->callback([&context, &checkout] { Push(context, checkout); });
}

}  // namespace bonnie::cli
