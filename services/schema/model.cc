#include "services/schema/model.h"

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"

namespace bonnie::schema {

std::string Table::option(const std::string& name) const {
  for (const TableOption& option : options) {
    if (option.name == name) return option.value;
  }
  return "";
}

const Column* Table::FindColumn(const std::string& name) const {
  const auto found = absl::c_find_if(columns, [&](const Column& c) { return absl::EqualsIgnoreCase(c.name, name); });
  return found == columns.end() ? nullptr : &*found;
}

const Index* Table::FindIndex(const std::string& name) const {
  const auto found = absl::c_find_if(indexes, [&](const Index& i) { return absl::EqualsIgnoreCase(i.name, name); });
  return found == indexes.end() ? nullptr : &*found;
}

const char* KindName(SchemaObject::Kind kind) {
  switch (kind) {
    case SchemaObject::Kind::kTable:
      return "table";
    case SchemaObject::Kind::kView:
      return "view";
    case SchemaObject::Kind::kTrigger:
      return "trigger";
    case SchemaObject::Kind::kEvent:
      return "event";
    case SchemaObject::Kind::kProcedure:
      return "procedure";
    case SchemaObject::Kind::kFunction:
      return "function";
  }
  return "";
}

}  // namespace bonnie::schema
