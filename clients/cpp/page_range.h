#ifndef BONNIE_CLIENTS_CPP_PAGE_RANGE_H_
#define BONNIE_CLIENTS_CPP_PAGE_RANGE_H_

#include <cstddef>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace bonnie::client {

// One answer of a List method.
template <class Item>
struct Page {
  std::vector<Item> items;
  std::string next_page_token;  // empty on the last page
};

// The items of a List method over all its pages, as a range for one pass:
//
//   for (const absl::StatusOr<Patient>& patient : client.Patients(request)) { ... }
//
// A page is fetched, which blocks, when its first item is reached. A page that cannot be fetched is one last element
// that holds the error. An empty page with a token is not the end: a service may answer short pages.
// Used by one thread at a time; what `fetch` calls outlives the range.
template <class Item>
class PageRange {
  struct State;

 public:
  using Fetch = std::function<absl::StatusOr<Page<Item>>(const std::string& page_token)>;

  explicit PageRange(Fetch fetch, std::string first_page_token = "")
      : state_(std::make_unique<State>(State{std::move(fetch), {}, 0, std::move(first_page_token), true, false})) {}

  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = absl::StatusOr<Item>;
    using difference_type = std::ptrdiff_t;
    using pointer = const value_type*;
    using reference = const value_type&;

    Iterator() = default;
    explicit Iterator(State* state) : state_(state) { Step(); }
    reference operator*() const { return element_; }
    pointer operator->() const { return &element_; }
    Iterator& operator++() {
      Step();
      return *this;
    }
    void operator++(int) { Step(); }
    // Only the comparison with end() means anything, as with every range for one pass.
    friend bool operator==(const Iterator& a, const Iterator& b) { return a.state_ == b.state_; }
    friend bool operator!=(const Iterator& a, const Iterator& b) { return a.state_ != b.state_; }

   private:
    void Step() {
      while (state_->next == state_->items.size() && state_->more && !state_->failed) {
        absl::StatusOr<Page<Item>> page = state_->fetch(state_->token);
        if (!page.ok()) {
          state_->failed = true;
          element_ = page.status();
          return;
        }
        state_->items = std::move(page->items);
        state_->next = 0;
        state_->token = std::move(page->next_page_token);
        state_->more = !state_->token.empty();
      }
      if (state_->failed || state_->next == state_->items.size()) {
        state_ = nullptr;
      } else {
        element_ = std::move(state_->items[state_->next++]);
      }
    }

    State* state_ = nullptr;  // null at the end
    value_type element_ = absl::UnknownError("before the first element");
  };

  Iterator begin() { return Iterator(state_.get()); }
  Iterator end() { return Iterator(); }

 private:
  struct State {
    Fetch fetch;
    std::vector<Item> items;
    std::size_t next;   // of `items`
    std::string token;  // of the next page
    bool more;          // whether there is a next page
    bool failed;
  };

  std::unique_ptr<State> state_;  // stays where it is when the range moves
};

}  // namespace bonnie::client

#endif  // BONNIE_CLIENTS_CPP_PAGE_RANGE_H_
