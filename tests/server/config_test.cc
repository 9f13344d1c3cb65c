#include "services/server/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "bonnie/config/v1/config.pb.h"
#include "services/server/config_checks.h"

namespace bonnie::server {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kGood[] = R"(site: "azure"
server {
  address: "127.0.0.1:7101"
  tls { cert_file: "pki/a.pem" key_file: "pki/a.key" client_ca_file: "/etc/ca.pem" }
  policy_file: "policy.textproto"
}
database { unix_socket: "mysql.sock" schema: "bonnie" credentials { user: "records" password_file: "pw" } }
page_token_keys { key_file: "key" previous_key_files: "old" }
)";

// kGood with `from` replaced by `to`; line numbers stay unless `to` has line ends.
std::string With(const std::string& from, const std::string& to) {
  std::string text = kGood;
  return text.replace(text.find(from), from.size(), to);
}

absl::Status Parse(const std::string& text, config::v1::RecordsConfig* config) {
  return ParseConfig(text, "/etc/bonnie/records.textproto", config);
}

TEST(ConfigTest, NamesThePlaceOfWhatABinarysOwnCheckFinds) {
  config::v1::RecordsConfig config;
  const absl::Status status =
      ParseConfig(kGood, "/etc/records.textproto", &config, [](const google::protobuf::Message& message) {
        const bool credentials = message.GetDescriptor() == config::v1::Credentials::descriptor();
        return credentials ? std::vector<ConfigFault>{{"user", -1, "want another"}} : std::vector<ConfigFault>();
      });
  EXPECT_EQ(status.message(), "/etc/records.textproto:7:69: database.credentials.user: want another");
}

TEST(ConfigTest, TakesPathsFromTheFilesFolder) {
  config::v1::RecordsConfig config;
  ASSERT_EQ(Parse(kGood, &config), absl::OkStatus());
  EXPECT_EQ(config.server().tls().cert_file(), "/etc/bonnie/pki/a.pem");
  EXPECT_EQ(config.server().tls().client_ca_file(), "/etc/ca.pem");
  EXPECT_EQ(config.database().unix_socket(), "/etc/bonnie/mysql.sock");
  EXPECT_EQ(config.database().credentials().password_file(), "/etc/bonnie/pw");
  EXPECT_EQ(config.page_token_keys().previous_key_files(0), "/etc/bonnie/old");
  EXPECT_EQ(config.server().log().file(), "");  // unset: standard error
}

TEST(ConfigTest, ServesMetricsOnTheNetworkWhenToldSo) {
  config::v1::RecordsConfig config;
  for (const char* page :
       {"metrics_address: \"0.0.0.0:9464\" metrics_on_network: true policy_file",
        "metrics_address: \"127.0.0.2:9464\" policy_file", "metrics_address: \"[::1]:9464\" policy_file",
        "metrics_address: \"localhost:9464\" metrics_hosts: \"a.internal\" policy_file"}) {
    EXPECT_EQ(Parse(With("policy_file", page), &config), absl::OkStatus()) << page;
  }
}

TEST(ConfigTest, FillsInTheMeasuredDefaults) {
  config::v1::RecordsConfig config;
  ASSERT_EQ(Parse(kGood, &config), absl::OkStatus());
  const config::v1::Limits& limits = config.server().limits();
  EXPECT_EQ(limits.max_unary_calls(), 512);
  EXPECT_EQ(limits.max_unary_calls_per_identity(), 384);
  EXPECT_EQ(limits.max_streams(), 8);
  EXPECT_EQ(limits.max_streams_per_identity(), 2);
  EXPECT_EQ(limits.max_operation_streams(), 8);
  EXPECT_EQ(limits.max_calls_per_second_per_identity(), 0);
  EXPECT_EQ(limits.max_message_bytes(), 4 << 20);
  EXPECT_EQ(limits.max_concurrent_streams_per_connection(), 100);
  EXPECT_EQ(limits.memory_quota_bytes(), 128 << 20);
  EXPECT_EQ(ToDuration(limits.handshake_timeout()), absl::Seconds(5));
  EXPECT_EQ(ToDuration(limits.max_connection_idle()), absl::Seconds(60));
  EXPECT_EQ(ToDuration(limits.max_connection_age()), absl::Minutes(15));
  EXPECT_EQ(ToDuration(limits.max_connection_age_grace()), absl::Seconds(30));
  EXPECT_EQ(ToDuration(config.server().drain_delay()), absl::Seconds(5));
  EXPECT_EQ(ToDuration(config.server().drain_timeout()), absl::Seconds(20));
  EXPECT_EQ(config.server().log().level(), "info");
  EXPECT_EQ(config.database().pool().max_sessions(), 8);
  EXPECT_EQ(config.database().pool().max_queued(), 1024);
  EXPECT_EQ(config.point_reads().max_statements(), 2);
  EXPECT_EQ(config.point_reads().max_batch(), 64);
  EXPECT_EQ(ToDuration(config.point_reads().linger()), absl::Microseconds(200));
}

