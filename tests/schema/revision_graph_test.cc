#include "services/schema/revision_graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/schema/reason_of.h"

namespace bonnie::schema {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

using Ids = std::vector<std::string>;

RevisionGraph Graph(const std::vector<RevisionLinks>& revisions) {
  absl::StatusOr<RevisionGraph> graph = RevisionGraph::Make(revisions);
  EXPECT_TRUE(graph.ok()) << graph.status();
  return graph.ok() ? *graph : RevisionGraph();
}

// aaaa1 - aaaa2 - aaaa3
RevisionGraph Line() {
  return Graph({{"aaaa1", {}, {}, ""}, {"aaaa2", {"aaaa1"}, {}, ""}, {"aaaa3", {"aaaa2"}, {}, ""}});
}

// root - a1 (label shop) - a2
//      \ b1 (label care) - b2
std::vector<RevisionLinks> Branches() {
  return {{"root", {}, {}, ""},
          {"a1_shop", {"root"}, {}, "shop"},
          {"a2_shop", {"a1_shop"}, {}, ""},
          {"b1_care", {"root"}, {}, "care"},
          {"b2_care", {"b1_care"}, {}, ""}};
}

std::vector<RevisionLinks> Merged() {
  std::vector<RevisionLinks> revisions = Branches();
  revisions.push_back({"merge", {"a2_shop", "b2_care"}, {}, ""});
  return revisions;
}

struct PathCase {
  const char* name;
  Ids current;
  const char* target;
  Direction direction;
  Ids want;
  Ids want_to;
};

void ExpectPaths(const RevisionGraph& graph, const std::vector<PathCase>& cases) {
  for (const PathCase& c : cases) {
    SCOPED_TRACE(c.name);
    absl::StatusOr<RevisionPath> path = graph.Path(c.current, c.target, c.direction);
    ASSERT_TRUE(path.ok()) << path.status();
    EXPECT_EQ(path->revisions, c.want);
    EXPECT_EQ(path->to, c.want_to);
  }
}

TEST(RevisionGraphTest, WalksALine) {
  ExpectPaths(Line(), {{"head from base", {}, "head", Direction::kUp, {"aaaa1", "aaaa2", "aaaa3"}, {"aaaa3"}},
                       {"heads too", {"aaaa2"}, "heads", Direction::kUp, {"aaaa3"}, {"aaaa3"}},
                       {"nothing to do", {"aaaa3"}, "head", Direction::kUp, {}, {"aaaa3"}},
                       {"an id below is nothing to do", {"aaaa3"}, "aaaa1", Direction::kUp, {}, {"aaaa3"}},
                       {"+1", {"aaaa1"}, "+1", Direction::kUp, {"aaaa2"}, {"aaaa2"}},
                       {"+2 from base", {}, "+2", Direction::kUp, {"aaaa1", "aaaa2"}, {"aaaa2"}},
                       {"id+1", {}, "aaaa1+1", Direction::kUp, {"aaaa1", "aaaa2"}, {"aaaa2"}},
                       {"id-1", {}, "aaaa3-1", Direction::kUp, {"aaaa1", "aaaa2"}, {"aaaa2"}},
                       {"head-1", {}, "head-1", Direction::kUp, {"aaaa1", "aaaa2"}, {"aaaa2"}},
                       {"-1", {"aaaa3"}, "-1", Direction::kDown, {"aaaa3"}, {"aaaa2"}},
                       {"-3 reaches base", {"aaaa3"}, "-3", Direction::kDown, {"aaaa3", "aaaa2", "aaaa1"}, {}},
                       {"base", {"aaaa2"}, "base", Direction::kDown, {"aaaa2", "aaaa1"}, {}},
                       {"to an id", {"aaaa3"}, "aaaa1", Direction::kDown, {"aaaa3", "aaaa2"}, {"aaaa1"}},
                       {"to id+1", {"aaaa3"}, "aaaa1+1", Direction::kDown, {"aaaa3"}, {"aaaa2"}}});
}

TEST(RevisionGraphTest, WalksBranchesByLabel) {
  ExpectPaths(
      Graph(Branches()),
      {{"all heads",
        {},
        "heads",
        Direction::kUp,
        {"root", "a1_shop", "a2_shop", "b1_care", "b2_care"},
        {"a2_shop", "b2_care"}},
       {"one branch", {}, "shop@head", Direction::kUp, {"root", "a1_shop", "a2_shop"}, {"a2_shop"}},
       {"by a revision of the branch", {}, "b1_care@head", Direction::kUp, {"root", "b1_care", "b2_care"}, {"b2_care"}},
       {"all heads of a branch", {}, "shop@heads", Direction::kUp, {"root", "a1_shop", "a2_shop"}, {"a2_shop"}},
       {"two steps from where a branch begins",
        {"root"},
        "shop@+2",
        Direction::kUp,
        {"a1_shop", "a2_shop"},
        {"a2_shop"}},
       {"back past where a branch begins", {}, "shop@head-2", Direction::kUp, {"root"}, {"root"}},
       {"several targets",
        {},
        "a1_shop,care@head",
        Direction::kUp,
        {"root", "a1_shop", "b1_care", "b2_care"},
        {"a1_shop", "b2_care"}},
       {"down to where branches part, one of them only",
        {"a2_shop", "b2_care"},
        "shop@root",
        Direction::kDown,
        {"a2_shop", "a1_shop"},
        {"b2_care"}},
       {"down past a root is base", {"a1_shop"}, "root-1", Direction::kDown, {"a1_shop", "root"}, {}},
       {"a step on a branch", {"a2_shop", "b1_care"}, "care@+1", Direction::kUp, {"b2_care"}, {"a2_shop", "b2_care"}},
       {"the first step of a branch", {"root"}, "care@+1", Direction::kUp, {"b1_care"}, {"b1_care"}},
       {"back from a branch's head", {}, "shop@head-1", Direction::kUp, {"root", "a1_shop"}, {"a1_shop"}},
       {"down on a branch", {"a2_shop", "b2_care"}, "shop@-1", Direction::kDown, {"a2_shop"}, {"a1_shop", "b2_care"}},
       {"down to before a branch",
        {"a2_shop", "b2_care"},
        "shop@base",
        Direction::kDown,
        {"a2_shop", "a1_shop"},
        {"b2_care"}},
       {"down both",
        {"a2_shop", "b2_care"},
        "root",
        Direction::kDown,
        {"b2_care", "b1_care", "a2_shop", "a1_shop"},
        {"root"}}});
}

TEST(RevisionGraphTest, MergesAndUnmerges) {
  ExpectPaths(Graph(Merged()),
              {{"up through the merge", {"a2_shop", "b2_care"}, "head", Direction::kUp, {"merge"}, {"merge"}},
               {"one step back leaves both", {"merge"}, "-1", Direction::kDown, {"merge"}, {"a2_shop", "b2_care"}},
               {"down through it on the other branch",
                {"merge"},
                "care@-2",
                Direction::kDown,
                {"merge", "b2_care"},
                {"a2_shop", "b1_care"}},
               {"down through it with a branch named",
                {"merge"},
                "shop@root",
                Direction::kDown,
                {"merge", "a2_shop", "a1_shop"},
                {"b2_care"}},
               {"down through it on one branch only",
                {"merge"},
                "a1_shop",
                Direction::kDown,
                {"merge", "a2_shop"},
                {"a1_shop", "b2_care"}}});
}

TEST(RevisionGraphTest, DependenciesOrderAndDoNotMerge) {
  std::vector<RevisionLinks> revisions = Branches();
  revisions[2].depends_on = {"b1_care"};
  const RevisionGraph graph = Graph(revisions);
  ExpectPaths(graph, {{"pulls what it needs",
                       {},
                       "shop@head",
                       Direction::kUp,
                       {"root", "a1_shop", "b1_care", "a2_shop"},
                       {"a2_shop", "b1_care"}},
                      {"takes what needs it along",
                       {"a2_shop", "b1_care"},
                       "care@base",
                       Direction::kDown,
                       {"a2_shop", "b1_care"},
                       {"a1_shop"}}});
}

struct RefusalCase {
  const char* name;
  Ids current;
  const char* target;
  Direction direction;
  const char* reason;
  const char* message;
};

void ExpectRefusals(const RevisionGraph& graph, const std::vector<RefusalCase>& cases) {
  for (const RefusalCase& c : cases) {
    SCOPED_TRACE(c.name);
    absl::StatusOr<RevisionPath> path = graph.Path(c.current, c.target, c.direction);
    ASSERT_FALSE(path.ok());
    EXPECT_EQ(ReasonOf(path.status()), c.reason);
    EXPECT_THAT(std::string(path.status().message()), HasSubstr(c.message));
  }
}

TEST(RevisionGraphTest, RefusesWhatCannotBeWalked) {
  ExpectRefusals(
      Line(),
      {{"too many steps up", {"aaaa2"}, "+2", Direction::kUp, "TARGET_UNREACHABLE", "aaaa2+2"},
       {"too many steps down", {"aaaa2"}, "-3", Direction::kDown, "TARGET_UNREACHABLE", "-3"},
       {"an upgrade down", {"aaaa2"}, "-1", Direction::kUp, "TARGET_UNREACHABLE", "takes +N"},
       {"a downgrade up", {"aaaa2"}, "+1", Direction::kDown, "TARGET_UNREACHABLE", "takes -N"},
       {"down to what is not applied", {"aaaa1"}, "aaaa2", Direction::kDown, "TARGET_UNREACHABLE", "aaaa2"},
       {"unknown", {}, "bbbbb", Direction::kUp, "REVISION_UNKNOWN", "bbbbb"},
       {"a prefix of 3", {}, "aaa", Direction::kUp, "REVISION_UNKNOWN", "at least 4"},
       {"an ambiguous prefix", {}, "aaaa", Direction::kUp, "REVISION_AMBIGUOUS", "aaaa1, aaaa2, aaaa3"},
       {"no word", {}, "aaaa1;drop", Direction::kUp, "REVISION_UNKNOWN", "not a revision word"},
       {"empty", {}, "", Direction::kUp, "REVISION_UNKNOWN", "not a revision word"},
       {"a sign alone", {}, "+", Direction::kUp, "REVISION_UNKNOWN", "not a revision word"},
       {"no steps", {}, "+0", Direction::kUp, "REVISION_UNKNOWN", "not a revision word"},
       {"more steps than a number holds", {}, "+99999999999", Direction::kUp, "REVISION_UNKNOWN", "not a revision"}});
}

TEST(RevisionGraphTest, RefusesOneWordForSeveralHeads) {
  ExpectRefusals(
      Graph(Branches()),
      {{"head", {}, "head", Direction::kUp, "SEVERAL_HEADS", "a2_shop, b2_care"},
       {"+1", {"a1_shop", "b1_care"}, "+1", Direction::kUp, "SEVERAL_HEADS", "a1_shop, b1_care"},
       {"-1", {"a1_shop", "b1_care"}, "-1", Direction::kDown, "SEVERAL_HEADS", "a1_shop, b1_care"},
       {"+1 at a fork", {"root"}, "+1", Direction::kUp, "REVISION_AMBIGUOUS", "a1_shop, b1_care"},
       {"what to do about it", {}, "head", Direction::kUp, "SEVERAL_HEADS", "say 'heads' for all, or merge"},
       {"one of several targets", {}, "a1_shop,nowhere", Direction::kUp, "REVISION_UNKNOWN", "nowhere"},
       {"an empty one of several targets", {}, "root,", Direction::kUp, "REVISION_UNKNOWN", "''"},
       {"an ambiguous way down on a branch that is not applied",
        {"b1_care"},
        "shop@-1",
        Direction::kDown,
        "TARGET_UNREACHABLE",
        "shop@-1"},
       {"a revision of another branch", {}, "shop@b1_care", Direction::kUp, "REVISION_UNKNOWN", "not on branch"},
       {"where the database is not known", {"gone"}, "current+1", Direction::kUp, "REVISION_UNKNOWN", "gone"},
       {"a label that is none", {}, "food@head", Direction::kUp, "REVISION_UNKNOWN", "food"}});
}

TEST(RevisionGraphTest, NamesOneRevision) {
  const RevisionGraph graph = Graph({{"20260101120000", {}, {}, ""}, {"20260202120000", {"20260101120000"}, {}, ""}});
  EXPECT_EQ(*graph.One("202601", {}), "20260101120000");
  EXPECT_EQ(*graph.One("head", {}), "20260202120000");
  EXPECT_EQ(*graph.One("current", {"20260101120000"}), "20260101120000");
  EXPECT_EQ(*graph.One("current+1", {"20260101120000"}), "20260202120000");
  EXPECT_THAT(*graph.Many("20260101120000,head", {}), ElementsAre("20260101120000", "20260202120000"));
  EXPECT_THAT(*graph.Many("base", {}), IsEmpty());
  EXPECT_EQ(ReasonOf(graph.One("base", {}).status()), "REVISION_UNKNOWN");
  EXPECT_EQ(ReasonOf(graph.One("2026", {}).status()), "REVISION_AMBIGUOUS");
  EXPECT_EQ(ReasonOf(graph.One("202", {}).status()), "REVISION_UNKNOWN");
}

TEST(RevisionGraphTest, ListsRangesNewestFirst) {
  const RevisionGraph graph = Line();
  EXPECT_THAT(*graph.Range("", {}), ElementsAre("aaaa3", "aaaa2", "aaaa1"));
  EXPECT_THAT(*graph.Range("aaaa1:aaaa2", {}), ElementsAre("aaaa2", "aaaa1"));
  EXPECT_THAT(*graph.Range("aaaa2:", {}), ElementsAre("aaaa3", "aaaa2"));
  EXPECT_THAT(*graph.Range(":aaaa2", {}), ElementsAre("aaaa2", "aaaa1"));
  EXPECT_THAT(*graph.Range("base:head", {}), ElementsAre("aaaa3", "aaaa2", "aaaa1"));
  EXPECT_THAT(*graph.Range("-1:head", {}), ElementsAre("aaaa3", "aaaa2"));
  EXPECT_THAT(*graph.Range("aaaa1:+1", {}), ElementsAre("aaaa2", "aaaa1"));
  EXPECT_THAT(*graph.Range("current:", {"aaaa2"}), ElementsAre("aaaa3", "aaaa2"));
  EXPECT_THAT(*graph.Range("aaaa3:aaaa1", {}), IsEmpty());
  EXPECT_EQ(ReasonOf(graph.Range("aaaa1", {}).status()), "REVISION_UNKNOWN");
  EXPECT_EQ(ReasonOf(graph.Range("a:b:c", {}).status()), "REVISION_UNKNOWN");
}

TEST(RevisionGraphTest, ListsEveryRevisionBeforeThoseItRevises) {
  EXPECT_THAT(*Graph(Merged()).Range("", {}), ElementsAre("merge", "b2_care", "b1_care", "a2_shop", "a1_shop", "root"));
  EXPECT_THAT(*Graph(Branches()).Range("a1_shop:heads", {}), UnorderedElementsAre("a1_shop", "a2_shop"));
}

TEST(RevisionGraphTest, AThousandRevisionsTakeNoTime) {
  std::vector<RevisionLinks> revisions = {{"r10000", {}, {}, ""}};
  for (int i = 10001; i < 12000; ++i) {
    revisions.push_back({"r" + std::to_string(i), {"r" + std::to_string(i - 1)}, {}, ""});
  }
  const RevisionGraph graph = Graph(revisions);
  const auto begin = std::chrono::steady_clock::now();
  const auto up = graph.Path({}, "head", Direction::kUp);
  const auto down = graph.Path({"r11999"}, "base", Direction::kDown);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(1));
  ASSERT_TRUE(up.ok() && down.ok());
  EXPECT_EQ(up->revisions.size(), 2000u);
  EXPECT_THAT(down->to, IsEmpty());
}

