// One concept, the picture; it is long because each of its parts is drawn somewhere.
#include "services/schema/erd_svg.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/data_access/status_macros.h"
#include "services/schema/erd_layout.h"
#include "services/schema/erd_style.h"
#include "services/schema/erd_text.h"

namespace bonnie::schema {

namespace {

constexpr double kTextSize = 12, kHeadSize = 13, kSmallSize = 10;
constexpr int kHeadHeight = 26, kRowHeight = 20;
constexpr int kPadding = 8, kGap = 14;
constexpr int kMarkWidth = 14;
constexpr int kMinWidth = 110;
constexpr int kMargin = 14;  // around everything
constexpr int kLegendHeight = 24;
constexpr int kMaxName = 64, kMaxType = 32, kMaxChangedType = 60;  // characters

constexpr char kQuiet[] = "#57606a";  // types and remarks

std::string Number(double value) {
  const double rounded = std::round(value * 10) / 10;
  return rounded == std::floor(rounded) ? absl::StrCat(static_cast<int64_t>(rounded))
                                        : absl::StrFormat("%.1f", rounded);
}

std::string TypeOf(const ErdRow& row) {
  return Shortened(TypeText(row), row.change.empty() ? kMaxType : kMaxChangedType);
}

std::string FootOf(const ErdTable& table) {
  if (table.hidden_columns == 0) return "";
  return absl::StrCat(table.rows.empty() ? "" : "… ", table.hidden_columns, table.rows.empty() ? "" : " more",
                      table.hidden_columns == 1 ? " column" : " columns");
}

std::string HeadOf(const ErdTable& table) {
  const std::string was = table.was.empty() ? "" : absl::StrCat(" (was ", Shortened(table.was, kMaxName), ")");
  return absl::StrCat(Shortened(table.name, kMaxName), was);
}

// Where the columns of a box's text begin, from its left edge.
struct Columns {
  double keys = 0, name = 0, type = 0;
  int width = 0;
  bool has_not_null = false;
};

Columns ColumnsOf(const ErdTable& table, bool is_diff) {
  double keys = 0, names = 0, types = 0, notes = 0;
  Columns columns;
  for (const ErdRow& row : table.rows) {
    if (row.is_note) {
      notes = std::max(notes, TextWidth(Shortened(row.name, kMaxName), kTextSize, false));
      continue;
    }
    keys = std::max(keys, TextWidth(KeysText(row, " "), kSmallSize, true));
    names = std::max(names, TextWidth(Shortened(row.name, kMaxName), kTextSize, row.primary));
    types = std::max(types, TextWidth(TypeOf(row), kTextSize, false));
    columns.has_not_null |= row.not_null;
  }
  columns.keys = kPadding + (is_diff ? kMarkWidth : 0);
  columns.name = columns.keys + (keys > 0 ? keys + 8 : 0);
  columns.type = columns.name + names + kGap;
  const double not_null = columns.has_not_null ? TextWidth("NN", kSmallSize, false) + 8 : 0;
  double width = types > 0 ? columns.type + types + not_null + kPadding : 0;
  width = std::max(width, columns.keys + TextWidth(HeadOf(table), kHeadSize, true) + kPadding);
  width = std::max(width, columns.keys + std::max(notes, TextWidth(FootOf(table), kTextSize, false)) + kPadding);
  columns.width = std::max(kMinWidth, static_cast<int>(std::ceil(width / 2)) * 2);
  return columns;
}

class SvgWriter {
 public:
  explicit SvgWriter(const ErdGraph& graph) : graph_(graph) {
    for (const ErdTable& table : graph.tables) {
      columns_.push_back(ColumnsOf(table, graph.is_diff));
      ErdShape shape;
      shape.width = columns_.back().width;
      shape.head = kHeadHeight;
      shape.row = kRowHeight;
      shape.rows = static_cast<int>(table.rows.size());
      shape.foot = table.hidden_columns > 0 ? kRowHeight : 0;
      shapes_.push_back(shape);
    }
  }

  const std::vector<ErdShape>& shapes() const { return shapes_; }

  std::string Write(const ErdLayout& layout) {
    layout_ = &layout;
    Begin();
    for (size_t i = 0; i < graph_.edges.size(); ++i) WriteEdge(graph_.edges[i], layout.curves[i]);
    for (size_t i = 0; i < graph_.tables.size(); ++i) WriteTable(i);
    WriteLegend();
    absl::StrAppend(&svg_, "</g>\n</svg>\n");
    return std::move(svg_);
  }

