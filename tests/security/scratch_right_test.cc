// Who has SQL executed in scratch: whole schema services over mTLS with the shipped policy, directly, through a peer
// and through the console.
#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "tests/schema/fleet.h"

namespace bonnie::schema {
namespace {

using ::testing::HasSubstr;

constexpr char kSchema[] = "bonnie.schema.v1.SchemaService/";
constexpr char kMigration[] = "bonnie.schema.v1.MigrationService/";
constexpr char kModelText[] = "CREATE TABLE canary (id INT NOT NULL, PRIMARY KEY (id));";

using Metadata = std::map<std::string, std::string>;

std::string ShippedPolicy() {
  std::stringstream text;
  text << std::ifstream(BONNIE_SOURCE_DIR "/deploy/local/schema_policy.textproto").rdbuf();
  return text.str();
}

// A call with a serialized request; of a stream, all messages are read and dropped.
grpc::Status Send(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                  const google::protobuf::Message& request, const Metadata& metadata) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(60)));
  for (const auto& [key, value] : metadata) context.AddMetadata(key, value);
  const grpc::Slice bytes(request.SerializeAsString());
  const grpc::ByteBuffer sent(&bytes, 1);
  grpc::CompletionQueue queue;
  grpc::GenericStub stub(channel);
  const auto call = stub.PrepareCall(&context, "/" + method, &queue);
  void* tag = nullptr;
  bool ok = false;
  const auto wait = [&] {
    queue.Next(&tag, &ok);
    return ok;
  };
  call->StartCall(nullptr);
  wait();
  call->WriteLast(sent, grpc::WriteOptions(), nullptr);
  wait();
  grpc::ByteBuffer received;
  do {
    call->Read(&received, nullptr);
  } while (wait());
  grpc::Status status;
  call->Finish(&status, nullptr);
  wait();
  queue.Shutdown();
  return status;
}

void AddModel(v1::Model* model) {
  v1::ModelFile* file = model->add_files();
  file->set_name("canary.sql");
  file->set_text(kModelText);
}

// A request by the name of what is in it.
struct Request {
  std::string what;
  std::string method;
  std::shared_ptr<google::protobuf::Message> message;
};

void SetSite(const std::string& site, google::protobuf::Message* message) {
  message->GetReflection()->SetString(message, message->GetDescriptor()->FindFieldByName("site"), site);
}

template <class Message, class Fill>
Request Make(const std::string& what, const std::string& method, Fill fill) {
  auto message = std::make_shared<Message>();
  fill(*message);
  return {absl::StrCat(method, " with ", what), method, std::move(message)};
}

// Every way to have SQL executed in scratch.
std::vector<Request> ReachingScratch() {
  std::vector<Request> requests;
  const auto sources = std::map<std::string, std::function<void(v1::SchemaSource*)>>{
      {"a model", [](v1::SchemaSource* source) { AddModel(source->mutable_model()); }},
      {"the folder's model", [](v1::SchemaSource* source) { source->mutable_model(); }},
      {"a revision", [](v1::SchemaSource* source) { source->set_revision("heads"); }},
      {"base", [](v1::SchemaSource* source) { source->set_revision("base"); }},
      {"an empty revision", [](v1::SchemaSource* source) { source->set_revision(""); }}};
  for (const auto& [what, fill] : sources) {
    requests.push_back(Make<v1::InspectSchemaRequest>(what, absl::StrCat(kSchema, "InspectSchema"),
                                                      [&](auto& request) { fill(request.mutable_source()); }));
    requests.push_back(Make<v1::RenderErdRequest>(what, absl::StrCat(kSchema, "RenderErd"),
                                                  [&](auto& request) { fill(request.mutable_source()); }));
    requests.push_back(Make<v1::RenderErdRequest>(what + " before", absl::StrCat(kSchema, "RenderErd"),
                                                  [&](auto& request) { fill(request.mutable_before()); }));
    requests.push_back(Make<v1::ExportDocsRequest>(what, absl::StrCat(kSchema, "ExportDocs"),
                                                   [&](auto& request) { fill(request.mutable_source()); }));
    requests.push_back(Make<v1::CompareSchemasRequest>(what + " to", absl::StrCat(kSchema, "CompareSchemas"),
                                                       [&](auto& request) { fill(request.mutable_to()); }));
    requests.push_back(Make<v1::CompareSchemasRequest>(what + " from", absl::StrCat(kSchema, "CompareSchemas"),
                                                       [&](auto& request) { fill(request.mutable_from()); }));
    requests.push_back(Make<v1::LintSchemaRequest>(what, absl::StrCat(kSchema, "LintSchema"),
                                                   [&](auto& request) { fill(request.mutable_source()); }));
    requests.push_back(Make<v1::LintSchemaRequest>(what + " from", absl::StrCat(kSchema, "LintSchema"),
                                                   [&](auto& request) { fill(request.mutable_from()); }));
  }
  requests.push_back(
      Make<v1::CreateRevisionRequest>("SQL", absl::StrCat(kMigration, "CreateRevision"), [](auto& request) {
        request.set_message("m");
        request.mutable_sql()->set_up(kModelText);
      }));
  requests.push_back(
      Make<v1::CreateRevisionRequest>("a model", absl::StrCat(kMigration, "CreateRevision"), [](auto& request) {
        request.set_message("m");
        AddModel(request.mutable_autogenerate());
      }));
  requests.push_back(Make<v1::CheckPendingRequest>("nothing", absl::StrCat(kMigration, "CheckPending"), [](auto&) {}));
  requests.push_back(
      Make<v1::PlanMigrationRequest>("a target", absl::StrCat(kMigration, "PlanMigration"), [](auto& request) {
        request.set_target("head");
        request.set_direction(v1::DIRECTION_UP);
      }));
  requests.push_back(Make<v1::StampRevisionRequest>("a revision", absl::StrCat(kMigration, "StampRevision"),
                                                    [](auto& request) { request.add_revisions("head"); }));
  requests.push_back(Make<v1::MergeRevisionsRequest>("files", absl::StrCat(kMigration, "MergeRevisions"),
                                                     [](auto& request) { request.add_files()->set_text(kModelText); }));
  requests.push_back(Make<v1::PushRevisionsRequest>("files", absl::StrCat(kMigration, "PushRevisions"),
                                                    [](auto& request) { request.add_files()->set_text(kModelText); }));
  return requests;
}

