#include "services/schema/lint_rules/rules.h"

namespace bonnie::schema::lint {

namespace {

void CheckHasRoutine(const StoredObject& object, Report& report) {
  if (object.object.kind != SchemaObject::Kind::kProcedure && object.object.kind != SchemaObject::Kind::kFunction)
    return;
  report.Add("", object.object.name, "a stored routine");
}

}  // namespace

Rule HasRoutine() {
  return {{"has-routine", Severity::kIgnore, RuleSubject::kSchema, "stored procedure or function",
           "Its code runs where nobody reviews, tests and deploys it with the programs that call it."},
          nullptr,
          CheckHasRoutine};
}

}  // namespace bonnie::schema::lint
