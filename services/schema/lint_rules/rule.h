#ifndef BONNIE_SERVICES_SCHEMA_LINT_RULES_RULE_H_
#define BONNIE_SERVICES_SCHEMA_LINT_RULES_RULE_H_

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/schema/diff.h"
#include "services/schema/lint.h"
#include "services/schema/model.h"

namespace bonnie::schema::lint {

// Takes the findings of one rule. Used by one thread at a time.
class Report {
 public:
  Report(const RuleInfo& rule, Severity severity, const LintOptions& options, std::vector<Finding>* findings)
      : rule_(rule), severity_(severity), options_(options), findings_(*findings) {}

  // `what` goes on after the place and a colon.
  void Add(const std::string& table, const std::string& object, absl::string_view what);
  // Of a rule whose findings do not all drop data: this one does.
  void AddLoss(const std::string& table, const std::string& object, absl::string_view what);

  // Whether the options let `value` pass; without case.
  bool Allows(absl::string_view value) const;

 private:
  void Add(const std::string& table, const std::string& object, absl::string_view what, bool drops_data);

  const RuleInfo& rule_;
  const Severity severity_;
  const LintOptions& options_;
  std::vector<Finding>& findings_;
};

// Two schemas, and what a change's names mean in each. Both outlive it.
class ChangedSchema {
 public:
  ChangedSchema(const Schema& from, const Schema& to, const Difference& difference);

  const Schema& from() const { return from_; }
  const Schema& to() const { return to_; }
  // The table, column or index of a change before and after it; null where there is none.
  const Table* TableBefore(const Change& change) const;
  const Table* TableAfter(const Change& change) const;
  const Column* ColumnBefore(const Change& change) const;
  const Column* ColumnAfter(const Change& change) const;
  const Index* IndexBefore(const Change& change) const;
  const Index* IndexAfter(const Change& change) const;
  // The names of a table and a column before; as they are where nothing was renamed.
  std::string OldTable(const std::string& table) const;
  std::string OldColumn(const std::string& table, const std::string& column) const;
  // Whether there is another change of that kind to the table.
  bool Has(Change::Kind kind, const std::string& table, const std::string& object) const;

 private:
  const Schema& from_;
  const Schema& to_;
  const Difference& difference_;
  std::map<std::string, std::string> old_tables_;
  std::map<std::pair<std::string, std::string>, std::string> old_columns_;
};

// A rule: what it is, and one of the checks (none: its findings are told from elsewhere).
struct Rule {
  RuleInfo info;
  void (*table)(const Table& table, const Schema& schema, Report& report) = nullptr;
  void (*object)(const StoredObject& object, Report& report) = nullptr;
  void (*change)(const Change& change, const ChangedSchema& schemas, Report& report) = nullptr;
  void (*text)(absl::string_view sql, Report& report) = nullptr;
};

}  // namespace bonnie::schema::lint

#endif  // BONNIE_SERVICES_SCHEMA_LINT_RULES_RULE_H_
