#include "services/schema/sql_gate/model_gate.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/schema/sql_gate/sql_gate.h"
#include "services/schema/sql_gate/sql_limits.h"
#include "services/schema/sql_gate/table_grammar.h"
#include "services/server/error.h"

namespace bonnie::schema {

namespace {

absl::Status TooLarge(size_t count, absl::string_view of_what, size_t allowed) {
  return server::Error(absl::StatusCode::kInvalidArgument, "MODEL_TOO_LARGE",
                       absl::StrCat("the model has ", count, " ", of_what, "; at most ", allowed, " are allowed"));
}

}  // namespace

absl::StatusOr<std::vector<ModelFile>> GateModel(std::vector<ModelFile> files, data_access::Flavour flavour) {
  if (files.size() > kMaxModelTables) return TooLarge(files.size(), "tables", kMaxModelTables);
  size_t partitions = 0;
  for (ModelFile& file : files) {
    absl::StatusOr<GatedSql> gated = GateSql(file.sql, flavour);
    if (!gated.ok()) {
      return server::Error(absl::StatusCode::kInvalidArgument, "MODEL_FILE_INVALID",
                           absl::StrCat("model/", file.file_name, ":", file.line, ": ", gated.status().message()),
                           {{"file", file.file_name}});
    }
    file.sql = std::move(gated->text);
    partitions += CountPartitions(file.sql);
    if (partitions > kMaxModelPartitions) return TooLarge(partitions, "partitions", kMaxModelPartitions);
  }
  return files;
}

}  // namespace bonnie::schema
