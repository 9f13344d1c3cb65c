#ifndef BONNIE_SERVICES_SCHEMA_ERD_DOT_H_
#define BONNIE_SERVICES_SCHEMA_ERD_DOT_H_

#include <string>

#include "services/schema/erd.h"

namespace bonnie::schema {

// The diagram as a graph in Graphviz's language, for `dot`: a table of cells for each box, a port for each row, crow's
// feet as arrows. Pure; the same graph has the same bytes.
std::string WriteDot(const ErdGraph& graph);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_ERD_DOT_H_
