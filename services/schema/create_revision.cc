#include "services/schema/create_revision.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/data_access/status_macros.h"
#include "services/schema/revision_text.h"
#include "services/schema/sql_splitter.h"
#include "services/schema/statement_facts.h"
#include "services/schema/statement_renames.h"
#include "services/server/error.h"

namespace bonnie::schema {

namespace {

absl::Status Invalid(absl::string_view reason, absl::string_view message) {
  return server::Error(absl::StatusCode::kInvalidArgument, message, {.reason = std::string(reason)});
}

absl::StatusOr<std::vector<std::string>> Parents(const MigrationFolder& folder, const NewRevision& request) {
  const RevisionGraph& graph = folder.graph();
  if (request.head == "base" || (request.head.empty() && graph.heads().empty())) return std::vector<std::string>();
  BONNIE_ASSIGN_OR_RETURN(std::string parent, graph.One(request.head.empty() ? "head" : request.head, {}));
  const std::vector<std::string>& heads = graph.heads();
  if (!request.splice && std::find(heads.begin(), heads.end(), parent) == heads.end()) {
    return Invalid("HEAD_HAS_CHILDREN",
                   absl::StrCat("revision ", parent, " is no head (heads: ", absl::StrJoin(heads, ", "),
                                "); --splice begins a branch there all the same"));
  }
  return std::vector<std::string>{parent};
}

std::string NewId(const MigrationFolder& folder, absl::Time now) {
  std::string id = RevisionIdAt(now);
  while (folder.graph().Contains(id)) id = RevisionIdAt(now += absl::Seconds(1));
  return id;
}

// The statements of a text, each allowed in a revision.
absl::StatusOr<std::vector<std::string>> Split(absl::string_view way, absl::string_view text) {
  absl::StatusOr<std::vector<SplitStatement>> split = SplitStatements(text, 1);
  if (!split.ok()) return Invalid("STATEMENT_REFUSED", absl::StrCat("way ", way, ":", split.status().message()));
  std::vector<std::string> statements;
  for (SplitStatement& statement : *split) {
    if (const auto facts = LookAt(statement.sql); !facts.ok()) {
      return Invalid("STATEMENT_REFUSED",
                     absl::StrCat("way ", way, ":", statement.line, ": ", facts.status().message()));
    }
    statements.push_back(std::move(statement.sql));
  }
  return statements;
}

// Writes one revision. A class because its steps share the folder, the setting and the deadline.
class Writer {
 public:
  Writer(Canonical& canonical, const MigrationFolder& folder, const DdlSetting& setting, absl::Time deadline,
         const LintOptions& lint)
      : canonical_(canonical), folder_(folder), setting_(setting), deadline_(deadline), lint_(lint) {}

  absl::Status Fill(const Autogenerate& body) {
    BONNIE_ASSIGN_OR_RETURN(auto from, canonical_.OfRevisions(folder_, folder_.graph().heads(), setting_, deadline_));
    BONNIE_ASSIGN_OR_RETURN(auto model, canonical_.OfModel(body.model, setting_, deadline_));
    Schema to = *model;
    to.objects = from->objects;  // a model holds tables: the rest is the revisions' own
    created_.unsupported = from->unsupported;
    created_.unsupported.insert(created_.unsupported.end(), to.unsupported.begin(), to.unsupported.end());
    BONNIE_ASSIGN_OR_RETURN(auto scratch, canonical_.OpenScratch(setting_, deadline_));
    BONNIE_ASSIGN_OR_RETURN(ProvenScript script,
                            Prove(*scratch, *from, to, HintsOf(body.model), WithNolint(lint_, body.model)));
    draft_.up = std::move(script.up);
    draft_.down = std::move(script.down);
    created_.changes = std::move(script.difference.changes);
    created_.warnings = std::move(script.warnings);
    absl::c_move(WarnOfKeyOrder(body.model, to, created_.changes), std::back_inserter(created_.warnings));
    for (const Change& change : created_.changes) draft_.notes.push_back(Describe(change));
    for (const RevisionWarning& warning : created_.warnings) {
      draft_.notes.push_back(absl::StrCat("! ", warning.code, " ", warning.description));
    }
    return absl::OkStatus();
  }

