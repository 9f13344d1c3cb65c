#ifndef BONNIE_SERVICES_SCHEMA_ERD_LAYOUT_H_
#define BONNIE_SERVICES_SCHEMA_ERD_LAYOUT_H_

#include <cstddef>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/schema/erd.h"

namespace bonnie::schema {

// Space to the left and right of each box that edges cross on the level of their row; their ends are drawn there.
inline constexpr int kErdGutter = 22;

// How large a table's box is, in pixels, from top to bottom: its head, its rows, and what follows them.
struct ErdShape {
  int width = 0;
  int head = 0, row = 0, foot = 0;  // heights
  int rows = 0;
  int height() const { return head + rows * row + foot; }
};

struct ErdPoint {
  double x = 0, y = 0;  // pixels, from the upper left corner
};

struct ErdLayout {
  double width = 0, height = 0;
  std::vector<ErdPoint> boxes;                // upper left corners, gutters not counted
  std::vector<std::vector<ErdPoint>> curves;  // of each edge, from parent to child between their gutters: cubic Béziers
};

// Most that LayOut takes. At that size a schema whose foreign keys lead to few tables takes it 0.5 s, and one whose
// foreign keys lead anywhere at random 12 s.
inline constexpr size_t kMaxErdTables = 400, kMaxErdEdges = 800;

// Whether a picture of this many tables and foreign keys is within those limits. Pure; for callers that know the
// numbers before they read the schema. kFailedPrecondition ERD_TOO_LARGE: it is not.
absl::Status CheckErdSize(size_t tables, size_t edges);

// Finds places for boxes of these shapes (one for each table) and the curves between them. Tables that hang together
// are laid out by Graphviz (`dot`, from left to right, parents first), and the groups are put side by side in rows.
//
// The same input has the same answer. Blocks: CPU work, one call at a time in the process, as Graphviz wants it.
// kFailedPrecondition ERD_TOO_LARGE: more than kMaxErdTables or kMaxErdEdges. kDeadlineExceeded: `deadline` came before
// all groups were done, or before the calls ahead were; one group is never interrupted. kInternal: Graphviz cannot (its
// plugin is missing).
absl::StatusOr<ErdLayout> LayOut(const ErdGraph& graph, const std::vector<ErdShape>& shapes, absl::Time deadline);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_ERD_LAYOUT_H_
