#ifndef BONNIE_SERVICES_SCHEMA_EXPRESSION_TREE_H_
#define BONNIE_SERVICES_SCHEMA_EXPRESSION_TREE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace bonnie::schema {

// An expression as a tree in text, operators before their operands: "(and (> a 1) (= b 'x'))". Equal for what MySQL
// writes with every parenthesis and MariaDB with the fewest, and different where operators group differently. Names of
// columns and functions are in lower case; charset introducers, but for _binary, are left out; `!=`, `not like`,
// REGEXP_LIKE and the like stand as one of their spellings. nullopt: something that this does not understand. Pure.
//
// A parser of its own, because neither server offers its tree in a form that the other one has.
absl::optional<std::string> ExpressionTree(absl::string_view expression);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_EXPRESSION_TREE_H_
