// What erd_svg, erd_dot and erd_mermaid make of the same diagrams, and erd_layout between them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "services/schema/erd.h"
#include "services/schema/erd_dot.h"
#include "services/schema/erd_layout.h"
#include "services/schema/erd_mermaid.h"
#include "services/schema/erd_svg.h"
#include "tests/schema/parsed_schema.h"
#include "tests/support/status_matchers.h"

namespace bonnie::schema {
namespace {

using test_support::IsOk;
using test_support::StatusIs;
using testing::HasSubstr;
using testing::Not;

ErdGraph GraphOf(const std::vector<std::string>& tables, const std::vector<std::string>& before = {},
                 ErdDetail detail = ErdDetail::kAutomatic) {
  const Schema from = SchemaOf(before);
  ErdOptions options;
  options.detail = detail;
  const auto graph = MakeErd(SchemaOf(tables), before.empty() ? nullptr : &from, options);
  EXPECT_TRUE(graph.ok()) << graph.status();
  return graph.value_or(ErdGraph());
}

std::string Svg(const ErdGraph& graph) {
  const auto svg = WriteSvg(graph, absl::Now() + absl::Minutes(1));
  EXPECT_TRUE(svg.ok()) << svg.status();
  return svg.value_or("");
}

// Why `xml` is not well formed; empty when it is. Knows what WriteSvg uses: elements, attributes, text, entities.
std::string XmlProblem(absl::string_view xml) {
  std::vector<std::string> open;
  const size_t end_of_declaration = xml.find("?>");
  if (end_of_declaration == absl::string_view::npos) return "no declaration";
  xml.remove_prefix(end_of_declaration + 2);
  while (!xml.empty()) {
    const size_t begin = xml.find('<');
    const absl::string_view text = xml.substr(0, begin);
    if (absl::StrContains(text, '>')) return "> in text";
    for (size_t at = text.find('&'); at != absl::string_view::npos; at = text.find('&', at + 1)) {
      bool known = false;
      for (const char* entity : {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"}) {
        known |= absl::StartsWith(text.substr(at), entity);
      }
      if (!known) return "& alone";
    }
    if (begin == absl::string_view::npos) break;
    const size_t end = xml.find('>', begin);
    if (end == absl::string_view::npos) return "an open tag at the end";
    const absl::string_view tag = xml.substr(begin + 1, end - begin - 1);
    if (std::count(tag.begin(), tag.end(), '"') % 2 != 0 || absl::StrContains(tag, '<')) {
      return absl::StrCat("a broken tag: ", tag);
    }
    const std::string name(tag.substr(0, tag.find(' ')));
    if (tag[0] == '/') {
      if (open.empty() || absl::StrCat("/", open.back()) != tag) return absl::StrCat("closed too early: ", tag);
      open.pop_back();
    } else if (tag.back() != '/') {
      open.push_back(name);
    }
    xml.remove_prefix(end + 1);
  }
  return open.empty() ? "" : absl::StrCat("never closed: ", open.back());
}

TEST(ErdSvgTest, ShowsEveryNameTypeAndMeaning) {
  const std::string svg = Svg(GraphOf(ClinicTables()));
  EXPECT_EQ(XmlProblem(svg), "");
  for (const char* text : {">patients<", ">records<", ">photos<", ">log<", ">patient_id<", ">varchar(50)<", ">PK FK<",
                           ">UK<", ">NN<", "record_patient: records (patient_id) → patients (id), ON DELETE CASCADE",
                           "patients: People under the clinic&#39;s care", ">exactly one<", ">any number<"}) {
    EXPECT_THAT(svg, HasSubstr(text));
  }
  EXPECT_THAT(svg, Not(HasSubstr(">removed<")));
}

TEST(ErdSvgTest, RunsNothingAndRefersToNothing) {
  const std::string svg = Svg(GraphOf(OddTables()));
  EXPECT_EQ(XmlProblem(svg), "");
  EXPECT_THAT(svg, HasSubstr(">a &lt;b&gt; &amp; &quot;c&quot;<"));
  EXPECT_THAT(svg, HasSubstr("it&#39;s | a `tick`"));
  for (const char* text : {"<script", "href", "url(", "<!", "<style", "onload", "Graphviz"}) {
    EXPECT_THAT(svg, Not(HasSubstr(text)));
  }
}

TEST(ErdSvgTest, MarksDifferencesByTextToo) {
  std::vector<std::string> after = ClinicTables();
  after.pop_back();
  after[1] = Create("records", {"`id` bigint(20) NOT NULL", "PRIMARY KEY (`id`)"});
  after.push_back(Create("visits", {"`id` int(11) NOT NULL", "PRIMARY KEY (`id`)"}));
  const std::string svg = Svg(GraphOf(after, ClinicTables()));
  EXPECT_EQ(XmlProblem(svg), "");
  for (const char* text : {">+<", ">−<", ">~<", ">int(11) → bigint(20)<", ">foreign key record_patient<", ">added<",
                           ">removed<", ">changed<", "line-through", "stroke-dasharray"}) {
    EXPECT_THAT(svg, HasSubstr(text));
  }
}

TEST(ErdWritersTest, WriteTheSameBytesForTheSameGraph) {
  const ErdGraph graph = GraphOf(ClinicTables(), OddTables());
  EXPECT_EQ(Svg(graph), Svg(GraphOf(ClinicTables(), OddTables())));
  EXPECT_EQ(WriteDot(graph), WriteDot(GraphOf(ClinicTables(), OddTables())));
  EXPECT_EQ(WriteMermaid(graph), WriteMermaid(GraphOf(ClinicTables(), OddTables())));
}

TEST(ErdSvgTest, DrawsOnSeveralThreads) {  // Graphviz takes one call at a time
  const ErdGraph graph = GraphOf(ClinicTables());
  const std::string want = Svg(graph);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 20; ++k) EXPECT_EQ(Svg(graph), want);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(ErdDotTest, WritesPortsAndCrowsFeet) {
  const std::string dot = WriteDot(GraphOf(ClinicTables()));
  EXPECT_THAT(dot, HasSubstr("<TR><TD ALIGN=\"LEFT\" PORT=\"l0\">PK</TD><TD ALIGN=\"LEFT\">id</TD><TD "
                             "ALIGN=\"LEFT\">int(11)</TD><TD ALIGN=\"LEFT\" PORT=\"r0\">NN</TD></TR>"));
  EXPECT_THAT(dot, HasSubstr("t1:r0 -> t3:l1 [arrowtail=teetee, arrowhead=crowodot"));
  EXPECT_THAT(dot, HasSubstr("t1:r0 -> t3:l2 [arrowtail=teeodot, arrowhead=crowodot"));
  EXPECT_THAT(dot, HasSubstr("t3:r0 -> t2:l0 [arrowtail=teetee, arrowhead=teeodot"));
  EXPECT_THAT(WriteDot(GraphOf(OddTables())), HasSubstr("<B>a &lt;b&gt; &amp; &quot;c&quot;</B>"));
}

TEST(ErdMermaidTest, WritesItsGrammar) {
  EXPECT_EQ(WriteMermaid(GraphOf({ClinicTables()[1], ClinicTables()[0]})),
            "erDiagram\n"
            "  \"patients\" {\n    int(11) id PK \"NN\"\n    varchar(50) name \"NN\"\n    varchar(20) phone\n"
            "    char(8) code UK \"NN\"\n  }\n"
            "  \"records\" {\n    int(11) id PK \"NN\"\n    int(11) patient_id FK \"NN\"\n    int(11) author_id FK\n"
            "    text text\n  }\n"
            "  \"patients\" |o--o{ \"records\" : \"record_author\"\n"
            "  \"patients\" ||--o{ \"records\" : \"record_patient\"\n");
}

TEST(ErdMermaidTest, LeavesNothingInNamesThatTheGrammarWouldTake) {
  const std::string text = WriteMermaid(GraphOf(OddTables()));
  EXPECT_THAT(text, HasSubstr("  \"a #60;b#62; #38; #34;c#34;\" {\n"));
  EXPECT_THAT(text, HasSubstr("    int(11) pk_ \"pk\"\n"));
  EXPECT_THAT(text, HasSubstr("    int(11) it_s___a__tick_ \"it's | a #96;tick#96;\"\n"));
  EXPECT_THAT(text, HasSubstr("    enum __x______y__ \"#92;x} --#62; y#37;#37; enum('a','b''c','#60;d#62;')\"\n"));
  EXPECT_THAT(text, HasSubstr(": \"f#34;#59; k]\"\n"));
}

TEST(ErdMermaidTest, SaysWhatDiffersInWords) {
  const std::string text = WriteMermaid(GraphOf(
      {Create("t", {"`a` bigint(20) NOT NULL", "`b` int(11) DEFAULT NULL"})},
      {Create("t", {"`a` int(11) NOT NULL", "`c` int(11) DEFAULT NULL"}), Create("gone", {"`a` int(11) NOT NULL"})}));
  EXPECT_THAT(text, HasSubstr("  %% \"gone\": − removed\n"));
  EXPECT_THAT(text, HasSubstr("  %% \"t\": changed\n"));
  EXPECT_THAT(text, HasSubstr(" a \"changed int(11) → bigint(20) NN\"\n"));
  EXPECT_THAT(text, HasSubstr("    int(11) b \"+ added\"\n"));
  EXPECT_THAT(text, HasSubstr("    int(11) c \"− removed\"\n"));
}

std::vector<ErdShape> Shapes(const ErdGraph& graph) {
  std::vector<ErdShape> shapes;
  for (const ErdTable& table : graph.tables) {
    shapes.push_back({.width = 120, .head = 26, .row = 20, .foot = 0, .rows = static_cast<int>(table.rows.size())});
  }
  return shapes;
}

// Tables in a chain, some of which refer to themselves and back; and some by themselves.
std::vector<std::string> Chain(int tables, int alone) {
  std::vector<std::string> creates;
  for (int i = 0; i < tables; ++i) {
    std::vector<std::string> clauses = {"`id` int(11) NOT NULL", "`up` int(11) DEFAULT NULL", "PRIMARY KEY (`id`)"};
    const int parent = i == 0 ? tables - 1 : i % 5 == 0 ? i : i - 1;
    clauses.push_back(absl::StrCat("CONSTRAINT `f", i, "` FOREIGN KEY (`up`) REFERENCES `t", parent, "` (`id`)"));
    creates.push_back(Create(absl::StrCat("t", i), clauses));
  }
  for (int i = 0; i < alone; ++i) creates.push_back(Create(absl::StrCat("alone", i), {"`id` int(11) NOT NULL"}));
  return creates;
}

TEST(ErdLayoutTest, PutsNoBoxOnAnotherAndEndsCurvesAtTheirRows) {
  const ErdGraph graph = GraphOf(Chain(23, 9), {}, ErdDetail::kAll);
  const std::vector<ErdShape> shapes = Shapes(graph);
  const auto layout = LayOut(graph, shapes, absl::InfiniteFuture());
  ASSERT_THAT(layout, IsOk());
  ASSERT_EQ(layout->boxes.size(), graph.tables.size());
  for (size_t a = 0; a < shapes.size(); ++a) {
    const ErdPoint& one = layout->boxes[a];
    EXPECT_GE(one.x, -0.1);
    EXPECT_LE(one.x + shapes[a].width, layout->width + 0.1);
    EXPECT_LE(one.y + shapes[a].height(), layout->height + 0.1);
    for (size_t b = 0; b < a; ++b) {
      const ErdPoint& other = layout->boxes[b];
      EXPECT_TRUE(one.x + shapes[a].width <= other.x || other.x + shapes[b].width <= one.x ||
                  one.y + shapes[a].height() <= other.y || other.y + shapes[b].height() <= one.y)
          << graph.tables[a].name << " and " << graph.tables[b].name;
    }
  }
  for (size_t i = 0; i < graph.edges.size(); ++i) {
    const std::vector<ErdPoint>& curve = layout->curves[i];
    ASSERT_GE(curve.size(), 4u) << graph.edges[i].label;
    EXPECT_EQ(curve.size() % 3, 1u);
    const auto row_at = [&](size_t table, const ErdPoint& end) {
      return static_cast<int>((end.y - layout->boxes[table].y - shapes[table].head) / shapes[table].row);
    };
    EXPECT_EQ(row_at(graph.edges[i].parent, curve.front()), graph.edges[i].parent_row) << graph.edges[i].label;
    EXPECT_EQ(row_at(graph.edges[i].child, curve.back()), graph.edges[i].child_row) << graph.edges[i].label;
  }
}

TEST(ErdLayoutTest, RefusesMoreTablesThanOnePictureTakes) {
  const ErdGraph graph = GraphOf(Chain(0, kMaxErdTables + 1));
  EXPECT_THAT(
      LayOut(graph, Shapes(graph), absl::InfiniteFuture()),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("401 tables with 0 foreign keys are too many")));
}

TEST(ErdLayoutTest, GivesUpAtItsDeadline) {
  const ErdGraph graph = GraphOf(Chain(5, 0));
  EXPECT_THAT(LayOut(graph, Shapes(graph), absl::InfinitePast()), StatusIs(absl::StatusCode::kDeadlineExceeded));
}

}  // namespace
}  // namespace bonnie::schema
