#ifndef BONNIE_SERVICES_SCHEMA_SQL_GATE_MODEL_GATE_H_
#define BONNIE_SERVICES_SCHEMA_SQL_GATE_MODEL_GATE_H_

#include <vector>

#include "absl/status/statusor.h"
#include "services/data_access/error_table.h"
#include "services/schema/model_files.h"

namespace bonnie::schema {

// A model's files with the statements that may be sent to a server of `flavour`: each passed GateSql, and together they
// are within the limits of a model (tables, partitions). Pure.
// kInvalidArgument MODEL_FILE_INVALID, the message begins `model/file:line:`: a statement is refused.
// kInvalidArgument MODEL_TOO_LARGE: too many tables or partitions.
absl::StatusOr<std::vector<ModelFile>> GateModel(std::vector<ModelFile> files, data_access::Flavour flavour);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_SQL_GATE_MODEL_GATE_H_
