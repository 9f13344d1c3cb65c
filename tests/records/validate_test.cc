#include "services/records/validate.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "bonnie/records/v1/medical_record_service.pb.h"
#include "bonnie/records/v1/patient_service.pb.h"
#include "services/server/error.h"

namespace bonnie::records {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr absl::CivilDay kToday(2026, 11, 23);

template <class Request>
Request Parse(const std::string& text) {
  Request request;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &request)) << text;
  return request;
}

// The paths refused, in order.
std::vector<std::string> Fields(const absl::Status& status) {
  std::vector<std::string> fields;
  const auto details = server::DetailsOf(status);
  if (!details.has_value()) return fields;
  EXPECT_EQ(details->reason, "INVALID_REQUEST");
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  for (const server::FieldViolation& violation : details->violations) fields.push_back(violation.field);
  return fields;
}

std::vector<std::string> RefusedOfPatient(const std::string& changes) {
  auto request = Parse<v1::CreatePatientRequest>(R"(patient { first_name: "Ada" last_name: "Lovelace"
    date_of_birth { year: 1815 month: 12 day: 10 } gender: GENDER_FEMALE })");
  request.mutable_patient()->mutable_date_of_birth()->set_year(1915);
  request.mutable_patient()->MergeFrom(Parse<v1::Patient>(changes));
  return Fields(Validate(request, kToday));
}

TEST(ValidateTest, TakesAPatient) {
  EXPECT_THAT(RefusedOfPatient(""), IsEmpty());
  EXPECT_THAT(RefusedOfPatient(R"(contact_number: "" is_deceased: true source_key: "synthea:1")"), IsEmpty());
  EXPECT_THAT(RefusedOfPatient("id: -5 etag: 'x' create_time { seconds: 5 }"), IsEmpty());  // ignored on create
}

TEST(ValidateTest, HoldsAPatientsFieldsToTheirRules) {
  const std::string name100(100, 'n');
  const struct Case {
    const char* name;
    std::string changes;
    const char* want;  // "" when it is taken
  } cases[] = {
      {"longest first name", absl::StrCat("first_name: '", name100, "'"), ""},
      {"longer first name", absl::StrCat("first_name: '", name100, "n'"), "patient.first_name"},
      {"empty first name", "first_name: ''", "patient.first_name"},
      {"untrimmed last name", "last_name: ' L'", "patient.last_name"},
      {"tab in a last name", "last_name: 'a\\tb'", "patient.last_name"},
      {"decomposed", "last_name: 'Jose\\314\\201'", "patient.last_name"},
      {"oldest", "date_of_birth { year: 1880 month: 1 day: 1 }", ""},
      {"older", "date_of_birth { year: 1879 month: 12 day: 31 }", "patient.date_of_birth"},
      {"born today", "date_of_birth { year: 2026 month: 11 day: 23 }", ""},
      {"born where it is tomorrow", "date_of_birth { year: 2026 month: 11 day: 24 }", ""},
      {"not born yet", "date_of_birth { year: 2026 month: 11 day: 25 }", "patient.date_of_birth"},
      {"no day", "date_of_birth { year: 2021 month: 2 day: 29 }", "patient.date_of_birth"},
      {"no gender", "gender: GENDER_UNSPECIFIED", "patient.gender"},
      {"unknown gender is a gender", "gender: GENDER_UNKNOWN", ""},
      {"number that can be called", "contact_number: '(555) 010-9999'", ""},
      {"number too short", "contact_number: '1234'", "patient.contact_number"},
      {"number with letters", "contact_number: '555 CALL ME'", "patient.contact_number"},
      {"source key not ASCII", "source_key: 'schl\\303\\274ssel'", "patient.source_key"},
      {"empty source key", "source_key: ''", "patient.source_key"},
      {"source key too long", absl::StrCat("source_key: '", std::string(65, 'k'), "'"), "patient.source_key"},
  };
  for (const Case& c : cases) {
    const std::vector<std::string> want =
        *c.want == '\0' ? std::vector<std::string>{} : std::vector<std::string>{c.want};
    EXPECT_EQ(RefusedOfPatient(c.changes), want) << c.name;
  }
}

TEST(ValidateTest, RefusesAGenderThatTheEnumDoesNotHave) {
  auto request = Parse<v1::CreatePatientRequest>(
      R"(patient { first_name: "A" last_name: "B" date_of_birth { year: 1990 month: 1 day: 1 } })");
  request.mutable_patient()->set_gender(static_cast<v1::Gender>(9));
  EXPECT_THAT(Fields(Validate(request, kToday)), ElementsAre("patient.gender"));
}

