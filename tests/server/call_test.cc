#include "services/server/call.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "services/data_access/fault.h"
#include "services/server/error.h"
#include "services/server/metrics.h"
#include "tests/server/test_server.h"

namespace bonnie::server {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// The line of the last "rpc" event.
nlohmann::json LastRpc(TestServer& server) {
  nlohmann::json last;
  std::istringstream lines(server.Log());
  for (std::string line; std::getline(lines, line);) {
    const nlohmann::json parsed = nlohmann::json::parse(line);
    if (parsed["event"] == "rpc") last = parsed;
  }
  return last;
}

std::string Trailer(const grpc::ClientContext& context, const char* key) {
  const auto& trailers = context.GetServerTrailingMetadata();
  const auto found = trailers.find(key);
  return found == trailers.end() ? "" : std::string(found->second.data(), found->second.size());
}

TEST(CallTest, AnswersLogsAndCounts) {
  TestServer server;
  server.status.handler = [](UnaryCall* call) {
    EXPECT_EQ(call->identity(), "spiffe://bonnie/client");
    EXPECT_TRUE(call->hidden_fields().empty());
    call->Note("patient_id", std::int64_t{7});
    call->Note("outcome", absl::string_view("found"));
    call->Finish(absl::OkStatus());
  };
  grpc::ClientContext context;
  context.AddMetadata("x-request-id", "abc-1");
  context.AddMetadata("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  EXPECT_TRUE(CallGetStatus(server, "client", context).ok());
  EXPECT_EQ(Trailer(context, "x-request-id"), "abc-1");
  const nlohmann::json line = LastRpc(server);
  EXPECT_EQ(line["method"], "bonnie.records.v1.StatusService/GetStatus");
  EXPECT_EQ(line["code"], "OK");
  EXPECT_EQ(line["principal"], "spiffe://bonnie/client");
  EXPECT_EQ(line["patient_id"], 7);
  EXPECT_EQ(line["outcome"], "found");
  EXPECT_EQ(line["x_request_id"], "abc-1");
  EXPECT_EQ(line["trace_id"], "0af7651916cd43dd8448eb211c80319c");
  EXPECT_THAT(line["peer"].get<std::string>(), HasSubstr("127.0.0.1"));
  EXPECT_GE(line["ms"], 0);
  const std::string metrics = server.server->metrics().Text();
  const std::string labels =
      "grpc_method=\"GetStatus\",grpc_service=\"bonnie.records.v1.StatusService\",grpc_type=\"unary\"} 1";
  EXPECT_THAT(metrics, HasSubstr("grpc_server_started_total{" + labels));
  EXPECT_THAT(metrics, HasSubstr("grpc_server_handled_total{grpc_code=\"OK\"," + labels));
  EXPECT_THAT(metrics, HasSubstr("grpc_server_msg_sent_total{" + labels));
  EXPECT_EQ(server.server->calls().in_flight(), 0);
}

TEST(CallTest, AsksThePolicyFirst) {
  TestServer server;
  std::atomic<int> handled{0};
  server.status.handler = [&](UnaryCall* call) {
    ++handled;
    call->Finish(absl::OkStatus());
  };
  const grpc::Status reader = CallGetStatus(server, "reader");
  EXPECT_EQ(reader.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(ReasonIn(reader), "ROLE_MISSING");
  const grpc::Status stranger = CallGetStatus(server, "stranger");
  EXPECT_EQ(stranger.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(stranger.error_message(), reader.error_message());  // tells nobody which identities exist
  EXPECT_EQ(handled, 0);
  EXPECT_EQ(LastRpc(server)["principal"], "spiffe://bonnie/stranger");
  EXPECT_TRUE(CallGetStatus(server).ok());
}

TEST(CallTest, AWrongAddressDoesNotAnswerForTheSiteThatTheCallerMeans) {
  TestServer server;  // of site azure
  std::atomic<int> handled{0};
  server.status.handler = [&](UnaryCall* call) {
    ++handled;
    call->Finish(absl::OkStatus());
  };
  server.apply.handler = [&](StreamCall&) {
    ++handled;
    return absl::OkStatus();
  };
  const auto apply = [&](grpc::ClientContext& context) {
    schema::v1::ApplyPlanResponse response;
    const auto stub = schema::v1::MigrationService::NewStub(server.Channel());
    const auto reader = stub->ApplyPlan(&context, schema::v1::ApplyPlanRequest());
    while (reader->Read(&response)) {
    }
    return reader->Finish();
  };
  for (const char* meant : {"azure", ""}) {
    grpc::ClientContext unary, stream;
    unary.AddMetadata("bonnie-site", meant);
    stream.AddMetadata("bonnie-site", meant);
    EXPECT_TRUE(CallGetStatus(server, "client", unary).ok()) << meant;
    EXPECT_TRUE(apply(stream).ok()) << meant;
  }
  EXPECT_EQ(handled, 4);
  grpc::ClientContext unary, stream, stranger;
  for (grpc::ClientContext* context : {&unary, &stream, &stranger}) context->AddMetadata("bonnie-site", "gcp");
  for (const grpc::Status& status : {CallGetStatus(server, "client", unary), apply(stream)}) {
    EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
    EXPECT_EQ(ReasonIn(status), "SITE_MISMATCH");
    EXPECT_THAT(status.error_message(), HasSubstr("this is site azure, and the caller means site gcp"));
  }
  EXPECT_EQ(ReasonIn(CallGetStatus(server, "stranger", stranger)),
            "ROLE_MISSING");  // who may ask nothing learns nothing
  EXPECT_EQ(handled, 4);
}

TEST(CallTest, WantsAnIdentityInTheCertificate) {
  // A certificate of our CA without any SAN.
  const std::string base = TestFolder() + "/nameless";
  const std::string command =
      absl::StrCat("cd ", TestFolder(), " && openssl ecparam -name prime256v1 -genkey -noout -out ", base,
                   ".key 2>/dev/null && ", "openssl req -new -key ", base,
                   ".key -subj /O=Bonnie/CN=client | openssl x509 -req -days 2 -CA pki/ca.pem -CAkey ",
                   "pki/ca.key -set_serial 77 -out ", base, ".pem 2>/dev/null");
  ASSERT_EQ(std::system(command.c_str()), 0);
  TestServer server;
  const grpc::Status status = CallGetStatus(server, "../nameless");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(ReasonIn(status), "NO_IDENTITY");
}

TEST(CallTest, ADnsNameNeverCountsAsAUriOfTheSameLetters) {
  TestServer server;
  const std::string file = server.folder + "/policy.textproto";
  const std::string policy = ReadText(file);
  const auto refused_as = [&](const std::string& identity, grpc::StatusCode code, const std::string& reason,
                              const std::string& principal) {
    const grpc::Status status = CallGetStatus(server, "variants/" + identity);
    EXPECT_EQ(status.error_code(), code) << identity << ": " << status.error_message();
    EXPECT_EQ(ReasonIn(status), reason) << identity;
    EXPECT_EQ(LastRpc(server)["principal"], principal);
  };
  // spiffe://bonnie/client may call it; a DNS name spelt so is another identity.
  refused_as("dns-like-uri", grpc::StatusCode::PERMISSION_DENIED, "ROLE_MISSING", "dns:spiffe://bonnie/client");
  // Beside a URI a DNS name counts for nothing: this one is the reader.
  refused_as("reader-with-dns", grpc::StatusCode::PERMISSION_DENIED, "ROLE_MISSING", "spiffe://bonnie/reader");
  refused_as("dns", grpc::StatusCode::PERMISSION_DENIED, "ROLE_MISSING", "dns:ann.example.org");
  WriteText(file, policy + "bindings { identity: \"dns:ann.example.org\" roles: \"all\" }");
  EXPECT_TRUE(Eventually([&] { return CallGetStatus(server, "variants/dns").ok(); }));
  // And a URI is no DNS name either.
  refused_as("uri-like-dns", grpc::StatusCode::UNAUTHENTICATED, "IDENTITY_INVALID", "dns:ann.example.org");
  refused_as("uri-without-scheme", grpc::StatusCode::UNAUTHENTICATED, "IDENTITY_INVALID", "insecure");
}

TEST(CallTest, ACertificateWithTwoIdentitiesHasNone) {
  TestServer server;
  for (const char* identity : {"two-uris", "two-dns"}) {
    const grpc::Status status = CallGetStatus(server, absl::StrCat("variants/", identity));
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED) << identity;
    EXPECT_EQ(ReasonIn(status), "AMBIGUOUS_IDENTITY") << identity;
  }
}

TEST(CallTest, ALongIdentityIsRefusedAndCutInTheLog) {
  TestServer server;
  const grpc::Status status = CallGetStatus(server, "variants/long");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(ReasonIn(status), "IDENTITY_TOO_LONG");
  const std::string principal = LastRpc(server)["principal"];
  EXPECT_EQ(principal.size(), 512u);
  EXPECT_THAT(principal, HasSubstr("spiffe://bonnie/client/aaaa"));
}

// A server whose policy lets `reader` forward GetStatus for people of spiffe://bonnie/people/, and hides different
// fields from the two.
class ForwardedCallTest : public ::testing::Test {
 protected:
  ForwardedCallTest() {
    const std::string file = server_.folder + "/policy.textproto";
    WriteText(file, R"(
      roles { name: "all" methods: "bonnie.records.v1.StatusService/*" hidden_fields: "get_status_response.version"
              rights: RIGHT_EXECUTE_IN_SCRATCH }
      roles { name: "health" methods: "grpc.health.v1.Health/*" rights: RIGHT_EXECUTE_IN_SCRATCH }
      roles { name: "peer" hidden_fields: "database_status"
              forwards { methods: "bonnie.records.v1.StatusService/GetStatus" speaks_for: "spiffe://bonnie/people/*" } }
      roles { name: "whole-peer" rights: RIGHT_EXECUTE_IN_SCRATCH
              forwards { methods: "bonnie.records.v1.StatusService/*" speaks_for: "spiffe://bonnie/people/ann" } }
      bindings { identity: "spiffe://bonnie/client" roles: "all" }
      bindings { identity: "spiffe://bonnie/reader" roles: "peer" }
      bindings { identity: "spiffe://bonnie/clerk" roles: "whole-peer" }
      bindings { identity: "spiffe://bonnie/people/ann" roles: "all" }
      bindings { identity: "spiffe://bonnie/people/bob" roles: "health" }
    )");
    EXPECT_TRUE(Eventually([&] { return server_.Log().find("\"reloaded\"") != std::string::npos; }));
    server_.status.fill = [](records::v1::GetStatusResponse& response) {
      response.set_version("1.2.3");
      response.mutable_database()->set_version("11.4");
    };
  }

  grpc::Status Call(const std::string& caller, const std::map<std::string, std::string>& metadata) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(5));
    for (const auto& [key, value] : metadata) context.AddMetadata(key, value);
    response_.Clear();
    return records::v1::StatusService::NewStub(server_.Channel(caller))
        ->GetStatus(&context, records::v1::GetStatusRequest(), &response_);
  }

  TestServer server_;
  records::v1::GetStatusResponse response_;
};

TEST_F(ForwardedCallTest, HasTheRightsThatThePeerAndThePersonHave) {
  const struct {
    const char* caller;
    std::map<std::string, std::string> metadata;
    const char* reason;  // empty: allowed
  } kCases[] = {
      {"reader", {{"bonnie-origin-identity", "spiffe://bonnie/people/ann"}}, ""},
      // What the person may not do, no peer does for it.
      {"reader", {{"bonnie-origin-identity", "spiffe://bonnie/people/bob"}}, "ROLE_MISSING"},
      {"reader", {{"bonnie-origin-identity", "spiffe://bonnie/people/nobody"}}, "ROLE_MISSING"},
      // Whom the peer may not speak for, it does not, whatever that one may do.
      {"reader", {{"bonnie-origin-identity", "spiffe://bonnie/client"}}, "PEER_MAY_NOT_FORWARD"},
      {"clerk", {{"bonnie-origin-identity", "spiffe://bonnie/people/bob"}}, "PEER_MAY_NOT_FORWARD"},
      {"reader",
       {{"bonnie-origin-identity", "spiffe://bonnie/people/" + std::string(600, 'a')}},
       "PEER_MAY_NOT_FORWARD"},
      {"reader", {{"bonnie-origin-site", "gcp"}}, "PEER_MAY_NOT_FORWARD"},
      // By itself it may nothing; and nobody else is believed.
      {"reader", {}, "ROLE_MISSING"},
      {"client", {{"bonnie-origin-identity", "spiffe://bonnie/people/ann"}}, "PEER_ROLE_MISSING"},
      {"stranger", {{"bonnie-origin-identity", "spiffe://bonnie/people/ann"}}, "PEER_ROLE_MISSING"},
  };
  for (const auto& test : kCases) {
    const grpc::Status status = Call(test.caller, test.metadata);
    const std::string what = absl::StrCat(test.caller, ": ", status.error_message());
    EXPECT_EQ(status.ok(), std::string(test.reason).empty()) << what;
    if (status.ok()) continue;
    EXPECT_EQ(ReasonIn(status), test.reason) << what;
    EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED) << what;
  }
}