TEST(ConfigTest, KeepsAZeroThatWasSaid) {
  config::v1::RecordsConfig config;
  ASSERT_EQ(Parse(With("policy_file", "drain_delay {} policy_file"), &config), absl::OkStatus());
  EXPECT_EQ(ToDuration(config.server().drain_delay()), absl::ZeroDuration());
}

TEST(ConfigTest, GivesTheSchemaServiceThreeSessions) {
  config::v1::SchemaConfig config;
  SetDefaults(&config);
  EXPECT_EQ(config.database().pool().max_sessions(), 3);
}

TEST(ConfigTest, NamesPlaceAndExpectation) {
  const struct {
    const char* name;
    std::string text;
    std::vector<std::string> want;
  } kCases[] = {
      {"unknown field", With("address:", "adress:"), {":3:3: ", "no field named \"adress\"", "address, tls"}},
      {"syntax", With("\"azure\"", "azure"), {":1:7: ", "Expected string"}},
      {"site name", With("\"azure\"", "\"Azure!\""), {":1:1: site: Azure!, want"}},
      {"missing site", With("site: \"azure\"", ""), {":1:1: site: missing"}},
      {"address", With("127.0.0.1:7101", "127.0.0.1"), {":3:3: server.address: 127.0.0.1, want host:port"}},
      {"port", With("127.0.0.1:7101", "127.0.0.1:70000"), {":3:3: server.address"}},
      {"missing key file", With("key_file: \"pki/a.key\" ", ""), {":4:3: server.tls.key_file: missing"}},
      {"no tls", With("tls {", "limits {} log {} # {"), {":2:1: server.tls: missing, want certificates"}},
      {"negative",
       With("policy_file", "limits { max_streams: -1 } policy_file"),
       {":5:12: server.limits.max_streams: -1, want 1 to 200"}},
      {"metrics for everybody",
       With("policy_file", "metrics_address: \"0.0.0.0:9464\" policy_file"),
       {":5:3: server.metrics_address: 0.0.0.0:9464, want a loopback address, or metrics_on_network: true"}},
      {"metrics under a name that looks like loopback",
       With("policy_file", "metrics_address: \"127.0.0.1.example:9464\" policy_file"),
       {":5:3: server.metrics_address: 127.0.0.1.example:9464, want a loopback address"}},
      {"duration",
       With("policy_file", "drain_delay { seconds: -5 } policy_file"),
       {":5:3: server.drain_delay: -5s, want 0 to 5m"}},
      {"level",
       With("policy_file", "log { level: \"loud\" } policy_file"),
       {":5:9: server.log.level: loud, want debug, info, warn or error"}},
      {"host and socket",
       With("unix_socket: \"mysql.sock\"", "unix_socket: \"s\" host: \"h\" tls { ca_file: \"c\" }"),
       {":7:29: database.host: want either host or unix_socket"}},
      {"host without tls", With("unix_socket: \"mysql.sock\"", "host: \"h\""), {":7:12: database.host: want tls"}},
      {"batch",
       With("page_token_keys", "point_reads { max_batch: 48 } page_token_keys"),
       {":8:15: point_reads.max_batch: 48, want 1, 2, 4"}},
      {"fraction",
       With("schema:", "pool { connect_timeout { nanos: 500000000 seconds: 1 } } schema:"),
       {"database.pool.connect_timeout: 1.5s, want whole seconds"}},
  };
  for (const auto& test : kCases) {
    SCOPED_TRACE(test.name);
    config::v1::RecordsConfig config;
    const absl::Status status = Parse(test.text, &config);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), StartsWith("/etc/bonnie/records.textproto:"));
    for (const std::string& want : test.want) EXPECT_THAT(std::string(status.message()), HasSubstr(want));
  }
}

