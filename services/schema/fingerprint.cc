#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/schema/create_table.h"
#include "services/schema/inspect.h"
#include "services/schema/plan.h"
#include "services/schema/portable.h"

namespace bonnie::schema {

namespace {

// With its length, so that no two lists of parts make the same text.
void Append(absl::string_view part, std::string* text) { absl::StrAppend(text, part.size(), ":", part); }

std::string WithoutCounter(Table table) {
  std::erase_if(table.options, [](const TableOption& option) { return option.name == "AUTO_INCREMENT"; });
  return WriteCreateTable(table, /*with_foreign_keys=*/true);
}

}  // namespace

std::string ServerFingerprint(const Schema& schema) {
  std::string text;
  for (const auto& [name, table] : schema.tables) Append(WithoutCounter(table), &text);
  for (const StoredObject& object : schema.objects) {
    Append(absl::StrCat(static_cast<int>(object.object.kind), object.object.name), &text);
    Append(object.create_statement, &text);
  }
  return Sha256Hex(text);
}

std::string PortableFingerprint(const Schema& schema) {
  std::string text;
  for (const PortablePart& part : PortableParts(schema)) {
    Append(part.Key(), &text);
    Append(part.plain, &text);
  }
  return Sha256Hex(text);
}

}  // namespace bonnie::schema
