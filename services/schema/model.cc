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

}  // namespace bonnie::schema