TEST_F(ForwardedCallTest, ThePeerIsDeniedMethodsThatItMayNotForward) {
  grpc::ClientContext context;
  context.AddMetadata("bonnie-origin-identity", "spiffe://bonnie/people/bob");
  grpc::health::v1::HealthCheckResponse response;
  const grpc::Status status = grpc::health::v1::Health::NewStub(server_.Channel("reader"))
                                  ->Check(&context, grpc::health::v1::HealthCheckRequest(), &response);
  EXPECT_EQ(ReasonIn(status), "PEER_MAY_NOT_FORWARD") << status.error_message();
}

// Of two persons nobody could say for which one the rights were asked.
TEST_F(ForwardedCallTest, APeerThatNamesTwoPersonsIsRefused) {
  for (const char* key : {"bonnie-origin-identity", "bonnie-origin-site"}) {
    grpc::ClientContext context;
    context.AddMetadata("bonnie-origin-identity", "spiffe://bonnie/people/ann");
    context.AddMetadata(key, "spiffe://bonnie/people/ann");
    context.AddMetadata(key, "spiffe://bonnie/people/bob");
    records::v1::GetStatusResponse response;
    const grpc::Status status = records::v1::StatusService::NewStub(server_.Channel("reader"))
                                    ->GetStatus(&context, records::v1::GetStatusRequest(), &response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << status.error_message();
    EXPECT_NE(status.error_message().find("must be given once"), std::string::npos) << status.error_message();
  }
}

TEST_F(ForwardedCallTest, HidesWhatEitherHides) {
  ASSERT_TRUE(Call("client", {}).ok());
  EXPECT_EQ(response_.version(), "");
  EXPECT_EQ(response_.database().version(), "11.4");
  EXPECT_EQ(response_.site(), "azure");
  ASSERT_TRUE(Call("reader", {{"bonnie-origin-identity", "spiffe://bonnie/people/ann"}}).ok());
  EXPECT_EQ(response_.version(), "");
  EXPECT_EQ(response_.database().version(), "");
  EXPECT_EQ(response_.site(), "azure");
  EXPECT_EQ(LastRpc(server_)["principal"], "spiffe://bonnie/people/ann");
  EXPECT_EQ(LastRpc(server_)["via"], "spiffe://bonnie/reader");
}

TEST_F(ForwardedCallTest, ARightMustBeBoths) {
  server_.status.handler = [&](UnaryCall* call) {
    call->Finish(call->Require(config::v1::RIGHT_EXECUTE_IN_SCRATCH, "the test wants it"));
  };
  const std::map<std::string, std::string> for_ann = {{"bonnie-origin-identity", "spiffe://bonnie/people/ann"}};
  EXPECT_TRUE(Call("client", {}).ok());
  EXPECT_TRUE(Call("clerk", for_ann).ok());
  const grpc::Status status = Call("reader", for_ann);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(ReasonIn(status), "RIGHT_MISSING");
  EXPECT_EQ(status.error_message(),
            "no role of spiffe://bonnie/reader gives the right RIGHT_EXECUTE_IN_SCRATCH: the test wants it");
}

TEST_F(ForwardedCallTest, OnlyASiteMarksACallAsPassedOn) {
  std::atomic<int> passed_on{0};
  server_.status.handler = [&](UnaryCall* call) {
    passed_on += call->is_forwarded();
    call->Finish(absl::OkStatus());
  };
  std::map<std::string, std::string> metadata = {{"bonnie-origin-identity", "spiffe://bonnie/people/ann"}};
  ASSERT_TRUE(Call("reader", metadata).ok());
  EXPECT_EQ(passed_on, 0);  // of the console: it may still go to a peer
  metadata["bonnie-origin-site"] = "gcp";
  ASSERT_TRUE(Call("reader", metadata).ok());
  EXPECT_EQ(passed_on, 1);
}

TEST(CallTest, TakesAChangedPolicyOverAndKeepsTheOldOneWhenItIsBad) {
  TestServer server;
  const std::string file = server.folder + "/policy.textproto";
  const std::string policy = ReadText(file);
  WriteText(file, "roles { nme: \"x\" }");
  ASSERT_TRUE(Eventually([&] { return server.Log().find("reload_failed") != std::string::npos; }));
  EXPECT_THAT(server.Log(), HasSubstr("policy.textproto:1:9: "));
  EXPECT_THAT(server.server->metrics().Text(), HasSubstr("bonnie_reload_failures_total{what=\"policy\"} 1"));
  EXPECT_TRUE(CallGetStatus(server).ok());
  WriteText(file, policy + "bindings { identity: \"spiffe://bonnie/stranger\" roles: \"all\" }");
  EXPECT_TRUE(Eventually([&] { return CallGetStatus(server, "stranger").ok(); }));
}

TEST(CallTest, MapsErrorsToDetails) {
  TestServer server;
  server.status.handler = [](UnaryCall* call) {
    ErrorDetails details;
    details.reason = "PATIENT_NOT_FOUND";
    details.resource = {"bonnie.records.v1.Patient", "patients/7", ""};
    call->Finish(Error(absl::StatusCode::kNotFound, "there is no patient 7", details));
  };
  const grpc::Status status = CallGetStatus(server);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(status.error_message(), "there is no patient 7");
  EXPECT_EQ(ReasonIn(status), "PATIENT_NOT_FOUND");
  EXPECT_EQ(DetailsIn(status).details_size(), 2);
  EXPECT_EQ(LastRpc(server)["reason"], "PATIENT_NOT_FOUND");
}

TEST(CallTest, SendsTheLargestDetailsThatAClientTakes) {
  TestServer server;
  server.status.handler = [](UnaryCall* call) {
    ErrorDetails details;
    details.reason = "INVALID";
    for (int i = 0; i < 20; ++i) details.violations.push_back({"field", std::string(180, 'r')});
    call->Finish(Error(absl::StatusCode::kInvalidArgument, std::string(2000, 'm'), details));
  };
  const grpc::Status status = CallGetStatus(server);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message().size(), 512u);
  EXPECT_EQ(ReasonIn(status), "INVALID");
}