TEST(RevisionGraphTest, RefusesFoldersThatAreNoGraph) {
  const struct {
    const char* name;
    std::vector<RevisionLinks> revisions;
    const char* reason;
    const char* message;
  } kCases[] = {
      {"missing parent", {{"b", {"a"}, {}, ""}}, "REVISION_MISSING", "b names a"},
      {"missing dependency", {{"b", {}, {"a"}, ""}}, "REVISION_MISSING", "b names a"},
      {"circle",
       {{"a", {"b"}, {}, ""}, {"b", {"a"}, {}, ""}, {"c", {}, {}, ""}},
       "REVISION_FILE_INVALID",
       "circle: a needs b needs a"},
      {"revises itself", {{"a", {"a"}, {}, ""}}, "REVISION_FILE_INVALID", "circle: a needs a"},
      {"twice", {{"a", {}, {}, ""}, {"a", {}, {}, ""}}, "REVISION_FILE_INVALID", "a is there twice"},
      {"a longer circle, and one that hangs on it",
       {{"a", {}, {"z"}, ""}, {"x", {"y"}, {}, ""}, {"y", {"z"}, {}, "", "versions/y.sql:2"}, {"z", {"x"}, {}, ""}},
       "REVISION_FILE_INVALID",
       "circle: x needs y needs z needs x"},
      {"the place is named",
       {{"b", {"a"}, {}, "", "versions/b.sql:2"}},
       "REVISION_MISSING",
       "versions/b.sql:2: revision b"},
      {"a word as an id", {{"head", {}, {}, ""}}, "REVISION_FILE_INVALID", "'head' means something else"},
      {"a word as a label", {{"a", {}, {}, "base"}}, "REVISION_FILE_INVALID", "'base' means something else"},
      {"an id as a label", {{"a", {}, {}, "b"}, {"b", {}, {}, ""}}, "REVISION_FILE_INVALID", "b is a revision's id"},
      {"label twice", {{"a", {}, {}, "x"}, {"b", {}, {}, "x"}}, "REVISION_FILE_INVALID", "x is there twice"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const absl::Status status = RevisionGraph::Make(c.revisions).status();
    EXPECT_EQ(ReasonOf(status), c.reason);
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.message));
  }
}

}  // namespace
}  // namespace bonnie::schema
