#include "clients/cli/resource_text.h"

#include <gtest/gtest.h>

#include <string>

namespace bonnie::cli {
namespace {

std::string Cell(const std::vector<Column>& columns, const std::vector<std::string>& cells, const std::string& name) {
  EXPECT_EQ(columns.size(), cells.size());
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name == name) return cells[i];
  }
  return "no such column";
}

TEST(ResourceTextTest, WhatIsNotSetIsEmpty) {
  for (const std::string& cell : PatientCells({})) EXPECT_EQ(cell, "");
}

TEST(ResourceTextTest, TellsFalseFromNotSet) {
  records::v1::Patient patient;
  EXPECT_EQ(Cell(PatientColumns(), PatientCells(patient), "is_deceased"), "");
  patient.set_is_deceased(false);
  EXPECT_EQ(Cell(PatientColumns(), PatientCells(patient), "is_deceased"), "false");
  patient.set_is_deceased(true);
  EXPECT_EQ(Cell(PatientColumns(), PatientCells(patient), "is_deceased"), "true");
}

TEST(ResourceTextTest, EveryFieldHasItsColumn) {
  records::v1::Patient patient;
  patient.set_id(7);
  patient.set_first_name("Ada");
  patient.set_gender(records::v1::GENDER_OTHER);
  patient.mutable_delete_time()->set_seconds(0);
  patient.set_etag("e");
  const auto cells = PatientCells(patient);
  EXPECT_EQ(Cell(PatientColumns(), cells, "id"), "7");
  EXPECT_EQ(Cell(PatientColumns(), cells, "first_name"), "Ada");
  EXPECT_EQ(Cell(PatientColumns(), cells, "gender"), "other");
  EXPECT_EQ(Cell(PatientColumns(), cells, "delete_time"), "1970-01-01T00:00:00Z");
  EXPECT_EQ(Cell(PatientColumns(), cells, "etag"), "e");

  records::v1::MedicalRecord record;
  record.set_id(9);
  record.set_patient_id(7);
  record.set_diagnosis("Influenza");
  record.mutable_admission_date()->set_year(2020);
  record.mutable_admission_date()->set_month(1);
  record.mutable_admission_date()->set_day(2);
  EXPECT_EQ(Cell(RecordColumns(), RecordCells(record), "patient_id"), "7");
  EXPECT_EQ(Cell(RecordColumns(), RecordCells(record), "diagnosis"), "Influenza");
  EXPECT_EQ(Cell(RecordColumns(), RecordCells(record), "admission_date"), "2020-01-02");
  EXPECT_EQ(Cell(RecordColumns(), RecordCells(record), "discharge_date"), "");
}

}  // namespace
}  // namespace bonnie::cli
