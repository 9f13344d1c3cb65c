#ifndef BONNIE_SERVICES_SCHEMA_LINT_RULES_VALUE_CHANGE_H_
#define BONNIE_SERVICES_SCHEMA_LINT_RULES_VALUE_CHANGE_H_

#include <string>

#include "services/schema/model.h"

namespace bonnie::schema {

// What a strict ALTER TABLE does to the values that a column holds, from the best to the worst. What a change is not
// known to be is kChanged.
enum class ValueFate {
  kKept,           // each is the same afterwards
  kKeptOrRefused,  // each is the same afterwards, or the statement fails and nothing has changed
  kChanged,        // some become other values, and the server says nothing
  kLost,           // some go, or lose digits, seconds, spaces or the like, and the server says nothing
};

struct ValueChange {
  ValueFate fate = ValueFate::kKept;
  std::string what;  // for people, such as "datetime becomes date: the time of day goes"; empty for kKept
};

// What becomes of the values of `before` when it becomes `after`; both as SHOW CREATE has them. `in_utc`: the server's
// time zone is UTC; else a TIMESTAMP that becomes another type moves by the difference, because Bonnie's sessions run
// in UTC. NULLs that a NOT NULL column refuses are not among it (lint rule MF104), nor are members that an ENUM or SET
// loses (MY110, MY120): the statement fails on both. Pure.
ValueChange ValueChangeOf(const Column& before, const Column& after, bool in_utc);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_LINT_RULES_VALUE_CHANGE_H_
