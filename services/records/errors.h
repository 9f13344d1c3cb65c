#ifndef BONNIE_SERVICES_RECORDS_ERRORS_H_
#define BONNIE_SERVICES_RECORDS_ERRORS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/records/etag.h"

// What callers of the records service are told when it is not their request's form that is wrong. All are pure.
namespace bonnie::records {

// patients/7, medical_records/9.
std::string ResourceName(Kind kind, std::int64_t id);

// kNotFound `PATIENT_NOT_FOUND` or `MEDICAL_RECORD_NOT_FOUND`.
absl::Status NotFound(Kind kind, std::int64_t id);
// The same for several; metadata["missing_ids"] lists them.
absl::Status NotFound(Kind kind, const std::vector<std::int64_t>& ids);
// kAborted `ETAG_MISMATCH`.
absl::Status EtagMismatch(Kind kind, std::int64_t id);
// kAlreadyExists `DUPLICATE`: the resource with that id has the source key; metadata["id"] says it again.
absl::Status SourceKeyTaken(Kind kind, std::int64_t id);
// kFailedPrecondition `HAS_MEDICAL_RECORDS`.
absl::Status HasMedicalRecords(std::int64_t patient_id);
// kInvalidArgument `REQUEST_ID_REUSED`.
absl::Status RequestIdReused();

// What the caller of a write is told of `status`: unchanged, but when COMMIT was sent and not answered. Then a write
// with a request id is kUnavailable (sending it again settles it), one without kUnknown `COMMIT_OUTCOME_UNKNOWN`,
// because what retries by itself would do it twice.
absl::Status SettleOutcome(const absl::Status& status, bool has_request_id);

}  // namespace bonnie::records

#endif  // BONNIE_SERVICES_RECORDS_ERRORS_H_
