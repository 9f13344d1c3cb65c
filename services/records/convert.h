#ifndef BONNIE_SERVICES_RECORDS_CONVERT_H_
#define BONNIE_SERVICES_RECORDS_CONVERT_H_

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "services/records/field_set.h"
#include "services/records/medical_records.h"
#include "services/records/patients.h"

namespace bonnie::type::v1 {
class Date;
}
namespace google::protobuf {
class Timestamp;
}

// Structs and protobuf, both ways. Pure.
namespace bonnie::records {

namespace v1 {
class MedicalRecord;
class Patient;
}  // namespace v1

// Fills `proto`, which is empty, etag included; takes the strings of the row.
void ToProto(Patient&& patient, v1::Patient* proto);
void ToProto(MedicalRecord&& record, v1::MedicalRecord* proto);
void ToProto(absl::Time time, google::protobuf::Timestamp* proto);

// Sets the fields of `row` that `fields` names to what `proto` says; unset ones are cleared. Only fields that callers
// set: ids, source keys, times and versions are left as they are. `proto` is valid.
void Assign(const v1::Patient& proto, const FieldSet& fields, Patient* row);
void Assign(const v1::MedicalRecord& proto, const FieldSet& fields, MedicalRecord* row);

// Whether `date` is a day of the calendar from 0001-01-01 to 9999-12-31.
bool IsDay(const type::v1::Date& date);
absl::CivilDay ToDay(const type::v1::Date& date);

}  // namespace bonnie::records

#endif  // BONNIE_SERVICES_RECORDS_CONVERT_H_
