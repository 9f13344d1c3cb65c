#ifndef BONNIE_SERVICES_SCHEMA_LEDGER_TABLES_H_
#define BONNIE_SERVICES_SCHEMA_LEDGER_TABLES_H_

#include <string>
#include <vector>

namespace bonnie::schema {

// CREATE TABLE IF NOT EXISTS texts of the ledger (ledger.h says what the tables are for) and the lease's row, in order;
// running them again does nothing. Apart from ledger.h because SQL that is written for another program needs them too.
const std::vector<std::string>& LedgerStatements();

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_LEDGER_TABLES_H_
