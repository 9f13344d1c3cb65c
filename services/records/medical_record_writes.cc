#include "services/records/medical_record_writes.h"

#include <utility>

#include "bonnie/records/v1/medical_record_service.pb.h"
#include "services/data_access/status_macros.h"
#include "services/records/convert.h"
#include "services/records/errors.h"
#include "services/records/etag.h"
#include "services/records/patients.h"
#include "services/records/validate.h"
#include "services/records/violations.h"

namespace bonnie::records {
namespace {

using data_access::Querier;
using M = v1::MedicalRecord;

bool IsCurrent(absl::string_view etag, const MedicalRecord& record) {
  return etag == kAnyEtag || etag == MakeEtag(Kind::kMedicalRecord, record.id, record.row_version, record.update_time);
}

bool SameContent(const MedicalRecord& a, const MedicalRecord& b) {
  return a.diagnosis == b.diagnosis && a.treatment == b.treatment && a.admission_date == b.admission_date &&
         a.discharge_date == b.discharge_date;
}

void CheckAdmission(const MedicalRecord& record, const Patient& patient, Violations& violations) {
  if (record.admission_date < patient.date_of_birth) {
    violations.Add("medical_record.admission_date", "want a date not before the patient's date of birth");
  }
}

absl::Status CheckUpdate(Querier& db, const M& wanted, const FieldSet& fields, const MedicalRecord& before,
                         const MedicalRecord& after) {
  Violations violations;
  if (fields.Has(M::kSourceKeyFieldNumber) && wanted.source_key() != before.source_key.value_or("")) {
    violations.Add("medical_record.source_key", "want it as it is: it is set at creation only");
  }
  if (fields.Has(M::kPatientIdFieldNumber) && wanted.patient_id() != before.patient_id) {
    violations.Add("medical_record.patient_id", "want it as it is: a record stays with its patient");
  }
  if (after.discharge_date.has_value() && *after.discharge_date < after.admission_date) {
    violations.Add("medical_record.discharge_date", "want nothing or a date not before admission_date");
  }
  if (after.admission_date < before.admission_date) {
    BONNIE_ASSIGN_OR_RETURN(const absl::optional<Patient> patient, SharePatient(db, before.patient_id));
    if (patient.has_value()) CheckAdmission(after, *patient, violations);
  }
  return violations.status();
}

}  // namespace

absl::StatusOr<MedicalRecord> Create(Querier& db, const v1::CreateMedicalRecordRequest& request) {
  const M& wanted = request.medical_record();
  BONNIE_ASSIGN_OR_RETURN(const absl::optional<Patient> patient, SharePatient(db, wanted.patient_id()));
  if (!patient.has_value() || patient->delete_time.has_value()) return NotFound(Kind::kPatient, wanted.patient_id());
  MedicalRecord record;
  record.patient_id = wanted.patient_id();
  Assign(wanted, MedicalRecordFields(), &record);
  if (wanted.has_source_key()) record.source_key = wanted.source_key();
  Violations violations;
  CheckAdmission(record, *patient, violations);
  BONNIE_RETURN_IF_ERROR(violations.status());
  absl::StatusOr<MedicalRecord> inserted = InsertMedicalRecord(db, record);
  if (inserted.status().code() != absl::StatusCode::kAlreadyExists || !record.source_key.has_value()) return inserted;
  BONNIE_ASSIGN_OR_RETURN(const absl::optional<std::int64_t> id, FindMedicalRecordBySourceKey(db, *record.source_key));
  return id.has_value() ? SourceKeyTaken(Kind::kMedicalRecord, *id) : inserted.status();
}

absl::StatusOr<MedicalRecord> Update(Querier& db, const v1::UpdateMedicalRecordRequest& request,
                                     const FieldSet& fields) {
  const M& wanted = request.medical_record();
  BONNIE_ASSIGN_OR_RETURN(absl::optional<MedicalRecord> before, LockMedicalRecord(db, wanted.id()));
  if (!before.has_value() || before->delete_time.has_value()) return NotFound(Kind::kMedicalRecord, wanted.id());
  if (!IsCurrent(wanted.etag(), *before)) return EtagMismatch(Kind::kMedicalRecord, wanted.id());
  MedicalRecord after = *before;
  Assign(wanted, fields, &after);
  BONNIE_RETURN_IF_ERROR(CheckUpdate(db, wanted, fields, *before, after));
  if (SameContent(*before, after)) return *std::move(before);
  return UpdateMedicalRecord(db, after);
}

absl::StatusOr<absl::optional<MedicalRecord>> Delete(Querier& db, const v1::DeleteMedicalRecordRequest& request) {
  BONNIE_ASSIGN_OR_RETURN(absl::optional<MedicalRecord> record, LockMedicalRecord(db, request.id()));
  if (!record.has_value() || record->delete_time.has_value()) {
    if (request.allow_missing()) return record;
    return NotFound(Kind::kMedicalRecord, request.id());
  }
  if (!IsCurrent(request.etag(), *record)) return EtagMismatch(Kind::kMedicalRecord, request.id());
  BONNIE_ASSIGN_OR_RETURN(MedicalRecord deleted, DeleteMedicalRecord(db, *record));
  return absl::make_optional(std::move(deleted));
}

}  // namespace bonnie::records
