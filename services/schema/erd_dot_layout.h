#ifndef BONNIE_SERVICES_SCHEMA_ERD_DOT_LAYOUT_H_
#define BONNIE_SERVICES_SCHEMA_ERD_DOT_LAYOUT_H_

#include <map>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/schema/erd_layout.h"

namespace bonnie::schema {

// Some tables of a diagram with their places, gutters included in the size.
struct GroupLayout {
  double width = 0, height = 0;
  std::map<size_t, ErdPoint> boxes;                // by table
  std::map<size_t, std::vector<ErdPoint>> curves;  // by edge
};

// Lays out tables that hang together; the only place that calls Graphviz. Boxes go to it without text, so that no font
// has a say. Blocks and fails as LayOut.
absl::StatusOr<GroupLayout> LayOutGroup(const ErdGraph& graph, const std::vector<ErdShape>& shapes,
                                        const std::vector<size_t>& tables, absl::Time deadline);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_ERD_DOT_LAYOUT_H_
