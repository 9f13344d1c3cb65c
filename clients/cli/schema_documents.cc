#include "clients/cli/schema_documents.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <map>
#include <memory>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/checkout.h"
#include "clients/cli/context.h"
#include "clients/cli/schema_model.h"

namespace bonnie::cli {
namespace {

using client::SchemaClient;
using schema::v1::ErdDetail;
using schema::v1::ErdFormat;

struct ErdArguments {
  std::string source = "live";
  bool model = false;
  std::vector<std::string> diff;  // FROM, or FROM and TO
  std::vector<std::string> tables;
  int distance = 0;
  std::string detail, format, file;
};

const std::map<std::string, ErdFormat>& Formats() {
  static const auto* const formats = new std::map<std::string, ErdFormat>{{"svg", schema::v1::ERD_FORMAT_SVG},
                                                                          {"dot", schema::v1::ERD_FORMAT_DOT},
                                                                          {"mermaid", schema::v1::ERD_FORMAT_MERMAID}};
  return *formats;
}

const std::map<std::string, ErdDetail>& Details() {
  static const auto* const details = new std::map<std::string, ErdDetail>{{"", schema::v1::ERD_DETAIL_UNSPECIFIED},
                                                                          {"all", schema::v1::ERD_DETAIL_ALL},
                                                                          {"keys", schema::v1::ERD_DETAIL_KEYS},
                                                                          {"names", schema::v1::ERD_DETAIL_NAMES}};
  return *details;
}

// To the file, if one is named, else to the console.
void WriteDocument(Context& context, const std::string& file, const std::string& text) {
  if (file.empty()) {
    context.console().out << text;
    return;
  }
  absl::Status written = WriteWholeFile(file, text);
  if (!written.ok()) return context.ReportWrongUse(written.message());
  context.console().out << file << ": written\n";
}

absl::StatusOr<schema::v1::RenderErdRequest> ErdRequest(const ErdArguments& arguments, const std::string& folder) {
  schema::v1::RenderErdRequest request;
  std::string source = arguments.model ? "model" : arguments.source;
  if (arguments.diff.size() == 2) source = arguments.diff[1];
  absl::Status read = FillSource(source, folder, request.mutable_source());
  if (read.ok() && !arguments.diff.empty()) read = FillSource(arguments.diff[0], folder, request.mutable_before());
  if (!read.ok()) return read;
  absl::StatusOr<ErdFormat> format = ChooseErdFormat(arguments.format, arguments.file);
  if (!format.ok()) return format.status();
  request.set_format(*format);
  *request.mutable_tables() = {arguments.tables.begin(), arguments.tables.end()};
  request.set_distance(arguments.distance);
  request.set_detail(Details().at(arguments.detail));
  return request;
}

void AddErd(CLI::App& group, Context& context, const std::string& checkout) {
  auto arguments = std::make_shared<ErdArguments>();
  CLI::App* verb = group.add_subcommand("erd", "Draw a schema, or what differs between two, as a diagram");
  CLI::Option* source = verb->add_option("SCHEMA", arguments->source, "live (the default), model, or a revision word");
  verb->add_flag("--model", arguments->model, "The same as the word model")->excludes(source);
  verb->add_option("--diff", arguments->diff, "Mark what changed from FROM to TO, which is SCHEMA if left out")
      ->expected(1, 2)
      ->type_name("FROM [TO]");
  verb->add_option("-o,--out", arguments->file, "Write to this file: .svg, .dot, .mmd; default: the console")
      ->type_name("FILE");
  verb->add_option("--format", arguments->format, "svg, dot or mermaid; default: by the file's name, else svg")
      ->check(CLI::IsMember({"svg", "dot", "mermaid"}));
  verb->add_option("--table", arguments->tables, "Only this table; * stands for any characters; may be repeated")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->type_name("NAME");
  verb->add_option("--distance", arguments->distance, "With --table: tables this many foreign keys away, too")
      ->type_name("N");
  verb->add_option("--detail", arguments->detail,
                   "all, keys or names; default: all up to 30 tables, keys up to 150, names above")
      ->check(CLI::IsMember({"all", "keys", "names"}));
  verb->footer(
      "\nExamples:\n  bonnie schema erd -o erd.svg\n  bonnie schema erd --table patients --distance 1 -o patients.svg\n"
      "  bonnie schema erd --diff 0004 0005 -o changes.svg\n  bonnie schema erd model --diff live -o pending.svg\n"
      "  bonnie schema erd --format mermaid >>README.md");
  verb->callback([&context, &checkout, arguments] {
    absl::StatusOr<schema::v1::RenderErdRequest> request = ErdRequest(*arguments, FindCheckout(checkout));
    if (!request.ok()) return context.ReportWrongUse(request.status().message());
    context.WithSchema(Reach::kOneSite, [&](const std::string&, SchemaClient& client) {
      absl::StatusOr<std::string> text = client.RenderErd(*request);
      if (text.ok()) WriteDocument(context, arguments->file, *text);
      return text.status();
    });
  });
}

void AddDocs(CLI::App& group, Context& context, const std::string& checkout) {
  auto arguments = std::make_shared<ErdArguments>();
  CLI::App* verb = group.add_subcommand("docs", "Write a schema as a data dictionary in Markdown");
  CLI::Option* source = verb->add_option("SCHEMA", arguments->source, "live (the default), model, or a revision word");
  verb->add_flag("--model", arguments->model, "The same as the word model")->excludes(source);
  verb->add_option("-o,--out", arguments->file, "Write to this file; default: the console")->type_name("FILE");
  verb->add_option("--table", arguments->tables, "Only this table; * stands for any characters; may be repeated")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->type_name("NAME");
  verb->footer("\nExamples:\n  bonnie schema docs -o SCHEMA.md\n  bonnie schema docs head --table 'medical_*'");
  verb->callback([&context, &checkout, arguments] {
    schema::v1::ExportDocsRequest request;
    const std::string word = arguments->model ? "model" : arguments->source;
    absl::Status read = FillSource(word, FindCheckout(checkout), request.mutable_source());
    if (!read.ok()) return context.ReportWrongUse(read.message());
    *request.mutable_tables() = {arguments->tables.begin(), arguments->tables.end()};
    context.WithSchema(Reach::kOneSite, [&](const std::string&, SchemaClient& client) {
      absl::StatusOr<std::string> text = client.ExportDocs(request);
      if (text.ok()) WriteDocument(context, arguments->file, *text);
      return text.status();
    });
  });
}

}  // namespace

absl::StatusOr<ErdFormat> ChooseErdFormat(const std::string& format, const std::string& file_name) {
  if (!format.empty()) return Formats().at(format);
  if (file_name.empty() || absl::EndsWith(file_name, ".svg")) return schema::v1::ERD_FORMAT_SVG;
  if (absl::EndsWith(file_name, ".dot") || absl::EndsWith(file_name, ".gv")) return schema::v1::ERD_FORMAT_DOT;
  if (absl::EndsWith(file_name, ".mmd") || absl::EndsWith(file_name, ".mermaid")) return schema::v1::ERD_FORMAT_MERMAID;
  return absl::InvalidArgumentError(
      absl::StrCat(file_name, ": the ending says no format, want .svg, .dot or .mmd, or --format svg|dot|mermaid"));
}

void AddDocumentVerbs(CLI::App& group, Context& context, const std::string& checkout) {
  AddErd(group, context, checkout);
  AddDocs(group, context, checkout);
}

}  // namespace bonnie::cli
