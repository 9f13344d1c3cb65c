#ifndef BONNIE_SERVICES_DATA_ACCESS_STATEMENT_TEXT_H_
#define BONNIE_SERVICES_DATA_ACCESS_STATEMENT_TEXT_H_

#include <string>

#include "services/data_access/statement.h"

namespace bonnie::data_access {

// The statement as one SQL text, its values written into it. For a server that has no prepared statement left for us
// (1461); nothing else is run so. Text and bytes are written in hexadecimal, so no value can end its literal.
std::string AsText(const Statement& statement);

}  // namespace bonnie::data_access

#endif  // BONNIE_SERVICES_DATA_ACCESS_STATEMENT_TEXT_H_
