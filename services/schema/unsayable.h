#ifndef BONNIE_SERVICES_SCHEMA_UNSAYABLE_H_
#define BONNIE_SERVICES_SCHEMA_UNSAYABLE_H_

#include <vector>

#include "services/schema/model.h"

namespace bonnie::schema {

// Whether SHOW CREATE writes no default for a column that may be NULL, where it would write DEFAULT NULL: ALTER … DROP
// DEFAULT left it so, and it must be given a value. Pure.
bool LacksNullDefault(const Column& column);

// What `schema`'s tables have that an ALTER left behind and no CREATE TABLE can say: read, compared and kept exactly,
// but a table made anew from its text differs there. MySQL alone has such. Pure.
std::vector<Unsupported> FindUnsayable(const Schema& schema);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_UNSAYABLE_H_
