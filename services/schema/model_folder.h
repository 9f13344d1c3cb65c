#ifndef BONNIE_SERVICES_SCHEMA_MODEL_FOLDER_H_
#define BONNIE_SERVICES_SCHEMA_MODEL_FOLDER_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace bonnie::schema {

// The files `folder`/*.sql, sorted by name: name and text each. Blocks for the files. A folder that is not there is
// empty. kFailedPrecondition MODEL_FILE_INVALID: one cannot be read.
absl::StatusOr<std::vector<std::pair<std::string, std::string>>> ReadModelTexts(const std::string& folder);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_MODEL_FOLDER_H_
