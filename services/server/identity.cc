#include "services/server/identity.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/server/error.h"

namespace bonnie::server {
namespace {

constexpr char kPatternEnd[] = "/*";
constexpr char kScheme[] = "://";

absl::Status RefuseIdentity(const char* reason, absl::string_view why) {
  ErrorDetails details;
  details.reason = reason;
  return Error(absl::StatusCode::kUnauthenticated, absl::StrCat("the client certificate ", why), std::move(details));
}

// RFC 3986: a letter, then letters, digits, + - . before the first colon.
bool HasScheme(absl::string_view uri) {
  const std::size_t colon = uri.find(':');
  if (colon == absl::string_view::npos || colon == 0) return false;
  return uri.substr(0, colon).find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.") ==
         absl::string_view::npos;
}

}  // namespace

absl::StatusOr<std::string> IdentityOf(const std::vector<absl::string_view>& uris,
                                       const std::vector<absl::string_view>& dns_names) {
  const bool by_uri = !uris.empty();
  const std::vector<absl::string_view>& names = by_uri ? uris : dns_names;
  if (names.empty())
    return RefuseIdentity("NO_IDENTITY", "names no identity: it must have one URI SAN, or one DNS SAN");
  if (names.size() > 1) {
    return RefuseIdentity("AMBIGUOUS_IDENTITY", absl::StrCat("has ", names.size(), by_uri ? " URI" : " DNS",
                                                             " SANs: the identity must be a single one"));
  }
  const absl::string_view name = names.front();
  if (by_uri && (!HasScheme(name) || absl::StartsWith(name, kDnsPrefix))) {
    return RefuseIdentity("IDENTITY_INVALID",
                          "has a URI SAN that is no identity: it must be a URI with a scheme, not dns:");
  }
  std::string identity = by_uri ? std::string(name) : absl::StrCat(kDnsPrefix, name);
  if (identity.size() <= kMaxIdentityBytes) return identity;
  return RefuseIdentity("IDENTITY_TOO_LONG", absl::StrCat("has an identity of ", identity.size(), " bytes: at most ",
                                                          kMaxIdentityBytes, " are allowed"));
}

std::string FaultOfIdentity(absl::string_view identity) {
  if (identity.size() > kMaxIdentityBytes) {
    return absl::StrCat(identity.size(), " bytes, must be at most ", kMaxIdentityBytes);
  }
  const bool is_dns = absl::ConsumePrefix(&identity, kDnsPrefix);
  if (is_dns ? !identity.empty() : identity == kInsecureIdentity || HasScheme(identity)) return "";
  return absl::StrCat(is_dns ? kDnsPrefix : "", identity,
                      ", must be a URI such as spiffe://bonnie/client, dns: and a name, or insecure");
}

std::string FaultOfPattern(absl::string_view pattern) {
  if (!absl::StrContains(pattern, '*')) return FaultOfIdentity(pattern);
  absl::string_view prefix = pattern;
  const std::size_t authority = pattern.find(kScheme);
  const bool has_form = absl::ConsumeSuffix(&prefix, kPatternEnd) && !absl::StrContains(prefix, '*') &&
                        HasScheme(prefix) && authority != absl::string_view::npos &&
                        prefix.size() > authority + sizeof(kScheme) - 1 &&
                        prefix[authority + sizeof(kScheme) - 1] != '/';
  if (has_form && pattern.size() <= kMaxIdentityBytes) return "";
  return absl::StrCat(pattern.substr(0, kMaxIdentityBytes),
                      ", must be an identity, or end with /* after scheme://authority, such as spiffe://bonnie/*");
}

bool Matches(absl::string_view pattern, absl::string_view identity) {
  if (!absl::ConsumeSuffix(&pattern, "*")) return pattern == identity;
  return absl::ConsumePrefix(&identity, pattern) && !identity.empty() && !absl::StrContains(identity, '/');
}

}  // namespace bonnie::server