TEST(ConfigTest, NamesAllMistakesAtOnce) {
  config::v1::RecordsConfig config;
  const absl::Status status = Parse("site: \"azure\"\nserver { address: \"x\" }\n", &config);
  for (const char* want :
       {"server.address", "server.policy_file", "server.tls", "database: missing", "page_token_keys"}) {
    EXPECT_THAT(std::string(status.message()), HasSubstr(want));
  }
}

TEST(ConfigTest, AllowsPlaintextOnLoopbackOnly) {
  config::v1::Server server;
  server.set_policy_file("p");
  server.set_insecure_loopback(true);
  for (const char* address : {"127.0.0.1:1", "localhost:1", "[::1]:1", "127.8.8.8:1"}) {
    server.set_address(address);
    EXPECT_EQ(CheckConfig(server), absl::OkStatus()) << address;
  }
  for (const char* address :
       {"0.0.0.0:1", "[::]:1", "10.0.0.1:1", "example.org:1", "127.0.0.1.example.org:1", "127.1:1"}) {
    server.set_address(address);
    EXPECT_THAT(std::string(CheckConfig(server).message()), HasSubstr("want a loopback address")) << address;
  }
}

TEST(ConfigTest, NamesAFileThatIsNotThere) {
  config::v1::RecordsConfig config;
  const absl::Status status = LoadConfig("/nowhere/records.textproto", &config);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(status.message(), "/nowhere/records.textproto: No such file or directory");
}

TEST(ConfigTest, KnowsMethodsOfAPolicy) {
  config::v1::RolePolicy policy;
  const absl::Status status = ParseConfig(
      "roles {\n  name: \"r\"\n  methods: \"grpc.health.v1.Health/Check\"\n  methods: \"grpc.health.v1.Health/Chek\"\n"
      "  methods: \"elsewhere.Service/Any\"\n}\nbindings { identity: \"a\" roles: \"s\" }\n",
      "p.textproto", &policy);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("p.textproto:4:3: roles[0].methods: grpc.health.v1.Health/Chek, but"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("p.textproto:7:1: bindings: a: there is no role s"));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("p.textproto:5:3: roles[0].methods: elsewhere.Service/Any, but there is no service elsewhere"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("p.textproto:7:12: bindings[0].identity: a, must be a URI"));
}

TEST(SplitAddressTest, TakesHostAndPort) {
  const struct {
    const char* address;
    bool ok;
    const char* host;
    int port;
  } kCases[] = {
      {"localhost:7101", true, "localhost", 7101},
      {"[::1]:80", true, "::1", 80},
      {"127.0.0.1:0", true, "127.0.0.1", 0},
      {"::1:80", false, "", 0},
      {":80", false, "", 0},
      {"host", false, "", 0},
      {"host:", false, "", 0},
      {"host:-1", false, "", 0},
      {"host:65536", false, "", 0},
  };
  for (const auto& test : kCases) {
    std::string host;
    int port = -1;
    EXPECT_EQ(SplitAddress(test.address, &host, &port), test.ok) << test.address;
    if (test.ok) {
      EXPECT_EQ(host, test.host);
      EXPECT_EQ(port, test.port);
    }
  }
}

constexpr char kSchema[] = R"(site: "azure"
server {
  address: "127.0.0.1:7102"
  tls { cert_file: "pki/a.pem" key_file: "pki/a.key" client_ca_file: "/etc/ca.pem" }
  policy_file: "policy.textproto"
}
database { unix_socket: "mysql.sock" schema: "bonnie" credentials { user: "schema" password_file: "pw" } }
migrations_dir: "m"
)";

TEST(ConfigTest, PeersAreCalledWithTheCallersCaUnlessAnotherIsNamed) {
  config::v1::SchemaConfig config;
  const std::string peers =
      absl::StrCat(kSchema, "peers { name: \"gcp\" address: \"gcp.internal:7102\" identity: \"spiffe://b/gcp\" }\n");
  ASSERT_EQ(ParseConfig(peers, "/etc/bonnie/schema.textproto", &config), absl::OkStatus());
  EXPECT_EQ(config.peer_ca_file(), "/etc/ca.pem");
  ASSERT_EQ(ParseConfig(peers + "peer_ca_file: \"peers.pem\"", "/etc/bonnie/schema.textproto", &config),
            absl::OkStatus());
  EXPECT_EQ(config.peer_ca_file(), "/etc/bonnie/peers.pem");
}

