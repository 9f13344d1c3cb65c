#ifndef BONNIE_SERVICES_DATA_ACCESS_STATEMENT_CACHE_H_
#define BONNIE_SERVICES_DATA_ACCESS_STATEMENT_CACHE_H_

#include <algorithm>
#include <list>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace bonnie::data_access {

// The prepared statements of one connection, by their text; the least recently used one makes room. Bounded because the
// server's limit (16,382) is shared by everybody, and a statement holds about 10 KB here.
//
// Used by one thread at a time.
template <class Prepared>
class StatementCache {
 public:
  // Keeps `capacity` statements, at least one.
  explicit StatementCache(int capacity) : capacity_(static_cast<size_t>(std::max(capacity, 1))) {}

  // Null when there is none. Valid until the next Add, Forget or Clear.
  Prepared* Find(absl::string_view text) {
    const auto found = by_text_.find(text);
    if (found == by_text_.end()) return nullptr;
    by_use_.splice(by_use_.begin(), by_use_, found->second);
    return &by_use_.front().second;
  }

  // `text` must not be there yet.
  Prepared* Add(absl::string_view text, Prepared prepared) {
    while (by_use_.size() >= capacity_) Forget(by_use_.back().first);
    by_use_.emplace_front(std::string(text), std::move(prepared));
    by_text_[by_use_.front().first] = by_use_.begin();
    return &by_use_.front().second;
  }

  void Forget(absl::string_view text) {
    const auto found = by_text_.find(text);
    if (found == by_text_.end()) return;
    const auto statement = found->second;
    by_text_.erase(found);  // before the text that it points into
    by_use_.erase(statement);
  }

  void Clear() {
    by_text_.clear();
    by_use_.clear();
  }

 private:
  using Entry = std::pair<std::string, Prepared>;

  const size_t capacity_;
  std::list<Entry> by_use_;  // the last used at the front
  absl::flat_hash_map<absl::string_view, typename std::list<Entry>::iterator> by_text_;
};

}  // namespace bonnie::data_access

#endif  // BONNIE_SERVICES_DATA_ACCESS_STATEMENT_CACHE_H_
