#include "services/records/medical_record_service.h"

#include <unordered_map>
#include <utility>
#include <vector>

#include "services/data_access/status_macros.h"
#include "services/records/convert.h"
#include "services/records/errors.h"
#include "services/records/field_set.h"
#include "services/records/medical_record_writes.h"
#include "services/records/page.h"
#include "services/records/validate.h"

namespace bonnie::records {
namespace {

using data_access::Querier;
using data_access::Session;
using server::Method;
using server::UnaryCall;

constexpr char kService[] = "bonnie.records.v1.MedicalRecordService";
constexpr Method kGet{kService, "GetMedicalRecord", absl::Seconds(2), absl::Seconds(10)};
constexpr Method kBatchGet{kService, "BatchGetMedicalRecords", absl::Seconds(10), absl::Seconds(30)};
constexpr Method kList{kService, "ListMedicalRecords", absl::Seconds(5), absl::Seconds(15)};
constexpr Method kCreate{kService, "CreateMedicalRecord", absl::Seconds(5), absl::Seconds(15)};
constexpr Method kUpdate{kService, "UpdateMedicalRecord", absl::Seconds(5), absl::Seconds(15)};
constexpr Method kDelete{kService, "DeleteMedicalRecord", absl::Seconds(5), absl::Seconds(15)};

View ViewOf(const UnaryCall& call, const google::protobuf::FieldMask& read_mask = {}) {
  return View(*v1::MedicalRecord::descriptor(), read_mask, call.hidden_fields());
}

void Show(const UnaryCall& call, MedicalRecord&& record, v1::MedicalRecord* proto) {
  ToProto(std::move(record), proto);
  ViewOf(call).Apply(proto);
}

// What was not kept has no id, version or times.
void ShowWithoutOutput(v1::MedicalRecord* proto) {
  proto->clear_id();
  proto->clear_etag();
  proto->clear_create_time();
  proto->clear_update_time();
  proto->clear_delete_time();
}

absl::Status BatchGet(Session& db, const UnaryCall& call, const v1::BatchGetMedicalRecordsRequest& request,
                      v1::BatchGetMedicalRecordsResponse* response) {
  BONNIE_ASSIGN_OR_RETURN(
      std::vector<MedicalRecord> found,
      GetMedicalRecords(db, absl::MakeConstSpan(request.ids().data(), static_cast<std::size_t>(request.ids_size()))));
  std::unordered_map<std::int64_t, MedicalRecord*> by_id;
  for (MedicalRecord& record : found) by_id.emplace(record.id, &record);
  const View view = ViewOf(call, request.read_mask());
  for (std::int64_t id : request.ids()) {
    if (const auto at = by_id.find(id); at != by_id.end()) {
      v1::MedicalRecord* proto = response->add_medical_records();
      ToProto(std::move(*at->second), proto);
      view.Apply(proto);
    } else {
      response->add_missing_ids(id);
    }
  }
  if (response->missing_ids().empty() || request.allow_missing()) return absl::OkStatus();
  return NotFound(Kind::kMedicalRecord, {response->missing_ids().begin(), response->missing_ids().end()});
}

absl::Status List(Session& db, const UnaryCall& call, const ServiceParts& parts,
                  const v1::ListMedicalRecordsRequest& request, v1::ListMedicalRecordsResponse* response) {
  const std::string paged = PagedCall(parts.site, FullName(kList), call.identity(), request);
  BONNIE_ASSIGN_OR_RETURN(const Cursor after, parts.page_tokens.Open(paged, request.page_token()));
  const int rows = PageRows(request.page_size());
  BONNIE_ASSIGN_OR_RETURN(std::vector<MedicalRecord> records,
                          ListMedicalRecords(db, request.patient_id(), after, rows + 1, request.show_deleted()));
  const absl::optional<Cursor> next =
      FillPage(std::move(records), rows, ViewOf(call, request.read_mask()), response->mutable_medical_records());
  if (next.has_value()) response->set_next_page_token(parts.page_tokens.Seal(paged, *next));
  if (request.include_total_size()) {
    BONNIE_ASSIGN_OR_RETURN(const std::int64_t total,
                            CountMedicalRecords(db, request.patient_id(), request.show_deleted()));
    response->set_total_size(total);
  }
  return absl::OkStatus();
}

// All three kinds of change answer the record as it is stored; only a Delete may answer none.
template <class Request, class Response, class Change>
absl::Status Write(Session& session, const UnaryCall& call, const ServiceParts& parts, const Method& method,
                   bool may_be_missing, const Request& request, Response* response, Change change) {
  return parts.writer.Run(
      session, call.identity(), method.name, request,
      [&](Querier& db) -> absl::StatusOr<Written> {
        response->Clear();
        BONNIE_ASSIGN_OR_RETURN(absl::optional<MedicalRecord> record, change(db));
        if (!record.has_value()) return Written{};
        const Written written{record->id, record->row_version};
        Show(call, *std::move(record), response->mutable_medical_record());
        if (request.validate_only()) ShowWithoutOutput(response->mutable_medical_record());
        return written;
      },
      [&](Querier& db, std::int64_t id) -> absl::Status {
        response->Clear();
        BONNIE_ASSIGN_OR_RETURN(absl::optional<MedicalRecord> record, GetMedicalRecord(db, id));
        if (!record.has_value()) return may_be_missing ? absl::OkStatus() : NotFound(Kind::kMedicalRecord, id);
        Show(call, *std::move(record), response->mutable_medical_record());
        return absl::OkStatus();
      });
}

}  // namespace

MedicalRecordService::MedicalRecordService(ServiceParts parts, MedicalRecordReader& reader)
    : parts_(std::move(parts)), reader_(reader) {}

grpc::ServerUnaryReactor* MedicalRecordService::GetMedicalRecord(grpc::CallbackServerContext* context,
                                                                 const v1::GetMedicalRecordRequest* request,
                                                                 v1::GetMedicalRecordResponse* response) {
  return parts_.calls.Serve(context, kGet, response, [&](UnaryCall* call) {
    if (absl::Status valid = Validate(*request); !valid.ok()) return call->Finish(valid);
    reader_.Get(request->id(), call->budget(),
                [call, request, response](absl::StatusOr<absl::optional<MedicalRecord>> record) {
                  if (!record.ok()) return call->Finish(record.status());
                  if (!record->has_value()) return call->Finish(NotFound(Kind::kMedicalRecord, request->id()));
                  ToProto(**std::move(record), response->mutable_medical_record());
                  ViewOf(*call, request->read_mask()).Apply(response->mutable_medical_record());
                  call->Finish(absl::OkStatus());
                });
  });
}

grpc::ServerUnaryReactor* MedicalRecordService::BatchGetMedicalRecords(grpc::CallbackServerContext* context,
                                                                       const v1::BatchGetMedicalRecordsRequest* request,
                                                                       v1::BatchGetMedicalRecordsResponse* response) {
  return parts_.calls.Serve(context, kBatchGet, response, [&](UnaryCall* call) {
    if (absl::Status valid = Validate(*request); !valid.ok()) return call->Finish(valid);
    parts_.Finish(call, [=](Session& db) { return BatchGet(db, *call, *request, response); });
  });
}

grpc::ServerUnaryReactor* MedicalRecordService::ListMedicalRecords(grpc::CallbackServerContext* context,
                                                                   const v1::ListMedicalRecordsRequest* request,
                                                                   v1::ListMedicalRecordsResponse* response) {
  return parts_.calls.Serve(context, kList, response, [&](UnaryCall* call) {
    if (absl::Status valid = Validate(*request); !valid.ok()) return call->Finish(valid);
    parts_.Finish(call, [=, this](Session& db) { return List(db, *call, parts_, *request, response); });
  });
}

grpc::ServerUnaryReactor* MedicalRecordService::CreateMedicalRecord(grpc::CallbackServerContext* context,
                                                                    const v1::CreateMedicalRecordRequest* request,
                                                                    v1::CreateMedicalRecordResponse* response) {
  return parts_.calls.Serve(context, kCreate, response, [&](UnaryCall* call) {
    const UnseenFields unseen = UnseenFieldsOf(call->hidden_fields());
    if (absl::Status valid = Validate(*request, parts_.Today(), unseen); !valid.ok()) return call->Finish(valid);
    parts_.Finish(call, [=, this](Session& session) {
      return Write(session, *call, parts_, kCreate, /*may_be_missing=*/false, *request, response,
                   [&](Querier& db) { return Create(db, *request); });
    });
  });
}

grpc::ServerUnaryReactor* MedicalRecordService::UpdateMedicalRecord(grpc::CallbackServerContext* context,
                                                                    const v1::UpdateMedicalRecordRequest* request,
                                                                    v1::UpdateMedicalRecordResponse* response) {
  return parts_.calls.Serve(context, kUpdate, response, [&](UnaryCall* call) {
    const UnseenFields unseen = UnseenFieldsOf(call->hidden_fields());
    const absl::StatusOr<FieldSet> fields = Validate(*request, parts_.Today(), unseen);
    if (!fields.ok()) return call->Finish(fields.status());
    parts_.Finish(call, [=, this, fields = *fields](Session& session) {
      return Write(session, *call, parts_, kUpdate, /*may_be_missing=*/false, *request, response,
                   [&](Querier& db) { return Update(db, *request, fields); });
    });
  });
}

grpc::ServerUnaryReactor* MedicalRecordService::DeleteMedicalRecord(grpc::CallbackServerContext* context,
                                                                    const v1::DeleteMedicalRecordRequest* request,
                                                                    v1::DeleteMedicalRecordResponse* response) {
  return parts_.calls.Serve(context, kDelete, response, [&](UnaryCall* call) {
    if (absl::Status valid = Validate(*request); !valid.ok()) return call->Finish(valid);
    parts_.Finish(call, [=, this](Session& session) {
      return Write(session, *call, parts_, kDelete, /*may_be_missing=*/true, *request, response,
                   [&](Querier& db) { return Delete(db, *request); });
    });
  });
}

}  // namespace bonnie::records
