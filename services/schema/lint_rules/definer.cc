#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/schema/clause_reader.h"
#include "services/schema/lint_rules/rules.h"

namespace bonnie::schema::lint {

namespace {

// The account between DEFINER= and what follows, as "app@%"; empty for none.
std::string DefinerOf(const std::string& create_statement) {
  ClauseReader reader(create_statement);
  while (!reader.AtEnd() && !reader.AtAnyWord({"view", "trigger", "event", "procedure", "function"})) {
    if (!reader.TakeWord("definer")) {
      reader.Skip();
      continue;
    }
    std::string account;
    reader.TakeSign("=");
    while (!reader.AtEnd() && !reader.AtAnyWord({"sql", "view", "trigger", "event", "procedure", "function"})) {
      absl::StrAppend(&account, reader.Peek().name.empty() ? reader.Peek().text : reader.Peek().name);
      reader.Skip();
    }
    return account;
  }
  return "";
}

void CheckDefiner(const StoredObject& object, Report& report) {
  const std::string definer = DefinerOf(object.create_statement);
  if (!absl::StartsWith(definer, "root@") || report.Allows(definer)) return;
  report.Add("", object.object.name,
             absl::StrCat("its DEFINER is ", definer, ": it runs with all of that one's rights"));
}

}  // namespace

Rule Definer() {
  return {{"definer", Severity::kError, RuleSubject::kSchema, "stored object that root owns",
           "Who may call it acts as the administrator, and it fails on a managed server, which has no such account."},
          nullptr,
          CheckDefiner};
}

}  // namespace bonnie::schema::lint
