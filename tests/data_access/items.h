#ifndef BONNIE_TESTS_DATA_ACCESS_ITEMS_H_
#define BONNIE_TESTS_DATA_ACCESS_ITEMS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "services/data_access/point_reader.h"
#include "services/data_access/status_macros.h"
#include "tests/support/fake_driver.h"

namespace bonnie::data_access {

// Reads names from the table `items` by id.
using Reader = PointReader<std::int64_t, std::string>;

// The Read function of such a reader: appends the id and the name of each of `keys` that the table has.
inline absl::Status ReadItems(Querier& querier, absl::Span<const std::int64_t> keys,
                              std::vector<std::pair<std::int64_t, std::string>>* items) {
  BONNIE_ASSIGN_OR_RETURN(
      Rows rows, querier.Query(Statement(GetItemsSql(keys.size()), std::vector<Value>(keys.begin(), keys.end()))));
  while (rows.Next()) items->emplace_back(rows.Int64(0), std::string(rows.Text(1)));
  return rows.status();
}

}  // namespace bonnie::data_access

#endif  // BONNIE_TESTS_DATA_ACCESS_ITEMS_H_
