#ifndef BONNIE_SERVICES_DATA_ACCESS_POINT_BATCH_H_
#define BONNIE_SERVICES_DATA_ACCESS_POINT_BATCH_H_

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "services/data_access/budget.h"

namespace bonnie::data_access {

// Calls that one statement answers: their keys as the statement takes them, and each caller's own row out of its
// answer.
//
// Used by one thread at a time, and again for the next batch, for its memory.
template <class Key, class Row>
class PointBatch {
 public:
  using Done = absl::AnyInvocable<void(absl::StatusOr<absl::optional<Row>>) &&>;
  struct Member {
    Key key;
    Budget budget;
    Done done;
  };
  using Rows = std::vector<std::pair<Key, Row>>;

  std::vector<Member>& members() { return members_; }
  // As SortKeys left them: ascending, each once, then the last one repeated up to a power of two.
  const std::vector<Key>& keys() const { return keys_; }
  // For the reader of the answer.
  Rows* rows() { return &rows_; }

  // Answers those whose budget has ended, and forgets them.
  void DropLeavers(absl::Time now) {
    size_t kept = 0;
    for (size_t i = 0; i < members_.size(); ++i) {
      Member& member = members_[i];
      if (absl::Status budget = member.budget.Check(now); !budget.ok()) {
        std::move(member.done)(std::move(budget));
      } else if (kept++ != i) {
        members_[kept - 1] = std::move(member);
      }
    }
    members_.erase(members_.begin() + static_cast<std::ptrdiff_t>(kept), members_.end());
  }

  // Makes the keys from the members. Few sizes, because each is a prepared statement of its own in every session; a key
  // that is repeated does not repeat its row.
  void SortKeys() {
    keys_.clear();
    for (const Member& member : members_) keys_.push_back(member.key);
    std::sort(keys_.begin(), keys_.end());
    keys_.erase(std::unique(keys_.begin(), keys_.end()), keys_.end());
    distinct_ = keys_.size();
    size_t size = 1;
    while (size < distinct_) size *= 2;
    keys_.resize(size, Key(keys_.back()));
  }

  // Finds each key's row. False for a row that nobody asked for, or that came twice: one caller's answer must never
  // reach another, whatever the driver or a proxy did.
  bool MatchRows() {
    found_.assign(distinct_, nullptr);
    for (auto& row : rows_) {
      const size_t slot = SlotOf(row.first);
      if (slot == distinct_ || !(keys_[slot] == row.first) || found_[slot] != nullptr) return false;
      found_[slot] = &row.second;
    }
    return true;
  }

  // Answers each member with its row. One whose deadline has passed is told so: alone, it would have been cut.
  void Deliver(absl::Time now) {
    const bool shared = distinct_ < members_.size();  // a row that two want cannot be moved
    for (Member& member : members_) {
      Row* const row = found_[SlotOf(member.key)];
      if (member.budget.deadline < now) {
        std::move(member.done)(absl::DeadlineExceededError("the statement ran out of time"));
      } else if (row == nullptr) {
        std::move(member.done)(absl::optional<Row>());
      } else {
        std::move(member.done)(shared ? absl::optional<Row>(*row) : absl::optional<Row>(std::move(*row)));
      }
    }
  }

  // Answers all with the same failure.
  void Fail(const absl::Status& status) {
    for (Member& member : members_) std::move(member.done)(status);
  }

 private:
  // Where the key is, or would be, among the distinct ones.
  size_t SlotOf(const Key& key) const {
    const auto end = keys_.begin() + static_cast<std::ptrdiff_t>(distinct_);
    return static_cast<size_t>(std::lower_bound(keys_.begin(), end, key) - keys_.begin());
  }

  std::vector<Member> members_;
  std::vector<Key> keys_;
  size_t distinct_ = 0;  // keys before they were filled up
  Rows rows_;
  std::vector<Row*> found_;  // per distinct key, into rows_; null: no row
};

}  // namespace bonnie::data_access

#endif  // BONNIE_SERVICES_DATA_ACCESS_POINT_BATCH_H_
