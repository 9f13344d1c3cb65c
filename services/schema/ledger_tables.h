#ifndef BONNIE_SERVICES_SCHEMA_LEDGER_TABLES_H_
#define BONNIE_SERVICES_SCHEMA_LEDGER_TABLES_H_

#include <string>
#include <vector>

namespace bonnie::schema {

// CREATE TABLE IF NOT EXISTS texts of the ledger (ledger.h says what the tables are for) and the lease's row, in order;
// running them again does nothing. Apart from ledger.h because SQL that is written for another program needs them too.
const std::vector<std::string>& LedgerStatements();

// Something that the ledger's tables have now and had not when they were first made: a ledger of an older version gets
// it by `ALTER TABLE <table> <clause>` (make_ledger.h).
struct LedgerChange {
  enum class Unless {
    kColumnIsThere,
    kColumnIsNullable,
    kKeyIsThere,
  };
  const char* table;
  Unless unless;
  const char* name;    // of the column or key that tells whether it was made already
  const char* clause;  // such as "ADD COLUMN …"
};
// In the order in which they came. LedgerStatements has them all, too.
const std::vector<LedgerChange>& LedgerChanges();

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_LEDGER_TABLES_H_