// The service drops unused databases that begin with the prefix.
TEST(ConfigTest, RefusesAScratchPrefixThatOtherDatabasesMayHave) {
  const auto parse = [](const std::string& prefix) {
    config::v1::SchemaConfig config;
    return ParseConfig(absl::StrCat(kSchema, "scratch_database_prefix: \"", prefix, "\"\n"), "s.textproto", &config);
  };
  for (const char* good :
       {"", "bonnie_scratch_", "bonnie_project_scratch_", "a234567890123456789012345678901scratch_"}) {
    EXPECT_EQ(parse(good), absl::OkStatus()) << good;
  }
  for (const char* bad : {"b", "bonnie_", "scratch", "Bonnie_scratch_", "1_scratch_", "_scratch_", "a%scratch_",
                          "a`scratch_", "a2345678901234567890123456789012_scratch_"}) {
    const absl::Status status = parse(bad);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << bad;
    EXPECT_THAT(std::string(status.message()), HasSubstr("want at most 39 of a-z 0-9 _")) << bad;
  }
}

TEST(ConfigTest, RefusesPeersThatCannotBe) {
  struct Case {
    const char* peers;
    const char* error;
  };
  const Case cases[] = {
      {"peers { address: \"h:1\" }", ":9:1: peers[0].name: missing"},
      {"peers { name: \"gcp\" }", ":9:1: peers[0].address: missing"},
      {"peers { name: \"GCP\" address: \"h:1\" }", ":9:9: peers[0].name: GCP, want"},
      {"peers { name: \"gcp\" address: \"h\" }", ":9:21: peers[0].address: h, want host:port"},
      {"peers { name: \"gcp\" address: \"h:0\" }", ":9:1: peers: h:0, want a port"},
      {"peers { name: \"azure\" address: \"h:1\" }", ":9:1: peers: azure is this site itself"},
      {"peers { name: \"a\" address: \"h:1\" }\npeers { name: \"a\" address: \"h:2\" }",
       ":10:1: peers: a is there twice"},
      // A host name and the CA are no identity: all services have certificates of one CA.
      {"peers { name: \"gcp\" address: \"h:1\" }", ":9:1: peers: identity: missing"},
      {"peers { name: \"gcp\" address: \"h:1\" identity: \"gcp\" }", ":9:1: peers: identity: gcp, must be a URI"},
      {"peers { name: \"gcp\" address: \"h:1\" identity: \"dns:gcp\" }", ":9:1: peers: identity: dns:gcp, must be"},
  };
  for (const Case& one : cases) {
    config::v1::SchemaConfig config;
    const absl::Status status = ParseConfig(absl::StrCat(kSchema, one.peers), "/etc/bonnie/schema.textproto", &config);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << one.peers;
    EXPECT_THAT(std::string(status.message()), HasSubstr(absl::StrCat("/etc/bonnie/schema.textproto", one.error)));
  }
  std::string plain = kSchema;
  const std::string tls = "tls { cert_file: \"pki/a.pem\" key_file: \"pki/a.key\" client_ca_file: \"/etc/ca.pem\" }";
  plain.replace(plain.find(tls), tls.size(), "insecure_loopback: true");
  config::v1::SchemaConfig config;
  EXPECT_EQ(ParseConfig(plain + "peers { name: \"gcp\" address: \"localhost:1\" }", "f", &config), absl::OkStatus());
  const absl::Status far = ParseConfig(plain + "peers { name: \"gcp\" address: \"far:1\" }", "f", &config);
  EXPECT_THAT(std::string(far.message()), HasSubstr("want a loopback address with server.insecure_loopback"));
  const absl::Status unseen = ParseConfig(
      plain + "peers { name: \"gcp\" address: \"localhost:1\" identity: \"spiffe://b/gcp\" }", "f", &config);
  EXPECT_THAT(std::string(unseen.message()), HasSubstr("identity excludes server.insecure_loopback"));
}

}  // namespace
}  // namespace bonnie::server
