#include "tests/client/fake_records_service.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/support/channel_arguments.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bonnie/internal/rpcwire/v1/status.pb.h"
#include "clients/cpp/service_config.h"

namespace bonnie::client {

grpc::Status RichError(grpc::StatusCode code, const std::string& message, const std::string& reason,
                       const std::map<std::string, std::string>& metadata, const std::string& field) {
  internal::rpcwire::v1::Status status;
  status.set_code(code);
  status.set_message(message);
  internal::rpcwire::v1::ErrorInfo info;
  info.set_reason(reason);
  info.set_domain("records.bonnie");
  info.mutable_metadata()->insert(metadata.begin(), metadata.end());
  google::protobuf::Any* any = status.add_details();
  any->set_type_url("type.googleapis.com/google.rpc.ErrorInfo");
  any->set_value(info.SerializeAsString());
  if (!field.empty()) {
    internal::rpcwire::v1::BadRequest request;
    auto* violation = request.add_field_violations();
    violation->set_field(field);
    violation->set_description("want something else");
    any = status.add_details();
    any->set_type_url("type.googleapis.com/google.rpc.BadRequest");
    any->set_value(request.SerializeAsString());
  }
  return grpc::Status(code, message, status.SerializeAsString());
}

class FakeRecordsService::Patients : public records::v1::PatientService::Service {
 public:
  explicit Patients(FakeRecordsService& owner) : owner_(owner) {}

  grpc::Status CreatePatient(grpc::ServerContext*, const records::v1::CreatePatientRequest* request,
                             records::v1::CreatePatientResponse* response) override {
    int64_t id = 0;
    grpc::Status taken = owner_.Take("patients/", request->patient().source_key(), request->patient().first_name(),
                                     request->request_id(), &id);
    if (!taken.ok()) return taken;
    *response->mutable_patient() = request->patient();
    response->mutable_patient()->set_id(id);
    return grpc::Status::OK;
  }

  // Pages of two; a token is the number of the next id.
  grpc::Status ListPatients(grpc::ServerContext*, const records::v1::ListPatientsRequest* request,
                            records::v1::ListPatientsResponse* response) override {
    const int first = request->page_token().empty() ? 1 : std::atoi(request->page_token().c_str());
    const int last = owner_.patients();
    for (int id = first; id <= last && id < first + 2; ++id) response->add_patients()->set_id(id);
    if (first + 2 <= last) response->set_next_page_token(absl::StrCat(first + 2));
    return grpc::Status::OK;
  }

 private:
  FakeRecordsService& owner_;
};

class FakeRecordsService::Records : public records::v1::MedicalRecordService::Service {
 public:
  explicit Records(FakeRecordsService& owner) : owner_(owner) {}

  grpc::Status CreateMedicalRecord(grpc::ServerContext*, const records::v1::CreateMedicalRecordRequest* request,
                                   records::v1::CreateMedicalRecordResponse* response) override {
    int64_t id = 0;
    const records::v1::MedicalRecord& record = request->medical_record();
    grpc::Status taken =
        owner_.Take("medical_records/", record.source_key(), record.diagnosis(), request->request_id(), &id);
    if (!taken.ok()) return taken;
    *response->mutable_medical_record() = record;
    response->mutable_medical_record()->set_id(id);
    return grpc::Status::OK;
  }

 private:
  FakeRecordsService& owner_;
};

FakeRecordsService::FakeRecordsService()
    : patients_service_(std::make_unique<Patients>(*this)), records_service_(std::make_unique<Records>(*this)) {
  static std::atomic<int> sockets{0};
  socket_ = (std::filesystem::temp_directory_path() / absl::StrCat("fake-", getpid(), "-", ++sockets)).string();
  grpc::ServerBuilder builder;
  builder.AddListeningPort("unix:" + socket_, grpc::InsecureServerCredentials());
  builder.RegisterService(patients_service_.get());
  builder.RegisterService(records_service_.get());
  server_ = builder.BuildAndStart();
  if (server_ == nullptr) std::abort();  // no test could go on
}

FakeRecordsService::~FakeRecordsService() {
  server_->Shutdown();
  server_->Wait();
  unlink(socket_.c_str());
}

std::shared_ptr<grpc::Channel> FakeRecordsService::channel() const {
  grpc::ChannelArguments arguments;
  arguments.SetServiceConfigJSON(ServiceConfig(true));
  return grpc::CreateCustomChannel("unix:" + socket_, grpc::InsecureChannelCredentials(), arguments);
}

void FakeRecordsService::FailNextCreate(grpc::Status status, bool after_the_work) {
  absl::MutexLock lock(&mu_);
  failures_.push_back({std::move(status), after_the_work});
}

void FakeRecordsService::RefuseText(std::string text) {
  absl::MutexLock lock(&mu_);
  refused_text_ = std::move(text);
}

std::vector<std::string> FakeRecordsService::request_ids() const {
  absl::MutexLock lock(&mu_);
  return request_ids_;
}

int FakeRecordsService::patients() const {
  absl::MutexLock lock(&mu_);
  const auto found = counts_.find("patients/");
  return found == counts_.end() ? 0 : found->second;
}

int FakeRecordsService::records() const {
  absl::MutexLock lock(&mu_);
  const auto found = counts_.find("medical_records/");
  return found == counts_.end() ? 0 : found->second;
}

grpc::Status FakeRecordsService::Take(const std::string& kind, const std::string& source_key, const std::string& text,
                                      const std::string& request_id, int64_t* id) {
  absl::MutexLock lock(&mu_);
  request_ids_.push_back(request_id);
  Failure failure{grpc::Status::OK, false};
  if (!failures_.empty()) {
    failure = failures_.front();
    failures_.pop_front();
    if (!failure.after_the_work) return failure.status;
  }
  if (!refused_text_.empty() && text == refused_text_) {
    return RichError(grpc::StatusCode::INVALID_ARGUMENT, "refused", "INVALID", {},
                     kind == "patients/" ? "patient.first_name" : "medical_record.diagnosis");
  }
  if (const auto known = by_request_.find(request_id); known != by_request_.end()) {
    *id = known->second;  // a retry: the same answer
    return failure.status;
  }
  if (!source_key.empty()) {
    const auto [found, is_new] = by_key_.emplace(kind + source_key, next_id_);
    if (!is_new) {
      return RichError(grpc::StatusCode::ALREADY_EXISTS, "there", "DUPLICATE", {{"id", absl::StrCat(found->second)}});
    }
  }
  *id = next_id_++;
  by_request_[request_id] = *id;
  ++counts_[kind];
  return failure.status;
}

}  // namespace bonnie::client