 private:
  void Begin() {
    const double width = std::max(layout_->width, LegendWidth()) + 2 * kMargin;
    const double height = layout_->height + 2 * kMargin + kLegendHeight * (graph_.is_diff ? 2 : 1) + kPadding;
    const std::string title = absl::StrCat("Entity-relationship diagram: ", graph_.tables.size(),
                                           graph_.tables.size() == 1 ? " table" : " tables",
                                           graph_.is_diff ? ", with their differences" : "");
    absl::StrAppend(
        &svg_, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"",
        Number(width), "\" height=\"", Number(height), "\" viewBox=\"0 0 ", Number(width), " ", Number(height),
        "\" role=\"img\">\n<title>", title, "</title>\n<rect width=\"", Number(width), "\" height=\"", Number(height),
        "\" fill=\"#ffffff\"/>\n<g font-family=\"Helvetica,Arial,sans-serif\" font-size=\"", Number(kTextSize),
        "\" transform=\"translate(", kMargin, ",", kMargin, ")\">\n");
  }

  struct TextStyle {
    double size = kTextSize;
    const char* colour = "#1f2328";
    bool bold = false, italic = false, struck = false, from_right = false;
  };

  void WriteText(double x, double y, absl::string_view text, const TextStyle& style) {
    absl::StrAppend(&svg_, "<text x=\"", Number(x), "\" y=\"", Number(y), "\" fill=\"", style.colour, "\"");
    if (style.size != kTextSize) absl::StrAppend(&svg_, " font-size=\"", Number(style.size), "\"");
    if (style.bold) absl::StrAppend(&svg_, " font-weight=\"bold\"");
    if (style.italic) absl::StrAppend(&svg_, " font-style=\"italic\"");
    if (style.struck) absl::StrAppend(&svg_, " text-decoration=\"line-through\"");
    if (style.from_right) absl::StrAppend(&svg_, " text-anchor=\"end\"");
    absl::StrAppend(&svg_, ">", EscapeMarkup(text), "</text>\n");
  }

  void WriteRect(double x, double y, double width, double height, const std::string& attributes) {
    absl::StrAppend(&svg_, "<rect x=\"", Number(x), "\" y=\"", Number(y), "\" width=\"", Number(width), "\" height=\"",
                    Number(height), "\" ", attributes, "/>\n");
  }

  void WriteTable(size_t place) {
    const ErdTable& table = graph_.tables[place];
    const ErdShape& shape = shapes_[place];
    const ErdPoint corner = layout_->boxes[place];
    const ErdColours colours = ColoursOf(table.mark);
    absl::StrAppend(&svg_, "<g>\n<title>", EscapeMarkup(table.name),
                    table.comment.empty() ? "" : absl::StrCat(": ", EscapeMarkup(table.comment)),
                    table.is_elsewhere ? " (not a table of this schema)" : "", "</title>\n");
    WriteRect(corner.x, corner.y, shape.width, shape.height(), "fill=\"#ffffff\"");
    WriteRect(corner.x, corner.y, shape.width, shape.head,
              absl::StrCat("fill=\"", table.is_elsewhere ? "#ffffff" : colours.head, "\""));
    const double baseline = corner.y + 17.5;
    if (graph_.is_diff) {
      WriteText(corner.x + kPadding, baseline, MarkText(table.mark),
                {.size = kHeadSize, .colour = colours.text, .bold = true});
    }
    WriteText(corner.x + columns_[place].keys, baseline, HeadOf(table),
              {.size = kHeadSize,
               .colour = colours.text,
               .bold = !table.is_elsewhere,
               .italic = table.is_elsewhere,
               .struck = table.mark == ErdMark::kRemoved});
    for (size_t row = 0; row < table.rows.size(); ++row) {
      WriteRow(table.rows[row], columns_[place], corner.x,
               corner.y + shape.head + static_cast<double>(row) * shape.row);
    }
    if (shape.foot > 0) {
      WriteText(corner.x + columns_[place].keys, corner.y + shape.height() - 6, FootOf(table),
                {.colour = kQuiet, .italic = true});
    }
    WriteRect(corner.x, corner.y, shape.width, shape.height(),
              absl::StrCat("fill=\"none\" stroke=\"", colours.line, "\"",
                           table.is_elsewhere ? " stroke-dasharray=\"4 3\"" : ""));
    absl::StrAppend(&svg_, "</g>\n");
  }