TEST(ValidateTest, ReportsEverythingAtOnce) {
  const absl::Status status = Validate(Parse<v1::CreatePatientRequest>("patient {} request_id: 'no uuid'"), kToday);
  EXPECT_THAT(Fields(status), ElementsAre("patient.first_name", "patient.last_name", "patient.date_of_birth",
                                          "patient.gender", "request_id"));
  EXPECT_THAT(Fields(Validate(v1::CreatePatientRequest(), kToday)), ElementsAre("patient"));
}

TEST(ValidateTest, NeverSaysWhatWasSent) {
  const absl::Status status = Validate(
      Parse<v1::CreatePatientRequest>(R"(patient { first_name: "Canary\n" last_name: " Canary" contact_number: "Canary"
        source_key: "Canary\t" } request_id: "Canary")"),
      kToday);
  ASSERT_FALSE(status.ok());
  EXPECT_THAT(status.ToString(), Not(HasSubstr("Canary")));
}

TEST(ValidateTest, ReportsTwentyOfMany) {
  auto request = v1::BatchGetPatientsRequest();
  for (int i = 0; i < 30; ++i) request.add_ids(-i);
  EXPECT_EQ(Fields(Validate(request)).size(), 20u);
  EXPECT_THAT(std::string(Validate(request).message()), HasSubstr("29 more"));
}

std::vector<std::string> RefusedOfRecord(const std::string& changes) {
  auto request = Parse<v1::CreateMedicalRecordRequest>(R"(medical_record { patient_id: 7 diagnosis: "Sinusitis"
    admission_date { year: 2020 month: 1 day: 2 } })");
  request.mutable_medical_record()->MergeFrom(Parse<v1::MedicalRecord>(changes));
  return Fields(Validate(request, kToday));
}

TEST(ValidateTest, HoldsAMedicalRecordsFieldsToTheirRules) {
  const struct Case {
    const char* name;
    std::string changes;
    const char* want;
  } cases[] = {
      {"as it is", "", ""},
      {"no patient", "patient_id: -1", "medical_record.patient_id"},
      {"empty diagnosis", "diagnosis: ''", "medical_record.diagnosis"},
      {"longest diagnosis", absl::StrCat("diagnosis: '", std::string(2000, 'd'), "'"), ""},
      {"longer diagnosis", absl::StrCat("diagnosis: '", std::string(2001, 'd'), "'"), "medical_record.diagnosis"},
      {"lines and tabs", "diagnosis: 'a\\n\\tb'", ""},
      {"bell", "diagnosis: '\\007'", "medical_record.diagnosis"},
      {"empty treatment", "treatment: ''", ""},
      {"longest treatment", absl::StrCat("treatment: '", std::string(10000, 't'), "'"), ""},
      {"longer treatment", absl::StrCat("treatment: '", std::string(10001, 't'), "'"), "medical_record.treatment"},
      {"admission in a year", "admission_date { year: 2027 month: 11 day: 23 }", ""},
      {"admission after that", "admission_date { year: 2027 month: 11 day: 24 }", "medical_record.admission_date"},
      {"admission on no day", "admission_date { month: 13 }", "medical_record.admission_date"},
      {"discharge the same day", "discharge_date { year: 2020 month: 1 day: 2 }", ""},
      {"discharge before", "discharge_date { year: 2020 month: 1 day: 1 }", "medical_record.discharge_date"},
      {"discharge on no day", "discharge_date { year: 2020 }", "medical_record.discharge_date"},
  };
  for (const Case& c : cases) {
    const std::vector<std::string> want =
        *c.want == '\0' ? std::vector<std::string>{} : std::vector<std::string>{c.want};
    EXPECT_EQ(RefusedOfRecord(c.changes), want) << c.name;
  }
}

TEST(ValidateTest, WantsAnIdAndAnEtagForChanges) {
  EXPECT_THAT(Fields(Validate(Parse<v1::UpdatePatientRequest>("patient { first_name: 'A' }"), kToday).status()),
              ElementsAre("patient.id", "patient.etag"));
  EXPECT_THAT(Fields(Validate(v1::DeletePatientRequest())), ElementsAre("id", "etag"));
  EXPECT_THAT(Fields(Validate(v1::DeleteMedicalRecordRequest())), ElementsAre("id", "etag"));
  EXPECT_THAT(Fields(Validate(Parse<v1::UpdateMedicalRecordRequest>("medical_record { etag: '*' }"), kToday).status()),
              ElementsAre("medical_record.id"));
  EXPECT_TRUE(Validate(Parse<v1::DeletePatientRequest>("id: 1 etag: '*'")).ok());
}

