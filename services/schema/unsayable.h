#ifndef BONNIE_SERVICES_SCHEMA_UNSAYABLE_H_
#define BONNIE_SERVICES_SCHEMA_UNSAYABLE_H_

#include <vector>

#include "services/schema/model.h"

namespace bonnie::schema {

// What `schema`'s tables have that an ALTER left behind and neither CREATE TABLE nor a model's mark can say: read,
// compared and kept exactly, but a table made anew from its text differs there. Pure.
std::vector<Unsupported> FindUnsayable(const Schema& schema);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_UNSAYABLE_H_
