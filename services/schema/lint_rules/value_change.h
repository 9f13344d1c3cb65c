#ifndef BONNIE_SERVICES_SCHEMA_LINT_RULES_VALUE_CHANGE_H_
#define BONNIE_SERVICES_SCHEMA_LINT_RULES_VALUE_CHANGE_H_

#include <string>

#include "services/schema/model.h"

namespace bonnie::schema {

// What a strict ALTER TABLE does to the values that a column holds, from best to worst. A conversion that the table does
// not list is kChanged.
enum class ValueFate {
  kKept,           // each is the same afterwards
  kKeptOrRefused,  // each is the same afterwards, or the statement fails and nothing has changed
  kChanged,        // some become other values without an error; others may make the statement fail
  kLost,           // some go, or lose digits, seconds, spaces or the like without an error; others likewise
};

struct ValueChange {
  ValueFate fate = ValueFate::kKept;
  std::string what;  // for people: "datetime becomes date: values that do not fit are rounded, …"; empty for kKept
};

// What becomes of the values of `before` when it becomes `after`; both as SHOW CREATE has them. `in_utc`: the server's
// time zone is UTC; else a TIMESTAMP that becomes another type moves by the difference, because Bonnie's sessions run
// in UTC. NULLs that make the statement fail are not counted (lint rule MF104). Pure.
ValueChange ValueChangeOf(const Column& before, const Column& after, bool in_utc);

// Whether the statement gives rows that hold NULL a value instead of failing on them: a number, or its own time. Pure.
bool ReplacesNulls(const Column& before, const Column& after);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_LINT_RULES_VALUE_CHANGE_H_