// What everybody who may call these methods may do.
std::vector<Request> ReadingTheLiveSchema() {
  const auto nothing = [](auto&) {};
  return {Make<v1::InspectSchemaRequest>("nothing", absl::StrCat(kSchema, "InspectSchema"), nothing),
          Make<v1::RenderErdRequest>("nothing", absl::StrCat(kSchema, "RenderErd"), nothing),
          Make<v1::ExportDocsRequest>("nothing", absl::StrCat(kSchema, "ExportDocs"), nothing),
          Make<v1::ListSitesRequest>("nothing", absl::StrCat(kSchema, "ListSites"), nothing),
          Make<v1::CheckSiteRequest>("nothing", absl::StrCat(kSchema, "CheckSite"), nothing),
          Make<v1::ListRevisionsRequest>("nothing", absl::StrCat(kMigration, "ListRevisions"), nothing),
          Make<v1::GetCurrentRequest>("nothing", absl::StrCat(kMigration, "GetCurrent"), nothing)};
}

class ScratchRightTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { database_ = new test_support::TestDatabase(); }
  static void TearDownTestSuite() {
    delete database_;
    database_ = nullptr;
  }

  // azure with `azure_policy` and gcp with `gcp_policy`, each other's peers.
  void Start(const std::string& azure_policy, const std::string& gcp_policy) {
    const int azure = FreePort(), gcp = FreePort();
    azure_ = std::make_unique<ServingSite>(
        *database_,
        FleetSite{.name = "azure", .port = azure, .peers = {{"gcp", gcp}}, .tls = true, .policy = azure_policy});
    gcp_ = std::make_unique<ServingSite>(
        *database_,
        FleetSite{.name = "gcp", .port = gcp, .peers = {{"azure", azure}}, .tls = true, .policy = gcp_policy});
    ForgetStart();
  }
  // Both services sweep old scratch databases at start; none is made by that.
  void ForgetStart() { made_ = ScratchMade(); }

  // Databases made on the server so far: scratch is all that the services make.
  static int ScratchMade() {
    const absl::StatusOr<std::string> row = database_->RootQuery("SHOW GLOBAL STATUS LIKE 'Com_create_db'");
    EXPECT_TRUE(row.ok()) << row.status();
    const std::vector<std::string> parts = absl::StrSplit(*row, absl::ByAnyChar("\t\n"));
    int made = -1;
    EXPECT_TRUE(parts.size() >= 2 && absl::SimpleAtoi(parts[1], &made)) << *row;
    return made;
  }
  int NewScratch() { return ScratchMade() - made_; }

  static void ExpectRightMissing(const grpc::Status& status, const std::string& lacking, const std::string& what) {
    EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED) << what << ": " << status.error_message();
    EXPECT_TRUE(HasReason(status, "RIGHT_MISSING")) << what << ": " << status.error_message();
    EXPECT_THAT(status.error_message(),
                HasSubstr(absl::StrCat("no role of ", lacking, " gives the right RIGHT_EXECUTE_IN_SCRATCH: ")))
        << what;
  }

  static test_support::TestDatabase* database_;
  std::unique_ptr<ServingSite> azure_, gcp_;
  int made_ = 0;
};
test_support::TestDatabase* ScratchRightTest::database_ = nullptr;

