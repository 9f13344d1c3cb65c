#include "services/records/indexed_sql.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"

namespace bonnie::records {
namespace {

using data_access::Statement;
using data_access::Value;

constexpr std::array<int, 9> kSizes = {1, 2, 4, 8, 16, 32, 64, 128, 200};

std::size_t IndexFor(int keys) {
  const auto* size = std::lower_bound(kSizes.begin(), kSizes.end() - 1, keys);
  return static_cast<std::size_t>(size - kSizes.begin());
}

}  // namespace

SizedSql::SizedSql(const char* name, const char* head, const char* index) {
  texts_.reserve(kSizes.size());  // the statements point into it
  for (int size : kSizes) {
    std::string text = absl::StrCat(head, "(?");
    for (int i = 1; i < size; ++i) text += ", ?";
    texts_.push_back(text + ")");
    statements_.push_back({{name, texts_.back().c_str()}, index});
  }
}

Statement SizedSql::For(absl::Span<const std::int64_t> keys) const {
  const std::size_t index = IndexFor(static_cast<int>(keys.size()));
  std::vector<Value> values(keys.begin(), keys.end());
  values.resize(static_cast<std::size_t>(kSizes[index]), Value(keys.back()));  // twice asked is once answered
  return Statement(statements_[index].sql, std::move(values));
}

const IndexedSql& SizedSql::Sized(int keys) const { return statements_[IndexFor(keys)]; }

}  // namespace bonnie::records
