#ifndef BONNIE_SERVICES_RECORDS_MEDICAL_RECORD_WRITES_H_
#define BONNIE_SERVICES_RECORDS_MEDICAL_RECORD_WRITES_H_

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "services/data_access/session.h"
#include "services/records/field_set.h"
#include "services/records/medical_records.h"

// The rules of changing medical records that need the database: each function is the inside of one transaction, may be
// run again from the start after its rollback, and fails as Querier does besides what it names.
namespace bonnie::records {

namespace v1 {
class CreateMedicalRecordRequest;
class DeleteMedicalRecordRequest;
class UpdateMedicalRecordRequest;
}  // namespace v1

// kNotFound `PATIENT_NOT_FOUND`: no such live patient. kInvalidArgument: an admission before the patient's birth.
// kAlreadyExists `DUPLICATE`: another record has the source key.
absl::StatusOr<MedicalRecord> Create(data_access::Querier& db, const v1::CreateMedicalRecordRequest& request);

// Changes `fields`; leaves the row as it is when they hold that already. kNotFound: no such live record.
// kAborted `ETAG_MISMATCH`. kInvalidArgument: an immutable field differs, or the dates are out of order.
absl::StatusOr<MedicalRecord> Update(data_access::Querier& db, const v1::UpdateMedicalRecordRequest& request,
                                     const FieldSet& fields);

// The record as it is after; nullopt: there was none, which the request allows. kNotFound, kAborted as Update.
absl::StatusOr<absl::optional<MedicalRecord>> Delete(data_access::Querier& db,
                                                     const v1::DeleteMedicalRecordRequest& request);

}  // namespace bonnie::records

#endif  // BONNIE_SERVICES_RECORDS_MEDICAL_RECORD_WRITES_H_
