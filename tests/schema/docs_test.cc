#include "services/schema/docs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_split.h"
#include "tests/schema/parsed_schema.h"
#include "tests/support/status_matchers.h"

namespace bonnie::schema {
namespace {

using test_support::StatusIs;
using testing::HasSubstr;
using testing::Not;

std::string Docs(const Schema& schema, const std::vector<std::string>& tables = {}) {
  const auto text = WriteDocs(schema, tables);
  EXPECT_TRUE(text.ok()) << text.status();
  return text.value_or("");
}

Schema Clinic() {
  Schema schema = SchemaOf(ClinicTables());
  schema.objects.push_back(
      {{SchemaObject::Kind::kView, "names"}, "", "CREATE VIEW names AS SELECT name FROM patients"});
  schema.objects.push_back({{SchemaObject::Kind::kTrigger, "stamp"}, "records", ""});
  schema.unsupported.push_back({"log", "column line", "nobody | knows"});
  return schema;
}

TEST(DocsTest, DescribesATable) {
  EXPECT_THAT(Docs(Clinic(), {"records"}),
              HasSubstr("<a id=\"table-records\"></a>\n\n### records\n\n"
                        "| Column | Type | NULL | Default | Key | Extra | Comment |\n"
                        "| --- | --- | --- | --- | --- | --- | --- |\n"
                        "| `id` | `int(11)` | no |  | PK |  |  |\n"
                        "| `patient_id` | `int(11)` | no |  | FK |  |  |\n"
                        "| `author_id` | `int(11)` | yes | `NULL` | FK |  |  |\n"
                        "| `text` | `text` | yes | `NULL` |  |  |  |\n"
                        "\n**Indexes**\n\n| Index | Kind | Columns | Comment |\n| --- | --- | --- | --- |\n"
                        "| `PRIMARY` | primary key | `id` |  |\n| `by_patient` |  | `patient_id` |  |\n"
                        "\n**References**\n\n"
                        "| Foreign key | Columns | Table | Its columns | On delete | On update |\n"
                        "| --- | --- | --- | --- | --- | --- |\n"
                        "| `record_author` | `author_id` | [`patients`](#table-patients) | `id` |  |  |\n"
                        "| `record_patient` | `patient_id` | [`patients`](#table-patients) | `id` | CASCADE |  |\n"
                        "\n**Referenced by**\n\n"
                        "| Table | Foreign key | Its columns | Columns | On delete |\n| --- | --- | --- | --- | --- |\n"
                        "| [`photos`](#table-photos) | `photo_record` | `record_id` | `id` |  |\n"));
}

TEST(DocsTest, ListsContentsCoverageAndOtherObjects) {
  const std::string text = Docs(Clinic());
  EXPECT_THAT(text, HasSubstr("With comments: tables 1 of 4 (25 %), columns 1 of 11 (9 %).\n"));
  EXPECT_THAT(text, HasSubstr("| [`patients`](#table-patients) | 4 | 0 | 2 | People under the clinic's care |\n"));
  EXPECT_THAT(text, HasSubstr("\n## Views\n\n### names\n\n```sql\nCREATE VIEW names AS"));
  EXPECT_THAT(text, HasSubstr("\n**Triggers**: `stamp`\n"));
  EXPECT_THAT(text,
              HasSubstr("\n## Triggers\n\n### stamp\n\nOn [`records`](#table-records).\n\nIts text may not be read"));
  EXPECT_THAT(text, HasSubstr("| `log` | column line | nobody \\| knows |\n"));
  EXPECT_EQ(text, Docs(Clinic()));
}

TEST(DocsTest, DrawsEachTableWithItsNeighbours) {
  const std::string text = Docs(Clinic(), {"photos"});
  EXPECT_THAT(text, HasSubstr("```mermaid\nerDiagram\n"));
  EXPECT_THAT(text, HasSubstr("  \"records\" ||--o| \"photos\" : \"photo_record\"\n"));
  EXPECT_THAT(text, Not(HasSubstr("\"patients\"")));
  EXPECT_THAT(Docs(Clinic(), {"log"}), Not(HasSubstr("mermaid")));
}

TEST(DocsTest, SaysWhatElseATableHas) {
  const Schema schema =
      SchemaOf({Create("t",
                       {"`a` int(11) NOT NULL AUTO_INCREMENT", "`b` int(11) GENERATED ALWAYS AS (`a` + 1) STORED",
                        "`c` timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp()",
                        "PRIMARY KEY (`a`)", "KEY `x` (`c` DESC)", "CONSTRAINT `small` CHECK (`a` < 9 or `a` > 10)"},
                       "\n PARTITION BY HASH (`a`)\nPARTITIONS 4")});
  const std::string text = Docs(schema);
  EXPECT_THAT(text, HasSubstr("| PK | auto_increment |"));
  EXPECT_THAT(text, HasSubstr("stored: `` `a` + 1 ``"));
  EXPECT_THAT(text, HasSubstr("| `current_timestamp()` |  | on update `current_timestamp()` |"));
  EXPECT_THAT(text, HasSubstr("| `x` |  | `c` descending |"));
  EXPECT_THAT(
      text,
      HasSubstr("\n**Checks**\n\n| Check | Condition |\n| --- | --- |\n| `small` | `` `a` < 9 or `a` > 10 `` |\n"));
  EXPECT_THAT(text, HasSubstr("\n**Partitions**\n\n```sql\nPARTITION BY HASH"));
  EXPECT_THAT(text, HasSubstr("\n**Options**: `ENGINE=InnoDB`"));
}

TEST(DocsTest, LetsNoNameOutOfItsCell) {
  for (const absl::string_view line : absl::StrSplit(Docs(SchemaOf(OddTables())), '\n')) {
    EXPECT_THAT(std::string(line), Not(HasSubstr("<script")));
    if (line.empty() || line[0] != '|') continue;
    int borders = 0;
    for (size_t i = 0; i < line.size(); ++i) borders += line[i] == '|' && (i == 0 || line[i - 1] != '\\') ? 1 : 0;
    EXPECT_THAT(borders, testing::AnyOf(3, 4, 5, 6, 7, 8)) << line;
  }
  EXPECT_THAT(Docs(SchemaOf(OddTables())), HasSubstr("`` it's \\| a `tick` ``"));
}

TEST(DocsTest, NamesEveryTableThatIsNotThere) {
  EXPECT_THAT(WriteDocs(Clinic(), {"x*", "log"}), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("x*")));
}

}  // namespace
}  // namespace bonnie::schema
