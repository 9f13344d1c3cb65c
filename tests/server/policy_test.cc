#include "services/server/policy.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "bonnie/records/v1/medical_record_service.pb.h"
#include "bonnie/records/v1/patient_service.pb.h"
#include "bonnie/records/v1/status_service.pb.h"
#include "bonnie/schema/v1/migration_service.pb.h"
#include "bonnie/schema/v1/schema_service.pb.h"
#include "grpc/health/v1/health.pb.h"
#include "grpc/reflection/v1/reflection.pb.h"
#include "grpc/reflection/v1alpha/reflection.pb.h"

namespace bonnie::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kPolicy[] = R"(
roles { name: "reader" methods: "p.S/Get" methods: "p.S/List" }
roles { name: "desk" methods: "p.S/*" hidden_fields: "a" hidden_fields: "b" }
roles { name: "clerk" methods: "p.S/Get" hidden_fields: "b" hidden_fields: "c" }
roles { name: "other" methods: "p.T/*" }
bindings { identity: "reader" roles: "reader" }
bindings { identity: "desk" roles: "desk" }
bindings { identity: "desk-clerk" roles: "desk" roles: "clerk" }
bindings { identity: "desk-other" roles: "desk" roles: "other" }
bindings { identity: "desk-reader" roles: "desk" roles: "reader" }
)";

absl::StatusOr<std::shared_ptr<const Policy>> Make(const std::string& text, const Policy* before = nullptr) {
  config::v1::RolePolicy config;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &config));
  return Policy::Make(config, before);
}

TEST(PolicyTest, AllowsWhatARoleNamesAndNothingElse) {
  const auto policy = Make(kPolicy);
  ASSERT_TRUE(policy.ok()) << policy.status();
  const struct {
    const char* identity;
    const char* method;
    const char* all;
    bool allowed;
  } kCases[] = {
      {"reader", "p.S/Get", "p.S/*", true},  {"reader", "p.S/Delete", "p.S/*", false},
      {"reader", "p.T/Get", "p.T/*", false}, {"desk", "p.S/Delete", "p.S/*", true},
      {"desk", "p.SS/Get", "p.SS/*", false}, {"desk-other", "p.T/Any", "p.T/*", true},
      {"reader", "p.S/get", "p.S/*", false},
  };
  for (const auto& test : kCases) {
    const Grant* grant = (*policy)->Find(test.identity);
    ASSERT_NE(grant, nullptr) << test.identity;
    EXPECT_EQ(grant->Allows(test.method, test.all), test.allowed) << test.identity << " " << test.method;
  }
  for (const char* nobody : {"", "rea", "reader ", "Reader", "*"})
    EXPECT_EQ((*policy)->Find(nobody), nullptr) << nobody;
}

TEST(PolicyTest, HidesWhatEveryRoleThatAllowsTheMethodHides) {
  const auto policy = Make(kPolicy);
  const auto hidden = [&](const char* identity, const char* method) {
    return *(*policy)->Find(identity)->Hidden(method, "p.S/*");
  };
  EXPECT_THAT(hidden("reader", "p.S/Get"), IsEmpty());
  EXPECT_THAT(hidden("desk", "p.S/Get"), ElementsAre("a", "b"));
  EXPECT_THAT(hidden("desk-clerk", "p.S/Get"), ElementsAre("b"));
  // The other role does not allow the method, so it uncovers nothing.
  EXPECT_THAT(hidden("desk-other", "p.S/Get"), ElementsAre("a", "b"));
  EXPECT_THAT(hidden("desk-clerk", "p.S/List"), ElementsAre("a", "b"));
  EXPECT_THAT(hidden("desk-reader", "p.S/Get"), IsEmpty());
}

TEST(PolicyTest, KeepsTheQuotaOfAnIdentityThroughAReload) {
  const auto before = Make(kPolicy);
  const auto after = Make("bindings { identity: \"reader\" roles: \"r\" } roles { name: \"r\" }", before->get());
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_EQ(&(*before)->Find("reader")->quota(), &(*after)->Find("reader")->quota());
}

TEST(PolicyTest, RefusesContradictions) {
  const struct {
    const char* policy;
    const char* want;
  } kCases[] = {
      {"roles { name: \"a\" } roles { name: \"a\" }", "a is there twice"},
      {"roles { methods: \"p.S/Get\" }", "name: missing"},
      {"roles { name: \"a\" methods: \"Get\" }", "want package.Service/Method"},
      {"bindings { identity: \"x\" roles: \"a\" }", "there is no role a"},
      {"bindings { identity: \"x\" }", "roles: missing"},
      {"roles { name: \"a\" } bindings { roles: \"a\" }", "identity: missing"},
      {"roles { name: \"a\" } bindings { identity: \"x\" roles: \"a\" } bindings { identity: \"x\" roles: \"a\" }",
       "x is bound twice"},
  };
  for (const auto& test : kCases) {
    const auto policy = Make(test.policy);
    EXPECT_EQ(policy.status().code(), absl::StatusCode::kInvalidArgument) << test.policy;
    EXPECT_THAT(std::string(policy.status().message()), HasSubstr(test.want));
  }
}

