#ifndef BONNIE_SERVICES_SERVER_IDENTITY_H_
#define BONNIE_SERVICES_SERVER_IDENTITY_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

// Identities: how a certificate names its holder, and how a policy does.
namespace bonnie::server {

// Longer identities are refused; log lines cut them here.
inline constexpr std::size_t kMaxIdentityBytes = 512;
// Before the identity of a certificate without URI SAN, so that a DNS name never counts as a URI of the same letters.
inline constexpr char kDnsPrefix[] = "dns:";
// The identity of callers of a plaintext loopback listener. No certificate has it: it is no URI.
inline constexpr char kInsecureIdentity[] = "insecure";

// The identity that a certificate with these subject alternative names has: its one URI, or without any `dns:` and its
// one DNS name. Pure.
// kUnauthenticated: NO_IDENTITY (neither), AMBIGUOUS_IDENTITY (two of the kind that counts), IDENTITY_TOO_LONG,
// IDENTITY_INVALID (the URI has no scheme, or begins with `dns:`).
absl::StatusOr<std::string> IdentityOf(const std::vector<absl::string_view>& uris,
                                       const std::vector<absl::string_view>& dns_names);

// What is wrong with an identity that a policy names: "Ann, must be …"; empty when nothing is. Pure.
std::string FaultOfIdentity(absl::string_view identity);
// The same for Forwarding.speaks_for: an identity, or a pattern that ends with `/*`. Pure.
std::string FaultOfPattern(absl::string_view pattern);
// Whether the pattern stands for the identity. `pattern` has no fault. Pure.
bool Matches(absl::string_view pattern, absl::string_view identity);

}  // namespace bonnie::server

#endif  // BONNIE_SERVICES_SERVER_IDENTITY_H_
