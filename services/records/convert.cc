#include "services/records/convert.h"

#include <google/protobuf/timestamp.pb.h>

#include <utility>

#include "bonnie/records/v1/resources.pb.h"
#include "services/records/etag.h"

namespace bonnie::records {
namespace {

void DayToProto(absl::CivilDay day, type::v1::Date* proto) {
  proto->set_year(static_cast<int>(day.year()));
  proto->set_month(day.month());
  proto->set_day(day.day());
}

// What both kinds of rows have.
template <class Row, class Proto>
void CommonToProto(Kind kind, Row& row, Proto* proto) {
  proto->set_id(row.id);
  if (row.source_key.has_value()) proto->set_source_key(*std::move(row.source_key));
  ToProto(row.create_time, proto->mutable_create_time());
  ToProto(row.update_time, proto->mutable_update_time());
  if (row.delete_time.has_value()) ToProto(*row.delete_time, proto->mutable_delete_time());
  proto->set_etag(MakeEtag(kind, row.id, row.row_version, row.update_time));
}

}  // namespace

void ToProto(absl::Time time, google::protobuf::Timestamp* proto) {
  const std::int64_t micros = absl::ToUnixMicros(time);
  std::int64_t seconds = micros / 1'000'000;
  if (micros % 1'000'000 < 0) --seconds;  // before 1970
  proto->set_seconds(seconds);
  proto->set_nanos(static_cast<int>((micros - seconds * 1'000'000) * 1000));
}

void ToProto(Patient&& patient, v1::Patient* proto) {
  proto->set_first_name(std::move(patient.first_name));
  proto->set_last_name(std::move(patient.last_name));
  DayToProto(patient.date_of_birth, proto->mutable_date_of_birth());
  proto->set_gender(static_cast<v1::Gender>(patient.gender));
  if (patient.contact_number.has_value()) proto->set_contact_number(*std::move(patient.contact_number));
  proto->set_is_deceased(patient.is_deceased);
  CommonToProto(Kind::kPatient, patient, proto);
}

void ToProto(MedicalRecord&& record, v1::MedicalRecord* proto) {
  proto->set_patient_id(record.patient_id);
  proto->set_diagnosis(std::move(record.diagnosis));
  if (record.treatment.has_value()) proto->set_treatment(*std::move(record.treatment));
  DayToProto(record.admission_date, proto->mutable_admission_date());
  if (record.discharge_date.has_value()) DayToProto(*record.discharge_date, proto->mutable_discharge_date());
  CommonToProto(Kind::kMedicalRecord, record, proto);
}

void Assign(const v1::Patient& proto, const FieldSet& fields, Patient* row) {
  using P = v1::Patient;
  if (fields.Has(P::kFirstNameFieldNumber)) row->first_name = proto.first_name();
  if (fields.Has(P::kLastNameFieldNumber)) row->last_name = proto.last_name();
  if (fields.Has(P::kDateOfBirthFieldNumber)) row->date_of_birth = ToDay(proto.date_of_birth());
  if (fields.Has(P::kGenderFieldNumber)) row->gender = static_cast<Gender>(proto.gender());
  if (fields.Has(P::kContactNumberFieldNumber)) {
    row->contact_number.reset();
    if (!proto.contact_number().empty()) row->contact_number = proto.contact_number();
  }
  if (fields.Has(P::kIsDeceasedFieldNumber)) row->is_deceased = proto.is_deceased();
}

void Assign(const v1::MedicalRecord& proto, const FieldSet& fields, MedicalRecord* row) {
  using M = v1::MedicalRecord;
  if (fields.Has(M::kDiagnosisFieldNumber)) row->diagnosis = proto.diagnosis();
  if (fields.Has(M::kTreatmentFieldNumber)) {
    row->treatment.reset();
    if (proto.has_treatment()) row->treatment = proto.treatment();
  }
  if (fields.Has(M::kAdmissionDateFieldNumber)) row->admission_date = ToDay(proto.admission_date());
  if (fields.Has(M::kDischargeDateFieldNumber)) {
    row->discharge_date.reset();
    if (proto.has_discharge_date()) row->discharge_date = ToDay(proto.discharge_date());
  }
}

bool IsDay(const type::v1::Date& date) {
  if (date.year() < 1 || date.year() > 9999) return false;
  const absl::CivilDay day = ToDay(date);  // normalizes what is no day
  return day.year() == date.year() && day.month() == date.month() && day.day() == date.day();
}

absl::CivilDay ToDay(const type::v1::Date& date) { return absl::CivilDay(date.year(), date.month(), date.day()); }

}  // namespace bonnie::records
