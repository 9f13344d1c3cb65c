#include "services/records/patient_service.h"

#include <unordered_map>
#include <utility>
#include <vector>

#include "services/data_access/status_macros.h"
#include "services/data_access/transaction.h"
#include "services/records/convert.h"
#include "services/records/errors.h"
#include "services/records/field_set.h"
#include "services/records/medical_records.h"
#include "services/records/page.h"
#include "services/records/patient_writes.h"
#include "services/records/validate.h"

namespace bonnie::records {
namespace {

using data_access::Querier;
using data_access::Session;
using data_access::Transaction;
using data_access::TransactionOptions;
using server::Method;
using server::UnaryCall;

constexpr char kService[] = "bonnie.records.v1.PatientService";
constexpr Method kGet{kService, "GetPatient", absl::Seconds(2), absl::Seconds(10)};
constexpr Method kBatchGet{kService, "BatchGetPatients", absl::Seconds(10), absl::Seconds(30)};
constexpr Method kList{kService, "ListPatients", absl::Seconds(5), absl::Seconds(15)};
constexpr Method kCreate{kService, "CreatePatient", absl::Seconds(5), absl::Seconds(15)};
constexpr Method kUpdate{kService, "UpdatePatient", absl::Seconds(5), absl::Seconds(15)};
constexpr Method kDelete{kService, "DeletePatient", absl::Seconds(5), absl::Seconds(15)};
constexpr Method kGetChart{kService, "GetPatientChart", absl::Seconds(5), absl::Seconds(15)};

View ViewOf(const UnaryCall& call, const google::protobuf::FieldMask& read_mask = {}) {
  return View(*v1::Patient::descriptor(), read_mask, call.hidden_fields());
}

void Show(const UnaryCall& call, Patient&& patient, v1::Patient* proto) {
  ToProto(std::move(patient), proto);
  ViewOf(call).Apply(proto);
}

// What was not kept has no id, version or times.
void ShowWithoutOutput(v1::Patient* proto) {
  proto->clear_id();
  proto->clear_etag();
  proto->clear_create_time();
  proto->clear_update_time();
  proto->clear_delete_time();
}

absl::Status BatchGet(Session& db, const UnaryCall& call, const v1::BatchGetPatientsRequest& request,
                      v1::BatchGetPatientsResponse* response) {
  BONNIE_ASSIGN_OR_RETURN(
      std::vector<Patient> found,
      GetPatients(db, absl::MakeConstSpan(request.ids().data(), static_cast<std::size_t>(request.ids_size()))));
  std::unordered_map<std::int64_t, Patient*> by_id;
  for (Patient& patient : found) by_id.emplace(patient.id, &patient);
  const View view = ViewOf(call, request.read_mask());
  for (std::int64_t id : request.ids()) {
    if (const auto at = by_id.find(id); at != by_id.end()) {
      v1::Patient* proto = response->add_patients();
      ToProto(std::move(*at->second), proto);
      view.Apply(proto);
    } else {
      response->add_missing_ids(id);
    }
  }
  if (response->missing_ids().empty() || request.allow_missing()) return absl::OkStatus();
  return NotFound(Kind::kPatient, {response->missing_ids().begin(), response->missing_ids().end()});
}

absl::Status List(Session& db, const UnaryCall& call, const ServiceParts& parts, const v1::ListPatientsRequest& request,
                  v1::ListPatientsResponse* response) {
  const std::string paged = PagedCall(parts.site, FullName(kList), call.identity(), request);
  BONNIE_ASSIGN_OR_RETURN(const Cursor after, parts.page_tokens.Open(paged, request.page_token()));
  const int rows = PageRows(request.page_size());
  BONNIE_ASSIGN_OR_RETURN(std::vector<Patient> patients, ListPatients(db, after.id, rows + 1, request.show_deleted()));
  const absl::optional<Cursor> next =
      FillPage(std::move(patients), rows, ViewOf(call, request.read_mask()), response->mutable_patients());
  if (next.has_value()) response->set_next_page_token(parts.page_tokens.Seal(paged, *next));
  if (request.include_total_size()) {
    BONNIE_ASSIGN_OR_RETURN(const std::int64_t total, CountPatients(db, request.show_deleted()));
    response->set_total_size(total);
  }
  return absl::OkStatus();
}

absl::Status ReadChart(Querier& db, const UnaryCall& call, const ServiceParts& parts,
                       const v1::GetPatientChartRequest& request, v1::GetPatientChartResponse* response) {
  const std::string paged = PagedCall(parts.site, FullName(kGetChart), call.identity(), request);
  BONNIE_ASSIGN_OR_RETURN(const Cursor after, parts.page_tokens.Open(paged, request.page_token()));
  BONNIE_ASSIGN_OR_RETURN(absl::optional<PatientAtTime> found, GetPatientAndTime(db, request.id()));
  if (!found.has_value()) return NotFound(Kind::kPatient, request.id());
  ToProto(found->time, response->mutable_snapshot_time());
  Show(call, std::move(found->patient), response->mutable_patient());
  const int rows = PageRows(request.page_size());
  BONNIE_ASSIGN_OR_RETURN(std::vector<MedicalRecord> records,
                          ListMedicalRecords(db, request.id(), after, rows + 1, /*show_deleted=*/false));
  const View view(*v1::MedicalRecord::descriptor(), {}, call.hidden_fields());
  const absl::optional<Cursor> next = FillPage(std::move(records), rows, view, response->mutable_medical_records());
  if (next.has_value()) response->set_next_page_token(parts.page_tokens.Seal(paged, *next));
  BONNIE_ASSIGN_OR_RETURN(const std::int64_t count, CountMedicalRecords(db, request.id(), /*show_deleted=*/false));
  response->set_record_count(count);
  return absl::OkStatus();
}

absl::Status GetChart(Session& db, const UnaryCall& call, const ServiceParts& parts,
                      const v1::GetPatientChartRequest& request, v1::GetPatientChartResponse* response) {
  TransactionOptions snapshot;
  snapshot.isolation = TransactionOptions::Isolation::kRepeatableRead;
  snapshot.read_only = true;
  return RunInTransaction(db, snapshot, [&](Transaction& transaction) {
    response->Clear();
    return ReadChart(transaction, call, parts, request, response);
  });
}

// Create and Update: both answer the patient as it is stored.
template <class Request, class Response, class Change>
absl::Status Write(Session& session, const UnaryCall& call, const ServiceParts& parts, const Method& method,
                   const Request& request, Response* response, Change change) {
  return parts.writer.Run(
      session, call.identity(), method.name, request,
      [&](Querier& db) -> absl::StatusOr<Written> {
        response->Clear();
        BONNIE_ASSIGN_OR_RETURN(Patient patient, change(db));
        const Written written{patient.id, patient.row_version};
        Show(call, std::move(patient), response->mutable_patient());
        if (request.validate_only()) ShowWithoutOutput(response->mutable_patient());
        return written;
      },
      [&](Querier& db, std::int64_t id) -> absl::Status {
        response->Clear();
        BONNIE_ASSIGN_OR_RETURN(absl::optional<Patient> patient, GetPatient(db, id));
        if (!patient.has_value()) return NotFound(Kind::kPatient, id);
        Show(call, *std::move(patient), response->mutable_patient());
        return absl::OkStatus();
      });
}

Written Answer(const UnaryCall& call, DeletedPatient deleted, bool validate_only, v1::DeletePatientResponse* response) {
  response->Clear();
  response->set_cascaded_records(static_cast<int>(deleted.cascaded_records));
  if (!deleted.patient.has_value()) return {};
  const Written written{deleted.patient->id, deleted.patient->row_version};
  Show(call, *std::move(deleted.patient), response->mutable_patient());
  if (validate_only) ShowWithoutOutput(response->mutable_patient());
  return written;
}

absl::Status WriteDelete(Session& session, const UnaryCall& call, const ServiceParts& parts,
                         const v1::DeletePatientRequest& request, v1::DeletePatientResponse* response) {
  return parts.writer.Run(
      session, call.identity(), kDelete.name, request,
      [&](Querier& db) -> absl::StatusOr<Written> {
        BONNIE_ASSIGN_OR_RETURN(DeletedPatient deleted, Delete(db, request));
        return Answer(call, std::move(deleted), request.validate_only(), response);
      },
      [&](Querier& db, std::int64_t id) -> absl::Status {
        BONNIE_ASSIGN_OR_RETURN(DeletedPatient deleted, FindDeleted(db, id));
        Answer(call, std::move(deleted), /*validate_only=*/false, response);
        return absl::OkStatus();
      });
}

}  // namespace

PatientService::PatientService(ServiceParts parts, PatientReader& reader) : parts_(std::move(parts)), reader_(reader) {}

grpc::ServerUnaryReactor* PatientService::GetPatient(grpc::CallbackServerContext* context,
                                                     const v1::GetPatientRequest* request,
                                                     v1::GetPatientResponse* response) {
  return parts_.calls.Serve(context, kGet, response, [&](UnaryCall* call) {
    if (absl::Status valid = Validate(*request); !valid.ok()) return call->Finish(valid);
    reader_.Get(request->id(), call->budget(),
                [call, request, response](absl::StatusOr<absl::optional<Patient>> patient) {
                  if (!patient.ok()) return call->Finish(patient.status());
                  if (!patient->has_value()) return call->Finish(NotFound(Kind::kPatient, request->id()));
                  ToProto(**std::move(patient), response->mutable_patient());
                  ViewOf(*call, request->read_mask()).Apply(response->mutable_patient());
                  call->Finish(absl::OkStatus());
                });
  });
}

grpc::ServerUnaryReactor* PatientService::BatchGetPatients(grpc::CallbackServerContext* context,
                                                           const v1::BatchGetPatientsRequest* request,
                                                           v1::BatchGetPatientsResponse* response) {
  return parts_.calls.Serve(context, kBatchGet, response, [&](UnaryCall* call) {
    if (absl::Status valid = Validate(*request); !valid.ok()) return call->Finish(valid);
    parts_.Finish(call, [=](Session& db) { return BatchGet(db, *call, *request, response); });
  });
}

grpc::ServerUnaryReactor* PatientService::ListPatients(grpc::CallbackServerContext* context,
                                                       const v1::ListPatientsRequest* request,
                                                       v1::ListPatientsResponse* response) {
  return parts_.calls.Serve(context, kList, response, [&](UnaryCall* call) {
    if (absl::Status valid = Validate(*request); !valid.ok()) return call->Finish(valid);
    parts_.Finish(call, [=, this](Session& db) { return List(db, *call, parts_, *request, response); });
  });
}

grpc::ServerUnaryReactor* PatientService::CreatePatient(grpc::CallbackServerContext* context,
                                                        const v1::CreatePatientRequest* request,
                                                        v1::CreatePatientResponse* response) {
  return parts_.calls.Serve(context, kCreate, response, [&](UnaryCall* call) {
    const UnseenFields unseen = UnseenFieldsOf(call->hidden_fields());
    if (absl::Status valid = Validate(*request, parts_.Today(), unseen); !valid.ok()) return call->Finish(valid);
    parts_.Finish(call, [=, this](Session& session) {
      return Write(session, *call, parts_, kCreate, *request, response,
                   [&](Querier& db) { return Create(db, *request); });
    });
  });
}

grpc::ServerUnaryReactor* PatientService::UpdatePatient(grpc::CallbackServerContext* context,
                                                        const v1::UpdatePatientRequest* request,
                                                        v1::UpdatePatientResponse* response) {
  return parts_.calls.Serve(context, kUpdate, response, [&](UnaryCall* call) {
    const UnseenFields unseen = UnseenFieldsOf(call->hidden_fields());
    const absl::StatusOr<FieldSet> fields = Validate(*request, parts_.Today(), unseen);
    if (!fields.ok()) return call->Finish(fields.status());
    parts_.Finish(call, [=, this, fields = *fields](Session& session) {
      return Write(session, *call, parts_, kUpdate, *request, response,
                   [&](Querier& db) { return Update(db, *request, fields); });
    });
  });
}

grpc::ServerUnaryReactor* PatientService::DeletePatient(grpc::CallbackServerContext* context,
                                                        const v1::DeletePatientRequest* request,
                                                        v1::DeletePatientResponse* response) {
  return parts_.calls.Serve(context, kDelete, response, [&](UnaryCall* call) {
    if (absl::Status valid = Validate(*request); !valid.ok()) return call->Finish(valid);
    parts_.Finish(call,
                  [=, this](Session& session) { return WriteDelete(session, *call, parts_, *request, response); });
  });
}

grpc::ServerUnaryReactor* PatientService::GetPatientChart(grpc::CallbackServerContext* context,
                                                          const v1::GetPatientChartRequest* request,
                                                          v1::GetPatientChartResponse* response) {
  return parts_.calls.Serve(context, kGetChart, response, [&](UnaryCall* call) {
    if (absl::Status valid = Validate(*request); !valid.ok()) return call->Finish(valid);
    parts_.Finish(call, [=, this](Session& session) { return GetChart(session, *call, parts_, *request, response); });
  });
}

}  // namespace bonnie::records
