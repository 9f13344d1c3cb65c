#include "services/records/errors.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "services/data_access/fault.h"
#include "services/server/error.h"

namespace bonnie::records {
namespace {

using server::ErrorDetails;

constexpr std::size_t kMaxIdsNamed = 50;  // what callers get of an error is at most 4 KiB
constexpr absl::Duration kRetryAfter = absl::Milliseconds(500);

const char* TypeName(Kind kind) {
  return kind == Kind::kPatient ? "bonnie.records.v1.Patient" : "bonnie.records.v1.MedicalRecord";
}

const char* NotFoundReason(Kind kind) {
  return kind == Kind::kPatient ? "PATIENT_NOT_FOUND" : "MEDICAL_RECORD_NOT_FOUND";
}

ErrorDetails About(Kind kind, std::int64_t id, const char* reason, const char* description) {
  ErrorDetails details;
  details.reason = reason;
  details.resource = ErrorDetails::Resource{TypeName(kind), ResourceName(kind, id), description};
  return details;
}

}  // namespace

std::string ResourceName(Kind kind, std::int64_t id) {
  return absl::StrCat(kind == Kind::kPatient ? "patients/" : "medical_records/", id);
}

absl::Status NotFound(Kind kind, std::int64_t id) {
  return server::Error(absl::StatusCode::kNotFound, absl::StrCat(ResourceName(kind, id), ": not found"),
                       About(kind, id, NotFoundReason(kind), "there is none with this id, or it is deleted"));
}

absl::Status NotFound(Kind kind, const std::vector<std::int64_t>& ids) {
  ErrorDetails details = About(kind, ids.front(), NotFoundReason(kind), "there is none with this id");
  const std::size_t named = std::min(ids.size(), kMaxIdsNamed);
  details.metadata["missing_ids"] = absl::StrJoin(absl::MakeConstSpan(ids).first(named), ",");
  details.metadata["missing_count"] = absl::StrCat(ids.size());
  return server::Error(absl::StatusCode::kNotFound,
                       absl::StrCat(ResourceName(kind, ids.front()), ": not found (", ids.size(),
                                    " of the ids are missing; allow_missing answers the others)"),
                       std::move(details));
}

absl::Status EtagMismatch(Kind kind, std::int64_t id) {
  return server::Error(absl::StatusCode::kAborted,
                       absl::StrCat(ResourceName(kind, id), ": changed since the etag was read; read it again"),
                       About(kind, id, "ETAG_MISMATCH", "the etag is not that of the present version"));
}

absl::Status SourceKeyTaken(Kind kind, std::int64_t id) {
  ErrorDetails details = About(kind, id, "DUPLICATE", "has this source_key already");
  details.metadata["id"] = absl::StrCat(id);
  return server::Error(absl::StatusCode::kAlreadyExists,
                       absl::StrCat(ResourceName(kind, id), ": has this source_key already"), std::move(details));
}

absl::Status HasMedicalRecords(std::int64_t patient_id) {
  const std::string name = ResourceName(Kind::kPatient, patient_id);
  ErrorDetails details;
  details.reason = "HAS_MEDICAL_RECORDS";
  details.preconditions.push_back(
      {"HAS_MEDICAL_RECORDS", name, "delete the patient's medical records first, or set force"});
  return server::Error(absl::StatusCode::kFailedPrecondition,
                       absl::StrCat(name, ": has medical records; `force` deletes them too"), std::move(details));
}

absl::Status RequestIdReused() {
  ErrorDetails details;
  details.reason = "REQUEST_ID_REUSED";
  details.violations.push_back({"request_id", "want a new UUID for each request that is not a retry"});
  return server::Error(absl::StatusCode::kInvalidArgument,
                       "request_id: it belongs to another request of the last 24 hours", std::move(details));
}

absl::Status SettleOutcome(const absl::Status& status, bool has_request_id) {
  const absl::optional<data_access::Fault> fault = data_access::FaultOf(status);
  if (!fault.has_value() || fault->effect != data_access::Effect::kUnknown) return status;
  ErrorDetails details;
  if (has_request_id) {
    details.reason = "DATABASE_UNAVAILABLE";
    details.retry_after = kRetryAfter;
    return server::Error(absl::StatusCode::kUnavailable,
                         "the database was lost while it committed; send the same request again: it is done once",
                         std::move(details));
  }
  details.reason = "COMMIT_OUTCOME_UNKNOWN";
  return server::Error(absl::StatusCode::kUnknown,
                       "the database was lost while it committed; look whether the change is there (with a "
                       "request_id a retry is safe)",
                       std::move(details));
}

}  // namespace bonnie::records