// The shipped policy, but that the reader may call every method: it is the right that stops it, not the list.
std::string WithAllMethodsForTheReader() {
  return absl::StrReplaceAll(ShippedPolicy(),
                             {{"{ identity: \"spiffe://bonnie/reader\" roles: \"caller\" roles: \"reader\" }",
                               "{ identity: \"spiffe://bonnie/reader\" roles: \"caller\" roles: \"all\" }\n"
                               "roles { name: \"all\" methods: \"bonnie.schema.v1.SchemaService/*\" "
                               "methods: \"bonnie.schema.v1.MigrationService/*\" }"}});
}

TEST_F(ScratchRightTest, AReaderHasNothingExecuted) {
  Start(WithAllMethodsForTheReader(), WithAllMethodsForTheReader());
  for (const char* site : {"", "azure", "gcp"}) {
    for (const Request& request : ReachingScratch()) {
      SetSite(site, request.message.get());
      ExpectRightMissing(Send(azure_->Channel("reader"), request.method, *request.message, {}),
                         "spiffe://bonnie/reader", request.what);
    }
  }
  EXPECT_EQ(NewScratch(), 0);
  EXPECT_THAT(gcp_->Log(), ::testing::Not(HasSubstr("RIGHT_MISSING"))) << "refused at once, and not by the peer";
}

TEST_F(ScratchRightTest, AReaderReadsTheLiveSchemaOfBothSites) {
  Start(ShippedPolicy(), ShippedPolicy());
  for (const char* site : {"azure", "gcp"}) {
    for (const Request& request : ReadingTheLiveSchema()) {
      SetSite(site, request.message.get());
      const grpc::Status status = Send(azure_->Channel("reader"), request.method, *request.message, {});
      EXPECT_TRUE(status.ok()) << request.what << ": " << status.error_message();
    }
  }
  EXPECT_EQ(NewScratch(), 0);
}

TEST_F(ScratchRightTest, AMigratorHasThemExecuted) {
  Start(ShippedPolicy(), ShippedPolicy());
  for (const char* site : {"azure", "gcp"}) {
    ForgetStart();
    for (const Request& request : ReachingScratch()) {
      SetSite(site, request.message.get());
      const grpc::Status status = Send(azure_->Channel("migrator"), request.method, *request.message, {});
      EXPECT_NE(status.error_code(), grpc::StatusCode::PERMISSION_DENIED)
          << site << " " << request.what << ": " << status.error_message();
    }
    EXPECT_GT(NewScratch(), 0) << site;  // so the counter counts
  }
}

TEST_F(ScratchRightTest, NoRoleOfTheShippedPolicyButTwoReachesScratch) {
  Start(ShippedPolicy(), ShippedPolicy());
  for (const char* identity : {"reader", "auditor", "approver", "clerk", "clinician", "stranger"}) {
    for (const Request& request : ReachingScratch()) {
      const grpc::Status status = Send(azure_->Channel(identity), request.method, *request.message, {});
      EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED)
          << identity << " " << request.what << ": " << status.error_message();
    }
  }
  EXPECT_EQ(NewScratch(), 0);
}

TEST_F(ScratchRightTest, APeerWithoutTheRightForwardsNoSql) {
  std::string policy = ShippedPolicy();
  const std::string peer = "  name: \"peer\"";
  const size_t begin = policy.find("  rights: RIGHT_EXECUTE_IN_SCRATCH\n", policy.find(peer));
  ASSERT_NE(begin, std::string::npos);
  policy.erase(begin, std::string("  rights: RIGHT_EXECUTE_IN_SCRATCH\n").size());
  Start(ShippedPolicy(), policy);
  for (const Request& request : ReachingScratch()) {
    SetSite("gcp", request.message.get());
    ExpectRightMissing(Send(azure_->Channel("migrator"), request.method, *request.message, {}),
                       "spiffe://bonnie/azure-schema", request.what);
  }
  EXPECT_EQ(NewScratch(), 0);
}

TEST_F(ScratchRightTest, TheConsoleForwardsNoSqlWhoeverItCallsFor) {
  Start(ShippedPolicy(), ShippedPolicy());
  const Metadata on_behalf = {{"bonnie-origin-identity", "spiffe://bonnie/client"}};
  for (const char* site : {"azure", "gcp"}) {
    for (const Request& request : ReachingScratch()) {
      SetSite(site, request.message.get());
      const grpc::Status status = Send(azure_->Channel("web"), request.method, *request.message, on_behalf);
      EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED) << request.what;
      EXPECT_TRUE(HasReason(status, "RIGHT_MISSING") || HasReason(status, "PEER_MAY_NOT_FORWARD")) << request.what;
    }
    for (const Request& request : ReadingTheLiveSchema()) {
      SetSite(site, request.message.get());
      const grpc::Status status = Send(azure_->Channel("web"), request.method, *request.message, on_behalf);
      EXPECT_TRUE(status.ok()) << request.what << ": " << status.error_message();
    }
  }
  EXPECT_EQ(NewScratch(), 0);
}

}  // namespace
}  // namespace bonnie::schema
