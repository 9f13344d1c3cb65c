#include "services/records/unseen_fields.h"

#include <google/protobuf/descriptor.h>

#include "absl/strings/str_cat.h"
#include "bonnie/records/v1/resources.pb.h"
#include "services/records/validate.h"

namespace bonnie::records {
namespace {

using P = v1::Patient;
using M = v1::MedicalRecord;

FieldSet UnseenOf(const google::protobuf::Descriptor& type, const server::FieldNames& hidden_fields) {
  FieldSet unseen;
  for (int i = 0; i < type.field_count(); ++i) {
    if (hidden_fields.contains(type.field(i)->full_name())) unseen.Add(type.field(i)->number());
  }
  return unseen;
}

// What a caller sets, of all that a request may hold: ids, times and etags are not content.
void RefuseUnseen(const google::protobuf::Descriptor& type, absl::string_view name, const FieldSet& settable,
                  const FieldSet& unseen, const FieldSet& fields, Violations& violations) {
  for (int i = 0; i < type.field_count(); ++i) {
    const int number = type.field(i)->number();
    if (!settable.Has(number) || !fields.Has(number) || !unseen.Has(number)) continue;
    violations.Add(absl::StrCat(name, ".", std::string(type.field(i)->name())),
                   "want it left out: the caller's roles hide it");
  }
}

void RefuseComparison(bool is_set, bool other_is_unseen, const char* field, const char* other, Violations& violations) {
  if (!is_set || !other_is_unseen) return;
  violations.Add(field,
                 absl::StrCat("want it left out: it is compared with ", other, ", which the caller's roles hide"));
}

}  // namespace

UnseenFields UnseenFieldsOf(const server::FieldNames& hidden_fields) {
  if (hidden_fields.empty()) return {};
  return {UnseenOf(*P::descriptor(), hidden_fields), UnseenOf(*M::descriptor(), hidden_fields)};
}

void CheckPatientWrite(WriteKind kind, const UnseenFields& unseen, const FieldSet& fields, Violations& violations) {
  FieldSet settable = PatientFields();
  settable.Add(P::kSourceKeyFieldNumber);
  RefuseUnseen(*P::descriptor(), "patient", settable, unseen.of_patient, fields, violations);
  if (kind == WriteKind::kCreate) return;  // a new patient has no records
  RefuseComparison(fields.Has(P::kDateOfBirthFieldNumber), unseen.of_medical_record.Has(M::kAdmissionDateFieldNumber),
                   "patient.date_of_birth", "medical_record.admission_date", violations);
}

void CheckMedicalRecordWrite(WriteKind kind, const UnseenFields& unseen, const FieldSet& fields,
                             Violations& violations) {
  FieldSet settable = MedicalRecordFields();
  settable.Add(M::kSourceKeyFieldNumber);
  if (kind == WriteKind::kUpdate) settable.Add(M::kPatientIdFieldNumber);
  RefuseUnseen(*M::descriptor(), "medical_record", settable, unseen.of_medical_record, fields, violations);
  const bool sets_admission = fields.Has(M::kAdmissionDateFieldNumber);
  RefuseComparison(sets_admission, unseen.of_patient.Has(P::kDateOfBirthFieldNumber), "medical_record.admission_date",
                   "patient.date_of_birth", violations);
  if (kind == WriteKind::kCreate) return;  // a new record's dates are compared with each other only
  RefuseComparison(sets_admission, unseen.of_medical_record.Has(M::kDischargeDateFieldNumber),
                   "medical_record.admission_date", "medical_record.discharge_date", violations);
  RefuseComparison(fields.Has(M::kDischargeDateFieldNumber), unseen.of_medical_record.Has(M::kAdmissionDateFieldNumber),
                   "medical_record.discharge_date", "medical_record.admission_date", violations);
}

}  // namespace bonnie::records
