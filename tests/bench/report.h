#ifndef BONNIE_TESTS_BENCH_REPORT_H_
#define BONNIE_TESTS_BENCH_REPORT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace bonnie::bench {

// One promise of DESIGN section 9 beside what was measured.
struct Row {
  std::string name;     // such as read.vs_driver
  double value = 0;
  std::string unit;     // such as ratio
  std::string target;   // such as ">= 0.7"
  bool met = false;
};

Row AtLeast(absl::string_view name, double value, double target, absl::string_view unit = "ratio");
Row AtMost(absl::string_view name, double value, double target, absl::string_view unit = "ratio");

// Prints the rows as a table on standard output.
void Print(const std::vector<Row>& rows);
// Writes them as a JSON array of {"row", "value", "unit", "target", "met"}. kUnavailable: the file cannot be written.
absl::Status WriteJson(const std::vector<Row>& rows, const std::string& file);

}  // namespace bonnie::bench

#endif  // BONNIE_TESTS_BENCH_REPORT_H_