TEST(PolicyFileTest, TakesAChangeOverAndKeepsTheOldPolicyWhenTheNewOneIsBad) {
  const std::string file =
      (std::filesystem::path(::testing::TempDir()) / absl::StrCat("policy-", getpid(), ".textproto")).string();
  const auto write = [&file](const std::string& text) { std::ofstream(file) << text; };
  write("roles { name: \"r\" methods: \"p.S/*\" } bindings { identity: \"one\" roles: \"r\" }");
  const auto policy = PolicyFile::Open(file);
  ASSERT_TRUE(policy.ok()) << policy.status();
  EXPECT_EQ((*policy)->Reload().value_or(true), false);  // unchanged

  write("roles { name: \"r\" } bindings { identity: \"two\" roles: \"nobody\" }");
  const absl::StatusOr<bool> bad = (*policy)->Reload();
  EXPECT_THAT(std::string(bad.status().message()), HasSubstr(absl::StrCat(file, ":1:21: ")));
  EXPECT_NE((*policy)->current()->Find("one"), nullptr);
  EXPECT_EQ((*policy)->Reload().value_or(true), false);  // told once

  write("roles { name: \"r\" } bindings { identity: \"three\" roles: \"r\" } # good again");
  EXPECT_EQ((*policy)->Reload().value_or(false), true);
  EXPECT_EQ((*policy)->current()->Find("one"), nullptr);
  EXPECT_NE((*policy)->current()->Find("three"), nullptr);
  std::filesystem::remove(file);
  EXPECT_FALSE((*policy)->Reload().ok());
  EXPECT_NE((*policy)->current()->Find("three"), nullptr);
}

// A method that the policy forgets is one that nobody can call: it is told here, not by a user.
TEST(LocalPolicyTest, NamesEveryMethodOfEveryService) {
  const google::protobuf::FileDescriptor* files[] = {
      records::v1::GetPatientRequest::descriptor()->file(),
      records::v1::GetMedicalRecordRequest::descriptor()->file(),
      records::v1::GetStatusRequest::descriptor()->file(),
      schema::v1::GetCurrentRequest::descriptor()->file(),
      schema::v1::CheckSiteRequest::descriptor()->file(),
      grpc::health::v1::HealthCheckRequest::descriptor()->file(),
      grpc::reflection::v1::ServerReflectionRequest::descriptor()->file(),
      grpc::reflection::v1alpha::ServerReflectionRequest::descriptor()->file()};
  const auto policy = Policy::Load(BONNIE_SOURCE_DIR "/deploy/local/policy.textproto", nullptr);
  ASSERT_TRUE(policy.ok()) << policy.status();
  const Grant* everything = (*policy)->Find("spiffe://bonnie/client");  // who may call every method of the local system
  ASSERT_NE(everything, nullptr);
  for (const auto* file : files) {
    ASSERT_GT(file->service_count(), 0) << file->name();
    for (int i = 0; i < file->service_count(); ++i) {
      const auto& service = *file->service(i);
      for (int k = 0; k < service.method_count(); ++k) {
        const std::string name = absl::StrCat(service.full_name(), "/", service.method(k)->name());
        EXPECT_TRUE(everything->Allows(name, service.full_name() + "/*")) << name;
      }
    }
  }
  EXPECT_EQ((*policy)->Find("spiffe://bonnie/stranger"), nullptr);
}

TEST(PolicyTest, OnlyTheRoleNamedPeerMakesAPeer) {
  const auto policy = Make(absl::StrCat(kPolicy, R"(
roles { name: "peer" }
roles { name: "peers" methods: "p.S/*" }
bindings { identity: "gcp" roles: "peer" }
bindings { identity: "not" roles: "peers" roles: "reader" }
)"));
  ASSERT_TRUE(policy.ok()) << policy.status();
  EXPECT_TRUE((*policy)->Find("gcp")->is_peer());
  EXPECT_FALSE((*policy)->Find("gcp")->Allows("p.S/Get", "p.S/*"));
  EXPECT_FALSE((*policy)->Find("not")->is_peer());
  EXPECT_FALSE((*policy)->Find("desk")->is_peer());
}

}  // namespace
}  // namespace bonnie::server
