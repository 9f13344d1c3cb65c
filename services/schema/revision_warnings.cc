#include "services/schema/revision_warnings.h"

namespace bonnie::schema {

namespace {

void Add(const std::vector<Finding>& findings, std::vector<RevisionWarning>* warnings) {
  for (const Finding& finding : findings) {
    if (finding.severity < Severity::kWarning) continue;
    const RuleInfo* rule = FindRule(finding.code);
    warnings->push_back({rule != nullptr && rule->drops_data ? kDataLossCode : finding.code, finding.description});
  }
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

}  // namespace bonnie::schema
