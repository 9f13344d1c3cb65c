#ifndef BONNIE_SERVICES_SCHEMA_QUOTED_NAMES_H_
#define BONNIE_SERVICES_SCHEMA_QUOTED_NAMES_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace bonnie::schema {

// Names between backticks in a clause of SHOW CREATE, those in strings left out. All pure.

// `clause` with each name replaced by what `replace` makes of it.
std::string ReplaceNames(absl::string_view clause, const std::function<std::string(const std::string&)>& replace);
// The names, in order, as often as they occur.
std::vector<std::string> NamesIn(absl::string_view clause);
// Whether one of them is `name`, without case as columns compare.
bool Mentions(absl::string_view clause, absl::string_view name);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_QUOTED_NAMES_H_