  void WriteRow(const ErdRow& row, const Columns& columns, double x, double y) {
    const ErdColours colours = ColoursOf(row.mark);
    if (row.mark != ErdMark::kNone) {
      WriteRect(x, y, columns.width, kRowHeight, absl::StrCat("fill=\"", colours.fill, "\""));
      WriteText(x + kPadding, y + 14, MarkText(row.mark), {.colour = colours.text, .bold = true});
    }
    const bool struck = row.mark == ErdMark::kRemoved;
    const std::string name = Shortened(row.name, kMaxName);
    if (row.is_note) {
      return WriteText(x + columns.keys, y + 14, name, {.colour = colours.text, .italic = true, .struck = struck});
    }
    const char* const quiet = row.mark == ErdMark::kNone ? kQuiet : colours.text;
    if (const std::string keys = KeysText(row, " "); !keys.empty()) {
      WriteText(x + columns.keys, y + 13.5, keys, {.size = kSmallSize, .colour = quiet, .bold = true});
    }
    WriteText(x + columns.name, y + 14, name, {.colour = colours.text, .bold = row.primary, .struck = struck});
    WriteText(x + columns.type, y + 14, TypeOf(row), {.colour = quiet});
    if (row.not_null) {
      WriteText(x + columns.width - kPadding, y + 13.5, "NN",
                {.size = kSmallSize, .colour = quiet, .from_right = true});
    }
  }

  void WriteEdge(const ErdEdge& edge, const std::vector<ErdPoint>& curve) {
    if (curve.size() < 4) return;
    const ErdColours colours = ColoursOf(edge.mark);
    absl::StrAppend(&svg_, "<g fill=\"none\" stroke=\"", colours.line, "\" stroke-width=\"",
                    edge.mark == ErdMark::kNone ? "1.2" : "1.8", "\">\n<title>", EscapeMarkup(edge.name), ": ",
                    EscapeMarkup(edge.label), "</title>\n");
    const double parent_side = SideOf(edge.parent, curve.front().x), child_side = SideOf(edge.child, curve.back().x);
    std::string path =
        absl::StrCat("M", Number(parent_side), " ", Number(curve.front().y), "H", Number(curve[0].x), "C");
    for (size_t i = 1; i < curve.size(); ++i)
      absl::StrAppend(&path, i == 1 ? "" : " ", Number(curve[i].x), " ", Number(curve[i].y));
    absl::StrAppend(&path, "H", Number(child_side));
    absl::StrAppend(&svg_, "<path d=\"", path, "\"", edge.mark == ErdMark::kRemoved ? " stroke-dasharray=\"6 4\"" : "",
                    "/>\n");
    const double outward_parent = curve.front().x > parent_side ? 1 : -1,
                 outward_child = curve.back().x > child_side ? 1 : -1;
    WriteOne(parent_side, outward_parent, curve.front().y, edge.parent_optional);
    if (edge.child_unique) {
      WriteOne(child_side, outward_child, curve.back().y, true);
    } else {
      WriteMany(child_side, outward_child, curve.back().y);
    }
    absl::StrAppend(&svg_, "</g>\n");
    if (edge.mark != ErdMark::kNone) WriteEdgeMark(edge.mark, curve);
  }

  // The box's side on which an edge arrives that ends at `x`.
  double SideOf(size_t table, double x) const {
    const double left = layout_->boxes[table].x;
    return x < left + shapes_[table].width / 2.0 ? left : left + shapes_[table].width;
  }

  void WriteBar(double x, double y) {
    absl::StrAppend(&svg_, "<path d=\"M", Number(x), " ", Number(y - 5), "v10\"/>\n");
  }
  void WriteRing(double x, double y) {
    absl::StrAppend(&svg_, "<circle cx=\"", Number(x), "\" cy=\"", Number(y), "\" r=\"3.5\" fill=\"#ffffff\"/>\n");
  }
  // Exactly one, or with `optional` one or none. `outward`: 1 to the right, -1 to the left.
  void WriteOne(double side, double outward, double y, bool optional) {
    WriteBar(side + outward * 6, y);
    if (optional) {
      WriteRing(side + outward * 13, y);
    } else {
      WriteBar(side + outward * 10, y);
    }
  }
  // Any number.
  void WriteMany(double side, double outward, double y) {
    absl::StrAppend(&svg_, "<path d=\"M", Number(side), " ", Number(y - 5), "L", Number(side + outward * 11), " ",
                    Number(y), "L", Number(side), " ", Number(y + 5), "\"/>\n");
    WriteRing(side + outward * 14.5, y);
  }

