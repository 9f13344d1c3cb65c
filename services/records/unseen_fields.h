#ifndef BONNIE_SERVICES_RECORDS_UNSEEN_FIELDS_H_
#define BONNIE_SERVICES_RECORDS_UNSEEN_FIELDS_H_

#include "services/records/field_set.h"
#include "services/records/violations.h"
#include "services/server/api.h"

namespace bonnie::records {

// The fields of each resource that all of a caller's roles hide. A value type; by default nothing is hidden.
//
// A caller may not write what it may not see: an update that sets the value that is there already leaves the version as
// it is, so that the answer tells whether a guess was right. The same holds for a field that is compared with a hidden
// one: whether an admission date is refused tells the hidden date of discharge, in a dozen calls with validate_only.
struct UnseenFields {
  FieldSet of_patient;
  FieldSet of_medical_record;
};

// From full names such as `bonnie.records.v1.MedicalRecord.diagnosis` (UnaryCall::hidden_fields). Pure.
UnseenFields UnseenFieldsOf(const server::FieldNames& hidden_fields);

enum class WriteKind { kCreate, kUpdate };

// Adds a violation for each of `fields`, those that a write sets, that is hidden or is compared with a hidden field of
// a stored row. Pure.
void CheckPatientWrite(WriteKind kind, const UnseenFields& unseen, const FieldSet& fields, Violations& violations);
void CheckMedicalRecordWrite(WriteKind kind, const UnseenFields& unseen, const FieldSet& fields,
                             Violations& violations);

}  // namespace bonnie::records

#endif  // BONNIE_SERVICES_RECORDS_UNSEEN_FIELDS_H_
