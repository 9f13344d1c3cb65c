#ifndef BONNIE_SERVICES_SCHEMA_SHOW_CREATE_H_
#define BONNIE_SERVICES_SCHEMA_SHOW_CREATE_H_

#include <string>
#include <vector>

#include "services/schema/model.h"

namespace bonnie::schema {

// SHOW CREATE TABLE of `table` in a form in which two tables that read the same are equal: without the AUTO_INCREMENT
// counter, with secondary indexes, constraints and options in alphabetical order. Taken from the server's text rather
// than from what was parsed, so that a part which the parser or Diff overlooks shows. Pure.
std::string ComparableText(const Table& table);

// What reads differently in two such texts, for an error: "`a` int(11) NOT NULL / `a` int(11)". Pure.
std::string FirstDifference(const std::string& a, const std::string& b);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_SHOW_CREATE_H_
