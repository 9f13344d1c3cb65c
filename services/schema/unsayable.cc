#include "services/schema/unsayable.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace bonnie::schema {

namespace {

// The table's character set was changed under the column, which kept its own. What CREATE TABLE makes reads COLLATE too
// (measured on 9.7; older versions may not write that).
bool KeptCharset(const Column& column) {
  absl::string_view rest = column.definition;
  if (!absl::ConsumePrefix(&rest, column.type) || !absl::ConsumePrefix(&rest, " CHARACTER SET ")) return false;
  rest.remove_prefix(std::min(rest.find(' '), rest.size()));
  return !absl::StartsWith(rest, " COLLATE ");
}

}  // namespace

std::vector<Unsupported> FindUnsayable(const Schema& schema) {
  std::vector<Unsupported> parts;
  if (schema.flavour != data_access::Flavour::kMySql) return parts;
  int major = 0;
  (void)absl::SimpleAtoi(absl::string_view(schema.server_version).substr(0, schema.server_version.find('.')), &major);
  for (const auto& [name, table] : schema.tables) {
    for (const Column& column : table.columns) {
      if (major >= 9 && KeptCharset(column)) {
        parts.push_back({name, absl::StrCat("column ", column.name, ": collation"),
                         "it kept its character set when the table's changed; of a table made anew, SHOW CREATE names "
                         "the collation too (MODIFY of the column makes them equal)"});
      }
    }
  }
  return parts;
}

}  // namespace bonnie::schema
