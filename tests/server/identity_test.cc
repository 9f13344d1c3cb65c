#include "services/server/identity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "services/server/error.h"

namespace bonnie::server {
namespace {

using Names = std::vector<absl::string_view>;

std::string RefusalOf(const absl::Status& status) {
  const auto details = DetailsOf(status);
  return details.has_value() ? details->reason : "";
}

TEST(IdentityOfTest, IsTheOneUriElseTheOneDnsName) {
  const std::string longest = "spiffe://b/" + std::string(kMaxIdentityBytes - 11, 'a');
  const std::string too_long = longest + "a";
  const struct {
    Names uris;
    Names dns_names;
    std::string want;    // empty: refused
    std::string reason;  // then
  } kCases[] = {
      {{"spiffe://b/ann"}, {}, "spiffe://b/ann", ""},
      {{"spiffe://b/ann"}, {"ann", "bob"}, "spiffe://b/ann", ""},
      {{"urn:uuid:1"}, {}, "urn:uuid:1", ""},
      {{}, {"ann.example.org"}, "dns:ann.example.org", ""},
      {{}, {"spiffe://b/ann"}, "dns:spiffe://b/ann", ""},
      {{}, {"dns:ann"}, "dns:dns:ann", ""},
      {{longest}, {}, longest, ""},
      {{}, {}, "", "NO_IDENTITY"},
      {{"spiffe://b/ann", "spiffe://b/bob"}, {}, "", "AMBIGUOUS_IDENTITY"},
      {{"spiffe://b/ann", "spiffe://b/ann"}, {}, "", "AMBIGUOUS_IDENTITY"},
      {{}, {"ann", "bob"}, "", "AMBIGUOUS_IDENTITY"},
      {{"dns:ann"}, {}, "", "IDENTITY_INVALID"},
      {{"insecure"}, {}, "", "IDENTITY_INVALID"},
      {{""}, {}, "", "IDENTITY_INVALID"},
      {{":x"}, {}, "", "IDENTITY_INVALID"},
      {{"a b:x"}, {}, "", "IDENTITY_INVALID"},
      {{too_long}, {}, "", "IDENTITY_TOO_LONG"},
      {{}, {longest}, "", "IDENTITY_TOO_LONG"},  // the prefix counts
  };
  for (const auto& test : kCases) {
    const absl::StatusOr<std::string> identity = IdentityOf(test.uris, test.dns_names);
    EXPECT_EQ(identity.value_or(""), test.want);
    EXPECT_EQ(RefusalOf(identity.status()), test.reason) << test.want;
    if (identity.ok()) {
      EXPECT_EQ(FaultOfIdentity(*identity), "") << "a policy can name it";
    } else {
      EXPECT_EQ(identity.status().code(), absl::StatusCode::kUnauthenticated);
    }
  }
}

TEST(MatchesTest, AStarIsOneSegmentAtTheEnd) {
  const struct {
    const char* pattern;
    const char* identity;
    bool want;
  } kCases[] = {
      {"spiffe://b/ann", "spiffe://b/ann", true},        {"spiffe://b/ann", "spiffe://b/anna", false},
      {"spiffe://b/*", "spiffe://b/ann", true},          {"spiffe://b/*", "spiffe://b/", false},
      {"spiffe://b/*", "spiffe://b/w/ann", false},       {"spiffe://b/*", "spiffe://b/ann/", false},
      {"spiffe://b/*", "spiffe://bb/ann", false},        {"spiffe://b/w/*", "spiffe://b/w/ann", true},
      {"spiffe://b/w/*", "spiffe://b/ann", false},       {"spiffe://b/*", "dns:spiffe://b/ann", false},
      {"dns:ann.example.org", "ann.example.org", false}, {"insecure", "insecure", true},
  };
  for (const auto& test : kCases) {
    ASSERT_EQ(FaultOfPattern(test.pattern), "");
    EXPECT_EQ(Matches(test.pattern, test.identity), test.want) << test.pattern << " " << test.identity;
  }
}

}  // namespace
}  // namespace bonnie::server
