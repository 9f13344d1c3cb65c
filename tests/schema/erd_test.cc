#include "services/schema/erd.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_join.h"
#include "tests/schema/parsed_schema.h"
#include "tests/support/status_matchers.h"

namespace bonnie::schema {
namespace {

using test_support::StatusIs;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Each table in a line: "~ name: ~ column type PK, …".
std::vector<std::string> Lines(const ErdGraph& graph) {
  std::vector<std::string> lines;
  for (const ErdTable& table : graph.tables) {
    std::vector<std::string> rows;
    for (const ErdRow& row : table.rows) {
      rows.push_back(absl::StrCat(MarkText(row.mark), row.name, row.is_note ? "" : " ",
                                  row.change.empty() ? row.type : row.change, row.primary ? " PK" : "",
                                  row.foreign ? " FK" : "", row.unique ? " UK" : "", row.not_null ? " NN" : ""));
    }
    lines.push_back(absl::StrCat(MarkText(table.mark), table.name, table.is_elsewhere ? " elsewhere" : "",
                                 table.hidden_columns > 0 ? absl::StrCat(" (", table.hidden_columns, " hidden)") : "",
                                 ": ", absl::StrJoin(rows, "; ")));
  }
  return lines;
}

// "parent.column ||--o{ child.column", with a mark before it.
std::vector<std::string> Edges(const ErdGraph& graph) {
  const auto end = [&](size_t table, int row) {
    return absl::StrCat(graph.tables[table].name, row < 0 ? "" : ".",
                        row < 0 ? "" : graph.tables[table].rows[row].name);
  };
  std::vector<std::string> edges;
  for (const ErdEdge& edge : graph.edges) {
    edges.push_back(absl::StrCat(MarkText(edge.mark), end(edge.parent, edge.parent_row),
                                 edge.parent_optional ? " |o" : " ||", "--", edge.child_unique ? "o| " : "o{ ",
                                 end(edge.child, edge.child_row)));
  }
  return edges;
}

std::vector<std::string> Names(const absl::StatusOr<ErdGraph>& graph) {
  std::vector<std::string> names;
  if (!graph.ok()) return {graph.status().ToString()};
  for (const ErdTable& table : graph->tables) names.push_back(table.name);
  return names;
}

ErdGraph Graph(const Schema& schema, const Schema* before = nullptr, const ErdOptions& options = {}) {
  const auto graph = MakeErd(schema, before, options);
  EXPECT_TRUE(graph.ok()) << graph.status();
  return graph.value_or(ErdGraph());
}

TEST(ErdTest, ShowsColumnsWithTheirKeys) {
  EXPECT_THAT(Lines(Graph(SchemaOf(ClinicTables()))),
              ElementsAre("log: line text NN",
                          "patients: id int(11) PK NN; name varchar(50) NN; phone varchar(20); code char(8) UK NN",
                          "photos: record_id int(11) PK FK NN; bytes blob",
                          "records: id int(11) PK NN; patient_id int(11) FK NN; author_id int(11) FK; text text"));
}

TEST(ErdTest, ReadsCardinalitiesFromNullsAndUniqueKeys) {
  EXPECT_THAT(Edges(Graph(SchemaOf(ClinicTables()))),
              ElementsAre("records.id ||--o| photos.record_id", "patients.id |o--o{ records.author_id",
                          "patients.id ||--o{ records.patient_id"));
}

TEST(ErdTest, DrawsWhatIsElsewhereAsABoxOfItsOwn) {
  const Schema schema =
      SchemaOf({Create("t", {"`a` int(11) NOT NULL", "`t_id` int(11) DEFAULT NULL", "PRIMARY KEY (`a`)",
                             "CONSTRAINT `x` FOREIGN KEY (`a`) REFERENCES `other`.`far` (`id`)",
                             "CONSTRAINT `y` FOREIGN KEY (`t_id`) REFERENCES `T` (`a`)"})});
  const ErdGraph graph = Graph(schema);
  EXPECT_THAT(Names(graph), ElementsAre("other.far", "t"));
  EXPECT_TRUE(graph.tables[0].is_elsewhere);
  EXPECT_THAT(Edges(graph), ElementsAre("other.far ||--o| t.a", "t.a |o--o{ t.t_id"));
}

TEST(ErdTest, TakesTablesByNamePatternAndDistance) {
  const Schema schema = SchemaOf(ClinicTables());
  struct Case {
    std::vector<std::string> tables;
    int distance;
    std::vector<std::string> want;
  } const cases[] = {
      {{"patients"}, 0, {"patients"}},
      {{"PATIENTS"}, 0, {"patients"}},
      {{"p*"}, 0, {"patients", "photos"}},
      {{"*o*"}, 0, {"log", "photos", "records"}},
      {{"log", "photos"}, 1, {"log", "photos", "records"}},
      {{"photos"}, 2, {"patients", "photos", "records"}},
      {{"log"}, 100, {"log"}},
  };
  for (const Case& test : cases) {
    ErdOptions options;
    options.tables = test.tables;
    options.distance = test.distance;
    EXPECT_THAT(Names(MakeErd(schema, nullptr, options)), testing::ElementsAreArray(test.want))
        << absl::StrJoin(test.tables, " ") << " " << test.distance;
  }
}

TEST(ErdTest, NamesEveryTableThatIsNotThere) {
  ErdOptions options;
  options.tables = {"patients", "nobody", "x*"};
  EXPECT_THAT(MakeErd(SchemaOf(ClinicTables()), nullptr, options).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no such table: nobody, x*")));
}

TEST(ErdTest, HidesColumnsThatAreNoKeys) {
  ErdOptions options;
  options.tables = {"patients"};
  options.detail = ErdDetail::kKeys;
  EXPECT_THAT(Lines(Graph(SchemaOf(ClinicTables()), nullptr, options)),
              ElementsAre("patients (2 hidden): id int(11) PK NN; code char(8) UK NN"));
  options.detail = ErdDetail::kNames;
  options.tables = {"records"};
  options.distance = 1;
  const ErdGraph names = Graph(SchemaOf(ClinicTables()), nullptr, options);
  EXPECT_THAT(Lines(names), ElementsAre("patients (4 hidden): ", "photos (2 hidden): ", "records (4 hidden): "));
  EXPECT_THAT(Edges(names), testing::Contains("patients ||--o{ records"));
}

TEST(ErdTest, ShowsLessOfManyTables) {
  std::vector<std::string> creates;
  for (int i = 0; i < 151; ++i) {
    creates.push_back(Create(absl::StrCat("t", i), {"`id` int(11) NOT NULL", "`x` int(11)", "PRIMARY KEY (`id`)"}));
  }
  const auto rows = [&](int tables) {
    return Graph(SchemaOf({creates.begin(), creates.begin() + tables})).tables[0].rows.size();
  };
  EXPECT_EQ(rows(30), 2u);
  EXPECT_EQ(rows(31), 1u);
  EXPECT_EQ(rows(150), 1u);
  EXPECT_EQ(rows(151), 0u);
}

TEST(ErdTest, MarksWhatDiffersBetweenTwo) {
  std::vector<std::string> tables = ClinicTables();
  const Schema before = SchemaOf(tables);
  tables[0] = Create("patients", {"`id` int(11) NOT NULL AUTO_INCREMENT", "`name` varchar(100) DEFAULT NULL",
                                  "`email` varchar(20) DEFAULT NULL", "`code` char(8) NOT NULL", "PRIMARY KEY (`id`)"});
  tables[2] = Create("visits", {"`id` int(11) NOT NULL", "PRIMARY KEY (`id`)"});
  const ErdGraph graph = Graph(SchemaOf(tables), &before);
  EXPECT_TRUE(graph.is_diff);
  EXPECT_THAT(
      Lines(graph),
      ElementsAre("log: line text NN",
                  "~patients: id int(11) PK NN; ~name varchar(50) → varchar(100), NOT NULL → NULL, default none → "
                  "NULL, comment; +email varchar(20); code char(8) NN; −phone varchar(20); −index by_code; "
                  "−option COMMENT",
                  "−photos: −record_id int(11) PK FK NN; −bytes blob",
                  "records: id int(11) PK NN; patient_id int(11) FK NN; author_id int(11) FK; text text",
                  "+visits: +id int(11) PK NN"));
  EXPECT_THAT(Edges(graph), ElementsAre("−records.id ||--o| photos.record_id", "patients.id |o--o{ records.author_id",
                                        "patients.id ||--o{ records.patient_id"));
}

TEST(ErdTest, SaysWhichIndexChangesItsPlace) {
  const Schema before = SchemaOf({Create("t", {"`a` int(11) NOT NULL", "KEY `x` (`a`)", "KEY `y` (`a`)"})});
  const Schema after = SchemaOf({Create("t", {"`a` int(11) NOT NULL", "KEY `y` (`a`)", "KEY `x` (`a`)"})});
  EXPECT_THAT(Lines(Graph(after, &before)), ElementsAre("~t: a int(11) NN; ~order of index x"));
}

TEST(ErdTest, ShowsARetargetedForeignKeyAsTwoEdges) {
  const std::string a = Create("a", {"`id` int(11) NOT NULL", "PRIMARY KEY (`id`)"});
  const std::string b = Create("b", {"`id` int(11) NOT NULL", "PRIMARY KEY (`id`)"});
  const auto child = [](const std::string& clause) {
    return Create("c", {"`x` int(11) NOT NULL", "CONSTRAINT `f` FOREIGN KEY (`x`) REFERENCES " + clause});
  };
  const Schema before = SchemaOf({a, b, child("`a` (`id`)")});
  EXPECT_THAT(Edges(Graph(SchemaOf({a, b, child("`b` (`id`)")}), &before)),
              ElementsAre("−a.id ||--o{ c.x", "+b.id ||--o{ c.x"));
  EXPECT_THAT(Edges(Graph(SchemaOf({a, b, child("`a` (`id`) ON DELETE CASCADE")}), &before)),
              ElementsAre("~a.id ||--o{ c.x"));
}

TEST(ErdTest, SaysWhatARenamedTableAndColumnWereCalled) {
  const Schema before = SchemaOf({Create("t", {"`a` int(11) NOT NULL"})});
  ErdOptions options;
  options.hints.tables["u"] = "t";
  options.hints.columns["u"]["b"] = "a";
  const ErdGraph graph = Graph(SchemaOf({Create("u", {"`b` int(11) NOT NULL"})}), &before, options);
  EXPECT_THAT(Lines(graph), ElementsAre("~u: ~b int(11), was a NN"));
  EXPECT_EQ(graph.tables[0].was, "t");
}

TEST(ErdTest, KeepsWhatDiffersWhenColumnsAreHidden) {
  std::vector<std::string> tables = ClinicTables();
  const Schema before = SchemaOf(tables);
  tables[3] = Create("log", {"`line` text NOT NULL", "`at` date DEFAULT NULL"});
  ErdOptions options;
  options.detail = ErdDetail::kKeys;
  options.tables = {"log"};
  EXPECT_THAT(Lines(Graph(SchemaOf(tables), &before, options)), ElementsAre("~log (1 hidden): +at date"));
}

TEST(ErdTest, IsUnmarkedBetweenTwoThatAreTheSame) {
  const Schema schema = SchemaOf(ClinicTables());
  for (const ErdTable& table : Graph(schema, &schema).tables) {
    EXPECT_EQ(table.mark, ErdMark::kNone) << table.name;
    for (const ErdRow& row : table.rows) EXPECT_EQ(row.mark, ErdMark::kNone) << row.name;
  }
}

}  // namespace
}  // namespace bonnie::schema
