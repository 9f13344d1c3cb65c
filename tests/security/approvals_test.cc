// Four eyes (S6) and stamps (S10), by the identities of callers: who wrote or planned something does not approve it
// where a site wants somebody else, and a stamp is approved like anything else that changes what counts as applied.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bonnie/schema/v1/migration_service.grpc.pb.h"
#include "services/schema/migration_dir.h"
#include "tests/schema/fleet.h"
#include "tests/support/test_database.h"

namespace bonnie::schema {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kApprovalsPolicy[] = R"(
  roles {
    name: "everything"
    methods: "bonnie.schema.v1.SchemaService/*"
    methods: "bonnie.schema.v1.MigrationService/*"
    rights: RIGHT_EXECUTE_IN_SCRATCH
  }
  roles {
    name: "approver"
    methods: "bonnie.schema.v1.MigrationService/PlanMigration"
    methods: "bonnie.schema.v1.MigrationService/ApprovePlan"
    rights: RIGHT_EXECUTE_IN_SCRATCH
  }
  roles { name: "recoverer" methods: "bonnie.schema.v1.MigrationService/RecoverOperation" }
  bindings { identity: "spiffe://bonnie/clerk" roles: "recoverer" }
  bindings { identity: "spiffe://bonnie/migrator" roles: "everything" }
  bindings { identity: "spiffe://bonnie/client" roles: "everything" }
  bindings { identity: "spiffe://bonnie/approver" roles: "approver" roles: "recoverer" }
)";

class ApprovalsTest : public ::testing::Test {
 protected:
  static test_support::TestDatabase& Database() {
    static auto* const kDatabase = new test_support::TestDatabase();
    return *kDatabase;
  }
  static void TearDownTestSuite() { (void)Database().Kill(); }

  ApprovalsTest() { EXPECT_EQ(Database().Empty(), absl::OkStatus()); }

  void Serve(config::v1::ApprovalPolicy approval) {
    site_.reset();
    site_ = std::make_unique<ServingSite>(Database(), FleetSite{.name = "azure",
                                                                .tls = true,
                                                                .policy = kApprovalsPolicy,
                                                                .change = [approval](config::v1::SchemaConfig& config) {
                                                                  config.set_approval(approval);
                                                                }});
    stubs_.clear();
  }
  v1::MigrationService::Stub& As(const std::string& identity) {
    auto& stub = stubs_[identity];
    if (stub == nullptr) stub = v1::MigrationService::NewStub(site_->Channel(identity));
    return *stub;
  }
  std::string Query(const std::string& sql) {
    const auto answer = Database().RootQuery(sql);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.value_or("");
  }
  std::string Heads() { return Query("SELECT revision FROM bonnie_ledger.bonnie_revisions ORDER BY 1"); }
  std::string Plans() { return Query("SELECT COUNT(*) FROM bonnie_ledger.bonnie_plans"); }

