#ifndef BONNIE_SERVICES_RECORDS_PATIENT_WRITES_H_
#define BONNIE_SERVICES_RECORDS_PATIENT_WRITES_H_

#include "absl/status/statusor.h"
#include "services/data_access/session.h"
#include "services/records/field_set.h"
#include "services/records/patients.h"

// The rules of changing patients that need the database: each function is the inside of one transaction, may be run
// again from the start after its rollback, and fails as Querier does besides what it names.
namespace bonnie::records {

namespace v1 {
class CreatePatientRequest;
class DeletePatientRequest;
class UpdatePatientRequest;
}  // namespace v1

// kAlreadyExists `DUPLICATE`: another patient has the source key.
absl::StatusOr<Patient> Create(data_access::Querier& db, const v1::CreatePatientRequest& request);

// Changes `fields`; leaves the row as it is when they hold that already. kNotFound: no such live patient.
// kAborted `ETAG_MISMATCH`. kInvalidArgument: an immutable field differs, or a birth after the first admission.
absl::StatusOr<Patient> Update(data_access::Querier& db, const v1::UpdatePatientRequest& request,
                               const FieldSet& fields);

struct DeletedPatient {
  absl::optional<Patient> patient;    // nullopt: there was none, which the request allows
  std::int64_t cascaded_records = 0;  // deleted with the patient, now or then
};
// kNotFound, kAborted as Update. kFailedPrecondition `HAS_MEDICAL_RECORDS`: live records and no force.
absl::StatusOr<DeletedPatient> Delete(data_access::Querier& db, const v1::DeletePatientRequest& request);

// What Delete left, for a request that comes again.
absl::StatusOr<DeletedPatient> FindDeleted(data_access::Querier& db, std::int64_t id);

}  // namespace bonnie::records

#endif  // BONNIE_SERVICES_RECORDS_PATIENT_WRITES_H_
