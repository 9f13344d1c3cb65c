#include "clients/cli/output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "bonnie/records/v1/resources.pb.h"

namespace bonnie::cli {
namespace {

records::v1::Patient Patient(int64_t id, const std::string& name) {
  records::v1::Patient patient;
  patient.set_id(id);
  patient.set_first_name(name);
  return patient;
}

const std::vector<Column> kColumns = {
    {"id", Column::Shown::kAlways, true}, {"first_name"}, {"etag", Column::Shown::kNotInTables}};

std::string List(Format format, bool with_site) {
  std::ostringstream out;
  Output output(format, with_site, out);
  output.BeginList(kColumns);
  output.Row("azure", {"7", "José", "e1"}, Patient(7, "José"));
  output.BeginList(kColumns);  // the next site
  output.Row("gcp", {"10", "惠美, \"E\"", "e2"}, Patient(10, "惠美, \"E\""));
  output.EndList();
  return out.str();
}

TEST(OutputTest, TablesAlignByColumnsOfTheTerminal) {
  EXPECT_EQ(List(Format::kTable, false),
            "ID  FIRST NAME\n"
            " 7  José\n"
            "10  惠美, \"E\"\n");
}

TEST(OutputTest, ATableOfSeveralSitesSaysWhich) {
  EXPECT_EQ(List(Format::kTable, true),
            "SITE   ID  FIRST NAME\n"
            "azure   7  José\n"
            "gcp    10  惠美, \"E\"\n");
}

TEST(OutputTest, CsvHasEveryColumnAndQuotes) {
  EXPECT_EQ(List(Format::kCsv, true),
            "site,id,first_name,etag\n"
            "azure,7,José,e1\n"
            "gcp,10,\"惠美, \"\"E\"\"\",e2\n");
}

TEST(OutputTest, JsonIsOneObjectPerLine) {
  EXPECT_EQ(List(Format::kJson, false),
            "{\"id\":\"7\",\"firstName\":\"José\"}\n"
            "{\"id\":\"10\",\"firstName\":\"惠美, \\\"E\\\"\"}\n");
  EXPECT_EQ(List(Format::kJson, true).substr(0, 31), "{\"site\":\"azure\",\"id\":\"7\",\"first");
}

TEST(OutputTest, AnEmptyMessageWithItsSiteIsStillJson) {
  std::ostringstream out;
  Output(Format::kJson, true, out).Row("azure", {}, records::v1::Patient());
  EXPECT_EQ(out.str(), "{\"site\":\"azure\"}\n");
}

TEST(OutputTest, ACardHasALinePerFieldThatIsSet) {
  std::ostringstream out;
  Output(Format::kTable, false, out).Card("azure", kColumns, {"7", "", "e1"}, Patient(7, ""));
  EXPECT_EQ(out.str(), "id          7\netag        e1\n");
}

TEST(OutputTest, AValueCannotSteerTheTerminal) {
  std::ostringstream out;
  Output output(Format::kTable, false, out);
  output.BeginList(kColumns);
  output.Row("azure", {"7", "\x1b[2J\nx", ""}, Patient(7, ""));
  output.EndList();
  EXPECT_EQ(out.str(), "ID  FIRST NAME\n 7  ?[2J x\n");
}

TEST(OutputTest, ACellIsCutUnlessTheRowIsForIt) {
  const std::string text(70, 'x');
  std::ostringstream out;
  Output output(Format::kTable, false, out);
  output.BeginList({{"note"}, {.name = "finding", .whole = true}});
  output.Cells("", {text, text});
  output.EndList();
  EXPECT_THAT(out.str(), testing::HasSubstr("\n" + std::string(59, 'x') + "…  " + text + "\n"));
}

TEST(OutputTest, CsvQuotesWhatNeedsIt) {
  EXPECT_EQ(CsvCell("plain text"), "plain text");
  EXPECT_EQ(CsvCell("a,b"), "\"a,b\"");
  EXPECT_EQ(CsvCell("say \"x\""), "\"say \"\"x\"\"\"");
  EXPECT_EQ(CsvCell("two\nlines"), "\"two\nlines\"");
}

}  // namespace
}  // namespace bonnie::cli
