#ifndef BONNIE_SERVICES_SCHEMA_ERD_SVG_H_
#define BONNIE_SERVICES_SCHEMA_ERD_SVG_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/schema/erd.h"

namespace bonnie::schema {

// The diagram as an SVG document: boxes with a line per column, crow's feet at the foreign keys, a legend. It refers to
// nothing outside itself and runs nothing; the same graph has the same bytes. Blocks and fails as LayOut.
absl::StatusOr<std::string> WriteSvg(const ErdGraph& graph, absl::Time deadline);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_ERD_SVG_H_
