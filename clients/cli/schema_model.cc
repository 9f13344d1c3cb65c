#include "clients/cli/schema_model.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <sstream>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cli/checkout.h"
#include "clients/cli/context.h"
#include "clients/cli/schema_push.h"
#include "clients/cli/schema_text.h"
#include "clients/cli/text_width.h"
#include "services/schema/model_folder.h"  // the files alone: see the README on this arrow

namespace bonnie::cli {
namespace {

namespace fs = std::filesystem;
using client::SchemaClient;
using schema::v1::CheckPendingResponse;
using schema::v1::CreateRevisionRequest;
using schema::v1::CreateRevisionResponse;

absl::Status InitCheckout(const std::string& folder, std::string* done) {
  std::error_code error;
  const bool was_there = fs::exists(folder + "/bonnie.sum", error);
  for (const char* part : {"/model", "/versions"}) {
    fs::create_directories(folder + part, error);
    if (error) return absl::InternalError(absl::StrCat(folder, part, ": ", error.message()));
  }
  *done = was_there ? absl::StrCat(folder, ": is a migrations folder already\n")
                    : absl::StrCat(folder, ": made, with model/, versions/ and bonnie.sum\n");
  if (was_there) return absl::OkStatus();
  absl::StatusOr<CheckoutSum> sum = ReadCheckout(folder);
  return sum.ok() ? WriteSum(folder, *sum) : sum.status();
}

void AddInit(CLI::App& group, Context& context, const std::string& checkout) {
  auto folder = std::make_shared<std::string>();
  CLI::App* verb = group.add_subcommand("init", "Make a migrations folder: model/, versions/ and bonnie.sum");
  verb->add_option("DIR", *folder, "Where; default: --migrations, else ./migrations");
  verb->footer("\nExamples:\n  bonnie schema init\n  bonnie schema init shop/migrations");
  verb->callback([&context, &checkout, folder] {
    const std::string where = !folder->empty() ? *folder : !checkout.empty() ? checkout : "migrations";
    std::string done;
    absl::Status made = InitCheckout(where, &done);
    if (!made.ok()) return context.ReportWrongUse(made.message());
    context.console().out << done;
  });
}

struct RevisionOptions {
  CreateRevisionRequest request;
  bool autogenerate = false;
  std::string sql_file;
  std::vector<std::string> depends_on;
};

// Revisions that the checkout has and the site has not: the new one could follow them, and the site would not know.
absl::Status CompareRevisions(SchemaClient& client, const CheckoutSum& sum, std::string* problem) {
  std::map<std::string, std::string> missing = sum.revisions;
  for (const auto& revision : client.Revisions({})) {
    if (!revision.ok()) return revision.status();
    missing.erase(revision->id());
  }
  std::vector<std::string> ids;
  for (const auto& [id, hash] : missing) ids.push_back(id);
  if (!ids.empty()) {
    *problem = absl::StrCat("the site lacks ", absl::StrJoin(ids, ", "),
                            " of this checkout; bring them to its migrations first: bonnie schema push");
  }
  return absl::OkStatus();
}

absl::Status WriteRevisionFile(const std::string& folder, const CreateRevisionResponse& created) {
  if (absl::Status plain = CheckServicesFileName(created.file_name()); !plain.ok()) return plain;
  const std::string path = absl::StrCat(folder, "/versions/", created.file_name());
  std::error_code error;
  if (fs::exists(path, error)) return absl::InternalError(absl::StrCat(path, ": is there already"));
  absl::Status written = WriteWholeFile(path, created.text());
  if (!written.ok()) return written;
  absl::StatusOr<CheckoutSum> sum = ReadCheckout(folder);
  return sum.ok() ? WriteSum(folder, *sum) : sum.status();
}

void PrintCreated(Context& context, const std::string& folder, const CreateRevisionResponse& created) {
  if (context.output().format() != Format::kTable) {
    return context.output().JsonLine("", ToJson(created));
  }
  std::ostream& out = context.console().out;
  out << folder << "/versions/" << created.file_name() << ": written, revises "
      << (created.revises().empty() ? "base" : absl::StrJoin(created.revises(), ", ")) << "\n";
  for (const auto& change : created.changes()) out << ChangeText(change, false);
  for (const auto& warning : created.warnings()) out << WarningText(warning);
  for (const auto& part : created.unsupported()) out << UnsupportedText(part);
  if (!created.changes().empty()) out << "proven on " << absl::StrJoin(created.proven_on(), ", ") << "\n";
}

absl::Status CreateRevision(Context& context, const std::string& folder, SchemaClient& client,
                            RevisionOptions& options) {
  absl::StatusOr<CheckoutSum> sum = ReadCheckout(folder);
  if (!sum.ok()) return context.ReportWrongUse(sum.status().message()), absl::OkStatus();
  std::string problem;
  if (absl::Status compared = CompareRevisions(client, *sum, &problem); !compared.ok()) return compared;
  if (!problem.empty()) return context.ReportWrongUse(problem), absl::OkStatus();
  if (options.autogenerate) {
    absl::Status read = ReadModelInto(folder, options.request.mutable_autogenerate());
    if (!read.ok()) return context.ReportWrongUse(read.message()), absl::OkStatus();
  } else if (!options.sql_file.empty()) {
    std::ifstream stream(options.sql_file, std::ios::binary);
    if (!stream) return context.ReportWrongUse(absl::StrCat(options.sql_file, ": cannot be read")), absl::OkStatus();
    options.request.mutable_sql()->set_up(
        std::string((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>()));
  }
  auto created = client.CreateRevision(options.request);
  if (!created.ok()) return created.status();
  if (options.autogenerate && created->changes().empty()) {
    context.console().out << "nothing to write: the revisions make what the model declares\n";
    return absl::OkStatus();
  }
  if (absl::Status written = WriteRevisionFile(folder, *created); !written.ok()) {
    return context.ReportWrongUse(written.message()), absl::OkStatus();
  }
  PrintCreated(context, folder, *created);
  return absl::OkStatus();
}

void AddRevision(CLI::App& group, Context& context, const std::string& checkout) {
  auto options = std::make_shared<RevisionOptions>();
  CLI::App* verb =
      group.add_subcommand("revision", "Write a new revision into the checkout, proven on the site's server");
  verb->add_option("-m,--message", *options->request.mutable_message(), "The headline")->required();
  CLI::Option* autogenerate =
      verb->add_flag("--autogenerate", options->autogenerate, "Statements from what the revisions make to the model");
  verb->add_option("--sql", options->sql_file, "Take the way up from a file")
      ->type_name("FILE")
      ->excludes(autogenerate);
  verb->add_option("--rev-id", *options->request.mutable_rev_id(), "Its id; default: the time, YYYYMMDDhhmmss");
  verb->add_option("--head", *options->request.mutable_head(), "The revision to follow; base for a new root");
  verb->add_flag_callback(
      "--splice", [options] { options->request.set_splice(true); }, "Allow --head to be a revision that others revise");
  verb->add_option("--branch-label", *options->request.mutable_branch_label(), "Name of a branch that begins here");
  verb->add_option("--depends-on", options->depends_on, "A revision that must be applied before")
      ->allow_extra_args(false);
  verb->footer(
      "\nExamples:\n  bonnie schema revision --autogenerate -m \"create tables\"\n"
      "  bonnie schema revision -m \"by hand\" --rev-id 0006\n"
      "  bonnie schema revision -m \"a branch\" --head base --branch-label billing");
  verb->callback([&context, &checkout, options] {
    const std::string folder = FindCheckout(checkout);
    if (folder.empty()) return context.ReportWrongUse(kNoCheckout);
    *options->request.mutable_depends_on() = {options->depends_on.begin(), options->depends_on.end()};
    context.WithSchema(Reach::kOneSite, [&](const std::string&, SchemaClient& client) {
      return CreateRevision(context, folder, client, *options);
    });
  });
}

// Prints what CheckPending found. Whether it found a difference.
bool PrintPending(std::ostream& out, const CheckPendingResponse& pending) {
  const std::string at = pending.site() + ": ";
  bool differs = false;
  const auto found = [&](absl::string_view what) {
    differs = true;
    out << at << what << "\n";
  };
  if (!pending.model_changes().empty())
    found("the model differs from the revisions; `revision --autogenerate` writes:");
  for (const auto& change : pending.model_changes()) out << ChangeText(change, false);
  if (!pending.unfinished_revision().empty()) {
    found(
        absl::StrCat(pending.unfinished_revision(), " is half applied; repeat the upgrade or downgrade to finish it"));
  }
  if (!pending.drift().empty())
    found("the database differs from its applied revisions; somebody changed it beside them:");
  for (const auto& change : pending.drift()) out << ChangeText(change, false);
  if (!pending.unmanaged_tables().empty()) {
    found(absl::StrCat("the database has tables that no revision makes: ",
                       absl::StrJoin(pending.unmanaged_tables(), ", "), " (left alone)"));
  }
  if (!pending.pending_revisions().empty()) {
    found(absl::StrCat("the database is behind: ", absl::StrJoin(pending.pending_revisions(), ", "), " not applied"));
  }
  for (const auto& part : pending.unsupported()) out << UnsupportedText(part);
  if (!differs) {
    out << at
        << (pending.has_model() ? "model, revisions and database agree" : "revisions and database agree (no model)")
        << (pending.current().empty() ? ", at base\n"
                                      : absl::StrCat(", at ", absl::StrJoin(pending.current(), ", "), "\n"));
  }
  return differs;
}

void AddCheck(CLI::App& group, Context& context, const std::string& checkout) {
  CLI::App* verb = group.add_subcommand(
      "check", "Say whether model, revisions and database agree; exit code 1 with a list when they do not");
  verb->footer("\nExamples:\n  bonnie schema check\n  bonnie --site all schema check --migrations ./migrations");
  verb->callback([&context, &checkout] {
    schema::v1::CheckPendingRequest request;
    if (absl::Status read = ReadModelInto(FindCheckout(checkout), request.mutable_model()); !read.ok()) {
      return context.ReportWrongUse(read.message());
    }
    context.WithSchema(Reach::kManySites, [&](const std::string& site, SchemaClient& client) {
      auto pending = client.CheckPending(request);
      if (!pending.ok()) return pending.status();
      std::ostringstream text;
      if (PrintPending(text, *pending)) context.TakeExitCode(kDifferencesFound);
      if (context.output().format() == Format::kTable) {
        context.console().out << text.str();
      } else {
        context.output().JsonLine(site, ToJson(*pending));
      }
      NameApart(context, site, client, checkout);
      return absl::OkStatus();
    });
  });
}

}  // namespace

absl::Status ReadModelInto(const std::string& folder, schema::v1::Model* model) {
  model->clear_files();
  if (folder.empty()) return absl::OkStatus();
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error)) {
    return absl::NotFoundError(absl::StrCat(folder, ": there is no such folder; --migrations names the checkout's"));
  }
  auto files = schema::ReadModelTexts(folder + "/model");
  if (!files.ok()) return files.status();
  for (auto& [name, text] : *files) {
    // protobuf takes UTF-8 only; the service would say the same with the line.
    if (!IsUtf8(text)) return absl::InvalidArgumentError(absl::StrCat(folder, "/model/", name, ": is not UTF-8"));
    schema::v1::ModelFile* file = model->add_files();
    file->set_name(name);
    file->set_text(std::move(text));
  }
  return absl::OkStatus();
}

absl::Status WriteWholeFile(const std::string& path, absl::string_view text) {
  std::ofstream stream(path + ".new", std::ios::binary);
  stream.write(text.data(), static_cast<std::streamsize>(text.size()));
  stream.close();
  if (!stream || std::rename((path + ".new").c_str(), path.c_str()) != 0) {
    return absl::InternalError(absl::StrCat(path, ": ", std::strerror(errno)));
  }
  return absl::OkStatus();
}

void AddModelVerbs(CLI::App& group, Context& context, const std::string& checkout) {
  AddInit(group, context, checkout);
  AddRevision(group, context, checkout);
  AddCheck(group, context, checkout);
}

}  // namespace bonnie::cli
