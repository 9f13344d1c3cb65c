#include "tests/bench/report.h"

#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace bonnie::bench {

Row AtLeast(absl::string_view name, double value, double target, absl::string_view unit) {
  return Row{std::string(name), value, std::string(unit), absl::StrCat(">= ", target), value >= target};
}

Row AtMost(absl::string_view name, double value, double target, absl::string_view unit) {
  return Row{std::string(name), value, std::string(unit), absl::StrCat("<= ", target), value <= target};
}

void Print(const std::vector<Row>& rows) {
  std::cout << absl::StreamFormat("%-26s %10s  %-8s %-10s %s\n", "row", "value", "unit", "target", "met");
  for (const Row& row : rows) {
    std::cout << absl::StreamFormat("%-26s %10.2f  %-8s %-10s %s\n", row.name, row.value, row.unit, row.target,
                                    row.met ? "yes" : "NO");
  }
}

absl::Status WriteJson(const std::vector<Row>& rows, const std::string& file) {
  nlohmann::json array = nlohmann::json::array();
  for (const Row& row : rows) {
    array.push_back(
        {{"row", row.name}, {"value", row.value}, {"unit", row.unit}, {"target", row.target}, {"met", row.met}});
  }
  std::ofstream out(file);
  out << array.dump(2) << "\n";
  out.close();
  return out ? absl::OkStatus() : absl::UnavailableError(absl::StrCat(file, ": cannot be written"));
}

}  // namespace bonnie::bench
