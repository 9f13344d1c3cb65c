#include "clients/cli/synthea.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/field_text.h"

namespace bonnie::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

SyntheaFiles Files() {
  return {
      "Id;BIRTHDATE;DEATHDATE;FIRST;LAST;GENDER\n"
      "p1;5/25/1989;;José Eduardo181;Gómez206;M\n"
      "p2;1/2/1931;12/31/1999;Zoë1;Ångström2;F\n",
      "START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION\n"
      "2001-05-01,,p1,e1,10,Sinusitis\n"
      "2010-01-23,2010-02-01,p2,e2,20,Bronchitis\n",
      "",
      ""};
}

SyntheaExport Parse(const SyntheaFiles& files) {
  absl::StatusOr<SyntheaExport> parsed = ParseSynthea(files);
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return *std::move(parsed);
}

std::vector<std::string> Refused(const SyntheaFiles& files) {
  std::vector<std::string> refused;
  for (const RefusedRow& row : Parse(files).refused) refused.push_back(row.Text());
  return refused;
}

TEST(SyntheaTest, MapsPatients) {
  const SyntheaExport source = Parse(Files());
  EXPECT_THAT(source.refused, IsEmpty());
  ASSERT_THAT(source.patients, SizeIs(2));
  const records::v1::Patient& jose = source.patients[0].patient;
  EXPECT_EQ(jose.source_key(), "synthea:p1");
  EXPECT_EQ(jose.first_name(), "José Eduardo181");
  EXPECT_EQ(jose.last_name(), "Gómez206");
  EXPECT_EQ(DateText(jose.date_of_birth()), "1989-05-25");
  EXPECT_EQ(jose.gender(), records::v1::GENDER_MALE);
  EXPECT_FALSE(jose.is_deceased());
  EXPECT_TRUE(source.patients[1].patient.is_deceased());
  EXPECT_EQ(source.patients[1].patient.gender(), records::v1::GENDER_FEMALE);
}

TEST(SyntheaTest, MapsRecords) {
  const SyntheaExport source = Parse(Files());
  ASSERT_THAT(source.records, SizeIs(2));
  const records::v1::MedicalRecord& open = source.records[0].record;
  EXPECT_EQ(source.records[0].patient_key, "synthea:p1");
  EXPECT_EQ(open.diagnosis(), "Sinusitis");
  EXPECT_EQ(DateText(open.admission_date()), "2001-05-01");
  EXPECT_FALSE(open.has_discharge_date());
  EXPECT_FALSE(open.has_treatment());
  EXPECT_EQ(DateText(source.records[1].record.discharge_date()), "2010-02-01");
  // printf 'p1e1102001-05-01' | sha256sum | cut -c 1-40
  EXPECT_EQ(open.source_key(), "synthea:fcf6b617f320eee5e2fbd581fc1ee36191e38744");
}

TEST(SyntheaTest, ChoosesTheTreatment) {
  SyntheaFiles files = Files();
  const std::string headings = "Id,START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION,REASONCODE,REASONDESCRIPTION\n";
  struct Case {
    const char* name;
    const char* plans;
    const char* want;  // for the condition 20 of p2 in e2
  };
  for (const Case& c : {
           Case{"one", "c1,2011-01-01,,p2,e9,1,Rest,20,\n", "Rest"},
           Case{"other reason", "c1,2011-01-01,,p2,e2,1,Rest,21,\n", ""},
           Case{"other patient", "c1,2011-01-01,,p1,e2,1,Rest,20,\n", ""},
           Case{"no reason", "c1,2011-01-01,,p2,e2,1,Rest,,\n", ""},
           Case{"same encounter first", "c1,2009-01-01,,p2,e9,1,Old,20,\nc2,2011-01-01,,p2,e2,1,Same,20,\n", "Same"},
           Case{"then the earliest", "c1,2012-01-01,,p2,e9,1,Late,20,\nc2,2011-01-01,,p2,e9,1,Early,20,\n", "Early"},
           Case{"then the smallest id", "c9,2011-01-01,,p2,e9,1,Nine,20,\nc2,2011-01-01,,p2,e9,1,Two,20,\n", "Two"},
       }) {
    files.careplans = headings + c.plans;
    EXPECT_EQ(Parse(files).records[1].record.treatment(), c.want) << c.name;
  }
}

