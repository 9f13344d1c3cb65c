#ifndef BONNIE_SERVICES_SCHEMA_PORTABLE_DIFF_H_
#define BONNIE_SERVICES_SCHEMA_PORTABLE_DIFF_H_

#include <map>
#include <string>
#include <vector>

#include "services/schema/diff.h"
#include "services/schema/portable.h"

namespace bonnie::schema {

// A schema's parts by their keys; a part whose key another table has too, but for the case of its name, goes by its
// exact name.
std::map<std::string, PortablePart> PartsByKey(const Schema& schema);

// What differs between two schemas of two servers, by portable parts; besides by their texts where both servers are of
// one release series. A renaming is told only of tables whose names differ in case; any other is a drop and an
// addition. In the order of tables. Pure.
std::vector<Change> PortableDiff(const Schema& from, const Schema& to);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_PORTABLE_DIFF_H_
