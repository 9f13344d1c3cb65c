#include "services/schema/erd_dot_layout.h"

#include <gvc.h>

#include <algorithm>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/base/thread_annotations.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "services/data_access/status_macros.h"

namespace bonnie::schema {

namespace {

constexpr size_t kMaxEdgesWithCare = 300;  // of a group; above, Graphviz is given fewer rounds to better its answer
constexpr int kLoopWidth = 16;             // how far a foreign key to its own table swings out

// Graphviz keeps state in globals: one call at a time. Whoever waits for long gives up.
class GraphvizTurn {
 public:
  explicit GraphvizTurn(absl::Time deadline) {
    absl::MutexLock lock(&mu_);
    has_ = mu_.AwaitWithDeadline(absl::Condition(
                                     +[](bool* taken) { return !*taken; }, &taken_),
                                 deadline);
    if (has_) taken_ = true;
  }
  ~GraphvizTurn() {
    absl::MutexLock lock(&mu_);
    if (has_) taken_ = false;
  }
  GraphvizTurn(const GraphvizTurn&) = delete;
  GraphvizTurn& operator=(const GraphvizTurn&) = delete;
  bool has() const { return has_; }

 private:
  static absl::Mutex mu_;
  static bool taken_ ABSL_GUARDED_BY(mu_);
  bool has_ = false;
};

ABSL_CONST_INIT absl::Mutex GraphvizTurn::mu_(absl::kConstInit);
bool GraphvizTurn::taken_ = false;

// Where an edge meets a box. Two sorts of end at the same row stand one above the other.
struct End {
  size_t table;
  int row;
  int sort;  // of ends that look the same
  friend auto operator<=>(const End&, const End&) = default;
};
End ParentEnd(const ErdEdge& edge) { return {edge.parent, edge.parent_row, edge.parent_optional ? 1 : 0}; }
End ChildEnd(const ErdEdge& edge) { return {edge.child, edge.child_row, edge.child_unique ? 3 : 2}; }

// One group as text for Graphviz, and its answer as places.
class Group {
 public:
  Group(const ErdGraph& graph, const std::vector<ErdShape>& shapes, const std::vector<size_t>& tables)
      : graph_(graph), shapes_(shapes), tables_(tables) {
    for (size_t i = 0; i < graph.edges.size(); ++i) {
      const ErdEdge& edge = graph.edges[i];
      if (!absl::c_binary_search(tables, edge.child)) continue;
      edges_.push_back(i);
      ends_[{edge.parent, edge.parent_row}].insert(ParentEnd(edge));
      ends_[{edge.child, edge.child_row}].insert(ChildEnd(edge));
      if (edge.parent == edge.child) has_loop_.insert(edge.child);
    }
    FindBackward();
  }

  std::string Text() const {
    std::string text = "digraph g {\ngraph [rankdir=LR, nodesep=0.32, ranksep=0.6, splines=true";
    if (edges_.size() > kMaxEdgesWithCare) absl::StrAppend(&text, ", nslimit=1, nslimit1=1, mclimit=0.3");
    absl::StrAppend(&text, "];\nnode [shape=plain];\nedge [dir=none];\n");
    for (const size_t table : tables_) AppendNode(table, &text);
    for (const size_t i : edges_) {
      const ErdEdge& edge = graph_.edges[i];
      if (edge.parent == edge.child) continue;
      End from = ParentEnd(edge), to = ChildEnd(edge);
      if (backward_.count(i) > 0) std::swap(from, to);
      absl::StrAppend(&text, "t", from.table, ":", Port(from), ":e -> t", to.table, ":", Port(to), ":w [id=", i,
                      "];\n");
    }
    return absl::StrCat(text, "}\n");
  }

