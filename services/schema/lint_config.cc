#include "services/schema/lint_config.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "bonnie/config/v1/config.pb.h"

namespace bonnie::schema {

LintOptions LintFor(const config::v1::SchemaConfig& config) {
  LintOptions options;
  for (const config::v1::LintRule& rule : config.lint()) {
    const absl::optional<Severity> severity = SeverityNamed(rule.severity());
    if (severity.has_value()) options.severities[rule.code()] = *severity;
    options.allowed[rule.code()].insert(rule.allow().begin(), rule.allow().end());
  }
  return options;
}

std::vector<server::ConfigFault> CheckLintRule(const google::protobuf::Message& message) {
  if (message.GetDescriptor() != config::v1::LintRule::descriptor()) return {};
  const auto& rule = static_cast<const config::v1::LintRule&>(message);
  std::vector<server::ConfigFault> faults;
  if (!rule.code().empty() && FindRule(rule.code()) == nullptr) {
    faults.push_back({"code", -1, absl::StrCat(rule.code(), " is no rule; `bonnie schema lint --rules` lists all")});
  }
  if (!rule.severity().empty() && !SeverityNamed(rule.severity()).has_value()) {
    faults.push_back({"severity", -1, absl::StrCat(rule.severity(), ", want ignore, notice, warning or error")});
  }
  return faults;
}

}  // namespace bonnie::schema
