#include "services/server/policy.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "bonnie/records/v1/resources.pb.h"
#include "services/server/api.h"
#include "services/server/config.h"

namespace bonnie::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

constexpr char kService[] = "bonnie.records.v1.MedicalRecordService";
constexpr char kGet[] = "bonnie.records.v1.MedicalRecordService/GetMedicalRecord";
constexpr char kList[] = "bonnie.records.v1.MedicalRecordService/ListMedicalRecords";
constexpr char kAll[] = "bonnie.records.v1.MedicalRecordService/*";
constexpr char kRoles[] = R"(
roles {
  name: "reader"
  methods: "bonnie.records.v1.MedicalRecordService/GetMedicalRecord"
  methods: "bonnie.records.v1.MedicalRecordService/ListMedicalRecords"
}
roles {
  name: "desk"
  methods: "bonnie.records.v1.MedicalRecordService/*"
  hidden_fields: "medical_record.diagnosis"
  hidden_fields: "medical_record.treatment"
}
roles {
  name: "clerk"
  methods: "bonnie.records.v1.MedicalRecordService/GetMedicalRecord"
  hidden_fields: "medical_record.treatment"
  hidden_fields: "medical_record.source_key"
}
roles { name: "other" methods: "bonnie.records.v1.PatientService/*" }
bindings { identity: "spiffe://bonnie/reader" roles: "reader" }
bindings { identity: "spiffe://bonnie/desk" roles: "desk" }
bindings { identity: "spiffe://bonnie/desk-clerk" roles: "desk" roles: "clerk" }
bindings { identity: "spiffe://bonnie/desk-other" roles: "desk" roles: "other" }
bindings { identity: "spiffe://bonnie/desk-reader" roles: "desk" roles: "reader" }
)";

std::string Of(const std::string& name) { return "spiffe://bonnie/" + name; }
std::string Field(const std::string& name) { return "bonnie.records.v1.MedicalRecord." + name; }

absl::StatusOr<std::shared_ptr<const Policy>> Make(const std::string& text, const Policy* before = nullptr) {
  config::v1::RolePolicy config;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &config));
  return Policy::Make(config, before);
}

TEST(PolicyTest, AllowsWhatARoleNamesAndNothingElse) {
  const auto policy = Make(kRoles);
  ASSERT_TRUE(policy.ok()) << policy.status();
  const std::string remove = absl::StrCat(kService, "/DeleteMedicalRecord");
  const std::string patient = "bonnie.records.v1.PatientService/GetPatient";
  const std::string patients = "bonnie.records.v1.PatientService/*";
  const struct {
    const char* name;
    std::string method;
    std::string all;
    bool allowed;
  } kCases[] = {
      {"reader", kGet, kAll, true},
      {"reader", remove, kAll, false},
      {"reader", patient, patients, false},
      {"desk", remove, kAll, true},
      {"desk", "bonnie.records.v1.MedicalRecordServices/Get", "bonnie.records.v1.MedicalRecordServices/*", false},
      {"desk-other", patient, patients, true},
      {"reader", absl::StrCat(kService, "/getMedicalRecord"), kAll, false},
  };
  for (const auto& test : kCases) {
    const Grant* grant = (*policy)->Find(Of(test.name));
    ASSERT_NE(grant, nullptr) << test.name;
    EXPECT_EQ(grant->Allows(test.method, test.all), test.allowed) << test.name << " " << test.method;
  }
  for (const char* nobody : {"", "rea", "reader ", "Reader", "*"}) {
    EXPECT_EQ((*policy)->Find(Of(nobody)), nullptr) << nobody;
    EXPECT_EQ((*policy)->Find(nobody), nullptr) << nobody;
  }
}

TEST(PolicyTest, HidesWhatEveryRoleThatAllowsTheMethodHides) {
  const auto policy = Make(kRoles);
  ASSERT_TRUE(policy.ok()) << policy.status();
  const auto hidden = [&](const char* name, const char* method) {
    return *(*policy)->Find(Of(name))->Hidden(method, kAll);
  };
  const auto both = UnorderedElementsAre(Field("diagnosis"), Field("treatment"));
  EXPECT_THAT(hidden("reader", kGet), IsEmpty());
  EXPECT_THAT(hidden("desk", kGet), both);
  EXPECT_THAT(hidden("desk-clerk", kGet), UnorderedElementsAre(Field("treatment")));
  // The other role does not allow the method, so it uncovers nothing.
  EXPECT_THAT(hidden("desk-other", kGet), both);
  EXPECT_THAT(hidden("desk-clerk", kList), both);
  EXPECT_THAT(hidden("desk-reader", kGet), IsEmpty());
}

