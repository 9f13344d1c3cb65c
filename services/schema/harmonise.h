#ifndef BONNIE_SERVICES_SCHEMA_HARMONISE_H_
#define BONNIE_SERVICES_SCHEMA_HARMONISE_H_

#include "services/schema/model.h"

namespace bonnie::schema {

// `schema` with every part that means the same as in `like` in the words of `like`, which another server wrote: what
// then still differs clause by clause differs indeed. For whoever compares by clauses, such as a diagram of the
// difference; `portable_diff` needs none of it. Where both are of one release series nothing changes. Pure.
Schema Harmonised(Schema schema, const Schema& like);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_HARMONISE_H_