  // A revision 0002 after the site's 0001, which is in the folder without a push.
  grpc::Status Push(const std::string& identity, const std::string& up = "ALTER TABLE a ADD b INT;") {
    Folder checkout;
    checkout.AddRevision("0001", "", "CREATE TABLE a (id INT NOT NULL, PRIMARY KEY (id));", "DROP TABLE a;");
    checkout.AddRevision("0002", "0001", up, "ALTER TABLE a DROP b;");
    checkout.Seal();
    const auto folder = MigrationFolder::Read(checkout.path());
    EXPECT_TRUE(folder.ok()) << folder.status();
    v1::PushRevisionsRequest request;
    for (const char* id : {"0001", "0002"}) {
      v1::RevisionFile* file = request.add_files();
      file->set_file_name((*folder)->at(id).file_name);
      file->set_text((*folder)->at(id).text);
      file->set_hash((*folder)->at(id).hash);
    }
    grpc::ClientContext context;
    v1::PushRevisionsResponse response;
    return As(identity).PushRevisions(&context, request, &response);
  }
  v1::PlanMigrationResponse Plan(const std::string& identity, const std::string& target = "head") {
    v1::PlanMigrationRequest request;
    request.set_target(target);
    request.set_direction(v1::DIRECTION_UP);
    grpc::ClientContext context;
    v1::PlanMigrationResponse response;
    const grpc::Status status = As(identity).PlanMigration(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  v1::Plan Find(const std::string& identity, const std::string& id) {
    v1::PlanMigrationRequest request;
    request.set_plan_id(id);
    grpc::ClientContext context;
    v1::PlanMigrationResponse response;
    const grpc::Status status = As(identity).PlanMigration(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.plan();
  }
  grpc::Status Approve(const std::string& identity, const v1::Plan& plan, const std::vector<std::string>& allow = {}) {
    v1::ApprovePlanRequest request;
    request.set_plan_id(plan.plan_id());
    request.set_fingerprint(plan.fingerprint());
    request.set_decision(v1::PLAN_DECISION_APPROVE);
    *request.mutable_allow() = {allow.begin(), allow.end()};
    grpc::ClientContext context;
    v1::ApprovePlanResponse response;
    return As(identity).ApprovePlan(&context, request, &response);
  }
  grpc::Status Apply(const std::string& identity, const v1::Plan& plan) {
    v1::ApplyPlanRequest request;
    request.set_fingerprint(plan.fingerprint());
    grpc::ClientContext context;
    auto reader = As(identity).ApplyPlan(&context, request);
    for (v1::ApplyPlanResponse event; reader->Read(&event);) {
    }
    return reader->Finish();
  }
  grpc::Status Stamp(const std::string& identity, const std::string& revision,
                     const std::vector<std::string>& allow = {}) {
    v1::StampRevisionRequest request;
    request.add_revisions(revision);
    *request.mutable_allow() = {allow.begin(), allow.end()};
    grpc::ClientContext context;
    v1::StampRevisionResponse response;
    return As(identity).StampRevision(&context, request, &response);
  }
  grpc::Status Recover(const std::string& identity, v1::RecoveryDecision decision, int ordinal = 1) {
    v1::RecoverOperationRequest request;
    request.set_decision(decision);
    if (decision == v1::RECOVERY_DECISION_ASSUME_DONE) request.set_ordinal(ordinal);
    grpc::ClientContext context;
    v1::RecoverOperationResponse response;
    return As(identity).RecoverOperation(&context, request, &response);
  }
  // The newest plan that was kept.
  v1::Plan Newest(const std::string& identity) {
    return Find(
        identity,
        Query("SELECT operation_id FROM bonnie_ledger.bonnie_plans ORDER BY create_time DESC LIMIT 1").substr(0, 32));
  }

  std::unique_ptr<ServingSite> site_;
  std::map<std::string, std::unique_ptr<v1::MigrationService::Stub>> stubs_;
};

// The attack: a migrator pushed, the approver merely looked and so became the author, the migrator approved and applied
// alone.
TEST_F(ApprovalsTest, LookingAtAPlanMakesNobodyItsAuthor) {
  Serve(config::v1::APPROVAL_POLICY_OTHER);
  ASSERT_TRUE(Push("migrator").ok());
  const v1::PlanMigrationResponse looked = Plan("approver");
  EXPECT_FALSE(looked.is_kept());
  EXPECT_EQ(looked.plan().plan_id(), "");
  EXPECT_EQ(looked.plan().author(), "");
  EXPECT_EQ(looked.plan().steps_size(), 2);
  EXPECT_EQ(Plans(), "0\n");

  const v1::PlanMigrationResponse planned = Plan("migrator");
  EXPECT_TRUE(planned.is_kept());
  EXPECT_EQ(planned.plan().author(), "spiffe://bonnie/migrator");
  const grpc::Status alone = Approve("migrator", planned.plan());
  EXPECT_EQ(alone.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_TRUE(HasReason(alone, "AUTHOR_MAY_NOT_APPROVE")) << alone.error_message();
  const v1::PlanMigrationResponse same = Plan("approver");
  EXPECT_TRUE(same.is_kept()) << "what somebody else has planned is shown with its id";
  EXPECT_EQ(same.plan().plan_id(), planned.plan().plan_id());
  EXPECT_TRUE(HasReason(Apply("migrator", planned.plan()), "PLAN_NOT_APPROVED"));
  ASSERT_TRUE(Approve("approver", same.plan()).ok());
  EXPECT_TRUE(Apply("migrator", planned.plan()).ok());
  EXPECT_EQ(Heads(), "0002\n");
}

TEST_F(ApprovalsTest, WhoPushedARevisionMayNotApproveWhatSomebodyElsePlanned) {
  Serve(config::v1::APPROVAL_POLICY_OTHER);
  ASSERT_TRUE(Push("migrator").ok());
  EXPECT_EQ(Query("SELECT revision, identity FROM bonnie_ledger.bonnie_pushes"), "0002\tspiffe://bonnie/migrator\n");
  const v1::Plan plan = Plan("client").plan();
  EXPECT_EQ(plan.author(), "spiffe://bonnie/client");
  ASSERT_EQ(plan.revisions_size(), 2);
  EXPECT_THAT(plan.revisions(0).pushed_by(), IsEmpty()) << "a file that lies in the folder is nobody's";
  EXPECT_THAT(plan.revisions(1).pushed_by(), ElementsAre("spiffe://bonnie/migrator"));
  const grpc::Status pusher = Approve("migrator", plan);
  EXPECT_EQ(pusher.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_THAT(pusher.error_message(), HasSubstr("pushed its revision 0002"));
  EXPECT_THAT(Approve("client", plan).error_message(), HasSubstr("made it"));
  ASSERT_TRUE(Approve("approver", plan).ok());
  EXPECT_TRUE(Apply("migrator", plan).ok()) << "whoever applies may be any of them";
}

// An approval that somebody wrote into the ledger, or that another policy allowed, does not count for its own author.
TEST_F(ApprovalsTest, AnApprovalByAPusherDoesNotCountUnderAnotherPolicy) {
  Serve(config::v1::APPROVAL_POLICY_SELF);
  ASSERT_TRUE(Push("migrator").ok());
  const v1::Plan plan = Plan("client").plan();
  ASSERT_TRUE(Approve("migrator", plan).ok());
  site_.reset();
  Serve(config::v1::APPROVAL_POLICY_OTHER);
  ASSERT_TRUE(Push("client").ok());  // the folder is a new one
  EXPECT_TRUE(HasReason(Apply("client", plan), "PLAN_NOT_APPROVED"));
  EXPECT_EQ(Heads(), "");
}

TEST_F(ApprovalsTest, FilesOfTheFolderAreNobodys) {
  Serve(config::v1::APPROVAL_POLICY_OTHER);
  const v1::Plan plan = Plan("client").plan();
  ASSERT_TRUE(Approve("migrator", plan).ok());
  EXPECT_TRUE(Apply("client", plan).ok());
  EXPECT_EQ(Heads(), "0001\n");
}

TEST_F(ApprovalsTest, APushIsNotedBeforeItsFilesAreThere) {
  Serve(config::v1::APPROVAL_POLICY_OTHER);
  Query("RENAME TABLE bonnie_ledger.bonnie_version TO bonnie_ledger.away");
  const grpc::Status refused = Push("migrator");
  Query("RENAME TABLE bonnie_ledger.away TO bonnie_ledger.bonnie_version");
  EXPECT_TRUE(HasReason(refused, "LEDGER_MISSING")) << refused.error_message();
  const auto folder = MigrationFolder::Read(site_->folder().path());
  ASSERT_TRUE(folder.ok()) << folder.status();
  EXPECT_FALSE((*folder)->graph().Contains("0002"));
  EXPECT_EQ(Query("SELECT COUNT(*) FROM bonnie_ledger.bonnie_pushes"), "0\n");
}

TEST_F(ApprovalsTest, APushThatAPeerPassedOnIsNotedForWhoeverPushed) {
  ASSERT_EQ(Database().MakeLedger("gcp"), absl::OkStatus());
  Query(
      "CREATE DATABASE IF NOT EXISTS gcp; GRANT ALL ON gcp.* TO 'bonnie_schema'@'%'; DELETE FROM "
      "gcp_ledger.bonnie_pushes");
  const int port = FreePort();
  const ServingSite far(Database(), FleetSite{.name = "gcp", .port = port, .schema = "gcp", .tls = true});
  site_ = std::make_unique<ServingSite>(Database(), FleetSite{.name = "azure", .peers = {{"gcp", port}}, .tls = true});
  Folder checkout;
  checkout.AddRevision("0001", "", "CREATE TABLE a (id INT NOT NULL, PRIMARY KEY (id));", "DROP TABLE a;");
  checkout.AddRevision("0002", "0001", "ALTER TABLE a ADD b INT;", "");
  checkout.Seal();
  const auto folder = MigrationFolder::Read(checkout.path());
  ASSERT_TRUE(folder.ok()) << folder.status();
  v1::PushRevisionsRequest request;
  request.set_site("gcp");
  v1::RevisionFile* file = request.add_files();
  file->set_file_name((*folder)->at("0002").file_name);
  file->set_text((*folder)->at("0002").text);
  file->set_hash((*folder)->at("0002").hash);
  grpc::ClientContext context;
  v1::PushRevisionsResponse response;
  const grpc::Status pushed = As("migrator").PushRevisions(&context, request, &response);
  ASSERT_TRUE(pushed.ok()) << pushed.error_message();
  EXPECT_EQ(Query("SELECT revision, identity FROM gcp_ledger.bonnie_pushes"), "0002\tspiffe://bonnie/migrator\n");
}

TEST_F(ApprovalsTest, AStampIsApprovedLikeAnyPlan) {
  Serve(config::v1::APPROVAL_POLICY_OTHER);
  Query("CREATE TABLE bonnie.a (id INT NOT NULL, PRIMARY KEY (id)) CHARSET utf8mb4 COLLATE utf8mb4_unicode_520_ci");
  const grpc::Status first = Stamp("migrator", "head");
  EXPECT_EQ(first.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_TRUE(HasReason(first, "PLAN_NOT_APPROVED")) << first.error_message();
  EXPECT_EQ(Heads(), "");
  const v1::Plan plan = Newest("approver");
  EXPECT_THAT(plan.stamp().revisions(), ElementsAre("head"));
  ASSERT_EQ(plan.steps_size(), 1);
  EXPECT_THAT(plan.steps(0).sql(),
              HasSubstr("INSERT INTO `bonnie_ledger`.bonnie_revisions (revision, hash) VALUES ('0001'"));
  EXPECT_THAT(plan.findings(), IsEmpty());
  EXPECT_TRUE(HasReason(Stamp("migrator", "head"), "PLAN_NOT_APPROVED"));
  EXPECT_EQ(Plans(), "1\n") << "asked again, it is the same plan";
  EXPECT_TRUE(HasReason(Approve("migrator", plan), "AUTHOR_MAY_NOT_APPROVE"));
  ASSERT_TRUE(Approve("approver", plan).ok());
  EXPECT_TRUE(HasReason(Apply("migrator", plan), "PLAN_IS_STAMP"));
  const grpc::Status stamped = Stamp("migrator", "head");
  ASSERT_TRUE(stamped.ok()) << stamped.error_message();
  EXPECT_EQ(Heads(), "0001\n");
  EXPECT_EQ(Query("SELECT outcome, kind, identity FROM bonnie_ledger.bonnie_plans"),
            "stamped\tstamp\tspiffe://bonnie/migrator\n");
  EXPECT_TRUE(Stamp("migrator", "head").ok()) << "what moves nothing needs nobody";
}

// The attack: a stamp of base took the records service out of service, without anybody's approval.
TEST_F(ApprovalsTest, AStampThatTheDatabaseContradictsHasToBeAllowed) {
  Serve(config::v1::APPROVAL_POLICY_OTHER);
  const v1::Plan up = Plan("client").plan();
  ASSERT_TRUE(Approve("approver", up).ok());
  ASSERT_TRUE(Apply("client", up).ok());
  EXPECT_TRUE(HasReason(Stamp("migrator", "base", {"stamp-contradicts"}), "PLAN_NOT_APPROVED"));
  EXPECT_EQ(Heads(), "0001\n");
  const v1::Plan plan = Newest("approver");
  ASSERT_EQ(plan.findings_size(), 1);
  EXPECT_EQ(plan.findings(0).code(), "stamp-contradicts");
  EXPECT_TRUE(plan.findings(0).wants_allow());
  EXPECT_THAT(plan.findings(0).description(), HasSubstr("the database is not what base makes: table a is there"));
  EXPECT_TRUE(HasReason(Approve("approver", plan), "FINDING_NOT_ALLOWED"));
  ASSERT_TRUE(Approve("approver", plan, {"stamp-contradicts"}).ok());
  EXPECT_TRUE(Stamp("migrator", "base").ok());
  EXPECT_EQ(Heads(), "");
}

TEST_F(ApprovalsTest, AnApprovedStampIsNotWrittenOnADatabaseThatChanged) {
  Serve(config::v1::APPROVAL_POLICY_OTHER);
  Query("CREATE TABLE bonnie.a (id INT NOT NULL, PRIMARY KEY (id)) CHARSET utf8mb4 COLLATE utf8mb4_unicode_520_ci");
  EXPECT_TRUE(HasReason(Stamp("migrator", "head"), "PLAN_NOT_APPROVED"));
  ASSERT_TRUE(Approve("approver", Newest("approver")).ok());
  Query("ALTER TABLE bonnie.a ADD by_hand INT");
  EXPECT_TRUE(HasReason(Stamp("migrator", "head"), "PLAN_NOT_APPROVED")) << "it is another plan now";
  EXPECT_THAT(Newest("approver").findings(0).description(), HasSubstr("add column by_hand"));
  EXPECT_EQ(Heads(), "");
}

TEST_F(ApprovalsTest, WithoutApprovalsAFalseStampIsRefusedUnlessAllowed) {
  Serve(config::v1::APPROVAL_POLICY_NONE);
  const grpc::Status refused = Stamp("migrator", "head");
  EXPECT_TRUE(HasReason(refused, "FINDING_NOT_ALLOWED")) << refused.error_message();
  EXPECT_THAT(refused.error_message(), HasSubstr("stamp-contradicts"));
  EXPECT_EQ(Heads(), "");
  EXPECT_TRUE(Stamp("migrator", "head", {"stamp-contradicts"}).ok());
  EXPECT_EQ(Heads(), "0001\n");
  EXPECT_TRUE(Stamp("migrator", "base").ok()) << "there is no table";
}

// The attack: a migrator said that an approved guard had run, which it had not, and what it guarded was dropped.
TEST_F(ApprovalsTest, ToAssumeAStatementDoneRequiresWhoMayApprove) {
  for (const auto approval : {config::v1::APPROVAL_POLICY_OTHER, config::v1::APPROVAL_POLICY_SELF}) {
    Serve(approval);
    for (const auto decision : {v1::RECOVERY_DECISION_ASSUME_DONE, v1::RECOVERY_DECISION_ABANDON}) {
      EXPECT_TRUE(HasReason(Recover("clerk", decision), "APPROVER_REQUIRED"));
      EXPECT_TRUE(HasReason(Recover("client", decision), "NOTHING_UNFINISHED"));
    }
  }
  Serve(config::v1::APPROVAL_POLICY_NONE);
  EXPECT_TRUE(HasReason(Recover("clerk", v1::RECOVERY_DECISION_ABANDON), "NOTHING_UNFINISHED"));
}

// As above, by somebody who may approve, but not this.
TEST_F(ApprovalsTest, WhoWroteOrPlannedARevisionDoesNotSayWhatBecameOfIt) {
  Serve(config::v1::APPROVAL_POLICY_OTHER);
  ASSERT_TRUE(Push("client", "ALTER TABLE a ADD b INT;\nALTER TABLE a ADD b INT;").ok());
  const v1::Plan plan = Plan("migrator").plan();
  ASSERT_TRUE(Approve("approver", plan, {"refused"}).ok());
  EXPECT_TRUE(HasReason(Apply("migrator", plan), "STATEMENT_FAILED"));
  for (const auto decision : {v1::RECOVERY_DECISION_ASSUME_DONE, v1::RECOVERY_DECISION_ABANDON}) {
    for (const char* identity : {"migrator", "client"}) {
      const grpc::Status refused = Recover(identity, decision, 2);
      EXPECT_EQ(refused.error_code(), grpc::StatusCode::PERMISSION_DENIED);
      EXPECT_TRUE(HasReason(refused, "AUTHOR_MAY_NOT_APPROVE")) << identity << ": " << refused.error_message();
    }
  }
  const grpc::Status decided = Recover("approver", v1::RECOVERY_DECISION_ASSUME_DONE, 2);
  EXPECT_TRUE(decided.ok()) << decided.error_message();
}

// The attack: a revision approved its own plan.
TEST_F(ApprovalsTest, ARevisionCannotWriteTheLedger) {
  Serve(config::v1::APPROVAL_POLICY_NONE);
  const grpc::Status refused = Push("migrator", "UPDATE bonnie_ledger.bonnie_plans SET decision = 'approve';");
  EXPECT_TRUE(HasReason(refused, "REVISION_FILE_INVALID")) << refused.error_message();
  EXPECT_THAT(refused.error_message(), HasSubstr("'bonnie_ledger.'"));
}

TEST_F(ApprovalsTest, NoTableOfTheSiteIsTheLedgers) {
  Serve(config::v1::APPROVAL_POLICY_NONE);
  ASSERT_TRUE(Push("migrator", "UPDATE bonnie_plans SET decision = 'approve';").ok());
  const v1::Plan plan = Plan("migrator").plan();
  const grpc::Status failed = Apply("migrator", plan);
  EXPECT_TRUE(HasReason(failed, "STATEMENT_FAILED")) << failed.error_message();
  EXPECT_THAT(Query("SELECT COALESCE(decision, '-') FROM bonnie_ledger.bonnie_plans"), Not(HasSubstr("approve")));
}

}  // namespace
}  // namespace bonnie::schema