  absl::Status Fill(const GivenSql& body) {
    BONNIE_ASSIGN_OR_RETURN(draft_.up, Split("up", body.up));
    if (body.down.has_value()) {
      BONNIE_ASSIGN_OR_RETURN(draft_.down, Split("down", *body.down));
    }
    BONNIE_ASSIGN_OR_RETURN(auto from, canonical_.OfRevisions(folder_, folder_.graph().heads(), setting_, deadline_));
    BONNIE_ASSIGN_OR_RETURN(auto before, StatementsUp(folder_, folder_.graph().heads(), setting_.flavour));
    BONNIE_ASSIGN_OR_RETURN(auto scratch, canonical_.OpenScratch(setting_, deadline_));
    BONNIE_RETURN_IF_ERROR(scratch->Run(before, /*check_foreign_keys=*/true));
    BONNIE_RETURN_IF_ERROR(Run(*scratch, "up", draft_.up));
    BONNIE_ASSIGN_OR_RETURN(const Schema after, scratch->Inspect());
    RenameTrail renames;
    for (const std::string& statement : draft_.up) renames.Follow(statement);
    const Difference difference = Diff(*from, after, renames.hints());
    created_.changes = difference.changes;
    created_.warnings = WarnOfRows(*from, after, difference, lint_);
    absl::c_move(WarnOfText(draft_.up, lint_), std::back_inserter(created_.warnings));
    if (!draft_.down.has_value()) return absl::OkStatus();
    BONNIE_RETURN_IF_ERROR(Run(*scratch, "down", *draft_.down));
    BONNIE_ASSIGN_OR_RETURN(const Schema back, scratch->Inspect());
    for (const Change& change : Diff(*from, back).changes) {
      created_.warnings.push_back(
          {"no-way-down", absl::StrCat("the way down leaves a difference: ", Describe(change))});
    }
    return absl::OkStatus();
  }

  absl::Status Fill(const std::monostate&) {
    draft_.down.emplace();
    return absl::OkStatus();
  }

  absl::StatusOr<CreatedRevision> Finish(RevisionLinks links, const std::string& message) {
    draft_.links = std::move(links);
    draft_.message = message;
    const std::string text = WriteRevision(draft_);
    BONNIE_ASSIGN_OR_RETURN(created_.revision, ParseRevision(RevisionFileName(draft_.links.id, message), text));
    bool same = created_.revision.up.size() == draft_.up.size();
    for (size_t i = 0; same && i < draft_.up.size(); ++i) same = created_.revision.up[i].sql == draft_.up[i];
    if (!same) return absl::InternalError("the revision's text does not read as the statements that were proven");
    created_.revision.hash = folder_.HashOf(created_.revision);
    return std::move(created_);
  }

 private:
  static absl::Status Run(ScratchDatabase& scratch, absl::string_view way, const std::vector<std::string>& statements) {
    std::vector<ScratchStatement> run;
    for (const std::string& sql : statements) {
      run.push_back({sql, absl::StrCat("way ", way, ", statement ", run.size() + 1)});
    }
    return scratch.Run(run, /*check_foreign_keys=*/true);
  }

  Canonical& canonical_;
  const MigrationFolder& folder_;
  const DdlSetting& setting_;
  const absl::Time deadline_;
  const LintOptions& lint_;
  RevisionDraft draft_;
  CreatedRevision created_;
};

}  // namespace

RenameHints HintsOf(const std::vector<ModelFile>& model) {
  RenameHints hints;
  for (const ModelFile& file : model) {
    for (const auto& [name, old_name] : file.renamed_from) {
      if (name.empty()) {
        hints.tables[file.table] = old_name;
      } else {
        hints.columns[file.table][name] = old_name;
      }
    }
  }
  return hints;
}

LintOptions WithNolint(LintOptions options, const std::vector<ModelFile>& model) {
  for (const ModelFile& file : model) options.nolint[file.table].insert(file.nolint.begin(), file.nolint.end());
  return options;
}

absl::StatusOr<RevisionLinks> PlaceRevision(const MigrationFolder& folder, const NewRevision& request, absl::Time now) {
  RevisionLinks links;
  links.id = request.rev_id.empty() ? NewId(folder, now) : request.rev_id;
  if (folder.graph().Contains(links.id)) {
    return Invalid("REVISION_EXISTS",
                   absl::StrCat("revision ", links.id, " is already in versions/", folder.at(links.id).file_name));
  }
  BONNIE_ASSIGN_OR_RETURN(links.revises, Parents(folder, request));
  for (const std::string& word : request.depends_on) {
    BONNIE_ASSIGN_OR_RETURN(std::string id, folder.graph().One(word, {}));
    links.depends_on.push_back(std::move(id));
  }
  links.branch_label = request.branch_label;
  return links;
}

absl::StatusOr<CreatedRevision> CreateRevision(Canonical& canonical, const MigrationFolder& folder,
                                               const DdlSetting& setting, const NewRevision& request, absl::Time now,
                                               absl::Time deadline, const LintOptions& lint) {
  BONNIE_ASSIGN_OR_RETURN(RevisionLinks links, PlaceRevision(folder, request, now));
  Writer writer(canonical, folder, setting, deadline, lint);
  BONNIE_RETURN_IF_ERROR(std::visit([&](const auto& body) { return writer.Fill(body); }, request.body));
  return writer.Finish(std::move(links), request.message);
}

}  // namespace bonnie::schema
