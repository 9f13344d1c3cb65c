#ifndef BONNIE_SERVICES_SCHEMA_PORTABLE_H_
#define BONNIE_SERVICES_SCHEMA_PORTABLE_H_

#include <string>
#include <vector>

#include "services/schema/model.h"

namespace bonnie::schema {

// A part of a schema in the words that MySQL and MariaDB have in common.
//
// Two servers' texts cannot be compared: each writes defaults, widths, expressions and what it names by itself in its
// own way. Here those are normalised, so that parts which mean the same on two servers are equal.
struct PortablePart {
  enum class Kind {
    kTable,  // name is empty
    kColumn,
    kColumnOrder,  // name is empty
    kIndex,
    kForeignKey,
    kCheck,
    kTableOption,
    kPartitioning,  // name is empty
    kObject,        // of a view, trigger, routine or event; table is empty but of a trigger
  } kind = Kind::kTable;
  std::string table;  // as the server calls it
  std::string name;   // what the server named by itself goes by its content, such as "(patient_id)"
  std::string plain;  // equal where it means the same
  std::string text;   // as the server says it

  // What it is compared under on several servers: lower_case_table_names may have changed the case of tables' names.
  std::string Key() const;
};

// In the order of tables; the columns of one in theirs, everything else of it by name.
std::vector<PortablePart> PortableParts(const Schema& schema);

// What `key` of `table` is called in a PortablePart: a name that the server gave goes by its content, "(patient_id)".
std::string PortableName(const std::string& table, const ForeignKey& key);

// Whether both are of one flavour and release series, such as 10.11: their texts can then be compared as they are.
bool AreOfOneSeries(const Schema& a, const Schema& b);

// Equal where two parts of servers of the same version are the same: `text` without what a column has from its table,
// written or not.
std::string ExactText(const PortablePart& part);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_PORTABLE_H_