TEST(ValidateTest, ChecksOfAnUpdateWhatItIsAbout) {
  const auto fields =
      Validate(Parse<v1::UpdatePatientRequest>(
                   "patient { id: 1 etag: '*' first_name: 'A' last_name: ' ' } update_mask { paths: 'first_name' }"),
               kToday);
  ASSERT_TRUE(fields.ok()) << fields.status();
  EXPECT_EQ(*fields, FieldSet{v1::Patient::kFirstNameFieldNumber});
}

TEST(ValidateTest, LetsNoUpdateClearWhatIsRequired) {
  const auto request = Parse<v1::UpdatePatientRequest>("patient { id: 1 etag: '*' } update_mask { paths: '*' }");
  EXPECT_THAT(Fields(Validate(request, kToday).status()),
              ElementsAre("patient.first_name", "patient.last_name", "patient.date_of_birth", "patient.gender"));
  const auto record = Parse<v1::UpdateMedicalRecordRequest>(
      "medical_record { id: 1 etag: '*' } update_mask { paths: 'admission_date' paths: 'treatment' }");
  EXPECT_THAT(Fields(Validate(record, kToday).status()), ElementsAre("medical_record.admission_date"));
}

// What is unseen when these are hidden, such as `medical_record.diagnosis`.
UnseenFields Hiding(std::initializer_list<absl::string_view> fields) {
  server::FieldNames names;
  for (const absl::string_view field : fields) {
    names.insert(absl::StrCat("bonnie.records.v1.", absl::StrReplaceAll(field, {{"medical_record.", "MedicalRecord."},
                                                                                {"patient.", "Patient."}})));
  }
  return UnseenFieldsOf(names);
}

TEST(ValidateTest, RefusesToSetWhatTheCallerMayNotSee) {
  const std::string visible = "medical_record { id: 1 etag: '*' treatment: 'rest' }";
  const std::string begin = "medical_record { id: 1 etag: '*' admission_date { year: 2020 month: 1 day: 2 } }";
  const std::string end = "medical_record { id: 1 etag: '*' discharge_date { year: 2020 month: 1 day: 2 } }";
  const std::string whole =
      "medical_record { id: 1 etag: '*' diagnosis: 'x' admission_date { year: 2020 month: 1 day: 2 } ";
  const struct Case {
    const char* name;
    const char* hidden;
    std::string update;
    std::vector<std::string> want;
  } cases[] = {
      {"a visible field", "medical_record.diagnosis", visible, {}},
      {"populated",
       "medical_record.diagnosis",
       "medical_record { id: 1 etag: '*' diagnosis: 'guess' }",
       {"medical_record.diagnosis"}},
      {"named by the mask",
       "medical_record.treatment",
       "medical_record { id: 1 etag: '*' } update_mask { paths: 'treatment' }",
       {"medical_record.treatment"}},
      {"populated beside a mask that does not name it",
       "medical_record.diagnosis",
       "medical_record { id: 1 etag: '*' treatment: 'rest' diagnosis: 'x' } update_mask { paths: 'treatment' }",
       {}},
      {"populated under a star",
       "medical_record.treatment",
       whole + "treatment: 'guess' } update_mask { paths: '*' }",
       {"medical_record.treatment"}},
      {"unset under a star", "medical_record.treatment", whole + "} update_mask { paths: '*' }", {}},
      {"compared with the hidden end", "medical_record.discharge_date", begin, {"medical_record.admission_date"}},
      {"compared with the hidden begin", "medical_record.admission_date", end, {"medical_record.discharge_date"}},
      {"compared with the hidden birth", "patient.date_of_birth", begin, {"medical_record.admission_date"}},
      {"whose record it is",
       "medical_record.patient_id",
       "medical_record { id: 1 etag: '*' patient_id: 7 }",
       {"medical_record.patient_id"}},
      {"a guessed source key",
       "medical_record.source_key",
       "medical_record { id: 1 etag: '*' source_key: 'a:1' }",
       {"medical_record.source_key"}},
  };
  for (const Case& c : cases) {
    const auto request = Parse<v1::UpdateMedicalRecordRequest>(c.update);
    EXPECT_EQ(Fields(Validate(request, kToday, Hiding({c.hidden})).status()), c.want) << c.name;
    EXPECT_TRUE(Validate(request, kToday).ok()) << c.name << ": taken from a caller who sees everything";
  }
}

