#ifndef BONNIE_CLIENTS_CLI_RESOURCE_TEXT_H_
#define BONNIE_CLIENTS_CLI_RESOURCE_TEXT_H_

#include <string>
#include <vector>

#include "bonnie/records/v1/resources.pb.h"
#include "clients/cli/output.h"

namespace bonnie::cli {

// Patients and medical records as rows: a cell per column, empty where the field is not set. Pure.
std::vector<Column> PatientColumns();
std::vector<std::string> PatientCells(const records::v1::Patient& patient);
std::vector<Column> RecordColumns();
std::vector<std::string> RecordCells(const records::v1::MedicalRecord& record);

}  // namespace bonnie::cli

#endif  // BONNIE_CLIENTS_CLI_RESOURCE_TEXT_H_
