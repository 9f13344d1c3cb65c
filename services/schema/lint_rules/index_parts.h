#ifndef BONNIE_SERVICES_SCHEMA_LINT_RULES_INDEX_PARTS_H_
#define BONNIE_SERVICES_SCHEMA_LINT_RULES_INDEX_PARTS_H_

#include <string>
#include <vector>

#include "services/schema/model.h"

namespace bonnie::schema::lint {

// Whether `wide` finds and orders all that `narrow` does: it begins with the same parts. Says nothing of uniqueness.
bool Covers(const Index& wide, const Index& narrow);
bool IsUnique(const Index& index);
// Whether its first columns are these, each whole.
bool BeginsWith(const Index& index, const std::vector<std::string>& columns);

}  // namespace bonnie::schema::lint

#endif  // BONNIE_SERVICES_SCHEMA_LINT_RULES_INDEX_PARTS_H_
