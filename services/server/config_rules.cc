#include "services/server/config_rules.h"

#include "absl/container/flat_hash_map.h"

namespace bonnie::server {
namespace {

constexpr double kDay = 24 * 3600;
constexpr Presence kOptional = Presence::kOptional, kRequired = Presence::kRequired, kDefaulted = Presence::kDefaulted;

// The figures' reasons and measurements: README.md, "Defaults".
constexpr ConfigRule kRules[] = {
    {"RecordsConfig.site", kRequired, Want::kSiteName},
    {"RecordsConfig.server", kRequired},
    {"RecordsConfig.database", kRequired},
    {"RecordsConfig.page_token_keys", kRequired},
    {"RecordsConfig.point_reads", kDefaulted},
    {"SchemaConfig.site", kRequired, Want::kSiteName},
    {"SchemaConfig.server", kRequired},
    {"SchemaConfig.database", kRequired},
    {"SchemaConfig.migrations_dir", kRequired, Want::kFolder},
    {"SchemaConfig.peer_ca_file", kOptional, Want::kTrustedFile},
    {"Peer.name", kRequired, Want::kSiteName},
    {"Peer.address", kRequired, Want::kAddress},
    {"LintRule.code", kRequired},

    {"Server.address", kRequired, Want::kAddress},
    {"Server.policy_file", kRequired, Want::kTrustedFile},
    {"Server.metrics_address", kOptional, Want::kAddress},
    {"Server.limits", kDefaulted},
    {"Server.log", kDefaulted},
    {"Server.drain_delay", kDefaulted, Want::kDuration, 0, 300, 5},
    {"Server.drain_timeout", kDefaulted, Want::kDuration, 0, 3600, 20},
    {"ServerTls.cert_file", kRequired, Want::kTrustedFile},
    {"ServerTls.key_file", kRequired, Want::kSecretFile},
    {"ServerTls.client_ca_file", kRequired, Want::kTrustedFile},
    {"ServerTls.crl_file", kOptional, Want::kTrustedFile},

    {"Limits.max_unary_calls", kDefaulted, Want::kNumber, 1, 100000, 512},
    {"Limits.max_unary_calls_per_identity", kDefaulted, Want::kNumber, 1, 100000, 384},
    {"Limits.max_streams", kDefaulted, Want::kNumber, 1, 200, 8},
    {"Limits.max_streams_per_identity", kDefaulted, Want::kNumber, 1, 200, 2},
    {"Limits.max_operation_streams", kDefaulted, Want::kNumber, 1, 20, 8},
    {"Limits.max_calls_per_second_per_identity", kOptional, Want::kNumber, 0, 1e9},
    {"Limits.max_message_bytes", kDefaulted, Want::kNumber, 65536, 1 << 28, 4 << 20},
    {"Limits.max_concurrent_streams_per_connection", kDefaulted, Want::kNumber, 1, 100000, 100},
    {"Limits.memory_quota_bytes", kDefaulted, Want::kNumber, 16 << 20, 1e12, 128 << 20},
    {"Limits.handshake_timeout", kDefaulted, Want::kDuration, 0.1, 120, 5},
    {"Limits.max_connection_idle", kDefaulted, Want::kDuration, 0.1, kDay, 60},
    {"Limits.max_connection_age", kDefaulted, Want::kDuration, 1, kDay, 900},
    {"Limits.max_connection_age_grace", kDefaulted, Want::kDuration, 1, kDay, 30},

    {"Log.file", kOptional, Want::kPath},
    {"Log.level", kDefaulted, Want::kLogLevel},
    {"Log.max_file_bytes", kOptional, Want::kNumber, 0, 1e12},
    {"Log.max_files", kDefaulted, Want::kNumber, 1, 1000, 3},

    {"Database.port", kDefaulted, Want::kNumber, 1, 65535, 3306},
    {"Database.unix_socket", kOptional, Want::kPath},
    {"Database.schema", kRequired},
    {"Database.credentials", kRequired},
    {"Database.pool", kDefaulted},
    {"ScratchServer.port", kDefaulted, Want::kNumber, 1, 65535, 3306},
    {"ScratchServer.unix_socket", kOptional, Want::kPath},
    {"Credentials.user", kRequired},
    {"Credentials.password_file", kRequired, Want::kSecretFile},
    {"DatabaseTls.ca_file", kRequired, Want::kTrustedFile},
    {"DatabaseTls.cert_file", kOptional, Want::kTrustedFile},
    {"DatabaseTls.key_file", kOptional, Want::kSecretFile},
    {"DatabaseTls.plugin_dir", kOptional, Want::kFolder},
    {"Pool.max_sessions", kDefaulted, Want::kNumber, 1, 256, 8},
    {"Pool.min_idle", kDefaulted, Want::kNumber, 0, 256, 2},
    {"Pool.max_queued", kDefaulted, Want::kNumber, 1, 100000, 1024},
    {"Pool.acquire_timeout", kDefaulted, Want::kDuration, 0.01, 60, 2},
    {"Pool.connect_timeout", kDefaulted, Want::kWholeSeconds, 1, 60, 3},
    {"Pool.statement_cache", kDefaulted, Want::kNumber, 1, 1000, 64},

    {"PointReads.max_statements", kDefaulted, Want::kNumber, 1, 64, 2},
    {"PointReads.max_batch", kDefaulted, Want::kPowerOfTwo, 1, 128, 64},
    {"PointReads.linger", kDefaulted, Want::kDuration, 0, 0.01, 0.0002},
    {"PageTokenKeys.key_file", kRequired, Want::kSecretFile},
    {"PageTokenKeys.previous_key_files", kOptional, Want::kSecretFile},

    {"Role.name", kRequired},
    {"Forwarding.methods", kRequired},
    {"Forwarding.speaks_for", kRequired},
    {"Binding.identity", kRequired},
    {"Binding.roles", kRequired},
};

}  // namespace

const ConfigRule* RuleOf(absl::string_view field) {
  static const auto& rules = *[] {
    auto* made = new absl::flat_hash_map<absl::string_view, const ConfigRule*>();
    for (const ConfigRule& rule : kRules) made->emplace(rule.field, &rule);
    return made;
  }();
  const auto rule = rules.find(field);
  return rule == rules.end() ? nullptr : rule->second;
}

}  // namespace bonnie::server