TEST(CallTest, TellsCallersOfAnInternalErrorItsIdOnly) {
  TestServer server;
  server.status.handler = [](UnaryCall* call) {
    data_access::Fault fault;
    fault.number = 1064;
    fault.reason = "INTERNAL";
    call->Finish(data_access::FaultStatus(absl::StatusCode::kInternal, "syntax error near our own words", fault));
  };
  const grpc::Status status = CallGetStatus(server);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_THAT(status.error_message(), Not(HasSubstr("syntax")));
  const nlohmann::json line = LastRpc(server);
  EXPECT_THAT(status.error_message(), HasSubstr(line["error_id"].get<std::string>()));
  EXPECT_EQ(line["level"], "error");
  EXPECT_EQ(line["errno"], 1064);
}

TEST(CallTest, PushesBackWhenOverloaded) {
  TestServer server([](config::v1::Server& config) { config.mutable_limits()->set_max_unary_calls(1); });
  absl::Notification inside;
  UnaryCall* held = nullptr;
  server.status.handler = [&](UnaryCall* call) {
    held = call;
    inside.Notify();
  };
  std::thread first([&] { EXPECT_TRUE(CallGetStatus(server).ok()); });
  inside.WaitForNotification();
  grpc::ClientContext context;
  const grpc::Status refused = CallGetStatus(server, "client", context);
  EXPECT_EQ(refused.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(ReasonIn(refused), "OVERLOADED");
  EXPECT_EQ(Trailer(context, "grpc-retry-pushback-ms"), "100");
  EXPECT_THAT(server.server->metrics().Text(), HasSubstr("bonnie_shed_total{why=\"OVERLOADED\"} 1"));
  held->Finish(absl::OkStatus());
  first.join();
  server.status.handler = [](UnaryCall* call) { call->Finish(absl::OkStatus()); };
  EXPECT_TRUE(CallGetStatus(server).ok());
}

TEST(CallTest, GivesEachCallItsDeadline) {
  TestServer server;
  absl::Duration left;
  server.status.handler = [&left](UnaryCall* call) {
    left = call->budget().deadline - absl::Now();
    call->Finish(absl::OkStatus());
  };
  const auto left_of = [&](absl::Duration timeout) {
    grpc::ClientContext context;
    records::v1::GetStatusResponse response;
    if (timeout < absl::InfiniteDuration()) {
      context.set_deadline(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(timeout));
    }
    EXPECT_TRUE(records::v1::StatusService::NewStub(server.Channel())
                    ->GetStatus(&context, records::v1::GetStatusRequest(), &response)
                    .ok());
    return left;
  };
  const absl::Duration none =
      left_of(absl::InfiniteDuration());  // the method's default: 2 s, less 50 ms for the answer
  EXPECT_LE(none, absl::Milliseconds(1950));
  EXPECT_GT(none, absl::Milliseconds(1500));
  const absl::Duration hour = left_of(absl::Hours(1));  // the method's maximum: 10 s
  EXPECT_LE(hour, absl::Milliseconds(9950));
  EXPECT_GT(hour, absl::Milliseconds(9500));
  const absl::Duration short_one = left_of(absl::Milliseconds(1000));
  EXPECT_LE(short_one, absl::Milliseconds(950));
  EXPECT_GT(short_one, absl::Milliseconds(100));
}

TEST(CallTest, RefusesWhatCannotBeDoneInTime) {
  TestServer server;
  server.status.method =
      Method{"bonnie.records.v1.StatusService", "GetStatus", absl::Milliseconds(19), absl::Milliseconds(19)};
  server.status.handler = [](UnaryCall* call) {
    ADD_FAILURE() << "a handler ran";
    call->Finish(absl::OkStatus());
  };
  const grpc::Status status = CallGetStatus(server);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_EQ(ReasonIn(status), "DEADLINE_TOO_SHORT");
  EXPECT_EQ(server.server->calls().in_flight(), 0);
}

TEST(CallTest, TellsTheHandlerThatTheCallerWentAway) {
  TestServer server;
  absl::Notification inside, cancelled;
  UnaryCall* held = nullptr;
  server.status.handler = [&](UnaryCall* call) {
    held = call;
    call->budget().cancellation->Listen([&] { cancelled.Notify(); });
    inside.Notify();
  };
  grpc::ClientContext context;
  std::thread caller(
      [&] { EXPECT_EQ(CallGetStatus(server, "client", context).error_code(), grpc::StatusCode::CANCELLED); });
  inside.WaitForNotification();
  context.TryCancel();
  EXPECT_TRUE(cancelled.WaitForNotificationWithTimeout(absl::Seconds(5)));
  EXPECT_TRUE(held->budget().cancellation->cancelled());
  caller.join();
  EXPECT_EQ(server.server->calls().in_flight(), 1);  // until its handler has finished it
  held->budget().cancellation->Listen({});
  held->Finish(absl::CancelledError("the caller went away"));
  EXPECT_EQ(server.server->calls().in_flight(), 0);
}

TEST(CallTest, FinishesManyCallsFromOtherThreadsOnceEach) {
  TestServer server;
  std::atomic<int> running{0};
  server.status.handler = [&running](UnaryCall* call) {
    ++running;
    std::thread([call, &running] {
      call->Finish(absl::OkStatus());
      --running;
    }).detach();
  };
  std::vector<std::thread> callers;
  std::atomic<int> ok{0};
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] {
      const auto stub = records::v1::StatusService::NewStub(server.Channel());
      for (int k = 0; k < 100; ++k) {
        grpc::ClientContext context;
        if (k % 3 == 0) context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(k % 7));
        records::v1::GetStatusResponse response;
        ok += stub->GetStatus(&context, records::v1::GetStatusRequest(), &response).ok();
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_GE(ok, 4 * 66);
  EXPECT_TRUE(Eventually([&] { return running == 0 && server.server->calls().in_flight() == 0; }));
  EXPECT_EQ(server.Stop(), absl::OkStatus());  // an unfinished reactor would hold it for ever
}

TEST(CallTest, WhatACallerSendsAsMetadataIsCutInTheLog) {
  TestServer server;
  grpc::ClientContext context;
  context.AddMetadata("x-request-id", std::string(1500, 'r') + "\\\"}");
  context.AddMetadata("traceparent", "00-\"},{\"event\":\"" + std::string(1500, 't'));
  context.AddMetadata("bonnie-site", std::string(1500, 's'));
  EXPECT_EQ(CallGetStatus(server, "client", context).error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  const nlohmann::json line = LastRpc(server);
  EXPECT_EQ(line["x_request_id"], std::string(64, 'r'));
  EXPECT_EQ(line["trace_id"].get<std::string>().size(), 32u);
  EXPECT_EQ(line["event"], "rpc");
  EXPECT_LT(line.dump().size(), 700u);
}

TEST(CallTest, ServesStreams) {
  TestServer server([](config::v1::Server& config) { config.mutable_limits()->set_max_streams(1); });
  absl::Notification inside, go;
  server.apply.handler = [&](StreamCall& call) {
    EXPECT_EQ(call.identity(), "spiffe://bonnie/client");
    EXPECT_EQ(call.budget().deadline > absl::Now() + absl::Seconds(2), true);
    call.CountSent(3);
    inside.Notify();
    go.WaitForNotification();
    return absl::OkStatus();
  };
  const auto stub = schema::v1::MigrationService::NewStub(server.Channel());
  const auto apply = [&](grpc::ClientContext& context) {
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
    schema::v1::ApplyPlanResponse response;
    const auto reader = stub->ApplyPlan(&context, schema::v1::ApplyPlanRequest());
    while (reader->Read(&response)) {
    }
    return reader->Finish();
  };
  grpc::ClientContext first, second;
  std::thread caller([&] { EXPECT_TRUE(apply(first).ok()); });
  inside.WaitForNotification();
  const grpc::Status refused = apply(second);
  EXPECT_EQ(ReasonIn(refused), "OVERLOADED");
  go.Notify();
  caller.join();
  EXPECT_EQ(LastRpc(server)["method"], "bonnie.schema.v1.MigrationService/ApplyPlan");
  EXPECT_THAT(server.server->metrics().Text(), HasSubstr("grpc_type=\"server_stream\"} 3"));
  EXPECT_EQ(server.server->calls().in_flight(), 0);
}

TEST(CallTest, CountsTheRequestOfAServerStream) {
  TestServer server;
  for (const char* identity : {"client", "stranger"}) {  // refused ones were received too
    grpc::ClientContext context;
    schema::v1::ApplyPlanResponse response;
    const auto reader = schema::v1::MigrationService::NewStub(server.Channel(identity))
                            ->ApplyPlan(&context, schema::v1::ApplyPlanRequest());
    EXPECT_FALSE(reader->Read(&response));
    reader->Finish();
  }
  EXPECT_THAT(server.server->metrics().Text(),
              HasSubstr("grpc_server_msg_received_total{grpc_method=\"ApplyPlan\",grpc_service=\"bonnie.schema.v1."
                        "MigrationService\",grpc_type=\"server_stream\"} 2"));
}

TEST(CallTest, ServesPlaintextOnLoopbackAsInsecure) {
  TestServer server([](config::v1::Server& config) {
    config.clear_tls();
    config.set_insecure_loopback(true);
  });
  grpc::ClientContext context;
  records::v1::GetStatusResponse response;
  const auto channel = grpc::CreateChannel(server.address(), grpc::InsecureChannelCredentials());
  const grpc::Status status =
      records::v1::StatusService::NewStub(channel)->GetStatus(&context, records::v1::GetStatusRequest(), &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED);  // the policy holds there too
  EXPECT_EQ(LastRpc(server)["principal"], "insecure");
}

}  // namespace
}  // namespace bonnie::server
