// Requests that name another site: whole Sites on a real server, that call each other over mTLS and in plaintext.
#include "services/schema/peers.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/dynamic_message.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "services/schema/forwarding.h"
#include "tests/schema/fleet.h"

namespace bonnie::schema {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

// One unary call with a deadline.
template <class Stub, class Request, class Response>
grpc::Status Call(Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                  const Request& request, Response* response, absl::Duration timeout = absl::Seconds(10),
                  const std::map<std::string, std::string>& metadata = {}) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  for (const auto& [key, value] : metadata) context.AddMetadata(key, value);
  return (stub.*method)(&context, request, response);
}

v1::CheckSiteRequest CheckOf(const std::string& site) {
  v1::CheckSiteRequest request;
  request.set_site(site);
  return request;
}

// A port that takes connections and never says a word, as a process does that is stopped.
class SilentListener {
 public:
  SilentListener() : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(bind(fd_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(fd_, 16), 0);
    EXPECT_EQ(getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ~SilentListener() { close(fd_); }
  int port() const { return port_; }

 private:
  const int fd_;
  int port_ = 0;
};

// A peer that notes what it is asked with, and keeps a call until that is cancelled.
class HoldingPeer : public v1::SchemaService::WithCallbackMethod_CheckSite<v1::SchemaService::Service> {
 public:
  HoldingPeer() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~HoldingPeer() override { server_->Shutdown(std::chrono::system_clock::now()); }

  grpc::ServerUnaryReactor* CheckSite(grpc::CallbackServerContext* context, const v1::CheckSiteRequest*,
                                      v1::CheckSiteResponse*) override {
    left = absl::FromChrono(context->deadline()) - absl::Now();
    for (const auto& [key, value] : context->client_metadata()) {
      metadata[std::string(key.data(), key.size())] = std::string(value.data(), value.size());
    }
    class Reactor : public grpc::ServerUnaryReactor {
     public:
      explicit Reactor(HoldingPeer& peer) : peer_(peer) {}
      void OnCancel() override {
        peer_.cancelled.Notify();
        Finish(grpc::Status::CANCELLED);
      }
      void OnDone() override { delete this; }

     private:
      HoldingPeer& peer_;
    };
    arrived.Notify();
    return new Reactor(*this);
  }
  grpc::Status InspectSchema(grpc::ServerContext* context, const v1::InspectSchemaRequest*,
                             grpc::ServerWriter<v1::InspectSchemaResponse>* writer) override {
    v1::InspectSchemaResponse part;
    part.mutable_header()->set_site("gcp");
    writer->Write(part);
    while (!context->IsCancelled()) absl::SleepFor(absl::Milliseconds(5));
    return grpc::Status::CANCELLED;
  }

  int port = 0;
  absl::Duration left;
  std::map<std::string, std::string> metadata;
  absl::Notification arrived, cancelled;

 private:
  std::unique_ptr<grpc::Server> server_;
};

class PeersTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { database_ = new test_support::TestDatabase(); }
  static void TearDownTestSuite() {
    delete database_;
    database_ = nullptr;
  }
  PeersTest() { EXPECT_EQ(database_->Empty(), absl::OkStatus()); }

  // azure and gcp over mTLS, each other's peers. `gcp_policy`: empty for the fleet's.
  void StartBoth(const std::string& gcp_policy = "") {
    const int azure = FreePort(), gcp = FreePort();
    azure_ = std::make_unique<ServingSite>(
        *database_, FleetSite{.name = "azure", .port = azure, .peers = {{"gcp", gcp}}, .tls = true});
    gcp_ = std::make_unique<ServingSite>(
        *database_,
        FleetSite{.name = "gcp", .port = gcp, .peers = {{"azure", azure}}, .tls = true, .policy = gcp_policy});
  }
  // azure in plaintext, with gcp at `port`.
  void StartAlone(int port) {
    azure_ = std::make_unique<ServingSite>(*database_, FleetSite{.name = "azure", .peers = {{"gcp", port}}});
  }

  static test_support::TestDatabase* database_;
  std::unique_ptr<ServingSite> azure_, gcp_;
};

test_support::TestDatabase* PeersTest::database_ = nullptr;

TEST_F(PeersTest, AnswersForAPeerAndBothLogsNameWhoCalledFirst) {
  StartBoth();
  v1::SchemaService::Stub schema(azure_->Channel("client"));
  v1::CheckSiteResponse checked;
  const grpc::Status status = Call(schema, &v1::SchemaService::Stub::CheckSite, CheckOf("gcp"), &checked,
                                   absl::Seconds(10), {{"x-request-id", "r-17"}, {"bonnie-site", "azure"}});
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(checked.site(), "gcp");
  EXPECT_EQ(checked.database(), "bonnie");
  EXPECT_TRUE(Eventually([&] { return azure_->Log().find("\"forwarded_to\":\"gcp\"") != std::string::npos; }));
  ASSERT_TRUE(Eventually([&] { return gcp_->Log().find("r-17") != std::string::npos; }));
  EXPECT_THAT(gcp_->Log(),
              AllOf(HasSubstr("\"principal\":\"spiffe://bonnie/client\""),
                    HasSubstr("\"via\":\"spiffe://bonnie/azure-schema\""), HasSubstr("\"via_site\":\"azure\"")));
  EXPECT_THAT(azure_->Log(), Not(HasSubstr("\"via\"")));
}

TEST_F(PeersTest, PassesStreamsOnMessageByMessage) {
  StartBoth();
  v1::MigrationService::Stub migrations(azure_->Channel("client"));
  v1::PlanMigrationRequest plan;
  plan.set_site("gcp");
  plan.set_target("head");
  plan.set_direction(v1::DIRECTION_UP);
  v1::PlanMigrationResponse planned;
  const grpc::Status status = Call(migrations, &v1::MigrationService::Stub::PlanMigration, plan, &planned);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(planned.plan().site(), "gcp");
  grpc::ClientContext context;
  v1::ApplyPlanRequest apply;
  apply.set_site("gcp");
  apply.set_target("head");
  apply.set_direction(v1::DIRECTION_UP);
  apply.set_fingerprint(planned.plan().fingerprint());
  auto reader = migrations.ApplyPlan(&context, apply);
  std::vector<v1::ApplyPlanResponse> events;
  for (v1::ApplyPlanResponse event; reader->Read(&event);) events.push_back(event);
  const grpc::Status applied = reader->Finish();
  ASSERT_TRUE(applied.ok()) << applied.error_message();
  ASSERT_GE(events.size(), 3u);
  for (size_t i = 0; i < events.size(); ++i) EXPECT_EQ(events[i].sequence(), static_cast<int64_t>(i) + 1);
  EXPECT_TRUE(events.back().has_done());

  v1::SchemaService::Stub schema(azure_->Channel("client"));
  grpc::ClientContext inspecting;
  v1::InspectSchemaRequest inspect;
  inspect.mutable_source()->set_site("gcp");  // the source's site is as good as the request's
  auto parts = schema.InspectSchema(&inspecting, inspect);
  v1::InspectSchemaResponse part;
  ASSERT_TRUE(parts->Read(&part));
  EXPECT_EQ(part.header().site(), "gcp");
  ASSERT_TRUE(parts->Read(&part));
  EXPECT_EQ(part.table().name(), "a");
  while (parts->Read(&part)) {
  }
  EXPECT_TRUE(parts->Finish().ok());
}

TEST_F(PeersTest, ErrorsOfAPeerArriveAsItSaidThem) {
  StartBoth();
  v1::MigrationService::Stub here(gcp_->Channel("client")), there(azure_->Channel("client"));
  v1::PlanMigrationRequest plan;  // wrong in two fields: ErrorInfo and BadRequest
  plan.set_site("gcp");
  v1::PlanMigrationResponse planned;
  const grpc::Status direct = Call(here, &v1::MigrationService::Stub::PlanMigration, plan, &planned);
  const grpc::Status forwarded = Call(there, &v1::MigrationService::Stub::PlanMigration, plan, &planned);
  EXPECT_EQ(direct.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(forwarded.error_code(), direct.error_code());
  EXPECT_EQ(forwarded.error_message(), direct.error_message());
  EXPECT_EQ(forwarded.error_details(), direct.error_details());
}

TEST_F(PeersTest, BelievesOnlyPeersForWhomTheyCall) {
  StartBoth();
  const std::map<std::string, std::string> claim = {{"bonnie-origin-identity", "spiffe://bonnie/client"}};
  v1::CheckSiteResponse checked;
  for (const char* liar : {"stranger", "migrator", "client"}) {
    v1::SchemaService::Stub schema(gcp_->Channel(liar));
    const grpc::Status status =
        Call(schema, &v1::SchemaService::Stub::CheckSite, {}, &checked, absl::Seconds(5), claim);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED) << liar;
    EXPECT_TRUE(HasReason(status, "PEER_ROLE_MISSING")) << liar;
    EXPECT_THAT(status.error_message(), HasSubstr("site gcp")) << liar;
  }
  v1::SchemaService::Stub peer(gcp_->Channel("azure-schema"));
  EXPECT_TRUE(Call(peer, &v1::SchemaService::Stub::CheckSite, {}, &checked, absl::Seconds(5), claim).ok());
  // For one of another trust domain it may not speak.
  const grpc::Status foreign = Call(peer, &v1::SchemaService::Stub::CheckSite, {}, &checked, absl::Seconds(5),
                                    {{"bonnie-origin-identity", "spiffe://elsewhere/client"}});
  EXPECT_TRUE(HasReason(foreign, "PEER_MAY_NOT_FORWARD"));
  // By itself a peer may do nothing, and an origin that has no role there neither.
  EXPECT_TRUE(HasReason(Call(peer, &v1::SchemaService::Stub::CheckSite, {}, &checked), "ROLE_MISSING"));
  const grpc::Status stranger = Call(peer, &v1::SchemaService::Stub::CheckSite, {}, &checked, absl::Seconds(5),
                                     {{"bonnie-origin-identity", "spiffe://bonnie/stranger"}});
  EXPECT_EQ(stranger.error_code(), grpc::StatusCode::PERMISSION_DENIED);
}

TEST_F(PeersTest, BothSitesAskTheirPolicies) {
  StartBoth(R"(
    roles { name: "reader" methods: "bonnie.schema.v1.SchemaService/CheckSite" }
    roles { name: "peer"
            forwards { methods: "bonnie.schema.v1.SchemaService/CheckSite" speaks_for: "spiffe://bonnie/*" } }
    bindings { identity: "spiffe://bonnie/client" roles: "reader" }
    bindings { identity: "spiffe://bonnie/azure-schema" roles: "peer" }
  )");
  v1::CheckSiteResponse checked;
  v1::SchemaService::Stub client(azure_->Channel("client")), migrator(azure_->Channel("migrator")),
      stranger(azure_->Channel("stranger"));
  EXPECT_TRUE(Call(client, &v1::SchemaService::Stub::CheckSite, CheckOf("gcp"), &checked).ok());
  // azure allows it, gcp does not.
  EXPECT_TRUE(HasReason(Call(migrator, &v1::SchemaService::Stub::CheckSite, CheckOf("gcp"), &checked), "ROLE_MISSING"));
  // azure does not.
  EXPECT_TRUE(HasReason(Call(stranger, &v1::SchemaService::Stub::CheckSite, CheckOf("gcp"), &checked), "ROLE_MISSING"));
  EXPECT_THAT(gcp_->Log(), Not(HasSubstr("stranger")));
}

TEST_F(PeersTest, ASiteThatIsNoPeerThereIsNotBelieved) {
  StartBoth(R"(
    roles { name: "migrator" methods: "bonnie.schema.v1.SchemaService/*" }
    bindings { identity: "spiffe://bonnie/client" roles: "migrator" }
    bindings { identity: "spiffe://bonnie/azure-schema" roles: "migrator" }
  )");
  v1::CheckSiteResponse checked;
  v1::SchemaService::Stub client(azure_->Channel("client"));
  const grpc::Status status = Call(client, &v1::SchemaService::Stub::CheckSite, CheckOf("gcp"), &checked);
  EXPECT_TRUE(HasReason(status, "PEER_ROLE_MISSING"));
  EXPECT_THAT(status.error_message(), AllOf(HasSubstr("site gcp"), HasSubstr("azure-schema")));
}

TEST_F(PeersTest, PassesOnOnlyOnceAndNamesTheSitesItKnows) {
  StartBoth();
  v1::SchemaService::Stub client(azure_->Channel("client")), peer(gcp_->Channel("azure-schema"));
  v1::CheckSiteResponse checked;
  const grpc::Status unknown = Call(client, &v1::SchemaService::Stub::CheckSite, CheckOf("aws"), &checked);
  EXPECT_EQ(unknown.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_TRUE(HasReason(unknown, "SITE_NOT_LOCAL"));
  EXPECT_THAT(unknown.error_message(), AllOf(HasSubstr("'aws'"), HasSubstr("azure, gcp")));
  std::map<std::string, std::string> metadata = {{"bonnie-origin-identity", "spiffe://bonnie/client"},
                                                 {"bonnie-origin-site", "azure"}};
  const grpc::Status again =
      Call(peer, &v1::SchemaService::Stub::CheckSite, CheckOf("azure"), &checked, absl::Seconds(5), metadata);
  EXPECT_TRUE(HasReason(again, "SITE_NOT_LOCAL"));
  EXPECT_THAT(again.error_message(), HasSubstr("only once"));
  v1::CheckParityRequest parity;
  v1::CheckParityResponse compared;
  const grpc::Status gathers =
      Call(peer, &v1::SchemaService::Stub::CheckParity, parity, &compared, absl::Seconds(5), metadata);
  EXPECT_TRUE(HasReason(gathers, "SITE_NOT_LOCAL"));
  // The console names the person and no site: no site has passed its call on yet.
  metadata.erase("bonnie-origin-site");
  const grpc::Status console =
      Call(peer, &v1::SchemaService::Stub::CheckSite, CheckOf("azure"), &checked, absl::Seconds(5), metadata);
  EXPECT_TRUE(console.ok()) << console.error_message();
  EXPECT_EQ(checked.site(), "azure");
  EXPECT_TRUE(Eventually([&] {
    return absl::StrContains(azure_->Log(), "\"principal\":\"spiffe://bonnie/client\"") &&
           absl::StrContains(azure_->Log(), "\"via\":\"spiffe://bonnie/gcp-schema\"");
  }));
}

// Another service of the fleet has a certificate of the same CA, for the same host.
TEST_F(PeersTest, AServiceWithAnotherIdentityIsNoPeer) {
  const int azure = FreePort(), gcp = FreePort();
  gcp_ = std::make_unique<ServingSite>(*database_, FleetSite{.name = "gcp", .port = gcp, .tls = true});
  azure_ = std::make_unique<ServingSite>(
      *database_, FleetSite{.name = "azure",
                            .port = azure,
                            .peers = {{"gcp", gcp}},
                            .tls = true,
                            .change = [](config::v1::SchemaConfig& config) {
                              config.mutable_peers(0)->set_identity("spiffe://bonnie/aws-schema");
                            }});
  v1::SchemaService::Stub schema(azure_->Channel("client"));
  v1::CheckSiteResponse checked;
  const grpc::Status status = Call(schema, &v1::SchemaService::Stub::CheckSite, CheckOf("gcp"), &checked);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_TRUE(HasReason(status, "PEER_IDENTITY_MISMATCH"));
  EXPECT_EQ(status.error_message(),
            absl::StrCat("site gcp: its schema service at 127.0.0.1:", gcp,
                         " is another one: its certificate has the identity spiffe://bonnie/gcp-schema, and the "
                         "configuration requires spiffe://bonnie/aws-schema"));
  EXPECT_THAT(gcp_->Log(), Not(HasSubstr("\"rpc\"")));  // nothing was said to it
}

TEST_F(PeersTest, APeerThatIsAwayIsNamedAndFoundAgain) {
  const int port = FreePort();
  StartAlone(port);
  v1::SchemaService::Stub schema(azure_->Channel());
  v1::CheckSiteResponse checked;
  const absl::Time begin = absl::Now();
  const grpc::Status away = Call(schema, &v1::SchemaService::Stub::CheckSite, CheckOf("gcp"), &checked);
  EXPECT_LT(absl::Now() - begin, absl::Seconds(3));
  EXPECT_EQ(away.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(HasReason(away, "PEER_UNAVAILABLE"));
  EXPECT_THAT(away.error_message(), AllOf(HasSubstr("site gcp"), HasSubstr(absl::StrCat("127.0.0.1:", port))));
  gcp_ = std::make_unique<ServingSite>(*database_, FleetSite{.name = "gcp", .port = port});
  EXPECT_TRUE(
      Eventually([&] { return Call(schema, &v1::SchemaService::Stub::CheckSite, CheckOf("gcp"), &checked).ok(); }));
}

TEST_F(PeersTest, APeerThatHangsIsNamedInTime) {
  const SilentListener silent;
  StartAlone(silent.port());
  v1::SchemaService::Stub schema(azure_->Channel());
  v1::CheckSiteResponse checked;
  absl::Time begin = absl::Now();
  const grpc::Status late =
      Call(schema, &v1::SchemaService::Stub::CheckSite, CheckOf("gcp"), &checked, absl::Seconds(1));
  EXPECT_LT(absl::Now() - begin, absl::Milliseconds(1050));
  EXPECT_EQ(late.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(HasReason(late, "PEER_UNAVAILABLE"));
  EXPECT_THAT(late.error_message(), HasSubstr("site gcp"));
  v1::ListSitesResponse sites;
  begin = absl::Now();
  const grpc::Status listed = Call(schema, &v1::SchemaService::Stub::ListSites, {}, &sites);
  EXPECT_LT(absl::Now() - begin, absl::Milliseconds(1500));
  ASSERT_TRUE(listed.ok()) << listed.error_message();
  ASSERT_EQ(sites.sites_size(), 2);
  EXPECT_EQ(sites.sites(0).state(), v1::SITE_STATE_SERVING);
  EXPECT_EQ(sites.sites(1).state(), v1::SITE_STATE_UNREACHABLE);
  EXPECT_THAT(sites.sites(1).error(), HasSubstr("site gcp"));
}

TEST_F(PeersTest, AnAddressOfAThirdSiteIsRefused) {
  const int port = FreePort();
  const ServingSite aws(*database_, FleetSite{.name = "aws", .port = port});
  StartAlone(port);
  v1::SchemaService::Stub schema(azure_->Channel());
  v1::CheckSiteResponse checked;
  const grpc::Status crossed = Call(schema, &v1::SchemaService::Stub::CheckSite, CheckOf("gcp"), &checked);
  EXPECT_TRUE(HasReason(crossed, "SITE_MISMATCH"));
  v1::ListSitesResponse sites;
  ASSERT_TRUE(Call(schema, &v1::SchemaService::Stub::ListSites, {}, &sites).ok());
  EXPECT_EQ(sites.sites(1).state(), v1::SITE_STATE_REFUSING);
}

TEST_F(PeersTest, ListsItsPeersWithTheirVersions) {
  StartBoth();
  v1::SchemaService::Stub schema(azure_->Channel("client"));
  v1::ListSitesResponse sites;
  ASSERT_TRUE(Call(schema, &v1::SchemaService::Stub::ListSites, {}, &sites).ok());
  ASSERT_EQ(sites.sites_size(), 2);
  EXPECT_TRUE(sites.sites(0).local());
  EXPECT_EQ(sites.sites(1).name(), "gcp");
  EXPECT_FALSE(sites.sites(1).local());
  EXPECT_EQ(sites.sites(1).state(), v1::SITE_STATE_SERVING) << sites.sites(1).error();
  EXPECT_EQ(sites.sites(1).service_version(), sites.sites(0).service_version());
}

TEST_F(PeersTest, DeadlineIdentityAndCancellationGoWithTheCall) {
  HoldingPeer peer;
  StartAlone(peer.port);
  v1::SchemaService::Stub schema(azure_->Channel());
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(9)));
  context.AddMetadata("x-request-id", "r-18");
  const v1::CheckSiteRequest request = CheckOf("gcp");
  v1::CheckSiteResponse response;
  absl::Notification done;
  grpc::Status status;
  schema.async()->CheckSite(&context, &request, &response, [&](grpc::Status answer) {
    status = std::move(answer);
    done.Notify();
  });
  ASSERT_TRUE(peer.arrived.WaitForNotificationWithTimeout(absl::Seconds(5)));
  EXPECT_GT(peer.left, absl::Seconds(8));
  EXPECT_LT(peer.left, absl::Seconds(9));
  EXPECT_EQ(peer.metadata["bonnie-origin-identity"], "insecure");
  EXPECT_EQ(peer.metadata["bonnie-origin-site"], "azure");
  EXPECT_EQ(peer.metadata["bonnie-site"], "gcp");
  EXPECT_EQ(peer.metadata["x-request-id"], "r-18");
  context.TryCancel();
  EXPECT_TRUE(peer.cancelled.WaitForNotificationWithTimeout(absl::Seconds(5)));
  ASSERT_TRUE(done.WaitForNotificationWithTimeout(absl::Seconds(5)));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(PeersTest, AStreamOfAPeerDoesNotKeepTheProcessFromEnding) {
  HoldingPeer peer;
  StartAlone(peer.port);
  v1::SchemaService::Stub schema(azure_->Channel());
  grpc::ClientContext context;
  v1::InspectSchemaRequest request;
  request.set_site("gcp");
  auto reader = schema.InspectSchema(&context, request);
  v1::InspectSchemaResponse part;
  ASSERT_TRUE(reader->Read(&part));
  const absl::Time begin = absl::Now();
  azure_->Stop();
  EXPECT_LT(absl::Now() - begin, absl::Seconds(3));
  EXPECT_FALSE(reader->Read(&part));
  const grpc::Status status = reader->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(HasReason(status, "SHUTTING_DOWN"));
}

TEST_F(PeersTest, TakesItsOwnCertificateAnewWhenItChanges) {
  const Folder pki;
  const auto put = [&](const std::string& identity) {
    for (const char* extension : {".key", ".pem"}) {
      std::ifstream from(database_->pki_file(identity + "-schema" + extension), std::ios::binary);
      const std::string text((std::istreambuf_iterator<char>(from)), std::istreambuf_iterator<char>());
      pki.Write(absl::StrCat("own", extension), text);
      std::filesystem::permissions(absl::StrCat(pki.path(), "/own", extension),
                                   std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    }
  };
  put("azure");
  const int gcp = FreePort();
  azure_ = std::make_unique<ServingSite>(
      *database_, FleetSite{.name = "azure", .peers = {{"gcp", gcp}}, .tls = true, .change = [&](auto& config) {
                              config.mutable_server()->mutable_tls()->set_cert_file(pki.path() + "/own.pem");
                              config.mutable_server()->mutable_tls()->set_key_file(pki.path() + "/own.key");
                            }});
  gcp_ = std::make_unique<ServingSite>(*database_, FleetSite{.name = "gcp", .port = gcp, .tls = true});
  v1::SchemaService::Stub schema(azure_->Channel("client"));
  v1::CheckSiteResponse checked;
  EXPECT_TRUE(Call(schema, &v1::SchemaService::Stub::CheckSite, CheckOf("gcp"), &checked).ok());
  put("gcp");  // another identity stands for a renewed one: it can be told in the log
  EXPECT_TRUE(Eventually([&] {
    EXPECT_TRUE(Call(schema, &v1::SchemaService::Stub::CheckSite, CheckOf("gcp"), &checked).ok());
    return gcp_->Log().find("\"via\":\"spiffe://bonnie/gcp-schema\"") != std::string::npos;
  }));
}

// A method that answered for the wrong site would be worse than one that refuses.
TEST_F(PeersTest, EveryMethodIsPassedOn) {
  StartAlone(FreePort());  // nobody listens there
  google::protobuf::DynamicMessageFactory factory;
  int asked = 0;
  for (const char* name : {"bonnie.schema.v1.SchemaService", "bonnie.schema.v1.MigrationService"}) {
    const auto* service = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
    ASSERT_NE(service, nullptr);
    for (int i = 0; i < service->method_count(); ++i) {
      const auto* method = service->method(i);
      std::unique_ptr<google::protobuf::Message> request(factory.GetPrototype(method->input_type())->New());
      const auto* site = method->input_type()->FindFieldByName("site");
      ASSERT_NE(site, nullptr) << method->full_name();
      request->GetReflection()->SetString(request.get(), site, "gcp");
      grpc::ByteBuffer sent;
      const std::string bytes = request->SerializeAsString();
      const grpc::Slice slice(bytes);
      sent = grpc::ByteBuffer(&slice, 1);
      grpc::GenericStub stub(azure_->Channel());
      grpc::CompletionQueue queue;
      grpc::ClientContext context;
      context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(5)));
      auto call = stub.PrepareCall(&context, absl::StrCat("/", name, "/", method->name()), &queue);
      void* tag = nullptr;
      bool ok = false;
      call->StartCall(nullptr);
      queue.Next(&tag, &ok);
      call->WriteLast(sent, {}, nullptr);
      queue.Next(&tag, &ok);
      grpc::Status status;
      call->Finish(&status, nullptr);
      queue.Next(&tag, &ok);
      EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE) << method->full_name() << status.error_message();
      EXPECT_TRUE(HasReason(status, "PEER_UNAVAILABLE")) << method->full_name();
      ++asked;
    }
  }
  EXPECT_GE(asked, 15);
}

TEST(PeerAnswerTest, TellsAPeersErrorsFromThoseOfTheWayThere) {
  const Peers::Peer gcp{"gcp", "host:7102"};
  struct Case {
    grpc::Status answer;
    absl::StatusCode code;
    const char* message;
  };
  const Case cases[] = {
      {grpc::Status(grpc::StatusCode::UNAVAILABLE, "failed to connect"), absl::StatusCode::kUnavailable, "gcp"},
      {grpc::Status(grpc::StatusCode::DEADLINE_EXCEEDED, "Deadline Exceeded"), absl::StatusCode::kUnavailable,
       "in time"},
      {grpc::Status(grpc::StatusCode::CANCELLED, "CANCELLED"), absl::StatusCode::kUnavailable, "gcp"},
      {grpc::Status(grpc::StatusCode::UNIMPLEMENTED, ""), absl::StatusCode::kUnimplemented, "version"},
      {grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "larger than max"), absl::StatusCode::kResourceExhausted,
       "larger"},
  };
  for (const Case& one : cases) {
    const absl::Status status = PeerAnswer(gcp, one.answer);
    EXPECT_EQ(status.code(), one.code) << one.answer.error_message();
    EXPECT_THAT(std::string(status.message()), AllOf(HasSubstr("site gcp"), HasSubstr(one.message)));
  }
  EXPECT_TRUE(PeerAnswer(gcp, grpc::Status::OK).ok());
}

}  // namespace
}  // namespace bonnie::schema
