#include "clients/cli/schema_commands.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "clients/cli/checkout.h"
#include "clients/cli/context.h"
#include "clients/cli/revision_commands.h"
#include "clients/cli/schema_apply.h"
#include "clients/cli/schema_documents.h"
#include "clients/cli/schema_lint.h"
#include "clients/cli/schema_model.h"
#include "clients/cli/schema_operations.h"
#include "clients/cli/schema_parity.h"
#include "clients/cli/schema_plan.h"
#include "clients/cli/schema_push.h"
#include "clients/cli/text_width.h"

namespace bonnie::cli {
namespace {

using client::SchemaClient;
using schema::v1::Revision;

// "azure: " where lines of several sites stand together.
std::string Prefix(const Context& context, const std::string& site) { return context.all_sites() ? site + ": " : ""; }

std::vector<Column> RevisionColumns() {
  return {{"id"}, {"revises"}, {"message"}, {"is_head"}, {"is_applied"}, {"is_current"}, {"file_name"}, {"hash"}};
}

std::vector<std::string> RevisionCells(const Revision& revision) {
  return {revision.id(),
          absl::StrJoin(revision.revises(), ","),
          revision.message(),
          revision.is_head() ? "true" : "false",
          !revision.has_is_applied() ? ""
          : revision.is_applied()    ? "true"
                                     : "false",
          revision.is_current() ? "true" : "false",
          revision.file_name(),
          revision.hash()};
}

// A line of Alembic's for people; in other formats a row.
void PrintRevision(Context& context, const std::string& site, const Revision& revision, const std::string& line) {
  if (context.output().format() == Format::kTable) {
    context.console().out << Prefix(context, site) << Printable(line) << "\n";
  } else {
    context.output().BeginList(RevisionColumns());
    context.output().Row(site, RevisionCells(revision), revision);
  }
}

void AddCurrent(CLI::App& group, Context& context, const std::string& checkout) {
  CLI::App* verb = group.add_subcommand("current", "Show the revision that the database is at");
  verb->footer("\nExample:\n  bonnie --site all schema current");
  verb->callback([&context, &checkout] {
    context.WithSchema(Reach::kManySites, [&](const std::string& site, SchemaClient& client) {
      auto current = client.GetCurrent({});
      if (!current.ok()) return current.status();
      for (const Revision& revision : current->revisions()) {
        PrintRevision(context, site, revision, absl::StrCat(revision.id(), revision.is_head() ? " (head)" : ""));
      }
      if (current->pending() > 0) {
        context.console().err << Prefix(context, site) << "(" << current->pending() << " not applied yet)\n";
      }
      if (!current->unfinished_revision().empty()) {
        context.console().err
            << Prefix(context, site) << current->unfinished_revision()
            << " is half applied; repeat the upgrade or downgrade to finish it, or look: `bonnie schema "
               "recover`\n";
      }
      NameApart(context, site, client, checkout);
      return absl::OkStatus();
    });
  });
}

void AddHeads(CLI::App& group, Context& context, const std::string& checkout) {
  CLI::App* verb = group.add_subcommand("heads", "Show the revisions that nothing revises");
  verb->footer("\nExample:\n  bonnie --site all schema heads");
  verb->callback([&context, &checkout] {
    context.WithSchema(Reach::kManySites, [&](const std::string& site, SchemaClient& client) {
      for (const absl::StatusOr<Revision>& revision : client.Revisions({})) {
        if (!revision.ok()) return revision.status();
        if (revision->is_head()) PrintRevision(context, site, *revision, absl::StrCat(revision->id(), " (head)"));
      }
      NameApart(context, site, client, checkout);
      return absl::OkStatus();
    });
  });
}

std::string HistoryLine(const Revision& revision, bool indicate_current) {
  return absl::StrCat(revision.revises().empty() ? "<base>" : absl::StrJoin(revision.revises(), ", "), " -> ",
                      revision.id(), revision.is_head() ? " (head)" : "",
                      revision.revises_size() > 1 ? " (mergepoint)" : "",
                      indicate_current && revision.is_current() ? " (current)" : "", ", ", revision.message());
}

// A revision as `show` and `history -v` print it; its text only where it was asked for.
void PrintWhole(Console& console, const Revision& revision) {
  console.out << "Rev: " << revision.id() << (revision.is_head() ? " (head)" : "") << "\n"
              << "Parent: " << (revision.revises().empty() ? "<base>" : absl::StrJoin(revision.revises(), ", ")) << "\n"
              << "Path: versions/" << revision.file_name() << "\n"
              << "Hash: " << revision.hash() << "\n"
              << "Applied: "
              << (!revision.has_is_applied() ? "not known"
                  : revision.is_applied()    ? "yes"
                                             : "no")
              << "\n\n"
              << revision.text();
}

void AddHistory(CLI::App& group, Context& context, const std::string& checkout) {
  auto range = std::make_shared<std::string>();
  auto indicate_current = std::make_shared<bool>(false);
  auto verbose = std::make_shared<bool>(false);
  CLI::App* verb = group.add_subcommand("history", "List the revisions, newest first");
  verb->add_option("-r,--rev-range,RANGE", *range, "a:b, a: or :b, both ends included; default: all");
  verb->add_flag("-i,--indicate-current", *indicate_current, "Mark the revision that the database is at");
  verb->add_flag("-v,--verbose", *verbose, "With file, hash, and whether it is applied");
  verb->footer(
      "\nExamples:\n  bonnie schema history\n  bonnie schema history -i 0002:head\n  bonnie schema history -v -r "
      "current:");
  verb->callback([&context, &checkout, range, indicate_current, verbose] {
    context.WithSchema(Reach::kManySites, [&](const std::string& site, SchemaClient& client) {
      schema::v1::ListRevisionsRequest request;
      request.set_range(*range);
      bool is_empty = true;
      for (const absl::StatusOr<Revision>& revision : client.Revisions(request)) {
        if (!revision.ok()) return revision.status();
        if (*verbose && context.output().format() == Format::kTable) {
          PrintWhole(context.console(), *revision);
        } else {
          PrintRevision(context, site, *revision, HistoryLine(*revision, *indicate_current));
        }
        is_empty = false;
      }
      if (is_empty) {
        context.console().err << Prefix(context, site)
                              << (range->empty() ? "(there are no revisions)"
                                                 : absl::StrCat("(no revisions in ", Printable(*range),
                                                                "; a range goes from the older one to the newer)"))
                              << "\n";
      }
      if (range->empty()) NameApart(context, site, client, checkout);
      return absl::OkStatus();
    });
  });
}

void AddShow(CLI::App& group, Context& context) {
  auto word = std::make_shared<std::string>();
  CLI::App* verb = group.add_subcommand("show", "Show one revision with its text");
  verb->add_option("REVISION", *word, "Revision word: an id or a unique beginning of one, head, current, …")
      ->required();
  verb->footer("\nExample:\n  bonnie schema show head");
  verb->callback([&context, word] {
    context.WithSchema(Reach::kOneSite, [&](const std::string& site, SchemaClient& client) {
      schema::v1::GetRevisionRequest request;
      request.set_revision(*word);
      auto response = client.GetRevision(request);
      if (!response.ok()) return response.status();
      if (context.output().format() == Format::kTable) {
        PrintWhole(context.console(), response->revision());
      } else {
        PrintRevision(context, site, response->revision(), "");
      }
      return absl::OkStatus();
    });
  });
}

// The id that a line of bonnie.sum is about.
std::string IdOf(const std::string& line) { return line.substr(0, line.find(' ')); }

// The first revision of which two texts of bonnie.sum say different things; its hash is in those of what follows it.
std::string FirstApart(const std::string& files, const std::string& written) {
  const std::vector<std::string> a = absl::StrSplit(files, '\n', absl::SkipEmpty()),
                                 b = absl::StrSplit(written, '\n', absl::SkipEmpty());
  std::size_t at = 1;  // the first line is the hash of all others
  while (at < a.size() && at < b.size() && a[at] == b[at]) ++at;
  if (at < b.size()) {
    const std::string id = IdOf(b[at]);
    const bool there = std::any_of(a.begin(), a.end(), [&](const std::string& line) { return IdOf(line) == id; });
    if (!there) return absl::StrCat(" (", id, " is missing)");
  }
  return at < a.size() ? absl::StrCat(" (from ", IdOf(a[at]), " on)") : "";
}

// Writes bonnie.sum, or with `check` says whether it is right.
void HashCheckout(Context& context, const std::string& folder, bool check) {
  if (folder.empty()) {
    return context.ReportWrongUse(
        "no checkout: want ./migrations, a current folder with bonnie.sum, or --migrations DIR");
  }
  absl::StatusOr<CheckoutSum> sum = ReadCheckout(folder);
  if (!sum.ok()) return context.ReportWrongUse(sum.status().message());
  const std::string file = folder + "/bonnie.sum";
  Console& console = context.console();
  if (sum->text == sum->written) {
    console.out << file << ": right, " << sum->hash << "\n";
  } else if (check) {
    console.err << "bonnie: " << file << (sum->written.empty() ? ": is missing" : ": does not fit the files")
                << (sum->written.empty() ? "" : FirstApart(sum->text, sum->written))
                << "; `bonnie schema hash` writes it\n";
    context.TakeExitCode(kDifferencesFound);
  } else if (absl::Status written = WriteSum(folder, *sum); !written.ok()) {
    context.ReportWrongUse(written.message());
  } else {
    console.out << file << ": written, " << sum->hash << "\n";
  }
}

void AddHash(CLI::App& group, Context& context, std::string& checkout) {
  auto check = std::make_shared<bool>(false);
  CLI::App* verb = group.add_subcommand("hash", "Write bonnie.sum of the checkout: the hashes of its revisions");
  verb->add_flag("--check", *check, "Only say whether it is right; exit code 1 when it is not");
  AddCheckoutOption(*verb, checkout);
  verb->footer("\nExample:\n  bonnie schema hash --check");
  verb->callback([&context, &checkout, check] { HashCheckout(context, FindCheckout(checkout), *check); });
}

}  // namespace

void AddSchemaCommands(CLI::App& app, Context& context) {
  CLI::App* group =
      app.add_subcommand("schema", "The schema and its revisions: current, history, upgrade, downgrade, …");
  group->require_subcommand(1);
  std::string& checkout = context.options().migrations;
  AddCheckoutOption(*group, checkout);
  AddCurrent(*group, context, checkout);
  AddHistory(*group, context, checkout);
  AddHeads(*group, context, checkout);
  AddShow(*group, context);
  AddRevisionVerbs(*group, context, checkout);
  AddPushVerb(*group, context, checkout);
  AddApplyVerbs(*group, context, checkout);
  AddPlanVerbs(*group, context, checkout);
  AddOperationVerbs(*group, context);
  AddHash(*group, context, checkout);
  AddModelVerbs(*group, context, checkout);
  AddInspectVerbs(*group, context, checkout);
  AddDocumentVerbs(*group, context, checkout);
  AddLintVerb(*group, context, checkout);
  AddParityVerb(*group, context);
}

}  // namespace bonnie::cli