TEST(ValidateTest, LeavesHiddenFieldsOutOfAStar) {
  const auto request = Parse<v1::UpdateMedicalRecordRequest>(
      R"(medical_record { id: 1 etag: '*' diagnosis: 'x' admission_date { year: 2020 month: 1 day: 2 } }
         update_mask { paths: '*' })");
  const auto fields = Validate(request, kToday, Hiding({"medical_record.treatment"}));
  ASSERT_TRUE(fields.ok()) << fields.status();
  EXPECT_FALSE(fields->Has(v1::MedicalRecord::kTreatmentFieldNumber)) << "it would be cleared";
  EXPECT_TRUE(Validate(request, kToday)->Has(v1::MedicalRecord::kTreatmentFieldNumber));
}

TEST(ValidateTest, RefusesToCreateWithWhatTheCallerMayNotSee) {
  const auto patient = Parse<v1::CreatePatientRequest>(
      R"(patient { first_name: "Ada" last_name: "L" date_of_birth { year: 1915 month: 12 day: 10 } gender: GENDER_FEMALE
         source_key: "a:1" })");
  EXPECT_THAT(Fields(Validate(patient, kToday, Hiding({"patient.source_key"}))), ElementsAre("patient.source_key"))
      << "whether the key is taken says that it is there";
  EXPECT_TRUE(Validate(patient, kToday, Hiding({"patient.contact_number", "medical_record.diagnosis"})).ok());
  const auto record = Parse<v1::CreateMedicalRecordRequest>(
      "medical_record { patient_id: 1 diagnosis: 'x' admission_date { year: 2020 month: 1 day: 2 } }");
  EXPECT_THAT(Fields(Validate(record, kToday, Hiding({"medical_record.diagnosis", "patient.date_of_birth"}))),
              ElementsAre("medical_record.diagnosis", "medical_record.admission_date"));
}

TEST(ValidateTest, RefusesADateOfBirthThatHiddenAdmissionsAreComparedWith) {
  const auto request =
      Parse<v1::UpdatePatientRequest>("patient { id: 1 etag: '*' date_of_birth { year: 1990 month: 1 day: 2 } }");
  EXPECT_THAT(Fields(Validate(request, kToday, Hiding({"medical_record.admission_date"})).status()),
              ElementsAre("patient.date_of_birth"));
  EXPECT_TRUE(Validate(request, kToday, Hiding({"medical_record.diagnosis"})).ok());
}

TEST(ValidateTest, HoldsReadsToTheirRules) {
  EXPECT_THAT(Fields(Validate(v1::GetPatientRequest())), ElementsAre("id"));
  EXPECT_THAT(Fields(Validate(Parse<v1::GetPatientRequest>("id: 1 read_mask { paths: 'nothing' }"))),
              ElementsAre("read_mask.paths[0]"));
  EXPECT_THAT(Fields(Validate(Parse<v1::GetMedicalRecordRequest>("id: -1"))), ElementsAre("id"));
  EXPECT_THAT(Fields(Validate(v1::BatchGetPatientsRequest())), ElementsAre("ids"));
  EXPECT_THAT(Fields(Validate(Parse<v1::BatchGetMedicalRecordsRequest>("ids: 1 ids: 2 ids: 1"))),
              ElementsAre("ids[2]"));
  EXPECT_THAT(Fields(Validate(Parse<v1::ListPatientsRequest>("page_size: -1"))), ElementsAre("page_size"));
  EXPECT_THAT(Fields(Validate(Parse<v1::ListMedicalRecordsRequest>("patient_id: -1"))), ElementsAre("patient_id"));
  EXPECT_THAT(Fields(Validate(Parse<v1::GetPatientChartRequest>("page_size: -1"))), ElementsAre("id", "page_size"));
  auto many = v1::BatchGetPatientsRequest();
  for (int i = 1; i <= 201; ++i) many.add_ids(i);
  EXPECT_THAT(Fields(Validate(many)), ElementsAre("ids"));
  many.mutable_ids()->RemoveLast();
  EXPECT_TRUE(Validate(many).ok());
}

TEST(ValidateTest, CoercesPageSizes) {
  EXPECT_EQ(PageRows(0), 50);
  EXPECT_EQ(PageRows(1), 1);
  EXPECT_EQ(PageRows(500), 500);
  EXPECT_EQ(PageRows(501), 500);
}

}  // namespace
}  // namespace bonnie::records