TEST(SyntheaTest, RefusesBadRowsByFileLineAndColumn) {
  SyntheaFiles files = Files();
  files.patients +=
      "p3;2/30/1989;;A;B;M\n"
      "p4;1/1/1989;;;B;M\n"
      "p5;1/1/1989;;A;B;X\n"
      "p1;1/1/1989;;A;B;M\n"
      "p6;1/1/1989\n";
  files.conditions +=
      "2001-05-01,,p3,e1,10,Of a refused patient\n"
      "2001-05-01,never,p1,e1,11,A word\n"
      ",,p1,e1,12,No start\n";
  EXPECT_THAT(Refused(files),
              ElementsAre("patients.csv:4:4: BIRTHDATE: no day of the calendar",
                          "patients.csv:5:14: FIRST: is empty, want a value", "patients.csv:6:18: GENDER: want F or M",
                          "patients.csv:7:1: Id: is that of line 2 already", "patients.csv:8:1: has 2 fields, want 6",
                          "conditions.csv:4:13: PATIENT: is no Id of a good row of patients.csv",
                          "conditions.csv:5:12: STOP: want M/D/YYYY or YYYY-MM-DD",
                          "conditions.csv:6:1: START: is empty, want a value"));
  EXPECT_THAT(Parse(files).patients, SizeIs(2));
  EXPECT_THAT(Parse(files).records, SizeIs(2));
}

TEST(SyntheaTest, RefusesWhatIsNotUtf8) {
  SyntheaFiles files = Files();
  files.patients += "p3;1/1/1989;;Jos\xe9;B;M\n";
  EXPECT_THAT(Refused(files), ElementsAre("patients.csv:4:14: FIRST: is not UTF-8"));
  EXPECT_THAT(Parse(files).patients, SizeIs(2));
}

TEST(SyntheaTest, NoValueOfARowIsInARefusal) {
  SyntheaFiles files = Files();
  files.patients += "p3;secret-date;;A;B;secret-gender\n";
  for (const std::string& text : Refused(files)) EXPECT_EQ(text.find("secret"), std::string::npos) << text;
}

TEST(SyntheaTest, TakesBothSeparatorsAndBothDates) {
  SyntheaFiles files = Files();
  files.patients = "Id,BIRTHDATE,DEATHDATE,FIRST,LAST,GENDER\np1,1989-05-25,,A,B,M\n";
  files.conditions = "START;STOP;PATIENT;ENCOUNTER;CODE;DESCRIPTION\n5/31/2001;;p1;e1;10;Sinusitis\n";
  const SyntheaExport source = Parse(files);
  EXPECT_EQ(DateText(source.patients[0].patient.date_of_birth()), "1989-05-25");
  EXPECT_EQ(DateText(source.records[0].record.admission_date()), "2001-05-31");
}

// The diagnosis became the code.
TEST(SyntheaTest, BlankAndRepeatedHeadingsShiftNoColumn) {
  SyntheaFiles files = Files();
  files.conditions =
      "START,STOP,PATIENT,ENCOUNTER,,,NOTE,NOTE,CODE,DESCRIPTION\n2001-05-01,,p1,e1,x,y,z,z,10,Sinusitis\n";
  EXPECT_EQ(Parse(files).records[0].record.diagnosis(), "Sinusitis");
  files.conditions = "START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION,CODE\n";
  EXPECT_EQ(ParseSynthea(files).status().message(),
            "conditions.csv:1: column CODE appears twice, as columns 5 and 7");
}

TEST(SyntheaTest, AFilesDatesShowTheirOrder) {
  SyntheaFiles files = Files();
  const auto with = [&](const std::string& first, const std::string& second) {
    files.patients = absl::StrCat("Id;BIRTHDATE;DEATHDATE;FIRST;LAST;GENDER\np1;", first, ";;A;B;M\np2;", second,
                                  ";;A;B;M\n");
    return ParseSynthea(files);
  };
  const auto day_first = with("03/04/1980", "25/12/1975");
  ASSERT_TRUE(day_first.ok()) << day_first.status();
  EXPECT_EQ(DateText(day_first->patients[0].patient.date_of_birth()), "1980-04-03");
  const auto month_first = with("03/04/1980", "12/25/1975");
  ASSERT_TRUE(month_first.ok()) << month_first.status();
  EXPECT_EQ(DateText(month_first->patients[0].patient.date_of_birth()), "1980-03-04");
  EXPECT_EQ(with("25/12/1975", "12/25/1975").status().message(),
            "patients.csv: line 3 has a date in M/D/YYYY and line 2 has one in D/M/YYYY. Correct the file, or choose "
            "with --dates mdy or --dates dmy");
  EXPECT_EQ(with("03/04/1980", "1980-05-06").status().message(),
            "patients.csv:2: no date shows whether the file uses M/D/YYYY or D/M/YYYY. Use --dates mdy or --dates dmy");
  EXPECT_TRUE(with("05/05/1980", "1980-05-06").ok()) << "both orders mean the same";
  ASSERT_TRUE(with("13/13/1980", "12/25/1975").ok()) << "one bad cell is one bad row";
  EXPECT_THAT(with("13/13/1980", "12/25/1975")->patients, SizeIs(1));
  files.patients = "Id;BIRTHDATE;DEATHDATE;FIRST;LAST;GENDER\np1;03/04/1980;;A;B;M\n";
  const auto told = ParseSynthea(files, SlashDates::kDayFirst);
  ASSERT_TRUE(told.ok()) << told.status();
  EXPECT_EQ(DateText(told->patients[0].patient.date_of_birth()), "1980-04-03");
}