// A role's fields, from the names that a policy gives them.
FieldNames HiddenBy(const std::string& names, const char* method = kGet) {
  const auto policy = Make(absl::StrCat("roles { name: \"r\" methods: \"", method, "\" ", names,
                                        " } bindings { identity: \"insecure\" roles: \"r\" }"));
  EXPECT_TRUE(policy.ok()) << policy.status();
  return policy.ok() ? *(*policy)->Find("insecure")->Hidden(method, kAll) : FieldNames();
}

TEST(PolicyTest, AMessageNameAndAStarHideEveryFieldOfIt) {
  const FieldNames all = HiddenBy("hidden_fields: \"medical_record\"");
  const auto* type = records::v1::MedicalRecord::descriptor();
  EXPECT_EQ(all.size(), static_cast<std::size_t>(type->field_count()));
  for (int i = 0; i < type->field_count(); ++i) EXPECT_TRUE(all.contains(type->field(i)->full_name()));
  EXPECT_EQ(HiddenBy("hidden_fields: \"medical_record.*\""), all);
  // At any depth of a response, and of a message that lists share too.
  EXPECT_EQ(HiddenBy("hidden_fields: \"medical_record\"", "bonnie.records.v1.PatientService/GetPatientChart"), all);
  EXPECT_EQ(HiddenBy("hidden_fields: \"medical_record\"", kList), all);
}

// Seven spellings that were accepted and hid nothing.
TEST(PolicyTest, AMisspelledHiddenFieldIsRefusedAndNotIgnored) {
  const struct {
    const char* name;
    const char* want;
  } kCases[] = {
      {"medical_record.diagnosys", "but medical_record has no such field; it has: admission_date, "},
      {"medical_records.diagnosis", "but no response of the role's methods holds such a message; they hold: "},
      {"MedicalRecord.diagnosis", "no response"},
      {"medicalRecord.diagnosis", "no response"},
      {"diagnosis", "no response"},
      {"medical_record.Diagnosis", "no such field"},
      {"medical_record.diagnosis ", "no such field"},
      {"medical_record.", "no such field"},
      {"medical_record.**", "no such field"},
      {"medical_record.diagnosis.text", "no such field"},
      {"bonnie.records.v1.MedicalRecord.diagnosis", "no response"},
      {"*", "no response"},
      {"*.diagnosis", "no response"},
      {"", "no response"},
      {"patient.first_name", "no response"},  // real, and in no response of this role
  };
  for (const auto& test : kCases) {
    const auto policy =
        Make(absl::StrCat("roles { name: \"r\" methods: \"", kGet, "\" hidden_fields: \"", test.name, "\" }"));
    EXPECT_EQ(policy.status().code(), absl::StatusCode::kInvalidArgument) << test.name;
    EXPECT_THAT(std::string(policy.status().message()), HasSubstr(test.want)) << test.name;
  }
  const auto none = Make("roles { name: \"r\" hidden_fields: \"medical_record.diagnosis\" }");
  EXPECT_THAT(std::string(none.status().message()), HasSubstr("they hold: none"));
}

// One file may serve both services, so each must judge the names of the other one.
TEST(PolicyTest, HidesFieldsOfEitherServiceInEitherBinary) {
  EXPECT_EQ(HiddenBy("hidden_fields: \"revision.text\"", "bonnie.schema.v1.MigrationService/GetRevision").size(), 1u);
  EXPECT_EQ(HiddenBy("hidden_fields: \"patient.contact_number\"", "bonnie.records.v1.PatientService/GetPatient").size(),
            1u);
}

TEST(PolicyTest, KeepsTheQuotaOfAnIdentityThroughAReload) {
  const auto before = Make(kRoles);
  const auto after =
      Make("bindings { identity: \"spiffe://bonnie/reader\" roles: \"r\" } roles { name: \"r\" }", before->get());
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_EQ(&(*before)->Find(Of("reader"))->quota(), &(*after)->Find(Of("reader"))->quota());
}