  void WriteEdgeMark(ErdMark mark, const std::vector<ErdPoint>& curve) {
    const size_t pieces = (curve.size() - 1) / 3, at = pieces / 2 * 3;  // the middle of the middle piece
    const auto middle = [&](double ErdPoint::*axis) {
      return (curve[at].*axis + 3 * curve[at + 1].*axis + 3 * curve[at + 2].*axis + curve[at + 3].*axis) / 8;
    };
    const double x = middle(&ErdPoint::x), y = middle(&ErdPoint::y);
    absl::StrAppend(&svg_, "<circle cx=\"", Number(x), "\" cy=\"", Number(y), "\" r=\"8\" fill=\"",
                    ColoursOf(mark).fill, "\" stroke=\"", ColoursOf(mark).line, "\"/>\n<text x=\"", Number(x),
                    "\" y=\"", Number(y + 4.2), "\" fill=\"", ColoursOf(mark).text,
                    "\" font-weight=\"bold\" text-anchor=\"middle\">", MarkText(mark), "</text>\n");
  }

  static constexpr char kKeyWords[] = "PK primary key · FK foreign key · UK unique · NN not null";
  static constexpr const char* kSampleWords[] = {"exactly one", "one or none", "any number"};
  static double SampleWidth(absl::string_view words) { return 34 + TextWidth(words, kTextSize, false) + 18; }
  static double LegendWidth() {
    double width = TextWidth(kKeyWords, kTextSize, false);
    for (const char* words : kSampleWords) width += SampleWidth(words);
    return width;
  }

  // One sort of end with its meaning; answers where the next begins.
  double WriteSample(double x, double y, int sort, absl::string_view words) {
    absl::StrAppend(&svg_, "<g fill=\"none\" stroke=\"", kQuiet, "\" stroke-width=\"1.2\">\n<path d=\"M", Number(x),
                    " ", Number(y), "h28\"/>\n<path d=\"M", Number(x + 28), " ", Number(y - 7), "v14\"/>\n");
    if (sort == 2) {
      WriteMany(x + 28, -1, y);
    } else {
      WriteOne(x + 28, -1, y, sort == 1);
    }
    absl::StrAppend(&svg_, "</g>\n");
    WriteText(x + 34, y + 4, words, {.colour = kQuiet});
    return x + SampleWidth(words);
  }

  void WriteLegend() {
    double y = layout_->height + kMargin + kLegendHeight / 2.0;
    double x = 0;
    for (int sort = 0; sort < 3; ++sort) x = WriteSample(x, y, sort, kSampleWords[sort]);
    WriteText(x, y + 4, kKeyWords, {.colour = kQuiet});
    if (!graph_.is_diff) return;
    y += kLegendHeight;
    x = 0;
    for (const auto& [mark, words] : {std::pair(ErdMark::kAdded, "added"), std::pair(ErdMark::kRemoved, "removed"),
                                      std::pair(ErdMark::kChanged, "changed")}) {
      const ErdColours colours = ColoursOf(mark);
      WriteRect(x, y - 9, 18, 18, absl::StrCat("fill=\"", colours.fill, "\" stroke=\"", colours.line, "\""));
      WriteText(x + 5, y + 4, MarkText(mark), {.colour = colours.text, .bold = true});
      WriteText(x + 25, y + 4, words, {.colour = colours.text});
      x += 25 + TextWidth(words, kTextSize, false) + 18;
    }
  }

  const ErdGraph& graph_;
  std::vector<Columns> columns_;  // of each table
  std::vector<ErdShape> shapes_;
  const ErdLayout* layout_ = nullptr;
  std::string svg_;
};

}  // namespace

absl::StatusOr<std::string> WriteSvg(const ErdGraph& graph, absl::Time deadline) {
  SvgWriter writer(graph);
  BONNIE_ASSIGN_OR_RETURN(const ErdLayout layout, LayOut(graph, writer.shapes(), deadline));
  return writer.Write(layout);
}

}  // namespace bonnie::schema
