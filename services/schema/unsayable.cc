#include "services/schema/unsayable.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/schema/index_order.h"

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

void FindInMySql(const Schema& schema, const Table& table, std::vector<Unsupported>* parts) {
  int major = 0;
  (void)absl::SimpleAtoi(absl::string_view(schema.server_version).substr(0, schema.server_version.find('.')), &major);
  for (const Column& column : table.columns) {
    if (major < 9 || !KeptCharset(column)) continue;
    parts->push_back({table.name, absl::StrCat("column ", column.name, ": collation"),
                      "it kept its character set when the table's changed; of a table made anew, SHOW CREATE names "
                      "the collation too (MODIFY of the column makes them equal)"});
  }
}

bool HasIndex(const Table& table, const ForeignKey& key) {
  return absl::c_any_of(table.indexes, [&](const Index& index) {
    return index.parts.size() >= key.columns.size() &&
           std::equal(key.columns.begin(), key.columns.end(), index.parts.begin(),
                      [](const std::string& column, const IndexPart& part) {
                        return absl::EqualsIgnoreCase(column, part.column);
                      });
  });
}

void FindInMariaDb(const Table& table, std::vector<Unsupported>* parts) {
  if (const Index* unsorted = FindUnsortedIndex(table); unsorted != nullptr) {
    parts->push_back(
        {table.name, absl::StrCat("index ", unsorted->name, ": place"),
         "its columns got or lost NOT NULL since it was made; of a table made anew, unique keys without NULL come "
         "first (dropping and adding it makes them equal)"});
  }
  for (const ForeignKey& key : table.foreign_keys) {
    if (HasIndex(table, key)) continue;
    parts->push_back(
        {table.name, absl::StrCat("foreign key ", key.name), "it has lost its index; a table made anew has one"});
  }
  const bool versioned = absl::c_any_of(
      table.options, [](const TableOption& option) { return option.name == "WITH SYSTEM VERSIONING"; });
  for (const Column& column : table.columns) {
    if (column.auto_increment && column.nullable) {
      parts->push_back({table.name, absl::StrCat("column ", column.name, ": NULL"),
                        "it is AUTO_INCREMENT and may be NULL; of a table made anew, it may not"});
    }
    if (!versioned && absl::StrContains(column.definition, " WITHOUT SYSTEM VERSIONING")) {
      parts->push_back({table.name, absl::StrCat("column ", column.name, ": WITHOUT SYSTEM VERSIONING"),
                        "the table's versioning is gone; a table made anew has none of this"});
    }
  }
}

}  // namespace

std::vector<Unsupported> FindUnsayable(const Schema& schema) {
  std::vector<Unsupported> parts;
  for (const auto& [name, table] : schema.tables) {
    if (schema.flavour == data_access::Flavour::kMySql) {
      FindInMySql(schema, table, &parts);
    } else {
      FindInMariaDb(table, &parts);
    }
  }
  return parts;
}

}  // namespace bonnie::schema
