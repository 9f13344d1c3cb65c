// The verbs that look at schemas: inspect, diff, pull, fmt.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cli/checkout.h"
#include "clients/cli/context.h"
#include "clients/cli/schema_model.h"
#include "clients/cli/schema_text.h"
#include "clients/cli/terminal_filter.h"
#include "clients/cli/text_width.h"

namespace bonnie::cli {
namespace {

using client::SchemaClient;
using schema::v1::InspectSchemaRequest;
using schema::v1::InspectSchemaResponse;
using schema::v1::SchemaTable;

void PrintPart(Context& context, const std::string& site, const InspectSchemaResponse& part) {
  if (context.output().format() != Format::kTable) return context.output().JsonLine(site, ToJson(part));
  std::ostream& out = context.console().out;
  if (part.has_table()) out << part.table().create_statement() << ";\n\n";
  if (part.has_object()) out << part.object().create_statement() << ";\n\n";
  if (part.has_unsupported()) out << UnsupportedText(part.unsupported());
}

void AddInspect(CLI::App& group, Context& context, const std::string& checkout) {
  auto tables = std::make_shared<std::vector<std::string>>();
  auto of = std::make_shared<std::string>("live");
  CLI::App* verb = group.add_subcommand("inspect", "Show a schema as the server has it");
  verb->add_option("TABLE", *tables, "Only these tables");
  verb->add_option("--of", *of, "live, model, or a revision word; default: live")->type_name("SCHEMA");
  verb->footer(
      "\nExamples:\n  bonnie schema inspect\n  bonnie schema inspect patients\n  bonnie schema inspect --of head");
  verb->callback([&context, &checkout, tables, of] {
    InspectSchemaRequest request;
    *request.mutable_tables() = {tables->begin(), tables->end()};
    if (absl::Status read = FillSource(*of, FindCheckout(checkout), request.mutable_source()); !read.ok()) {
      return context.ReportWrongUse(read.message());
    }
    context.WithSchema(Reach::kManySites, [&](const std::string& site, SchemaClient& client) {
      std::vector<std::string> missing = *tables;
      absl::Status status = client.InspectSchema(request, [&](const InspectSchemaResponse& part) {
        if (part.has_table()) std::erase(missing, part.table().name());
        PrintPart(context, site, part);
      });
      if (status.ok() && !missing.empty()) {
        context.ReportWrongUse(absl::StrCat(site, ": there is no table ", absl::StrJoin(missing, ", "),
                                            "; `bonnie schema inspect` shows what there is"));
      }
      return status;
    });
  });
}

void AddDiff(CLI::App& group, Context& context, const std::string& checkout) {
  auto from = std::make_shared<std::string>("live");
  auto to = std::make_shared<std::string>("model");
  auto sql = std::make_shared<bool>(false);
  CLI::App* verb = group.add_subcommand("diff", "Compare two schemas; exit code 1 when they differ");
  verb->add_option("FROM", *from, "live (the default), model, or a revision word; of another site: SITE:, SITE:WORD");
  verb->add_option("TO", *to, "model (the default), live, or a revision word; likewise");
  verb->add_flag("--sql", *sql, "Show the statements from FROM to TO, proven on the site's server");
  verb->footer(
      "\nExamples:\n  bonnie schema diff\n  bonnie schema diff head live\n  bonnie schema diff 0004 0005 --sql\n"
      "  bonnie schema diff azure: gcp:");
  verb->callback([&context, &checkout, from, to, sql] {
    schema::v1::CompareSchemasRequest request;
    const std::string folder = FindCheckout(checkout);
    absl::Status read = FillSource(*from, folder, request.mutable_from());
    if (read.ok()) read = FillSource(*to, folder, request.mutable_to());
    if (!read.ok()) return context.ReportWrongUse(read.message());
    request.set_changes_only(!*sql);
    context.WithSchema(Reach::kManySites, [&](const std::string& site, SchemaClient& client) {
      auto response = client.CompareSchemas(request);
      if (!response.ok()) return response.status();
      if (!response->changes().empty()) context.TakeExitCode(kDifferencesFound);
      if (context.output().format() != Format::kTable) {
        context.output().JsonLine(site, ToJson(*response));
        return absl::OkStatus();
      }
      std::ostream& out = context.console().out;
      out << site << ": " << (response->changes().empty() ? "no differences" : absl::StrCat(*from, " -> ", *to))
          << "\n";
      if (!*sql) {
        const bool colour = context.console().out_is_terminal;
        for (const auto& change : response->changes()) WriteTrusted(out, ChangeText(change, colour));
      }
      for (const std::string& statement : response->up()) out << statement << ";\n";
      for (const auto& warning : response->warnings()) out << WarningText(warning);
      for (const auto& part : response->unsupported()) out << UnsupportedText(part);
      if (!response->unproven_reason().empty()) out << "  ? " << Printable(response->unproven_reason()) << "\n";
      return absl::OkStatus();
    });
  });
}

std::string ReadWhole(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
}

// Writes each table's model file, where it differs.
class ModelWriter {
 public:
  ModelWriter(Context& context, const std::string& folder, bool check)
      : context_(context), folder_(folder + "/model/"), check_(check) {}

