#include "services/schema/lint.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "services/schema/lint_rules/rules.h"

namespace bonnie::schema {

namespace {

using lint::Report;
using lint::Rule;

constexpr absl::string_view kSeverities[] = {"ignore", "notice", "warning", "error"};

Severity SeverityOf(const RuleInfo& rule, const LintOptions& options) {
  const auto found = options.severities.find(rule.code);
  return found == options.severities.end() ? rule.severity : found->second;
}

// Calls `run(rule, report)` with each rule that is not ignored.
template <class Run>
std::vector<Finding> Collect(const LintOptions& options, Run run) {
  std::vector<Finding> findings;
  for (const Rule& rule : lint::AllRules()) {
    const Severity severity = SeverityOf(rule.info, options);
    if (severity == Severity::kIgnore) continue;
    Report report(rule.info, severity, options, &findings);
    run(rule, report);
  }
  return findings;
}

}  // namespace

absl::string_view SeverityName(Severity severity) { return kSeverities[static_cast<int>(severity)]; }

absl::optional<Severity> SeverityNamed(absl::string_view name) {
  const auto found = absl::c_find(kSeverities, name);
  if (found == std::end(kSeverities)) return absl::nullopt;
  return static_cast<Severity>(found - std::begin(kSeverities));
}

const std::vector<RuleInfo>& Rules() {
  static const auto* const kInfos = [] {
    auto* infos = new std::vector<RuleInfo>;
    for (const Rule& rule : lint::AllRules()) infos->push_back(rule.info);
    return infos;
  }();
  return *kInfos;
}

const RuleInfo* FindRule(absl::string_view code) {
  const auto found = absl::c_find_if(Rules(), [code](const RuleInfo& rule) { return rule.code == code; });
  return found == Rules().end() ? nullptr : &*found;
}

absl::Status CheckCodes(const LintOptions& options) {
  const auto check = [](absl::string_view code) {
    return FindRule(code) != nullptr ? absl::OkStatus()
                                     : absl::InvalidArgumentError(absl::StrCat(
                                           "'", code, "' is no rule; `bonnie schema lint --rules` lists all"));
  };
  absl::Status status;
  for (const auto& [code, severity] : options.severities) status.Update(check(code));
  for (const auto& [code, values] : options.allowed) status.Update(check(code));
  return status;
}

std::vector<Finding> LintSchema(const Schema& schema, const LintOptions& options) {
  std::vector<Finding> findings = Collect(options, [&](const Rule& rule, Report& report) {
    if (rule.table != nullptr) {
      for (const auto& [name, table] : schema.tables) rule.table(table, schema, report);
    }
    if (rule.object != nullptr) {
      for (const StoredObject& object : schema.objects) rule.object(object, report);
    }
  });
  absl::c_stable_sort(findings, [](const Finding& a, const Finding& b) { return a.table < b.table; });
  return findings;
}

std::vector<Finding> LintChanges(const Schema& from, const Schema& to, const Difference& difference,
                                 const LintOptions& options) {
  const lint::ChangedSchema schemas(from, to, difference);
  std::vector<Finding> all;
  for (const Change& change : difference.changes) {
    std::vector<Finding> findings = Collect(options, [&](const Rule& rule, Report& report) {
      if (rule.change != nullptr) rule.change(change, schemas, report);
    });
    absl::c_move(findings, std::back_inserter(all));
  }
  return all;
}

std::vector<Finding> LintText(absl::string_view sql, const LintOptions& options) {
  return Collect(options, [sql](const Rule& rule, Report& report) {
    if (rule.text != nullptr) rule.text(sql, report);
  });
}

absl::optional<Finding> LintBlocking(absl::string_view sql, const std::string& table, const LintOptions& options,
                                     const std::vector<Change>& changes) {
  const RuleInfo* rule = FindRule(BlockingCode(sql, changes));
  const Severity severity = SeverityOf(*rule, options);
  if (severity == Severity::kIgnore) return absl::nullopt;
  std::vector<Finding> findings;
  Report(*rule, severity, options, &findings).Add(table, "", rule->name);
  if (findings.empty()) return absl::nullopt;
  return findings[0];
}

absl::StatusOr<absl::optional<std::string>> NolintCode(absl::string_view comment) {
  comment = absl::StripLeadingAsciiWhitespace(comment);
  if (!absl::ConsumePrefix(&comment, "nolint:")) return absl::optional<std::string>();
  const std::vector<absl::string_view> words = absl::StrSplit(comment, ' ', absl::SkipWhitespace());
  if (words.empty()) return absl::InvalidArgumentError("nolint: want `nolint: CODE why`");
  if (words[0] != kDataLossCode && FindRule(words[0]) == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("nolint: '", words[0], "' is no rule; `bonnie schema lint --rules` lists all"));
  }
  return absl::optional<std::string>(words[0]);
}

}  // namespace bonnie::schema