  GroupLayout Read(graph_t* laid_out) const {
    GroupLayout layout;
    const boxf bounds = GD_bb(laid_out);
    layout.width = bounds.UR.x - bounds.LL.x;
    layout.height = bounds.UR.y - bounds.LL.y;
    const auto place = [&](const pointf& point) { return ErdPoint{point.x - bounds.LL.x, bounds.UR.y - point.y}; };
    for (node_t* node = agfstnode(laid_out); node != nullptr; node = agnxtnode(laid_out, node)) {
      const size_t table = NumberOf(absl::string_view(agnameof(node)).substr(1));
      const ErdPoint centre = place(ND_coord(node));
      layout.boxes[table] = {centre.x - shapes_[table].width / 2.0, centre.y - shapes_[table].height() / 2.0};
      for (edge_t* edge = agfstout(laid_out, node); edge != nullptr; edge = agnxtout(laid_out, edge)) {
        const size_t i = NumberOf(agget(edge, const_cast<char*>("id")));
        std::vector<ErdPoint> curve;
        const splines* drawn = ED_spl(edge);
        for (int k = 0; drawn != nullptr && drawn->size > 0 && k < drawn->list[0].size; ++k) {
          curve.push_back(place(drawn->list[0].list[k]));
        }
        if (backward_.count(i) > 0) std::reverse(curve.begin(), curve.end());
        layout.curves[i] = std::move(curve);
      }
    }
    for (const size_t i : edges_) {
      if (graph_.edges[i].parent == graph_.edges[i].child) layout.curves[i] = Loop(graph_.edges[i], layout);
    }
    CutMargins(&layout);
    return layout;
  }

 private:
  static size_t NumberOf(absl::string_view text) {
    size_t number = 0;
    (void)absl::SimpleAtoi(text, &number);
    return number;
  }

  int Gutter(size_t table) const { return kErdGutter + (has_loop_.count(table) > 0 ? kLoopWidth : 0); }
  static std::string Port(const End& end) { return absl::StrCat("p", end.row + 1, "_", end.sort); }

  // Foreign keys may go in circles. Those that would close one are given to Graphviz the other way round, so that every
  // edge leaves a box to the right and arrives from the left.
  void FindBackward() {
    std::map<size_t, std::vector<size_t>> leaving;
    for (const size_t i : edges_) leaving[graph_.edges[i].parent].push_back(i);
    std::map<size_t, int> state;  // 1: on the path, 2: done
    for (const size_t first : tables_) {
      if (state[first] != 0) continue;
      std::vector<std::pair<size_t, size_t>> path = {{first, 0}};
      state[first] = 1;
      while (!path.empty()) {
        auto& [table, next] = path.back();
        const std::vector<size_t>& edges = leaving[table];
        if (next == edges.size()) {
          state[table] = 2;
          path.pop_back();
          continue;
        }
        const size_t i = edges[next++];
        const size_t child = graph_.edges[i].child;
        if (state[child] == 1) {
          backward_.insert(i);
        } else if (state[child] == 0) {
          state[child] = 1;
          path.emplace_back(child, 0);
        }
      }
    }
  }

  void AppendCell(int width, int height, const std::string& port, std::string* text) const {
    absl::StrAppend(text, "<TR><TD FIXEDSIZE=\"TRUE\" WIDTH=\"", width, "\" HEIGHT=\"", height, "\"");
    if (!port.empty()) absl::StrAppend(text, " PORT=\"", port, "\"");
    absl::StrAppend(text, "></TD></TR>");
  }

  void AppendRow(size_t table, int row, int height, std::string* text) const {
    const int width = shapes_[table].width + 2 * Gutter(table);
    const auto ends = ends_.find({table, row});
    if (ends == ends_.end()) return AppendCell(width, height, "", text);
    int above = 0, i = 0;
    for (const End& end : ends->second) {
      const int below = height * ++i / static_cast<int>(ends->second.size());
      AppendCell(width, below - above, Port(end), text);
      above = below;
    }
  }

