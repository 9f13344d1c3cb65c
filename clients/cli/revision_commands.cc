#include "clients/cli/revision_commands.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "clients/cli/checkout.h"
#include "clients/cli/context.h"
#include "clients/cli/field_text.h"
#include "clients/cli/schema_apply.h"
#include "clients/cli/schema_text.h"
#include "clients/cli/stamp_command.h"
#include "clients/cli/text_width.h"
#include "services/schema/migration_dir.h"  // the files alone: see the README on this arrow

namespace bonnie::cli {
namespace {

using client::SchemaClient;
using schema::v1::Revision;

std::string Prefix(const Context& context, const std::string& site) { return context.all_sites() ? site + ": " : ""; }

std::string RevisionLine(const Revision& revision) {
  return absl::StrCat(revision.id(),
                      revision.branch_label().empty() ? "" : absl::StrCat(" (", revision.branch_label(), ")"),
                      revision.is_head() ? " (head)" : "", revision.revises_size() > 1 ? " (mergepoint)" : "", ", ",
                      Printable(revision.message()));
}

absl::Status ShowBranches(Context& context, const std::string& site, SchemaClient& client) {
  std::map<std::string, Revision> revisions;
  std::map<std::string, std::vector<std::string>> children;
  for (const absl::StatusOr<Revision>& revision : client.Revisions({})) {
    if (!revision.ok()) return revision.status();
    for (const std::string& parent : revision->revises()) children[parent].push_back(revision->id());
    revisions.emplace(revision->id(), *revision);
  }
  for (auto& [id, next] : children) {
    if (next.size() < 2) continue;
    std::sort(next.begin(), next.end());
    if (context.output().format() != Format::kTable) {
      context.output().BeginList({{"id"}, {"message"}, {"children"}});
      context.output().Row(site, {id, revisions[id].message(), absl::StrJoin(next, ",")}, revisions[id]);
      continue;
    }
    context.console().out << Prefix(context, site) << RevisionLine(revisions[id]) << " (branchpoint)\n";
    for (const std::string& child : next) {
      context.console().out << Prefix(context, site) << "  -> " << RevisionLine(revisions[child]) << "\n";
    }
  }
  return absl::OkStatus();
}

void AddBranches(CLI::App& group, Context& context) {
  CLI::App* verb = group.add_subcommand("branches", "Show the revisions from which several branches begin");
  verb->footer("\nExample:\n  bonnie schema branches");
  verb->callback([&context] {
    context.WithSchema(Reach::kManySites, [&](const std::string& site, SchemaClient& client) {
      return ShowBranches(context, site, client);
    });
  });
}

// Writes a new file into versions/, and bonnie.sum with it.
absl::Status AddToCheckout(const std::string& folder, const std::string& name, const std::string& text) {
  if (absl::Status plain = CheckServicesFileName(name); !plain.ok()) return plain;
  const std::string file = absl::StrCat(folder, "/versions/", name);
  std::error_code ignored;
  if (std::filesystem::exists(file, ignored)) return absl::AlreadyExistsError(absl::StrCat(file, ": is there already"));
  std::ofstream stream(file, std::ios::binary);
  stream << text;
  stream.close();
  if (!stream) return absl::InternalError(absl::StrCat(file, ": cannot be written"));
  const absl::StatusOr<CheckoutSum> sum = ReadCheckout(folder);
  return sum.ok() ? WriteSum(folder, *sum) : sum.status();
}

struct MergeOptions {
  std::vector<std::string> revisions;
  std::string message, branch_label, rev_id;
};

void Merge(Context& context, const std::string& folder, const MergeOptions& options) {
  schema::v1::MergeRevisionsRequest request;
  *request.mutable_revisions() = {options.revisions.begin(), options.revisions.end()};
  request.set_message(options.message);
  request.set_branch_label(options.branch_label);
  request.set_rev_id(options.rev_id);
  if (!folder.empty()) {
    const auto files = schema::MigrationFolder::Read(folder);
    if (!files.ok()) return context.ReportWrongUse(absl::StrCat(folder, ": ", files.status().message()));
    for (const std::string& id : (*files)->graph().order()) {
      schema::v1::RevisionFile* file = request.add_files();
      file->set_file_name((*files)->at(id).file_name);
      file->set_text((*files)->at(id).text);
    }
  }
  context.WithSchema(Reach::kOneSite, [&](const std::string& site, SchemaClient& client) {
    auto merged = client.MergeRevisions(request);
    if (!merged.ok()) return merged.status();
    if (folder.empty()) {
      context.console().out << merged->text();
      return absl::OkStatus();
    }
    if (absl::Status added = AddToCheckout(folder, merged->file_name(), merged->text()); !added.ok()) {
      context.ReportWrongUse(added.message());
    } else if (context.output().format() == Format::kJson) {
      context.output().JsonLine(site, ToJson(*merged));
    } else {
      context.console().out << folder << "/versions/" << merged->file_name() << ": merges "
                            << absl::StrJoin(merged->revises(), " and ") << "\n";
    }
    return absl::OkStatus();
  });
}

void AddMerge(CLI::App& group, Context& context, std::string& checkout) {
  auto options = std::make_shared<MergeOptions>();
  CLI::App* verb = group.add_subcommand("merge", "Write a revision that brings several heads together");
  verb->add_option("REVISION", options->revisions, "What to merge; default: heads");
  verb->add_option("-m,--message", options->message, "Headline; default: merge A and B")->type_name("TEXT");
  verb->add_option("--branch-label", options->branch_label, "Name of a branch that begins here")->type_name("LABEL");
  verb->add_option("--rev-id", options->rev_id, "Its id; default: the time")->type_name("ID");
  AddCheckoutOption(*verb, checkout);
  verb->footer(
      "\nThe file goes into the checkout's versions/; without a checkout, its text is printed.\n"
      "\nExamples:\n  bonnie schema merge heads -m \"bring both together\"\n  bonnie schema merge 4f2a 77c0");
  verb->callback([&context, &checkout, options] { Merge(context, FindCheckout(checkout), *options); });
}

// Where `id` is applied, of the sites that answer; those that do not are named on stderr.
std::string AppliedAt(Context& context, const std::string& id) {
  for (const client::Config::Site& site : context.ChooseSites(Reach::kManySites)) {
    schema::v1::GetRevisionRequest request;
    request.set_revision(id);
    auto client = SchemaClient::Connect(context.SchemaOptions(site));
    auto answer = client.ok() ? client->GetRevision(request) : client.status();
    if (answer.ok() && answer->revision().is_applied()) return site.name;
    if (answer.ok() ? answer->revision().has_is_applied() : answer.status().code() == absl::StatusCode::kNotFound) {
      continue;
    }
    context.console().err << "bonnie: " << site.name << " could not be asked whether " << id << " is applied there\n";
  }
  return "";
}

// `./` in front of a folder that begins with `-`, which the editor would take for an option.
int OpenEditor(const std::string& path) {
  const std::string file = absl::StrCat(path[0] == '-' ? "./" : "", path);
  const char* visual = std::getenv("VISUAL");
  const char* editor = visual != nullptr && *visual != '\0' ? visual : std::getenv("EDITOR");
  const std::string quoted = absl::StrCat("'", absl::StrReplaceAll(file, {{"'", "'\\''"}}), "'");
  return std::system(absl::StrCat(editor != nullptr && *editor != '\0' ? editor : "vi", " ", quoted).c_str());
}

void Edit(Context& context, const std::string& folder, const std::string& word) {
  if (folder.empty()) {
    return context.ReportWrongUse(
        "no checkout: want ./migrations, a current folder with bonnie.sum, or --migrations DIR");
  }
  const auto files = schema::MigrationFolder::ReadUnchecked(folder);
  if (!files.ok()) return context.ReportWrongUse(absl::StrCat(folder, ": ", files.status().message()));
  const absl::StatusOr<std::string> id = (*files)->graph().One(word, {});
  if (!id.ok()) return context.ReportWrongUse(id.status().message());
  if (const std::string site = AppliedAt(context, *id); !site.empty()) {
    return context.ReportWrongUse(
        absl::StrCat(*id, " is applied at ", site,
                     ": an applied revision never changes; write a new one: `bonnie schema revision`"));
  }
  const std::string file = absl::StrCat(folder, "/versions/", (*files)->at(*id).file_name);
  if (OpenEditor(file) != 0) return context.ReportWrongUse(absl::StrCat("the editor ended with an error on ", file));
  const absl::StatusOr<CheckoutSum> sum = ReadCheckout(folder);
  if (!sum.ok()) {
    return context.ReportWrongUse(absl::StrCat(sum.status().message(), "; bonnie.sum is as before: edit it again"));
  }
  if (sum->text == sum->written) return;
  if (absl::Status written = WriteSum(folder, *sum); !written.ok()) return context.ReportWrongUse(written.message());
  context.console().out << folder << "/bonnie.sum: written, " << sum->hash << "\n";
}

void AddEdit(CLI::App& group, Context& context, std::string& checkout) {
  auto word = std::make_shared<std::string>();
  CLI::App* verb =
      group.add_subcommand("edit", "Open a revision of the checkout in $EDITOR, and write bonnie.sum anew");
  verb->add_option("REVISION", *word, "Revision word, such as head; refused when it is applied somewhere")->required();
  AddCheckoutOption(*verb, checkout);
  verb->footer("\nExample:\n  EDITOR=nano bonnie schema edit head");
  verb->callback([&context, &checkout, word] { Edit(context, FindCheckout(checkout), *word); });
}

}  // namespace

void AddRevisionVerbs(CLI::App& group, Context& context, std::string& checkout) {
  AddBranches(group, context);
  AddMerge(group, context, checkout);
  AddStampVerb(group, context);
  AddEdit(group, context, checkout);
}

}  // namespace bonnie::cli
