#include "services/schema/lint_sources.h"

#include <iterator>
#include <memory>
#include <set>
#include <utility>

#include "absl/algorithm/container.h"
#include "services/data_access/status_macros.h"
#include "services/schema/create_revision.h"
#include "services/schema/diff.h"
#include "services/schema/statement_facts.h"
#include "services/schema/tool_tables.h"

namespace bonnie::schema {

namespace {

// What the statements between the two say of themselves, and what is found in their texts.
absl::Status LookAtRevisions(SchemaSources& sources, MigrationDir& dir, const Source& source,
                             const absl::optional<Source>& from, absl::Time deadline, LintOptions* options,
                             std::vector<Finding>* findings) {
  if (!std::holds_alternative<RevisionSource>(source)) return absl::OkStatus();
  BONNIE_ASSIGN_OR_RETURN(const auto folder, dir.Load());
  BONNIE_ASSIGN_OR_RETURN(const std::set<std::string> up_to, sources.RevisionsOf(source, deadline));
  std::set<std::string> before;
  if (from.has_value()) {
    BONNIE_ASSIGN_OR_RETURN(before, sources.RevisionsOf(*from, deadline));
  }
  for (const std::string& id : folder->graph().order()) {
    if (up_to.count(id) == 0 || before.count(id) > 0) continue;
    for (const RevisionStatement& statement : folder->at(id).up) {
      LintOptions own = *options;
      if (const auto facts = LookAt(statement.sql); facts.ok()) {
        for (const SchemaObject& object : facts->objects) {
          own.nolint[object.name].insert(statement.nolint.begin(), statement.nolint.end());
          if (from.has_value()) options->nolint[object.name].insert(statement.nolint.begin(), statement.nolint.end());
        }
      }
      absl::c_move(LintText(statement.sql, own), std::back_inserter(*findings));
    }
  }
  return absl::OkStatus();
}

void LookAtFiles(const std::vector<ModelFile>& files, LintOptions* options, LintResult* result) {
  for (const ModelFile& file : files) {
    result->files[file.table] = file.file_name;
    options->nolint[file.table].insert(file.nolint.begin(), file.nolint.end());
  }
  for (const ModelFile& file : files) {
    absl::c_move(LintText(file.sql, *options), std::back_inserter(result->findings));
  }
}

// As it is to be linted: other tools' tables in a database are their makers' business.
Schema ToLint(const Schema& schema, const Source& source) {
  Schema own = schema;
  if (!std::holds_alternative<LiveSource>(source)) return own;
  for (auto table = own.tables.begin(); table != own.tables.end();) {
    table = IsToolTable(table->first) ? own.tables.erase(table) : std::next(table);
  }
  return own;
}

}  // namespace

absl::StatusOr<LintResult> LintSources(SchemaSources& sources, MigrationDir& dir, const Source& source,
                                       const absl::optional<Source>& from, LintOptions options, absl::Time deadline) {
  LintResult result;
  if (const auto* model = std::get_if<ModelSource>(&source)) {
    BONNIE_ASSIGN_OR_RETURN(const std::vector<ModelFile> files, sources.Files(*model));
    LookAtFiles(files, &options, &result);
  }
  BONNIE_RETURN_IF_ERROR(LookAtRevisions(sources, dir, source, from, deadline, &options, &result.findings));
  BONNIE_ASSIGN_OR_RETURN(const auto read, sources.Read(source, deadline));
  Schema to = ToLint(*read, source);
  absl::c_move(LintSchema(to, options), std::back_inserter(result.findings));
  if (!from.has_value()) return result;
  BONNIE_ASSIGN_OR_RETURN(const auto before, sources.Read(*from, deadline));
  Schema from_schema = ToLint(*before, *from);
  BONNIE_ASSIGN_OR_RETURN(const RenameHints hints, sources.HintsBetween(*from, source, deadline));
  const Difference difference = Diff(from_schema, to, hints);
  absl::c_move(LintChanges(from_schema, to, difference, options), std::back_inserter(result.findings));
  return result;
}

}  // namespace bonnie::schema
