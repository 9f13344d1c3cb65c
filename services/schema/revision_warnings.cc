#include "services/schema/revision_warnings.h"

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/schema/create_table.h"

namespace bonnie::schema {

namespace {

void Add(const std::vector<Finding>& findings, std::vector<RevisionWarning>* warnings) {
  for (const Finding& finding : findings) {
    if (finding.severity < Severity::kWarning) continue;
    const RuleInfo* rule = FindRule(finding.code);
    warnings->push_back({rule != nullptr && rule->drops_data ? kDataLossCode : finding.code, finding.description});
  }
}

// Names of those of `table`'s indexes that `other` has, too.
std::vector<std::string> CommonIndexes(const Table& table, const Table& other) {
  std::vector<std::string> names;
  for (const Index& index : table.indexes) {
    if (other.FindIndex(index.name) != nullptr) names.push_back(absl::AsciiStrToLower(index.name));
  }
  return names;
}

}  // namespace

std::vector<RevisionWarning> WarnOfRows(const Schema& from, const Schema& to, const Difference& difference,
                                        const LintOptions& options) {
  std::vector<RevisionWarning> warnings;
  Add(LintChanges(from, to, difference, options), &warnings);
  return warnings;
}

std::vector<RevisionWarning> WarnOfText(const std::vector<std::string>& statements, const LintOptions& options) {
  std::vector<RevisionWarning> warnings;
  for (const std::string& statement : statements) Add(LintText(statement, options), &warnings);
  return warnings;
}

std::vector<RevisionWarning> WarnOfKeyOrder(const std::vector<ModelFile>& model, const Schema& made,
                                            const std::vector<Change>& changes) {
  std::vector<RevisionWarning> warnings;
  for (const ModelFile& file : model) {
    const auto changes_it = [&](const Change& change) { return change.table == file.table; };
    const auto table = made.tables.find(file.table);
    if (table == made.tables.end() || !absl::c_any_of(changes, changes_it)) continue;
    const absl::StatusOr<Table> declared = ParseCreateTable(file.sql);
    if (!declared.ok()) continue;  // not as SHOW CREATE writes
    const std::vector<std::string> order = CommonIndexes(table->second, *declared);
    if (CommonIndexes(*declared, table->second) == order) continue;
    warnings.push_back(
        {"key-order", absl::StrCat(file.table, ": the server lists its keys in another order than the model, ",
                                   absl::StrJoin(order, ", "), ": it sorts unique ones")});
  }
  return warnings;
}

}  // namespace bonnie::schema
