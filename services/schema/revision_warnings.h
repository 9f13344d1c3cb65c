#ifndef BONNIE_SERVICES_SCHEMA_REVISION_WARNINGS_H_
#define BONNIE_SERVICES_SCHEMA_REVISION_WARNINGS_H_

#include <string>
#include <vector>

#include "services/schema/diff.h"
#include "services/schema/model.h"

namespace bonnie::schema {

// Something that the author of a revision should know of before it meets rows.
struct RevisionWarning {
  std::string code;         // stable: data-loss, MY101, MF101 and so on, after the lint catalogue
  std::string description;  // begins with the table
  friend bool operator==(const RevisionWarning&, const RevisionWarning&) = default;
};

// What the change from `from` to `to` may do to rows, and what it may meet in them. Pure.
//   data-loss  drops a table or column           MY101  a NOT NULL column without default fills rows silently
//   MF101      a unique index on what is there   MF104  NULL becomes NOT NULL
//   narrowing  a type that holds less            MY111  values of an ENUM or SET that go or change places
//   CD101      a foreign key goes                rows-checked  a foreign key or check that rows must obey
//   rename     a table's rename wants a right that the schema user lacks
std::vector<RevisionWarning> WarnOfRows(const Schema& from, const Schema& to, const Difference& difference);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_REVISION_WARNINGS_H_