  void AppendNode(size_t table, std::string* text) const {
    const ErdShape& shape = shapes_[table];
    absl::StrAppend(text, "t", table,
                    " [label=<<TABLE BORDER=\"0\" CELLBORDER=\"0\" CELLSPACING=\"0\" CELLPADDING=\"0\">");
    AppendRow(table, -1, shape.head, text);
    for (int row = 0; row < shape.rows; ++row) AppendRow(table, row, shape.row, text);
    if (shape.foot > 0) AppendCell(shape.width + 2 * Gutter(table), shape.foot, "", text);
    absl::StrAppend(text, "</TABLE>>];\n");
  }

  // How far below the box's upper edge an end is.
  double Depth(const End& end) const {
    const ErdShape& shape = shapes_[end.table];
    const std::set<End>& ends = ends_.at({end.table, end.row});
    const double part = std::distance(ends.begin(), ends.find(end)) + 0.5;
    const double height = end.row < 0 ? shape.head : shape.row;
    const double top = end.row < 0 ? 0 : shape.head + end.row * shape.row;
    return top + height * part / static_cast<double>(ends.size());
  }

  std::vector<ErdPoint> Loop(const ErdEdge& edge, const GroupLayout& layout) const {
    const ErdPoint& box = layout.boxes.at(edge.child);
    const double x = box.x + shapes_[edge.child].width + kErdGutter, swing = x + kLoopWidth;
    const double from = box.y + Depth(ParentEnd(edge)), to = box.y + Depth(ChildEnd(edge));
    return {{x, from}, {swing, from}, {swing, to}, {x, to}};
  }

  // Makes the group as large as what is drawn of it: gutters that no edge uses are left out.
  void CutMargins(GroupLayout* layout) const {
    ErdPoint least = {layout->width, layout->height}, most;
    const auto reach = [&](double x, double y) {
      least = {std::min(least.x, x), std::min(least.y, y)};
      most = {std::max(most.x, x), std::max(most.y, y)};
    };
    for (const auto& [table, box] : layout->boxes) {
      reach(box.x, box.y);
      reach(box.x + shapes_[table].width, box.y + shapes_[table].height());
    }
    for (const auto& [edge, curve] : layout->curves) {
      for (const ErdPoint& point : curve) reach(point.x, point.y);
    }
    for (auto& [table, box] : layout->boxes) box = {box.x - least.x, box.y - least.y};
    for (auto& [edge, curve] : layout->curves) {
      for (ErdPoint& point : curve) point = {point.x - least.x, point.y - least.y};
    }
    layout->width = most.x - least.x;
    layout->height = most.y - least.y;
  }

  const ErdGraph& graph_;
  const std::vector<ErdShape>& shapes_;
  const std::vector<size_t>& tables_;
  std::vector<size_t> edges_;
  std::map<std::pair<size_t, int>, std::set<End>> ends_;  // by table and row
  std::set<size_t> has_loop_;                             // tables
  std::set<size_t> backward_;                             // edges
};

// Lives as long as the process: making one reads the list of plugins.
GVC_t* Context() {
  static GVC_t* const context = gvContext();
  return context;
}

}  // namespace

absl::StatusOr<GroupLayout> LayOutGroup(const ErdGraph& graph, const std::vector<ErdShape>& shapes,
                                        const std::vector<size_t>& tables, absl::Time deadline) {
  const Group group(graph, shapes, tables);
  const std::string text = group.Text();
  const GraphvizTurn turn(deadline);
  if (!turn.has() || absl::Now() > deadline) {
    return absl::DeadlineExceededError("the picture was not laid out in time; fewer tables or less detail take less");
  }
  graph_t* const parsed = agmemread(text.c_str());
  if (parsed == nullptr) return absl::InternalError("Graphviz does not take the picture's text");
  absl::StatusOr<GroupLayout> layout = absl::InternalError(
      "Graphviz cannot lay out: its plugin dot_layout (Debian's libgvc6) is missing or not registered; run `dot -c`");
  if (gvLayout(Context(), parsed, "dot") == 0) {
    layout = group.Read(parsed);
    gvFreeLayout(Context(), parsed);
  }
  agclose(parsed);
  return layout;
}

}  // namespace bonnie::schema
