// A canary in every field, and whoever may not see it: a real records service, its shipped policy, real rows.
#include <gmock/gmock.h>
#include <google/protobuf/message.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "services/server/api.h"
#include "services/server/config.h"
#include "tests/records/test_site.h"
#include "tests/support/migrate_for_test.h"
#include "tests/support/test_database.h"

namespace bonnie::records {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr char kPatients[] = "bonnie.records.v1.PatientService/";
constexpr char kRecords[] = "bonnie.records.v1.MedicalRecordService/";
constexpr char kStatus[] = "bonnie.records.v1.StatusService/GetStatus";

// May call everything and hides both resources whole.
constexpr char kBlindRole[] = R"(
roles {
  name: "blind"
  methods: "bonnie.records.v1.PatientService/*"
  methods: "bonnie.records.v1.MedicalRecordService/*"
  hidden_fields: "patient"
  hidden_fields: "medical_record.*"
}
bindings { identity: "spiffe://bonnie/stranger" roles: "blind" }
)";

struct Answer {
  grpc::Status status;
  std::unique_ptr<Message> response;

  // All that reaches the caller, as text and as bytes.
  std::string Everything() const {
    return absl::StrCat(status.error_message(), status.error_details(), response->DebugString(),
                        response->SerializeAsString());
  }
};

using Metadata = std::map<std::string, std::string>;

template <class Response, class Request>
Answer Send(const std::shared_ptr<grpc::Channel>& channel, const std::string& method, const Request& request,
            const Metadata& metadata) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(10)));
  for (const auto& [key, value] : metadata) context.AddMetadata(key, value);
  Answer answer;
  auto response = std::make_unique<Response>();
  absl::Notification done;
  grpc::TemplatedGenericStub<Request, Response> stub(channel);
  stub.UnaryCall(&context, "/" + method, {}, &request, response.get(), [&](grpc::Status status) {
    answer.status = std::move(status);
    done.Notify();
  });
  done.WaitForNotification();
  answer.response = std::move(response);
  return answer;
}

// How often a field that is in `fields` is set in the message, at any depth.
int CountSet(const Message& message, const server::FieldNames& fields) {
  int count = 0;
  std::vector<const FieldDescriptor*> present;
  message.GetReflection()->ListFields(message, &present);
  for (const FieldDescriptor* field : present) {
    count += fields.contains(field->full_name());
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const int size = field->is_repeated() ? message.GetReflection()->FieldSize(message, field) : 1;
    for (int i = 0; i < size; ++i) {
      count += CountSet(field->is_repeated() ? message.GetReflection()->GetRepeatedMessage(message, field, i)
                                             : message.GetReflection()->GetMessage(message, field),
                        fields);
    }
  }
  return count;
}

v1::Patient CanaryPatient() {
  static int number = 0;
  v1::Patient patient;
  patient.set_first_name("Firstcanary");
  patient.set_last_name("Lastcanary");
  patient.mutable_date_of_birth()->set_year(1931);
  patient.mutable_date_of_birth()->set_month(2);
  patient.mutable_date_of_birth()->set_day(3);
  patient.set_gender(v1::GENDER_OTHER);
  patient.set_contact_number("+49 30 9990999");
  patient.set_is_deceased(true);
  patient.set_source_key(absl::StrCat("canary:patient:", ++number));
  return patient;
}

v1::MedicalRecord CanaryRecord(std::int64_t patient_id) {
  static int number = 0;
  v1::MedicalRecord record;
  record.set_patient_id(patient_id);
  record.set_diagnosis("Diagnosiscanary");
  record.set_treatment("Treatmentcanary");
  record.mutable_admission_date()->set_year(1998);
  record.mutable_admission_date()->set_month(7);
  record.mutable_admission_date()->set_day(6);
  record.set_source_key(absl::StrCat("canary:record:", ++number));
  return record;
}

// What of the canaries stands for a field; empty for fields whose value is too common to be searched for.
std::string CanaryOf(const std::string& field) {
  static const auto& canaries =
      *new std::map<std::string, std::string>{{"bonnie.records.v1.Patient.first_name", "Firstcanary"},
                                              {"bonnie.records.v1.Patient.last_name", "Lastcanary"},
                                              {"bonnie.records.v1.Patient.contact_number", "9990999"},
                                              {"bonnie.records.v1.Patient.source_key", "canary:patient"},
                                              {"bonnie.records.v1.MedicalRecord.diagnosis", "Diagnosiscanary"},
                                              {"bonnie.records.v1.MedicalRecord.treatment", "Treatmentcanary"},
                                              {"bonnie.records.v1.MedicalRecord.source_key", "canary:record"}};
  const auto found = canaries.find(field);
  return found == canaries.end() ? "" : found->second;
}

class HiddenFieldsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    database_ = new test_support::TestDatabase();
    ASSERT_EQ(test_support::MigrateForTest(*database_), absl::OkStatus());
    const std::string shipped = BONNIE_SOURCE_DIR "/deploy/local/records_policy.textproto";
    ASSERT_EQ(server::LoadConfig(shipped, &policy_), absl::OkStatus());
    std::stringstream text;
    text << std::ifstream(shipped).rdbuf() << kBlindRole;
    const std::string file = database_->dir() + "/policy.textproto";
    std::ofstream(file) << text.str();
    site_ = new TestSite(*database_,
                         [&](config::v1::RecordsConfig& config) { config.mutable_server()->set_policy_file(file); });
    ASSERT_TRUE(site_->WaitUntilServing()) << site_->Log();
  }
  static void TearDownTestSuite() {
    delete site_;
    delete database_;
    site_ = nullptr;
    database_ = nullptr;
  }

  HiddenFieldsTest() : operator_(site_->Connect("client")) {}

  v1::Patient NewPatient() {
    v1::CreatePatientRequest request;
    *request.mutable_patient() = CanaryPatient();
    v1::CreatePatientResponse response;
    v1::PatientService::Stub stub(operator_);
    const grpc::Status status = Call(stub, &v1::PatientService::Stub::CreatePatient, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.patient();
  }
  v1::MedicalRecord NewRecord() {
    v1::CreateMedicalRecordRequest request;
    *request.mutable_medical_record() = CanaryRecord(NewPatient().id());
    v1::CreateMedicalRecordResponse response;
    v1::MedicalRecordService::Stub stub(operator_);
    const grpc::Status status = Call(stub, &v1::MedicalRecordService::Stub::CreateMedicalRecord, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.medical_record();
  }

  // One call of each method, on rows made for it, that succeeds where the policy allows it. A new method has a line
  // here before any role may call it.
  using Probe = std::function<Answer(const std::shared_ptr<grpc::Channel>&, const std::string&, const Metadata&)>;
  std::map<std::string, Probe> Probes() {
    std::map<std::string, Probe> probes;
    const auto add = [&probes](std::string method, auto response, auto make_request) {
      probes[method] = [make_request](const auto& channel, const std::string& name, const Metadata& metadata) {
        return Send<decltype(response)>(channel, name, make_request(), metadata);
      };
    };
    add(absl::StrCat(kPatients, "GetPatient"), v1::GetPatientResponse(), [this] {
      v1::GetPatientRequest request;
      request.set_id(NewPatient().id());
      return request;
    });
    add(absl::StrCat(kPatients, "BatchGetPatients"), v1::BatchGetPatientsResponse(), [this] {
      v1::BatchGetPatientsRequest request;
      request.add_ids(NewPatient().id());
      request.add_ids(NewPatient().id());
      return request;
    });
    add(absl::StrCat(kPatients, "ListPatients"), v1::ListPatientsResponse(), [this] {
      NewPatient();
      v1::ListPatientsRequest request;
      request.set_include_total_size(true);
      return request;
    });
    add(absl::StrCat(kPatients, "GetPatientChart"), v1::GetPatientChartResponse(), [this] {
      v1::GetPatientChartRequest request;
      request.set_id(NewRecord().patient_id());
      return request;
    });
    add(absl::StrCat(kPatients, "CreatePatient"), v1::CreatePatientResponse(), [] {
      v1::CreatePatientRequest request;
      *request.mutable_patient() = CanaryPatient();
      return request;
    });
    add(absl::StrCat(kPatients, "UpdatePatient"), v1::UpdatePatientResponse(), [this] {
      v1::UpdatePatientRequest request;
      request.mutable_patient()->set_id(NewPatient().id());
      request.mutable_patient()->set_etag("*");
      request.mutable_patient()->set_is_deceased(false);
      return request;
    });
    add(absl::StrCat(kPatients, "DeletePatient"), v1::DeletePatientResponse(), [this] {
      v1::DeletePatientRequest request;
      request.set_id(NewRecord().patient_id());
      request.set_etag("*");
      request.set_force(true);
      return request;
    });
    add(absl::StrCat(kRecords, "GetMedicalRecord"), v1::GetMedicalRecordResponse(), [this] {
      v1::GetMedicalRecordRequest request;
      request.set_id(NewRecord().id());
      return request;
    });
    add(absl::StrCat(kRecords, "BatchGetMedicalRecords"), v1::BatchGetMedicalRecordsResponse(), [this] {
      v1::BatchGetMedicalRecordsRequest request;
      request.add_ids(NewRecord().id());
      request.add_ids(NewRecord().id());
      return request;
    });
    add(absl::StrCat(kRecords, "ListMedicalRecords"), v1::ListMedicalRecordsResponse(), [this] {
      v1::ListMedicalRecordsRequest request;
      request.set_patient_id(NewRecord().patient_id());
      request.set_include_total_size(true);
      return request;
    });
    add(absl::StrCat(kRecords, "CreateMedicalRecord"), v1::CreateMedicalRecordResponse(), [this] {
      v1::CreateMedicalRecordRequest request;
      *request.mutable_medical_record() = CanaryRecord(NewPatient().id());
      return request;
    });
    add(absl::StrCat(kRecords, "UpdateMedicalRecord"), v1::UpdateMedicalRecordResponse(), [this] {
      v1::UpdateMedicalRecordRequest request;
      request.mutable_medical_record()->set_id(NewRecord().id());
      request.mutable_medical_record()->set_etag("*");
      request.mutable_medical_record()->mutable_discharge_date()->set_year(1999);
      request.mutable_medical_record()->mutable_discharge_date()->set_month(1);
      request.mutable_medical_record()->mutable_discharge_date()->set_day(2);
      return request;
    });
    add(absl::StrCat(kRecords, "DeleteMedicalRecord"), v1::DeleteMedicalRecordResponse(), [this] {
      v1::DeleteMedicalRecordRequest request;
      request.set_id(NewRecord().id());
      request.set_etag("*");
      return request;
    });
    add(kStatus, v1::GetStatusResponse(), [] { return v1::GetStatusRequest(); });
    return probes;
  }

  static void ExpectHidden(const Answer& answer, const server::FieldNames& hidden, const std::string& what) {
    EXPECT_EQ(CountSet(*answer.response, hidden), 0) << what << ": " << answer.response->ShortDebugString();
    for (const std::string& field : hidden) {
      const std::string canary = CanaryOf(field);
      if (canary.empty()) continue;
      EXPECT_FALSE(absl::StrContains(answer.Everything(), canary)) << what << ": " << field;
    }
  }

  static config::v1::RolePolicy policy_;  // as shipped
  static test_support::TestDatabase* database_;
  static TestSite* site_;
  const std::shared_ptr<grpc::Channel> operator_;
};
config::v1::RolePolicy HiddenFieldsTest::policy_;
test_support::TestDatabase* HiddenFieldsTest::database_ = nullptr;
TestSite* HiddenFieldsTest::site_ = nullptr;

// The fields that the names of a role stand for, worked out without the service's code: here all are message.field.
server::FieldNames Named(const config::v1::Role& role) {
  server::FieldNames fields;
  for (const std::string& name : role.hidden_fields()) {
    EXPECT_TRUE(absl::StartsWith(name, "medical_record.")) << name << ": this test must learn that message";
    fields.insert(absl::StrCat("bonnie.records.v1.MedicalRecord.", name.substr(name.find('.') + 1)));
  }
  return fields;
}

server::FieldNames AllFieldsOf(const google::protobuf::Descriptor& type) {
  server::FieldNames fields;
  for (int i = 0; i < type.field_count(); ++i) fields.insert(type.field(i)->full_name());
  return fields;
}

TEST_F(HiddenFieldsTest, NoRoleOfTheShippedPolicySeesWhatItHides) {
  const std::map<std::string, Probe> probes = Probes();
  int roles = 0, hiding = 0, calls = 0;
  for (const config::v1::Role& role : policy_.roles()) {
    if (role.name() == "caller" || role.has_forwards()) continue;
    const std::string identity = role.name() == "operator" ? "client" : role.name();
    const auto channel = site_->Connect(identity);
    const server::FieldNames hidden = Named(role);
    ++roles;
    hiding += !hidden.empty();
    for (const std::string& method : role.methods()) {
      ASSERT_EQ(probes.count(method), 1u) << method << " has no probe";
      const Answer answer = probes.at(method)(channel, method, {});
      EXPECT_TRUE(answer.status.ok()) << role.name() << " " << method << ": " << answer.status.error_message();
      ExpectHidden(answer, hidden, absl::StrCat(role.name(), " ", method));
      ++calls;
    }
  }
  EXPECT_GE(roles, 6);
  EXPECT_GE(hiding, 1);
  EXPECT_GE(calls, 40);
}

// Whoever may see them does: the canaries are there to be found.
TEST_F(HiddenFieldsTest, AClinicianSeesTheCanaries) {
  const auto probes = Probes();
  const auto channel = site_->Connect("clinician");
  const std::string chart = absl::StrCat(kPatients, "GetPatientChart");
  const Answer answer = probes.at(chart)(channel, chart, {});
  const auto fields = {v1::Patient::descriptor(), v1::MedicalRecord::descriptor()};
  for (const auto* type : fields) {
    for (const std::string& field : AllFieldsOf(*type)) {
      EXPECT_TRUE(absl::StrContains(answer.Everything(), CanaryOf(field))) << field;
    }
    EXPECT_GT(CountSet(*answer.response, AllFieldsOf(*type)), 5) << type->full_name();
  }
}

TEST_F(HiddenFieldsTest, ARoleThatHidesBothResourcesSeesNoFieldOfThemInAnyMethod) {
  server::FieldNames hidden = AllFieldsOf(*v1::Patient::descriptor());
  hidden.merge(AllFieldsOf(*v1::MedicalRecord::descriptor()));
  const auto channel = site_->Connect("stranger");
  for (const auto& [method, probe] : Probes()) {
    if (method == kStatus) continue;  // not of this role
    const Answer answer = probe(channel, method, {});
    // What is hidden cannot be written either (validate_test).
    const bool refused_write = absl::StrContains(answer.status.error_message(), "the caller's roles hide it");
    EXPECT_TRUE(answer.status.ok() || refused_write) << method << ": " << answer.status.error_message();
    ExpectHidden(answer, hidden, method);
  }
}

TEST_F(HiddenFieldsTest, ThePersonForWhomTheConsoleCallsSeesNoMoreThanItself) {
  const config::v1::Role* clerk = nullptr;
  for (const config::v1::Role& role : policy_.roles()) {
    if (role.name() == "clerk") clerk = &role;
  }
  ASSERT_NE(clerk, nullptr);
  const auto web = site_->Connect("web");
  for (const auto& [method, probe] : Probes()) {
    const Answer answer = probe(web, method, {{"bonnie-origin-identity", "spiffe://bonnie/clerk"}});
    const bool may = std::count(clerk->methods().begin(), clerk->methods().end(), method) > 0;
    EXPECT_EQ(answer.status.ok(), may) << method << ": " << answer.status.error_message();
    ExpectHidden(answer, Named(*clerk), method);
    // By itself the console may call nothing.
    EXPECT_EQ(probe(web, method, {}).status.error_code(), grpc::StatusCode::PERMISSION_DENIED) << method;
  }
}

TEST_F(HiddenFieldsTest, AskingForAHiddenFieldByNameDoesNotShowIt) {
  const auto channel = site_->Connect("clerk");
  const server::FieldNames hidden = {"bonnie.records.v1.MedicalRecord.diagnosis",
                                     "bonnie.records.v1.MedicalRecord.treatment"};
  for (const char* path : {"diagnosis", "treatment", "*"}) {
    v1::GetMedicalRecordRequest request;
    request.set_id(NewRecord().id());
    request.mutable_read_mask()->add_paths(path);
    ExpectHidden(Send<v1::GetMedicalRecordResponse>(channel, absl::StrCat(kRecords, "GetMedicalRecord"), request, {}),
                 hidden, path);
  }
}

// A schema service of the fleet has a certificate of the same CA.
TEST_F(HiddenFieldsTest, ASchemaServicesKeyReachesNoPatient) {
  for (const char* identity : {"azure-schema", "gcp-schema"}) {
    const auto channel = site_->Connect(identity);
    for (const auto& [method, probe] : Probes()) {
      for (const Metadata& metadata :
           {Metadata{}, Metadata{{"bonnie-origin-identity", "spiffe://bonnie/client"}},
            Metadata{{"bonnie-origin-identity", "spiffe://bonnie/clinician"}, {"bonnie-origin-site", "gcp"}}}) {
        const Answer answer = probe(channel, method, metadata);
        EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::PERMISSION_DENIED) << identity << " " << method;
        EXPECT_EQ(answer.response->ByteSizeLong(), 0u) << identity << " " << method;
      }
    }
  }
}

}  // namespace
}  // namespace bonnie::records
