#ifndef BONNIE_SERVICES_RECORDS_VALIDATE_H_
#define BONNIE_SERVICES_RECORDS_VALIDATE_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/types/span.h"
#include "services/records/field_set.h"
#include "services/records/unseen_fields.h"

// Checks of requests, one per message, before anything is asked of the database. All are pure.
//
// kInvalidArgument: everything that is wrong with the request, at once (Violations). `today` is the present date in
// UTC; dates of birth may be a day later, because it is that in parts of the world. `unseen` is what the caller may not
// see, and therefore not write.
namespace bonnie::records {

namespace v1 {
class BatchGetMedicalRecordsRequest;
class BatchGetPatientsRequest;
class CreateMedicalRecordRequest;
class CreatePatientRequest;
class DeleteMedicalRecordRequest;
class DeletePatientRequest;
class GetMedicalRecordRequest;
class GetPatientChartRequest;
class GetPatientRequest;
class ListMedicalRecordsRequest;
class ListPatientsRequest;
class UpdateMedicalRecordRequest;
class UpdatePatientRequest;
}  // namespace v1

absl::Status Validate(const v1::GetPatientRequest& request);
absl::Status Validate(const v1::BatchGetPatientsRequest& request);
absl::Status Validate(const v1::ListPatientsRequest& request);
absl::Status Validate(const v1::CreatePatientRequest& request, absl::CivilDay today, const UnseenFields& unseen = {});
absl::Status Validate(const v1::DeletePatientRequest& request);
absl::Status Validate(const v1::GetPatientChartRequest& request);
absl::Status Validate(const v1::GetMedicalRecordRequest& request);
absl::Status Validate(const v1::BatchGetMedicalRecordsRequest& request);
absl::Status Validate(const v1::ListMedicalRecordsRequest& request);
absl::Status Validate(const v1::CreateMedicalRecordRequest& request, absl::CivilDay today,
                      const UnseenFields& unseen = {});
absl::Status Validate(const v1::DeleteMedicalRecordRequest& request);

// These return the fields that the update is about. With the mask `*`, hidden fields that are unset stay as they are.
absl::StatusOr<FieldSet> Validate(const v1::UpdatePatientRequest& request, absl::CivilDay today,
                                  const UnseenFields& unseen = {});
absl::StatusOr<FieldSet> Validate(const v1::UpdateMedicalRecordRequest& request, absl::CivilDay today,
                                  const UnseenFields& unseen = {});

// Rows of a page for a valid `page_size`: 50 for 0, at most 500.
int PageRows(std::int32_t page_size);

// What callers set of a resource, in Assign's sense; ids and source keys are set at creation only.
FieldSet PatientFields();
FieldSet MedicalRecordFields();

// The most characters that the API takes into a column, to compare with the columns of the database.
struct ColumnLimit {
  const char* table;
  const char* column;
  int characters;
};
absl::Span<const ColumnLimit> ColumnLimits();

}  // namespace bonnie::records

#endif  // BONNIE_SERVICES_RECORDS_VALIDATE_H_
