#ifndef BONNIE_SERVICES_SCHEMA_ERD_MERMAID_H_
#define BONNIE_SERVICES_SCHEMA_ERD_MERMAID_H_

#include <string>

#include "services/schema/erd.h"

namespace bonnie::schema {

// The diagram as Mermaid's erDiagram (10.5 or newer), which repository browsers draw inside Markdown. Its grammar takes
// letters, digits, `_` and `-` alone in the names and types of columns: others are written `_`, and the name as it is
// stands in the comment beside it. Pure; the same graph has the same bytes.
std::string WriteMermaid(const ErdGraph& graph);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_ERD_MERMAID_H_
