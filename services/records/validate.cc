#include "services/records/validate.h"

#include <google/protobuf/field_mask.pb.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "bonnie/records/v1/medical_record_service.pb.h"
#include "bonnie/records/v1/patient_service.pb.h"
#include "services/records/convert.h"
#include "services/records/text.h"
#include "services/records/violations.h"

namespace bonnie::records {
namespace {

using P = v1::Patient;
using M = v1::MedicalRecord;

constexpr int kDefaultPageSize = 50;
constexpr int kMaxPageSize = 500;
constexpr int kMaxBatch = 200;
constexpr int kMaxTokenLength = 1024;
constexpr int kMaxAdmissionDaysAhead = 365;
constexpr int kMaxSourceKeyLength = 64;
constexpr absl::CivilDay kFirstBirth(1880, 1, 1);
constexpr TextRule kName{1, 100, true};
constexpr TextRule kDiagnosis{1, 2000, false};
constexpr TextRule kTreatment{0, 10000, false};

constexpr ColumnLimit kColumnLimits[] = {
    {"patients", "first_name", 100},
    {"patients", "last_name", 100},
    {"patients", "gender", 7},
    {"patients", "contact_number", 20},
    {"patients", "source_key", 64},
    {"medical_records", "diagnosis", 2000},
    {"medical_records", "treatment", 10000},
    {"medical_records", "source_key", 64},
    {"request_log", "request_id", 36},
};

constexpr char kNameRule[] =
    "want 1 to 100 characters in Unicode NFC, not all of them invisible, without control characters, without invisible "
    "characters that the script does not require, and without spaces at the ends";

void CheckId(std::int64_t id, absl::string_view field, Violations& violations) {
  if (id <= 0) violations.Add(std::string(field), "want a number > 0");
}

void CheckEtag(absl::string_view etag, absl::string_view field, Violations& violations) {
  if (etag.empty()) violations.Add(std::string(field), "want the etag that was read, or `*` for whatever it is now");
}

void CheckRequestId(absl::string_view request_id, Violations& violations) {
  if (!request_id.empty() && !IsUuid(request_id)) violations.Add("request_id", "want a UUID, or nothing");
}

void CheckPage(std::int32_t page_size, absl::string_view page_token, Violations& violations) {
  if (page_size < 0) violations.Add("page_size", "want 0 (for 50) to 500");
  if (page_token.size() > kMaxTokenLength) violations.Add("page_token", "want a next_page_token as it came");
}

template <class Ids>
void CheckIds(const Ids& ids, Violations& violations) {
  if (ids.empty() || ids.size() > kMaxBatch) violations.Add("ids", "want 1 to 200 ids");
  std::unordered_set<std::int64_t> seen;
  for (int i = 0; i < ids.size() && i < kMaxBatch; ++i) {
    const std::string field = absl::StrCat("ids[", i, "]");
    CheckId(ids[i], field, violations);
    if (!seen.insert(ids[i]).second) violations.Add(field, "want each id once");
  }
}

template <class Resource>
void CheckSourceKey(const Resource& resource, absl::string_view name, Violations& violations) {
  if (resource.has_source_key() && !IsPrintableAscii(resource.source_key(), kMaxSourceKeyLength)) {
    violations.Add(absl::StrCat(name, ".source_key"),
                   "want 1 to 64 printable ASCII characters, without spaces at the ends");
  }
}

void CheckPatient(const P& patient, const FieldSet& fields, absl::CivilDay today, Violations& violations) {
  const auto check = [&](int number, const char* field, bool keeps, const char* rule) {
    if (fields.Has(number) && !keeps) violations.Add(absl::StrCat("patient.", field), rule);
  };
  check(P::kFirstNameFieldNumber, "first_name", Keeps(kName, patient.first_name()), kNameRule);
  check(P::kLastNameFieldNumber, "last_name", Keeps(kName, patient.last_name()), kNameRule);
  const bool born = patient.has_date_of_birth() && IsDay(patient.date_of_birth()) &&
                    ToDay(patient.date_of_birth()) >= kFirstBirth && ToDay(patient.date_of_birth()) <= today + 1;
  check(P::kDateOfBirthFieldNumber, "date_of_birth", born, "want a date from 1880-01-01 to today");
  const bool gender = patient.gender() != v1::GENDER_UNSPECIFIED && v1::Gender_IsValid(patient.gender());
  check(P::kGenderFieldNumber, "gender", gender, "want GENDER_FEMALE, GENDER_MALE, GENDER_OTHER or GENDER_UNKNOWN");
  check(P::kContactNumberFieldNumber, "contact_number",
        patient.contact_number().empty() || IsContactNumber(patient.contact_number()),
        "want nothing, or 5 to 20 of `+0-9 ()-.` with at least 5 digits");
  CheckSourceKey(patient, "patient", violations);
}

void CheckMedicalRecord(const M& record, const FieldSet& fields, absl::CivilDay today, Violations& violations) {
  const auto check = [&](int number, const char* field, bool keeps, const char* rule) {
    if (fields.Has(number) && !keeps) violations.Add(absl::StrCat("medical_record.", field), rule);
  };
  check(M::kDiagnosisFieldNumber, "diagnosis", Keeps(kDiagnosis, record.diagnosis()),
        "want 1 to 2,000 characters, not all of them blank; of control characters only newline and tab");
  check(M::kTreatmentFieldNumber, "treatment", Keeps(kTreatment, record.treatment()),
        "want at most 10,000 characters; of control characters only newline and tab");
  const bool admitted = record.has_admission_date() && IsDay(record.admission_date()) &&
                        ToDay(record.admission_date()) <= today + kMaxAdmissionDaysAhead;
  check(M::kAdmissionDateFieldNumber, "admission_date", admitted, "want a date, at most 365 days ahead");
  const bool discharge_is_day = !record.has_discharge_date() || IsDay(record.discharge_date());
  check(M::kDischargeDateFieldNumber, "discharge_date", discharge_is_day, "want nothing or a date");
  if (fields.Has(M::kAdmissionDateFieldNumber) && fields.Has(M::kDischargeDateFieldNumber) && admitted &&
      record.has_discharge_date() && discharge_is_day &&
      ToDay(record.discharge_date()) < ToDay(record.admission_date())) {
    violations.Add("medical_record.discharge_date", "want nothing or a date not before admission_date");
  }
  CheckSourceKey(record, "medical_record", violations);
}

// The fields that a request's resource holds: an empty mask means the populated ones.
FieldSet Populated(const google::protobuf::Message& resource) {
  Violations none;
  return FieldsToUpdate(resource, /*mask=*/{}, /*keep_if_unset=*/{}, none);
}

template <class Request>
absl::Status ValidateDelete(const Request& request) {
  Violations violations;
  CheckId(request.id(), "id", violations);
  CheckEtag(request.etag(), "etag", violations);
  CheckRequestId(request.request_id(), violations);
  return violations.status();
}

template <class Resource, class Request>
absl::Status ValidateGet(const Request& request) {
  Violations violations;
  CheckId(request.id(), "id", violations);
  if (request.has_read_mask()) CheckReadMask(*Resource::descriptor(), request.read_mask(), violations);
  return violations.status();
}

template <class Resource, class Request>
absl::Status ValidateBatchGet(const Request& request) {
  Violations violations;
  CheckIds(request.ids(), violations);
  CheckReadMask(*Resource::descriptor(), request.read_mask(), violations);
  return violations.status();
}

}  // namespace

FieldSet PatientFields() {
  return {P::kFirstNameFieldNumber, P::kLastNameFieldNumber,      P::kDateOfBirthFieldNumber,
          P::kGenderFieldNumber,    P::kContactNumberFieldNumber, P::kIsDeceasedFieldNumber};
}

FieldSet MedicalRecordFields() {
  return {M::kDiagnosisFieldNumber, M::kTreatmentFieldNumber, M::kAdmissionDateFieldNumber,
          M::kDischargeDateFieldNumber};
}

int PageRows(std::int32_t page_size) { return page_size == 0 ? kDefaultPageSize : std::min(page_size, kMaxPageSize); }

absl::Span<const ColumnLimit> ColumnLimits() { return kColumnLimits; }

absl::Status Validate(const v1::GetPatientRequest& request) { return ValidateGet<P>(request); }
absl::Status Validate(const v1::GetMedicalRecordRequest& request) { return ValidateGet<M>(request); }
absl::Status Validate(const v1::BatchGetPatientsRequest& request) { return ValidateBatchGet<P>(request); }
absl::Status Validate(const v1::BatchGetMedicalRecordsRequest& request) { return ValidateBatchGet<M>(request); }
absl::Status Validate(const v1::DeletePatientRequest& request) { return ValidateDelete(request); }
absl::Status Validate(const v1::DeleteMedicalRecordRequest& request) { return ValidateDelete(request); }

absl::Status Validate(const v1::ListPatientsRequest& request) {
  Violations violations;
  CheckPage(request.page_size(), request.page_token(), violations);
  CheckReadMask(*P::descriptor(), request.read_mask(), violations);
  return violations.status();
}

absl::Status Validate(const v1::ListMedicalRecordsRequest& request) {
  Violations violations;
  CheckPage(request.page_size(), request.page_token(), violations);
  CheckReadMask(*M::descriptor(), request.read_mask(), violations);
  if (request.patient_id() < 0) violations.Add("patient_id", "want a number > 0, or 0 for all patients");
  return violations.status();
}

absl::Status Validate(const v1::GetPatientChartRequest& request) {
  Violations violations;
  CheckId(request.id(), "id", violations);
  CheckPage(request.page_size(), request.page_token(), violations);
  return violations.status();
}

absl::Status Validate(const v1::CreatePatientRequest& request, absl::CivilDay today, const UnseenFields& unseen) {
  Violations violations;
  if (!request.has_patient()) violations.Add("patient", "want the patient to create");
  if (request.has_patient()) {
    CheckPatient(request.patient(), PatientFields(), today, violations);
    CheckPatientWrite(WriteKind::kCreate, unseen, Populated(request.patient()), violations);
  }
  CheckRequestId(request.request_id(), violations);
  return violations.status();
}

absl::Status Validate(const v1::CreateMedicalRecordRequest& request, absl::CivilDay today, const UnseenFields& unseen) {
  Violations violations;
  if (!request.has_medical_record()) violations.Add("medical_record", "want the medical record to create");
  if (request.has_medical_record()) {
    CheckId(request.medical_record().patient_id(), "medical_record.patient_id", violations);
    CheckMedicalRecord(request.medical_record(), MedicalRecordFields(), today, violations);
    CheckMedicalRecordWrite(WriteKind::kCreate, unseen, Populated(request.medical_record()), violations);
  }
  CheckRequestId(request.request_id(), violations);
  return violations.status();
}

absl::StatusOr<FieldSet> Validate(const v1::UpdatePatientRequest& request, absl::CivilDay today,
                                  const UnseenFields& unseen) {
  Violations violations;
  const P& patient = request.patient();
  const FieldSet keep = unseen.of_patient | FieldSet{P::kSourceKeyFieldNumber};
  const FieldSet fields = FieldsToUpdate(patient, request.update_mask(), keep, violations);
  CheckId(patient.id(), "patient.id", violations);
  CheckEtag(patient.etag(), "patient.etag", violations);
  CheckPatient(patient, fields, today, violations);
  CheckPatientWrite(WriteKind::kUpdate, unseen, fields, violations);
  CheckRequestId(request.request_id(), violations);
  if (!violations.empty()) return violations.status();
  return fields;
}

absl::StatusOr<FieldSet> Validate(const v1::UpdateMedicalRecordRequest& request, absl::CivilDay today,
                                  const UnseenFields& unseen) {
  Violations violations;
  const M& record = request.medical_record();
  const FieldSet keep = unseen.of_medical_record | FieldSet{M::kSourceKeyFieldNumber, M::kPatientIdFieldNumber};
  const FieldSet fields = FieldsToUpdate(record, request.update_mask(), keep, violations);
  CheckId(record.id(), "medical_record.id", violations);
  CheckEtag(record.etag(), "medical_record.etag", violations);
  CheckMedicalRecord(record, fields, today, violations);
  CheckMedicalRecordWrite(WriteKind::kUpdate, unseen, fields, violations);
  CheckRequestId(request.request_id(), violations);
  if (!violations.empty()) return violations.status();
  return fields;
}

}  // namespace bonnie::records