TEST(PolicyTest, RefusesContradictions) {
  const struct {
    const char* policy;
    const char* want;
  } kCases[] = {
      {"roles { name: \"a\" } roles { name: \"a\" }", "a is there twice"},
      {"roles { methods: \"grpc.health.v1.Health/Check\" }", "name: missing"},
      {"roles { name: \"a\" methods: \"Get\" }", "want package.Service/Method"},
      {"roles { name: \"a\" methods: \"grpc.health.v1.Health/Chek\" }", "grpc.health.v1.Health has no such method"},
      {"roles { name: \"a\" methods: \"grpc.health.v1.Helth/*\" }", "there is no service grpc.health.v1.Helth"},
      {"roles { name: \"a\" rights: RIGHT_UNSPECIFIED }", "must name a right"},
      {"roles { name: \"a\" rights: 77 }", "77, must name a right"},
      {"bindings { identity: \"x:1\" roles: \"a\" }", "there is no role a"},
      {"bindings { identity: \"x:1\" }", "roles: missing"},
      {"roles { name: \"a\" } bindings { identity: \"db.example.org\" roles: \"a\" }",
       "db.example.org, must be a URI such as spiffe://bonnie/client, dns: and a name, or insecure"},
      {"roles { name: \"a\" } bindings { roles: \"a\" }", "identity: missing"},
      {"roles { name: \"a\" } bindings { identity: \"x:1\" roles: \"a\" } bindings { identity: \"x:1\" roles: \"a\" "
       "}",
       "x:1 is bound twice"},
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
  const std::string role = absl::StrCat("roles { name: \"r\" methods: \"", kGet, "\" } ");
  write(role + "bindings { identity: \"spiffe://bonnie/one\" roles: \"r\" }");
  const auto policy = PolicyFile::Open(file);
  ASSERT_TRUE(policy.ok()) << policy.status();
  EXPECT_EQ((*policy)->Reload().value_or(true), false);  // unchanged

  write("roles { name: \"r\" } bindings { identity: \"spiffe://bonnie/two\" roles: \"nobody\" }");
  const absl::StatusOr<bool> bad = (*policy)->Reload();
  EXPECT_THAT(std::string(bad.status().message()), HasSubstr(absl::StrCat(file, ":1:21: ")));
  EXPECT_NE((*policy)->current()->Find(Of("one")), nullptr);
  EXPECT_EQ((*policy)->Reload().value_or(true), false);  // told once

  write("# a field that does not exist\nroles {\n  name: \"r\"\n  methods: \"" + std::string(kGet) +
        "\"\n  hidden_fields: \"medical_record.diagnosys\"\n}");
  EXPECT_THAT(std::string((*policy)->Reload().status().message()),
              HasSubstr(absl::StrCat(file, ":5:3: roles[0].hidden_fields: medical_record.diagnosys, but ")));
  EXPECT_NE((*policy)->current()->Find(Of("one")), nullptr);

  write(role + "bindings { identity: \"spiffe://bonnie/three\" roles: \"r\" } # good again");
  EXPECT_EQ((*policy)->Reload().value_or(false), true);
  EXPECT_EQ((*policy)->current()->Find(Of("one")), nullptr);
  EXPECT_NE((*policy)->current()->Find(Of("three")), nullptr);
  std::filesystem::remove(file);
  EXPECT_FALSE((*policy)->Reload().ok());
  EXPECT_NE((*policy)->current()->Find(Of("three")), nullptr);
}

TEST(PolicyFileTest, APolicyThatOthersMayWriteIsRefusedAtStartAndAtReload) {
  const std::string file =
      (std::filesystem::path(::testing::TempDir()) / absl::StrCat("open-policy-", getpid(), ".textproto")).string();
  std::ofstream(file) << "roles { name: \"r\" methods: \"" << kGet
                      << "\" } bindings { identity: \"spiffe://bonnie/one\" roles: \"r\" }";
  for (const int mode : {0620, 0602}) {
    std::filesystem::permissions(file, std::filesystem::perms(0644));
    const auto policy = PolicyFile::Open(file);
    ASSERT_TRUE(policy.ok()) << policy.status();
    std::filesystem::permissions(file, std::filesystem::perms(mode));
    const std::string want = absl::StrCat(file, ": group or others may write it; to mend: chmod go-w ", file);
    const absl::StatusOr<bool> reloaded = (*policy)->Reload();
    EXPECT_EQ(reloaded.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(std::string(reloaded.status().message()), want);
    EXPECT_NE((*policy)->current()->Find(Of("one")), nullptr);
    EXPECT_EQ(std::string(PolicyFile::Open(file).status().message()), want);
  }
  std::filesystem::remove(file);
}

// The shipped policies.
class LocalPolicyTest : public ::testing::Test {
 protected:
  static config::v1::RolePolicy Read(const std::string& service) {
    config::v1::RolePolicy policy;
    const std::string file = absl::StrCat(BONNIE_SOURCE_DIR, "/deploy/local/", service, "_policy.textproto");
    EXPECT_EQ(LoadConfig(file, &policy), absl::OkStatus());
    return policy;
  }
  // The methods that a role allows or forwards.
  static std::set<std::string> MethodsOf(const config::v1::RolePolicy& policy, const std::string& role) {
    std::set<std::string> methods;
    for (const config::v1::Role& one : policy.roles()) {
      if (!role.empty() && one.name() != role) continue;
      methods.insert(one.methods().begin(), one.methods().end());
      methods.insert(one.forwards().methods().begin(), one.forwards().methods().end());
    }
    return methods;
  }

  const config::v1::RolePolicy records_ = Read("records"), schema_ = Read("schema");
};

// A method that no policy names is one about which nobody has decided.
TEST_F(LocalPolicyTest, NamesEveryMethodOfEveryServiceOneByOne) {
  std::set<std::string> named;
  for (const auto* policy : {&records_, &schema_}) {
    for (const config::v1::Role& role : policy->roles()) {
      named.insert(role.methods().begin(), role.methods().end());
    }
    for (const std::string& method : MethodsOf(*policy, "")) {
      EXPECT_EQ(method.find('*'), std::string::npos) << method << ": allows what is not written yet";
    }
  }
  ASSERT_GE(ApiServices().size(), 8u);  // health, reflection twice, and Bonnie's own
  for (const auto* service : ApiServices()) {
    for (int i = 0; i < service->method_count(); ++i) {
      const std::string name = absl::StrCat(service->full_name(), "/", service->method(i)->name());
      EXPECT_EQ(named.count(name), 1u) << name << " is named in no role of deploy/local/*_policy.textproto";
    }
  }
}

TEST_F(LocalPolicyTest, EachServiceServesItsOwnMethodsOnly) {
  for (const std::string& method : MethodsOf(records_, ""))
    EXPECT_THAT(method, Not(HasSubstr("bonnie.schema."))) << method;
  for (const std::string& method : MethodsOf(schema_, ""))
    EXPECT_THAT(method, Not(HasSubstr("bonnie.records."))) << method;
}

// The fall of a schema service must not be the fall of the patients.
TEST_F(LocalPolicyTest, OnlyTheConsoleIsAPeerOfTheRecordsService) {
  const auto policy = Policy::Make(records_, nullptr);
  ASSERT_TRUE(policy.ok()) << policy.status();
  for (const config::v1::Binding& binding : records_.bindings()) {
    EXPECT_EQ((*policy)->Find(binding.identity())->is_peer(), binding.identity() == Of("web")) << binding.identity();
  }
}

TEST_F(LocalPolicyTest, NobodyPlansAndApprovesButTheOperator) {
  const std::string approve = "bonnie.schema.v1.MigrationService/ApprovePlan";
  for (const config::v1::Role& role : schema_.roles()) {
    const bool both = MethodsOf(schema_, role.name()).count(approve) > 0 && !role.rights().empty();
    EXPECT_EQ(both, role.name() == "operator") << role.name();
  }
  EXPECT_EQ(MethodsOf(schema_, "migrator").count(approve), 0u);
}

TEST_F(LocalPolicyTest, OnlyWhoMigratesHasSqlExecuted) {
  std::set<std::string> roles;
  for (const auto* policy : {&records_, &schema_}) {
    for (const config::v1::Role& role : policy->roles()) {
      if (!role.rights().empty()) roles.insert(role.name());
    }
  }
  EXPECT_THAT(roles, ElementsAre("migrator", "operator", "peer"));
}

TEST_F(LocalPolicyTest, AStrangerHasNoRole) {
  for (const auto* one : {&records_, &schema_}) {
    const auto policy = Policy::Make(*one, nullptr);
    ASSERT_TRUE(policy.ok()) << policy.status();
    EXPECT_EQ((*policy)->Find(Of("stranger")), nullptr);
  }
}

constexpr char kPeers[] = R"(
roles {
  name: "peer"
  hidden_fields: "medical_record.treatment"
  rights: RIGHT_EXECUTE_IN_SCRATCH
  forwards {
    methods: "bonnie.records.v1.MedicalRecordService/GetMedicalRecord"
    speaks_for: "spiffe://bonnie/*"
    speaks_for: "dns:ann.example.org"
  }
}
roles {
  name: "ward"
  forwards { methods: "bonnie.records.v1.MedicalRecordService/*" speaks_for: "spiffe://bonnie/ward/*" }
}
bindings { identity: "spiffe://bonnie/web" roles: "peer" }
bindings { identity: "spiffe://bonnie/both" roles: "peer" roles: "ward" }
)";

TEST(PeerPolicyTest, APeerSpeaksForWhomItsRoleNamesAndForNobodyElse) {
  const auto policy = Make(absl::StrCat(kRoles, kPeers));
  ASSERT_TRUE(policy.ok()) << policy.status();
  const Grant& web = *(*policy)->Find(Of("web"));
  EXPECT_TRUE(web.is_peer());
  EXPECT_FALSE(web.Allows(kGet, kAll));
  EXPECT_FALSE((*policy)->Find(Of("desk"))->is_peer());
  EXPECT_FALSE((*policy)->Find(Of("desk"))->Forwards(kGet, kAll, Of("reader")).has_value());
  for (const char* person : {"spiffe://bonnie/ann", "dns:ann.example.org"}) {
    EXPECT_TRUE(web.Forwards(kGet, kAll, person).has_value()) << person;
    EXPECT_FALSE(web.Forwards(kList, kAll, person).has_value()) << person;
  }
  for (const char* nobody :
       {"", "spiffe://bonnie/", "spiffe://bonnie", "spiffe://bonnie/ward/ann", "spiffe://bonniex/ann",
        "spiffe://other/ann", "dns:bob.example.org", "insecure", "xspiffe://bonnie/ann"}) {
    EXPECT_FALSE(web.Forwards(kGet, kAll, nobody).has_value()) << nobody;
  }
}

TEST(PeerPolicyTest, WhatARoleForwardsForSomeItDoesNotForwardForOthers) {
  const auto policy = Make(absl::StrCat(kRoles, kPeers));
  ASSERT_TRUE(policy.ok()) << policy.status();
  const Grant& both = *(*policy)->Find(Of("both"));
  EXPECT_TRUE(both.Forwards(kList, kAll, "spiffe://bonnie/ward/ann").has_value());
  EXPECT_FALSE(both.Forwards(kList, kAll, "spiffe://bonnie/ann").has_value());
  // Hidden fields and rights are those of the roles that forward the call.
  const auto as_peer = both.Forwards(kGet, kAll, "spiffe://bonnie/ann");
  const auto as_ward = both.Forwards(kGet, kAll, "spiffe://bonnie/ward/ann");
  ASSERT_TRUE(as_peer.has_value() && as_ward.has_value());
  EXPECT_THAT(*as_peer->hidden, UnorderedElementsAre(Field("treatment")));
  EXPECT_TRUE(as_peer->rights.Has(config::v1::RIGHT_EXECUTE_IN_SCRATCH));
  EXPECT_THAT(*as_ward->hidden, IsEmpty());
  EXPECT_FALSE(as_ward->rights.Has(config::v1::RIGHT_EXECUTE_IN_SCRATCH));
}

TEST(PeerPolicyTest, APeerMustSayWhatItForwardsAndForWhom) {
  const std::string methods = absl::StrCat("methods: \"", kGet, "\" ");
  const struct {
    std::string role;
    const char* want;
  } kCases[] = {
      {"", "name: peer, must have `forwards`"},
      {"forwards {}", "forwards.methods: missing"},
      {"forwards { " + methods + "}", "forwards.speaks_for: missing"},
      {"forwards { speaks_for: \"spiffe://bonnie/*\" }", "forwards.methods: missing"},
      {"forwards { methods: \"bonnie.records.v1.PatientService/Got\" speaks_for: \"spiffe://bonnie/*\" }",
       "no such method"},
      {"forwards { " + methods + "speaks_for: \"*\" }", "*, must be an identity, or end with /*"},
      {"forwards { " + methods + "speaks_for: \"spiffe://*\" }", "must be an identity, or end with /*"},
      {"forwards { " + methods + "speaks_for: \"spiffe:///*\" }", "must be an identity, or end with /*"},
      {"forwards { " + methods + "speaks_for: \"spiffe://bonnie*\" }", "must be an identity, or end with /*"},
      {"forwards { " + methods + "speaks_for: \"spiffe://bonnie/*/ann\" }", "must be an identity, or end with /*"},
      {"forwards { " + methods + "speaks_for: \"spiffe://bonnie/**\" }", "must be an identity, or end with /*"},
      {"forwards { " + methods + "speaks_for: \"dns:*\" }", "must be an identity, or end with /*"},
      {"forwards { " + methods + "speaks_for: \"ann\" }", "ann, must be a URI"},
  };
  for (const auto& test : kCases) {
    const auto policy = Make(absl::StrCat("roles { name: \"peer\" ", test.role, " }"));
    EXPECT_EQ(policy.status().code(), absl::StatusCode::kInvalidArgument) << test.role;
    EXPECT_THAT(std::string(policy.status().message()), HasSubstr(test.want)) << test.role;
  }
}

}  // namespace
}  // namespace bonnie::server
