#include "services/server/config_checks.h"

#include <arpa/inet.h>
#include <google/protobuf/descriptor.h>
#include <netinet/in.h>

#include <cmath>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "bonnie/config/v1/config.pb.h"
#include "services/server/identity.h"
#include "services/server/policy_checks.h"

namespace bonnie::server {
namespace {

namespace v1 = config::v1;
using Faults = std::vector<ConfigFault>;

bool IsSiteName(const std::string& name) {
  if (name.empty() || name.size() > 32) return false;
  for (char c : name) {
    if (!absl::ascii_islower(c) && !absl::ascii_isdigit(c) && c != '-') return false;
  }
  return true;
}

// The page says how much is going on, unencrypted and to anybody, and so stays on this machine unless told otherwise.
void CheckMetricsAddress(const v1::Server& server, Faults* faults) {
  std::string host;
  int port = 0;
  if (server.metrics_on_network() || !SplitAddress(server.metrics_address(), &host, &port) || IsLoopback(host)) return;
  faults->push_back({"metrics_address", -1,
                     absl::StrCat(server.metrics_address(),
                                  ", want a loopback address, or metrics_on_network: true to serve the page to whoever "
                                  "reaches that address, unencrypted")});
}

Faults CheckServer(const v1::Server& server) {
  Faults faults;
  CheckMetricsAddress(server, &faults);
  if (!server.insecure_loopback()) {
    if (!server.has_tls()) {
      faults.push_back({"tls", -1, "missing, want certificates (or insecure_loopback on a loopback address)"});
    }
    return faults;
  }
  if (server.has_tls()) faults.push_back({"insecure_loopback", -1, "excludes tls"});
  std::string host;
  int port = 0;
  if (SplitAddress(server.address(), &host, &port) && !IsLoopback(host)) {
    faults.push_back(
        {"address", -1, absl::StrCat(server.address(), ", want a loopback address with insecure_loopback")});
  }
  return faults;
}

// Of a Database or a ScratchServer.
template <class Server>
Faults CheckDatabaseAddress(const Server& database) {
  if (database.host().empty() == database.unix_socket().empty()) {
    return {{database.host().empty() ? "" : "host", -1, "want either host or unix_socket"}};
  }
  if (!database.host().empty() && !database.has_tls()) {
    return {{"host", -1, "want tls with a host: the connection is always verified"}};
  }
  return {};
}

Faults CheckDatabaseTls(const v1::DatabaseTls& tls) {
  if (tls.cert_file().empty() == tls.key_file().empty()) return {};
  return {{tls.cert_file().empty() ? "key_file" : "cert_file", -1, "want cert_file and key_file together"}};
}

// Databases of such names are dropped when nobody uses them, so a prefix must not fit others.
bool IsScratchPrefix(const std::string& prefix) {
  constexpr std::size_t kMaxBytes = 39;  // MySQL's names have 64 characters, and 25 follow
  return prefix.size() <= kMaxBytes && absl::ascii_islower(prefix[0]) && absl::EndsWith(prefix, "scratch_") &&
         prefix.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
}

// The host name alone proves little: every service of the fleet has a certificate of the same CA.
std::string FaultOfPeerIdentity(const std::string& identity, bool plaintext) {
  if (plaintext)
    return identity.empty() ? "" : "identity excludes server.insecure_loopback: plaintext has no certificate";
  if (identity.empty()) return "identity: missing, must be the URI SAN of the peer's certificate, such as spiffe://…";
  const bool is_uri = FaultOfIdentity(identity).empty() && absl::StrContains(identity, "://");
  return is_uri
             ? ""
             : absl::StrCat("identity: ", identity.substr(0, kMaxIdentityBytes), ", must be a URI such as spiffe://…");
}

Faults CheckSchemaConfig(const v1::SchemaConfig& config) {
  Faults faults;
  if (const std::string& prefix = config.scratch_database_prefix(); !prefix.empty() && !IsScratchPrefix(prefix)) {
    faults.push_back({"scratch_database_prefix", -1,
                      absl::StrCat(prefix, ", want at most 39 of a-z 0-9 _, a letter first, scratch_ at the end")});
  }
  if (config.has_scratch_server() && !config.has_scratch()) {
    faults.push_back({"scratch_server", -1, "requires scratch, the account there"});
  }
  absl::flat_hash_set<std::string> sites = {config.site()};
  const bool plaintext = config.server().insecure_loopback();
  if (plaintext && !config.peer_ca_file().empty()) {
    faults.push_back({"peer_ca_file", -1, "excludes server.insecure_loopback: peers are then called in plaintext"});
  }
  for (int i = 0; i < config.peers_size(); ++i) {
    const v1::Peer& peer = config.peers(i);
    if (peer.name() == config.site()) {
      faults.push_back({"peers", i, absl::StrCat(peer.name(), " is this site itself")});
    } else if (!sites.insert(peer.name()).second) {
      faults.push_back({"peers", i, absl::StrCat(peer.name(), " is there twice")});
    }
    if (std::string fault = FaultOfPeerIdentity(peer.identity(), plaintext); !fault.empty()) {
      faults.push_back({"peers", i, std::move(fault)});
    }
    std::string host;
    int port = 0;
    if (!SplitAddress(peer.address(), &host, &port)) continue;  // told by the field's own rule
    if (port == 0) faults.push_back({"peers", i, absl::StrCat(peer.address(), ", want a port")});
    if (plaintext && !IsLoopback(host)) {
      faults.push_back(
          {"peers", i, absl::StrCat(peer.address(), ", want a loopback address with server.insecure_loopback")});
    }
  }
  return faults;
}

}  // namespace

std::string FaultOfText(const ConfigRule& rule, const std::string& value) {
  std::string host;
  int port = 0;
  switch (rule.want) {
    case Want::kSiteName:
      return IsSiteName(value) ? "" : absl::StrCat(value, ", want 1 to 32 of a-z 0-9 -");
    case Want::kAddress:
      return SplitAddress(value, &host, &port) ? "" : absl::StrCat(value, ", want host:port");
    case Want::kLogLevel:
      return value == "debug" || value == "info" || value == "warn" || value == "error"
                 ? ""
                 : absl::StrCat(value, ", want debug, info, warn or error");
    default:
      return "";
  }
}

std::string FaultOfNumber(const ConfigRule& rule, double value) {
  if (rule.want != Want::kNumber && rule.want != Want::kPowerOfTwo) return "";
  const auto whole = static_cast<std::int64_t>(value);
  if (!(value >= rule.min && value <= rule.max)) {
    return absl::StrCat(value, ", want ", static_cast<std::int64_t>(rule.min), " to ",
                        static_cast<std::int64_t>(rule.max));
  }
  if (rule.want == Want::kPowerOfTwo && (whole & (whole - 1)) != 0) {
    return absl::StrCat(whole, ", want 1, 2, 4, … ", static_cast<std::int64_t>(rule.max));
  }
  return "";
}

std::string FaultOfDuration(const ConfigRule& rule, absl::Duration value) {
  if (value < absl::Seconds(rule.min) || value > absl::Seconds(rule.max)) {
    return absl::StrCat(absl::FormatDuration(value), ", want ", absl::FormatDuration(absl::Seconds(rule.min)), " to ",
                        absl::FormatDuration(absl::Seconds(rule.max)));
  }
  if (rule.want == Want::kWholeSeconds && absl::Floor(value, absl::Seconds(1)) != value) {
    return absl::StrCat(absl::FormatDuration(value), ", want whole seconds");
  }
  return "";
}

std::vector<ConfigFault> CheckTogether(const google::protobuf::Message& message) {
  const auto* type = message.GetDescriptor();
  if (type == v1::Server::descriptor()) return CheckServer(static_cast<const v1::Server&>(message));
  if (type == v1::SchemaConfig::descriptor()) {
    return CheckSchemaConfig(static_cast<const v1::SchemaConfig&>(message));
  }
  if (type == v1::Database::descriptor()) return CheckDatabaseAddress(static_cast<const v1::Database&>(message));
  if (type == v1::ScratchServer::descriptor()) {
    return CheckDatabaseAddress(static_cast<const v1::ScratchServer&>(message));
  }
  if (type == v1::DatabaseTls::descriptor()) return CheckDatabaseTls(static_cast<const v1::DatabaseTls&>(message));
  if (type == v1::Role::descriptor()) return CheckRole(static_cast<const v1::Role&>(message));
  if (type == v1::Forwarding::descriptor()) return CheckForwarding(static_cast<const v1::Forwarding&>(message));
  if (type == v1::Binding::descriptor()) return CheckBinding(static_cast<const v1::Binding&>(message));
  if (type == v1::RolePolicy::descriptor()) return CheckRolePolicy(static_cast<const v1::RolePolicy&>(message));
  return {};
}

bool SplitAddress(const std::string& address, std::string* host, int* port) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos) return false;
  *host = address.substr(0, colon);
  if (absl::StartsWith(*host, "[") && absl::EndsWith(*host, "]")) {
    *host = host->substr(1, host->size() - 2);
  } else if (absl::StrContains(*host, ':')) {
    return false;  // an IPv6 address without brackets
  }
  return !host->empty() && absl::SimpleAtoi(address.substr(colon + 1), port) && *port >= 0 && *port <= 65535;
}

bool IsLoopback(const std::string& host) {
  if (host == "localhost") return true;
  in_addr v4{};
  in6_addr v6{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == IN_LOOPBACKNET;
  return inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

}  // namespace bonnie::server