// The same export, saved again by a spreadsheet, was imported twice.
TEST(SyntheaTest, ARecordsKeyDoesNotDependOnHowItsDateIsWritten) {
  SyntheaFiles files = Files();
  const std::string headings = "START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION\n";
  files.conditions = headings + "2020-01-25,,p1,e1,10,Sinusitis\n";
  const std::string iso = Parse(files).records[0].record.source_key();
  files.conditions = headings + "1/25/2020,,p1,e1,10,Sinusitis\n";
  EXPECT_EQ(Parse(files).records[0].record.source_key(), iso);
}

TEST(SyntheaTest, AFieldThatNoMessageCanHoldIsRefusedAndTheNextRowIsRead) {
  SyntheaFiles files = Files();
  files.conditions = absl::StrCat("START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION\n2020-01-25,,p1,e1,10,",
                                  std::string(5 << 20, 'x'), "\n2020-01-26,,p1,e1,10,Sinusitis\n");
  EXPECT_THAT(Refused(files),
              ElementsAre("conditions.csv:2:22: DESCRIPTION: has 5242880 bytes, at most 1048576 are taken"));
  EXPECT_THAT(Parse(files).records, SizeIs(1));
}

TEST(SyntheaTest, AQuoteThatIsNotClosedIsNamedWhereItOpens) {
  SyntheaFiles files = Files();
  files.conditions =
      "START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION\n2020-01-25,,p1,e1,10,\"Sinusitis\n2020-01-26,,p1,e1,10,B\n"
      "2020-01-27,,p1,e1,10,C\n";
  EXPECT_THAT(Refused(files), ElementsAre("conditions.csv:2:22: the quote that opens here is not closed; 2 following "
                                          "lines belong to this field and were skipped"));
}

TEST(SyntheaTest, NamesAColumnThatIsMissing) {
  SyntheaFiles files = Files();
  files.conditions = "START,STOP,PATIENT,ENCOUNTER,DESCRIPTION\n";
  EXPECT_EQ(ParseSynthea(files).status().message(), "conditions.csv:1: no column CODE");
  files.conditions = "START,STOP,ENCOUNTER,DESCRIPTION\n";
  EXPECT_EQ(ParseSynthea(files).status().message(), "conditions.csv:1: no column PATIENT, CODE");
  files.conditions = "";
  EXPECT_EQ(ParseSynthea(files).status().message(), "conditions.csv: is empty, want a line of headings");
}

TEST(SyntheaTest, AFileThatIsMissingIsToldOf) {
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / absl::StrCat("synthea-", getpid());
  std::filesystem::create_directory(folder);
  std::ofstream(folder / "patients.csv") << Files().patients;
  EXPECT_THAT(ReadSyntheaFiles(folder.string()).status().message(), HasSubstr("conditions.csv: No such file"));
  std::ofstream(folder / "conditions.csv") << Files().conditions;
  const absl::StatusOr<SyntheaFiles> without = ReadSyntheaFiles(folder.string());
  ASSERT_TRUE(without.ok()) << without.status();
  EXPECT_EQ(without->warning,
            (folder / "careplans.csv").string() + ": is not there; the records come without treatments");
  std::ofstream(folder / "careplans.csv") << Files().careplans;
  EXPECT_EQ(ReadSyntheaFiles(folder.string())->warning, "");
  std::filesystem::remove_all(folder);
}

TEST(SyntheaTest, ServicesRefusalsNameTheColumn) {
  const SourceRow row = Parse(Files()).patients[1].source;
  EXPECT_EQ(row.Refuse("patient.last_name", "want fewer").Text(), "patients.csv:3:29: LAST: want fewer");
  EXPECT_EQ(row.Refuse("patient.other", "want fewer").Text(), "patients.csv:3:1: patient.other: want fewer");
}

}  // namespace
}  // namespace bonnie::cli
