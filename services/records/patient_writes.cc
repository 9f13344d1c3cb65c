#include "services/records/patient_writes.h"

#include <utility>

#include "bonnie/records/v1/patient_service.pb.h"
#include "services/data_access/status_macros.h"
#include "services/records/convert.h"
#include "services/records/errors.h"
#include "services/records/etag.h"
#include "services/records/medical_records.h"
#include "services/records/validate.h"
#include "services/records/violations.h"

namespace bonnie::records {
namespace {

using data_access::Querier;

bool IsCurrent(absl::string_view etag, const Patient& patient) {
  return etag == kAnyEtag || etag == MakeEtag(Kind::kPatient, patient.id, patient.row_version, patient.update_time);
}

bool SameContent(const Patient& a, const Patient& b) {
  return a.first_name == b.first_name && a.last_name == b.last_name && a.date_of_birth == b.date_of_birth &&
         a.gender == b.gender && a.contact_number == b.contact_number && a.is_deceased == b.is_deceased;
}

absl::Status CheckUpdate(Querier& db, const v1::Patient& wanted, const FieldSet& fields, const Patient& before,
                         const Patient& after) {
  Violations violations;
  if (fields.Has(v1::Patient::kSourceKeyFieldNumber) && wanted.source_key() != before.source_key.value_or("")) {
    violations.Add("patient.source_key", "want it as it is: it is set at creation only");
  }
  if (after.date_of_birth > before.date_of_birth) {
    BONNIE_ASSIGN_OR_RETURN(const absl::optional<absl::CivilDay> admission, FirstAdmission(db, before.id));
    if (admission.has_value() && after.date_of_birth > *admission) {
      violations.Add("patient.date_of_birth", "want a date not after the patient's first admission");
    }
  }
  return violations.status();
}

}  // namespace

absl::StatusOr<Patient> Create(Querier& db, const v1::CreatePatientRequest& request) {
  Patient patient;
  Assign(request.patient(), PatientFields(), &patient);
  if (request.patient().has_source_key()) patient.source_key = request.patient().source_key();
  absl::StatusOr<Patient> inserted = InsertPatient(db, patient);
  if (inserted.status().code() != absl::StatusCode::kAlreadyExists || !patient.source_key.has_value()) return inserted;
  BONNIE_ASSIGN_OR_RETURN(const absl::optional<std::int64_t> id, FindPatientBySourceKey(db, *patient.source_key));
  return id.has_value() ? SourceKeyTaken(Kind::kPatient, *id) : inserted.status();
}

absl::StatusOr<Patient> Update(Querier& db, const v1::UpdatePatientRequest& request, const FieldSet& fields) {
  const v1::Patient& wanted = request.patient();
  BONNIE_ASSIGN_OR_RETURN(absl::optional<Patient> before, LockPatient(db, wanted.id()));
  if (!before.has_value() || before->delete_time.has_value()) return NotFound(Kind::kPatient, wanted.id());
  if (!IsCurrent(wanted.etag(), *before)) return EtagMismatch(Kind::kPatient, wanted.id());
  Patient after = *before;
  Assign(wanted, fields, &after);
  BONNIE_RETURN_IF_ERROR(CheckUpdate(db, wanted, fields, *before, after));
  if (SameContent(*before, after)) return *std::move(before);
  return UpdatePatient(db, after);
}

absl::StatusOr<DeletedPatient> Delete(Querier& db, const v1::DeletePatientRequest& request) {
  BONNIE_ASSIGN_OR_RETURN(const absl::optional<Patient> patient, LockPatient(db, request.id()));
  if (!patient.has_value() || patient->delete_time.has_value()) {
    if (!request.allow_missing()) return NotFound(Kind::kPatient, request.id());
    return FindDeleted(db, request.id());
  }
  if (!IsCurrent(request.etag(), *patient)) return EtagMismatch(Kind::kPatient, request.id());
  BONNIE_ASSIGN_OR_RETURN(const std::int64_t records, CountMedicalRecords(db, request.id(), /*show_deleted=*/false));
  if (records > 0 && !request.force()) return HasMedicalRecords(request.id());
  DeletedPatient deleted;
  BONNIE_ASSIGN_OR_RETURN(deleted.patient, DeletePatient(db, *patient));
  if (records > 0) {
    BONNIE_ASSIGN_OR_RETURN(deleted.cascaded_records,
                            DeleteMedicalRecordsOf(db, request.id(), *deleted.patient->delete_time));
  }
  return deleted;
}

absl::StatusOr<DeletedPatient> FindDeleted(Querier& db, std::int64_t id) {
  DeletedPatient deleted;
  BONNIE_ASSIGN_OR_RETURN(deleted.patient, GetPatient(db, id));
  if (deleted.patient.has_value() && deleted.patient->delete_time.has_value()) {
    BONNIE_ASSIGN_OR_RETURN(deleted.cascaded_records,
                            CountMedicalRecordsDeletedAt(db, id, *deleted.patient->delete_time));
  }
  return deleted;
}

}  // namespace bonnie::records
