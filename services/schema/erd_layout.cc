#include "services/schema/erd_layout.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/data_access/status_macros.h"
#include "services/schema/erd_dot_layout.h"
#include "services/server/error.h"

namespace bonnie::schema {

namespace {

constexpr double kBetweenGroups = 28;
constexpr double kAspect = 1.5;  // width to height that is aimed at

// Tables that foreign keys hold together, by the place of the first.
std::vector<std::vector<size_t>> Groups(const ErdGraph& graph) {
  std::vector<size_t> root(graph.tables.size());
  std::iota(root.begin(), root.end(), size_t{0});
  const auto find = [&](size_t table) {
    while (root[table] != table) table = root[table] = root[root[table]];
    return table;
  };
  for (const ErdEdge& edge : graph.edges) {
    const size_t a = find(edge.parent), b = find(edge.child);
    root[std::max(a, b)] = std::min(a, b);
  }
  std::map<size_t, std::vector<size_t>> by_root;
  for (size_t i = 0; i < root.size(); ++i) by_root[find(i)].push_back(i);
  std::vector<std::vector<size_t>> groups;
  for (auto& [first, group] : by_root) groups.push_back(std::move(group));
  return groups;
}

// A table by itself needs no Graphviz, unless it refers to itself.
bool IsAlone(const std::vector<size_t>& group, const ErdGraph& graph) {
  return group.size() == 1 && absl::c_none_of(graph.edges, [&](const ErdEdge& edge) { return edge.child == group[0]; });
}

// Puts groups into rows, tall ones first, and short ones above each other where a row leaves room for them.
class Packer {
 public:
  explicit Packer(double width) : width_(width) {}

  // Where the next one goes; heights never grow from one call to the next.
  ErdPoint Place(double width, double height) {
    const double below = column_bottom_ > top_ ? column_bottom_ + kBetweenGroups : top_;
    if (width <= column_width_ && below + height <= top_ + row_height_) {
      column_bottom_ = below + height;
      return {left_, below};
    }
    if (column_width_ > 0) left_ += column_width_ + kBetweenGroups;
    if (left_ > 0 && left_ + width > width_) {
      left_ = 0;
      top_ += row_height_ + kBetweenGroups;
      row_height_ = 0;
    }
    column_width_ = width;
    column_bottom_ = top_ + height;
    row_height_ = std::max(row_height_, height);
    total_ = {std::max(total_.x, left_ + width), std::max(total_.y, column_bottom_)};
    return {left_, top_};
  }
  ErdPoint total() const { return total_; }

 private:
  const double width_;  // aimed at
  double left_ = 0, column_width_ = 0, column_bottom_ = 0;
  double top_ = 0, row_height_ = 0;
  ErdPoint total_;
};

void MoveBy(const ErdPoint& by, std::vector<ErdPoint>* points) {
  for (ErdPoint& point : *points) point = {point.x + by.x, point.y + by.y};
}

ErdLayout Pack(const ErdGraph& graph, std::vector<GroupLayout> groups) {
  double area = 0, widest = 0;
  for (const GroupLayout& group : groups) {
    area += (group.width + kBetweenGroups) * (group.height + kBetweenGroups);
    widest = std::max(widest, group.width);
  }
  absl::c_stable_sort(groups, [](const GroupLayout& a, const GroupLayout& b) {
    return std::tie(a.height, a.width) > std::tie(b.height, b.width);
  });
  Packer packer(std::max(widest, std::sqrt(area * kAspect)));
  ErdLayout layout;
  layout.boxes.resize(graph.tables.size());
  layout.curves.resize(graph.edges.size());
  for (GroupLayout& group : groups) {
    const ErdPoint corner = packer.Place(group.width, group.height);
    for (const auto& [table, box] : group.boxes) layout.boxes[table] = {box.x + corner.x, box.y + corner.y};
    for (auto& [edge, curve] : group.curves) {
      MoveBy(corner, &curve);
      layout.curves[edge] = std::move(curve);
    }
  }
  layout.width = packer.total().x;
  layout.height = packer.total().y;
  return layout;
}

}  // namespace

absl::Status CheckErdSize(size_t tables, size_t edges) {
  if (tables <= kMaxErdTables && edges <= kMaxErdEdges) return absl::OkStatus();
  return server::Error(
      absl::StatusCode::kFailedPrecondition,
      absl::StrCat(tables, " tables with ", edges, " foreign keys are too many for one picture, want at most ",
                   kMaxErdTables, " and ", kMaxErdEdges,
                   ": name some tables and a distance, or ask for DOT or Mermaid, which have no limit"),
      {.reason = "ERD_TOO_LARGE"});
}

absl::StatusOr<ErdLayout> LayOut(const ErdGraph& graph, const std::vector<ErdShape>& shapes, absl::Time deadline) {
  BONNIE_RETURN_IF_ERROR(CheckErdSize(graph.tables.size(), graph.edges.size()));
  std::vector<GroupLayout> groups;
  for (const std::vector<size_t>& tables : Groups(graph)) {
    if (IsAlone(tables, graph)) {
      const ErdShape& shape = shapes[tables[0]];
      GroupLayout& group = groups.emplace_back();
      group.width = shape.width;
      group.height = shape.height();
      group.boxes[tables[0]] = {0, 0};
      continue;
    }
    BONNIE_ASSIGN_OR_RETURN(GroupLayout group, LayOutGroup(graph, shapes, tables, deadline));
    groups.push_back(std::move(group));
  }
  return Pack(graph, std::move(groups));
}

}  // namespace bonnie::schema
