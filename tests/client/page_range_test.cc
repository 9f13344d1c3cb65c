#include "clients/cpp/page_range.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace bonnie::client {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Pages by token; a token that is not there is an error.
PageRange<int> Range(std::map<std::string, Page<int>> pages, std::vector<std::string>* asked = nullptr,
                     std::string first = "") {
  return PageRange<int>(
      [pages, asked](const std::string& token) -> absl::StatusOr<Page<int>> {
        if (asked != nullptr) asked->push_back(token);
        const auto found = pages.find(token);
        if (found == pages.end()) return absl::UnavailableError("gone");
        return found->second;
      },
      std::move(first));
}

std::vector<int> Items(PageRange<int> range) {
  std::vector<int> items;
  for (const absl::StatusOr<int>& item : range) items.push_back(item.ok() ? *item : -1);
  return items;
}

TEST(PageRangeTest, GoesOverAllPages) {
  EXPECT_THAT(Items(Range({{"", {{1, 2}, "a"}}, {"a", {{3}, "b"}}, {"b", {{4, 5}, ""}}})), ElementsAre(1, 2, 3, 4, 5));
}

TEST(PageRangeTest, AnEmptyPageWithATokenIsNotTheEnd) {
  EXPECT_THAT(Items(Range({{"", {{}, "a"}}, {"a", {{}, "b"}}, {"b", {{7}, ""}}})), ElementsAre(7));
}

TEST(PageRangeTest, NothingIsNothing) { EXPECT_THAT(Items(Range({{"", {{}, ""}}})), IsEmpty()); }

TEST(PageRangeTest, AnErrorIsTheLastElement) { EXPECT_THAT(Items(Range({{"", {{1}, "lost"}}})), ElementsAre(1, -1)); }

TEST(PageRangeTest, FetchesAPageWhenItIsReached) {
  std::vector<std::string> asked;
  PageRange<int> range = Range({{"", {{1, 2}, "a"}}, {"a", {{3}, ""}}}, &asked);
  EXPECT_THAT(asked, IsEmpty());
  auto item = range.begin();
  EXPECT_EQ(**item, 1);
  ++item;
  EXPECT_EQ(**item, 2);
  EXPECT_THAT(asked, ElementsAre(""));
  ++item;
  EXPECT_EQ(**item, 3);
  EXPECT_THAT(asked, ElementsAre("", "a"));
  ++item;
  EXPECT_TRUE(item == range.end());
}

TEST(PageRangeTest, BeginsAtTheGivenToken) {
  EXPECT_THAT(Items(Range({{"a", {{3}, ""}}}, nullptr, "a")), ElementsAre(3));
}

}  // namespace
}  // namespace bonnie::client
