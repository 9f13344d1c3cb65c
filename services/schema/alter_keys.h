#ifndef BONNIE_SERVICES_SCHEMA_ALTER_KEYS_H_
#define BONNIE_SERVICES_SCHEMA_ALTER_KEYS_H_

#include <string>
#include <vector>

#include "services/data_access/error_table.h"
#include "services/schema/alter_columns.h"
#include "services/schema/model.h"
#include "services/schema/table_difference.h"

namespace bonnie::schema {

// Clauses of an ALTER TABLE. A thing that changes is dropped and added in one statement, so it is never missing.
struct KeyClauses {
  std::vector<std::string> earlier;  // in a statement before: a SPATIAL index whose column changes its SRID (3644)
  std::vector<std::string> drops;    // before the columns change
  std::vector<std::string> changes;  // RENAME INDEX, ALTER INDEX, ALTER CHECK
  std::vector<std::string> adds;     // after the columns changed
  // Each of a statement of its own: InnoDB makes one FULLTEXT index at a time (1795); indexes that only move.
  std::vector<std::vector<std::string>> later;
};

// `new_foreign_keys`: what the table is going to get; see IsHiddenKey in the .cc.
KeyClauses IndexClauses(const TableDifference& difference, const ColumnUpheaval& upheaval, data_access::Flavour flavour,
                        const std::vector<const ForeignKey*>& new_foreign_keys);
KeyClauses CheckClauses(const TableDifference& difference, const ColumnUpheaval& upheaval,
                        data_access::Flavour flavour);
// MariaDB's PERIOD FOR.
KeyClauses PeriodClauses(const TableDifference& difference);

// Whether the server may have made the index by itself, for a foreign key: it calls it like the constraint, or like the
// first column with a number after it. Pure.
bool MayBeGenerated(const Index& index, const Table& table);

// "DROP CHECK `c`", on MariaDB "DROP CONSTRAINT `c`".
std::string DropCheck(const Check& check, data_access::Flavour flavour);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_ALTER_KEYS_H_
