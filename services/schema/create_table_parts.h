#ifndef BONNIE_SERVICES_SCHEMA_CREATE_TABLE_PARTS_H_
#define BONNIE_SERVICES_SCHEMA_CREATE_TABLE_PARTS_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/schema/model.h"

namespace bonnie::schema {

// The parts that ParseCreateTable is made of. All pure.
// kInvalidArgument: something in the clause is not understood; the message says where.

// "`a` int(11) NOT NULL". Charset and collation are what the clause itself says.
absl::StatusOr<Column> ParseColumn(absl::string_view clause);
// "KEY …", "CONSTRAINT …" or "PERIOD FOR …", added to what they belong to.
absl::Status ParseKey(absl::string_view clause, Table* table);
// "ENGINE=InnoDB COMMENT='x' PARTITION BY …": all after the closing parenthesis.
absl::Status ParseOptions(absl::string_view text, Table* table);

// As SHOW CREATE writes it: "COMMENT='x'".
std::string WriteOption(const TableOption& option);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_CREATE_TABLE_PARTS_H_