  void Take(const SchemaTable& table) {
    if (absl::Status plain = CheckServicesFileName(table.model_file_name()); !plain.ok()) {
      return context_.ReportWrongUse(plain.message());
    }
    const std::string path = folder_ + table.model_file_name();
    const std::string text = ReadWhole(path);
    if (text == table.model_text()) return;
    if (!table.keep_reason().empty()) {
      context_.console().err << "bonnie: " << path << (text.empty() ? " is not written: " : " is left as it is: ")
                             << table.keep_reason() << "\n";
      return;
    }
    ++changed_;
    if (check_) {
      context_.console().out << path << ": would change\n";
      return context_.TakeExitCode(kDifferencesFound);
    }
    absl::Status written = WriteWholeFile(path, table.model_text());
    if (!written.ok()) return context_.ReportWrongUse(written.message());
    context_.console().out << path << (text.empty() ? ": written\n" : ": changed\n");
  }
  int changed() const { return changed_; }

 private:
  Context& context_;
  const std::string folder_;
  const bool check_;
  int changed_ = 0;
};

void WriteModel(Context& context, const std::string& folder, const InspectSchemaRequest& request, bool check) {
  context.WithSchema(Reach::kOneSite, [&](const std::string&, SchemaClient& client) {
    ModelWriter writer(context, folder, check);
    absl::Status status = client.InspectSchema(request, [&](const InspectSchemaResponse& part) {
      if (part.has_table()) writer.Take(part.table());
      if (part.has_object()) {
        context.console().err << "bonnie: " << part.object().kind() << " " << Printable(part.object().name())
                              << " has no place in a model; it belongs to the revisions\n";
      }
      if (part.has_unsupported()) context.console().err << "bonnie:" << UnsupportedText(part.unsupported());
    });
    if (status.ok() && writer.changed() == 0) context.console().out << folder << "/model: nothing to change\n";
    return status;
  });
}

void AddPull(CLI::App& group, Context& context, const std::string& checkout) {
  CLI::App* verb = group.add_subcommand("pull", "Write the checkout's model from the database, a file a table");
  verb->footer("\nExample:\n  bonnie --site azure schema pull");
  verb->callback([&context, &checkout] {
    const std::string folder = FindCheckout(checkout);
    if (folder.empty()) return context.ReportWrongUse(kNoCheckout);
    std::error_code error;
    std::filesystem::create_directories(folder + "/model", error);
    WriteModel(context, folder, {}, /*check=*/false);
  });
}

void AddFmt(CLI::App& group, Context& context, const std::string& checkout) {
  auto check = std::make_shared<bool>(false);
  CLI::App* verb = group.add_subcommand("fmt", "Write the checkout's model files as the site's server writes them");
  verb->add_flag("--check", *check, "Only say which would change; exit code 1 when any would");
  verb->footer("\nExample:\n  bonnie schema fmt --check");
  verb->callback([&context, &checkout, check] {
    const std::string folder = FindCheckout(checkout);
    if (folder.empty()) return context.ReportWrongUse(kNoCheckout);
    InspectSchemaRequest request;
    schema::v1::Model* model = request.mutable_source()->mutable_model();
    if (absl::Status read = ReadModelInto(folder, model); !read.ok()) return context.ReportWrongUse(read.message());
    if (model->files().empty()) return context.ReportWrongUse(absl::StrCat(folder, "/model: holds no file"));
    WriteModel(context, folder, request, *check);
  });
}

}  // namespace

absl::Status FillSource(std::string word, const std::string& folder, schema::v1::SchemaSource* source) {
  if (const std::size_t colon = word.find(':'); colon != std::string::npos) {
    source->set_site(word.substr(0, colon));
    word.erase(0, colon + 1);
    if (word.empty()) word = "live";
  }
  if (word == "live") return absl::OkStatus();
  if (word == "model") return ReadModelInto(folder, source->mutable_model());
  source->set_revision(word);
  return absl::OkStatus();
}

void AddInspectVerbs(CLI::App& group, Context& context, const std::string& checkout) {
  AddInspect(group, context, checkout);
  AddDiff(group, context, checkout);
  AddPull(group, context, checkout);
  AddFmt(group, context, checkout);
}

}  // namespace bonnie::cli
