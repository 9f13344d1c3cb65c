#include "services/data_access/statement_cache.h"

#include <gtest/gtest.h>

#include <memory>

namespace bonnie::data_access {
namespace {

using Cache = StatementCache<std::shared_ptr<int>>;

TEST(StatementCacheTest, ForgetsTheLeastRecentlyUsed) {
  Cache cache(2);
  const auto a = std::make_shared<int>(1), b = std::make_shared<int>(2), c = std::make_shared<int>(3);
  cache.Add("a", a);
  cache.Add("b", b);
  ASSERT_NE(cache.Find("a"), nullptr);
  cache.Add("c", c);
  EXPECT_EQ(**cache.Find("a"), 1);
  EXPECT_EQ(cache.Find("b"), nullptr);
  EXPECT_EQ(**cache.Find("c"), 3);
  EXPECT_EQ(b.use_count(), 1);  // destroyed in the cache
}

TEST(StatementCacheTest, ForgetsWhatItIsTold) {
  Cache cache(4);
  const auto a = std::make_shared<int>(1), b = std::make_shared<int>(2);
  cache.Add("a", a);
  cache.Add("b", b);
  cache.Forget("a");
  cache.Forget("never there");
  EXPECT_EQ(cache.Find("a"), nullptr);
  EXPECT_NE(cache.Find("b"), nullptr);
  cache.Clear();
  EXPECT_EQ(cache.Find("b"), nullptr);
  EXPECT_EQ(a.use_count() + b.use_count(), 2);
}

TEST(StatementCacheTest, KeepsOneAtLeastAndItsOwnTexts) {
  Cache cache(0);
  {
    std::string text = "SELECT 1";
    cache.Add(text, std::make_shared<int>(1));
    text = "overwritten";
  }
  EXPECT_NE(cache.Find("SELECT 1"), nullptr);
}

}  // namespace
}  // namespace bonnie::data_access
