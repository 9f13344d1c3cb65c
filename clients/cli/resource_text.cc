#include "clients/cli/resource_text.h"

#include "absl/strings/str_cat.h"
#include "clients/cli/field_text.h"

namespace bonnie::cli {
namespace {

constexpr Column::Shown kNotInTables = Column::Shown::kNotInTables;

template <class Resource>
void AddTimesAndEtag(const Resource& resource, std::vector<std::string>& cells) {
  cells.push_back(resource.has_create_time() ? TimeText(resource.create_time()) : "");
  cells.push_back(resource.has_update_time() ? TimeText(resource.update_time()) : "");
  cells.push_back(resource.has_delete_time() ? TimeText(resource.delete_time()) : "");
  cells.push_back(resource.etag());
}

}  // namespace

std::vector<Column> PatientColumns() {
  return {{"id", Column::Shown::kAlways, true},
          {"first_name"},
          {"last_name"},
          {"date_of_birth"},
          {"gender"},
          {"is_deceased"},
          {"contact_number"},
          {"source_key"},
          {"create_time", kNotInTables},
          {"update_time", kNotInTables},
          {"delete_time", kNotInTables},
          {"etag", kNotInTables}};
}

std::vector<std::string> PatientCells(const records::v1::Patient& patient) {
  std::vector<std::string> cells = {patient.id() == 0 ? "" : absl::StrCat(patient.id()),
                                    patient.first_name(),
                                    patient.last_name(),
                                    patient.has_date_of_birth() ? DateText(patient.date_of_birth()) : "",
                                    GenderText(patient.gender()),
                                    !patient.has_is_deceased() ? ""
                                    : patient.is_deceased()    ? "true"
                                                               : "false",
                                    patient.contact_number(),
                                    patient.source_key()};
  AddTimesAndEtag(patient, cells);
  return cells;
}

std::vector<Column> RecordColumns() {
  return {{"id", Column::Shown::kAlways, true},
          {"patient_id", Column::Shown::kAlways, true},
          {"admission_date"},
          {"discharge_date"},
          {"diagnosis"},
          {"treatment"},
          {"source_key", kNotInTables},
          {"create_time", kNotInTables},
          {"update_time", kNotInTables},
          {"delete_time", kNotInTables},
          {"etag", kNotInTables}};
}

std::vector<std::string> RecordCells(const records::v1::MedicalRecord& record) {
  std::vector<std::string> cells = {record.id() == 0 ? "" : absl::StrCat(record.id()),
                                    absl::StrCat(record.patient_id()),
                                    record.has_admission_date() ? DateText(record.admission_date()) : "",
                                    record.has_discharge_date() ? DateText(record.discharge_date()) : "",
                                    record.diagnosis(),
                                    record.treatment(),
                                    record.source_key()};
  AddTimesAndEtag(record, cells);
  return cells;
}

}  // namespace bonnie::cli
