#include "services/records/convert.h"

#include <google/protobuf/timestamp.pb.h>
#include <gtest/gtest.h>

#include "bonnie/records/v1/resources.pb.h"
#include "services/records/etag.h"
#include "services/records/validate.h"

namespace bonnie::records {
namespace {

using P = v1::Patient;

Patient ARow() {
  Patient row;
  row.id = 7;
  row.first_name = "José Eduardo181";
  row.last_name = "Ünal";
  row.date_of_birth = absl::CivilDay(1980, 2, 29);
  row.gender = Gender::kOther;
  row.contact_number = "+49 30 12345";
  row.is_deceased = true;
  row.source_key = "synthea:1";
  row.row_version = 3;
  row.create_time = absl::FromUnixMicros(1'600'000'000'000'001);
  row.update_time = absl::FromUnixMicros(1'700'000'000'999'999);
  return row;
}

TEST(ConvertTest, FillsAPatient) {
  P proto;
  ToProto(ARow(), &proto);
  EXPECT_EQ(proto.id(), 7);
  EXPECT_EQ(proto.first_name(), "José Eduardo181");
  EXPECT_EQ(proto.last_name(), "Ünal");
  EXPECT_EQ(proto.date_of_birth().year(), 1980);
  EXPECT_EQ(proto.date_of_birth().month(), 2);
  EXPECT_EQ(proto.date_of_birth().day(), 29);
  EXPECT_EQ(proto.gender(), v1::GENDER_OTHER);
  EXPECT_EQ(proto.contact_number(), "+49 30 12345");
  EXPECT_TRUE(proto.is_deceased());
  EXPECT_EQ(proto.source_key(), "synthea:1");
  EXPECT_EQ(proto.create_time().seconds(), 1'600'000'000);
  EXPECT_EQ(proto.create_time().nanos(), 1'000);
  EXPECT_EQ(proto.update_time().nanos(), 999'999'000);
  EXPECT_FALSE(proto.has_delete_time());
  EXPECT_EQ(proto.etag(), MakeEtag(Kind::kPatient, 7, 3, absl::FromUnixMicros(1'700'000'000'999'999)));
}

TEST(ConvertTest, LeavesUnsetWhatIsNull) {
  Patient row = ARow();
  row.contact_number.reset();
  row.source_key.reset();
  row.is_deceased = false;
  P proto;
  ToProto(std::move(row), &proto);
  EXPECT_FALSE(proto.has_contact_number());
  EXPECT_FALSE(proto.has_source_key());
  EXPECT_TRUE(proto.has_is_deceased());  // false is an answer
}

TEST(ConvertTest, KeepsTimesBefore1970) {
  google::protobuf::Timestamp proto;
  ToProto(absl::FromUnixMicros(-1), &proto);
  EXPECT_EQ(proto.seconds(), -1);
  EXPECT_EQ(proto.nanos(), 999'999'000);
}

TEST(ConvertTest, ComesBackAsItWas) {
  P proto;
  ToProto(ARow(), &proto);
  Patient row;
  Assign(proto, PatientFields(), &row);
  EXPECT_EQ(row.first_name, ARow().first_name);
  EXPECT_EQ(row.last_name, ARow().last_name);
  EXPECT_EQ(row.date_of_birth, ARow().date_of_birth);
  EXPECT_EQ(row.gender, ARow().gender);
  EXPECT_EQ(row.contact_number, ARow().contact_number);
  EXPECT_EQ(row.is_deceased, ARow().is_deceased);
}

TEST(ConvertTest, AssignsTheNamedFieldsOnlyAndClearsUnsetOnes) {
  Patient row = ARow();
  P proto;
  proto.set_first_name("Ada");
  proto.set_last_name("Other");
  Assign(proto, {P::kFirstNameFieldNumber, P::kContactNumberFieldNumber, P::kIsDeceasedFieldNumber}, &row);
  EXPECT_EQ(row.first_name, "Ada");
  EXPECT_EQ(row.last_name, "Ünal");
  EXPECT_FALSE(row.contact_number.has_value());
  EXPECT_FALSE(row.is_deceased);
  EXPECT_EQ(row.source_key, ARow().source_key);
}

TEST(ConvertTest, FillsAndAssignsAMedicalRecord) {
  MedicalRecord row;
  row.id = 9;
  row.patient_id = 7;
  row.diagnosis = "Sinusitis";
  row.admission_date = absl::CivilDay(2020, 1, 2);
  row.discharge_date = absl::CivilDay(2020, 1, 3);
  row.delete_time = absl::FromUnixSeconds(1);
  v1::MedicalRecord proto;
  ToProto(MedicalRecord(row), &proto);
  EXPECT_EQ(proto.patient_id(), 7);
  EXPECT_FALSE(proto.has_treatment());
  EXPECT_EQ(proto.delete_time().seconds(), 1);
  MedicalRecord back;
  back.treatment = "goes";
  Assign(proto, MedicalRecordFields(), &back);
  EXPECT_EQ(back.diagnosis, row.diagnosis);
  EXPECT_FALSE(back.treatment.has_value());
  EXPECT_EQ(back.admission_date, row.admission_date);
  EXPECT_EQ(back.discharge_date, row.discharge_date);
  proto.clear_discharge_date();
  Assign(proto, {v1::MedicalRecord::kDischargeDateFieldNumber}, &back);
  EXPECT_FALSE(back.discharge_date.has_value());
}

TEST(ConvertTest, TellsDaysFromNumbers) {
  const struct Case {
    int year, month, day;
    bool want;
  } cases[] = {{2020, 2, 29, true},  {2021, 2, 29, false}, {1, 1, 1, true},      {0, 1, 1, false},
               {9999, 12, 31, true}, {10000, 1, 1, false}, {2020, 0, 1, false},  {2020, 13, 1, false},
               {2020, 1, 0, false},  {2020, 4, 31, false}, {2020, -1, 1, false}, {1900, 2, 29, false},
               {2000, 2, 29, true}};
  for (const Case& c : cases) {
    type::v1::Date date;
    date.set_year(c.year);
    date.set_month(c.month);
    date.set_day(c.day);
    EXPECT_EQ(IsDay(date), c.want) << c.year << "-" << c.month << "-" << c.day;
  }
}

}  // namespace
}  // namespace bonnie::records
