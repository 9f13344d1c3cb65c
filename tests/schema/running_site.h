#ifndef BONNIE_TESTS_SCHEMA_RUNNING_SITE_H_
#define BONNIE_TESTS_SCHEMA_RUNNING_SITE_H_

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "bonnie/config/v1/config.pb.h"
#include "bonnie/schema/v1/migration_service.grpc.pb.h"
#include "bonnie/schema/v1/schema_service.grpc.pb.h"
#include "services/schema/site.h"
#include "services/server/config.h"
#include "tests/schema/folder.h"
#include "tests/support/test_database.h"

namespace bonnie::schema {

inline constexpr char kEverythingPolicy[] = R"(
roles { name: "migrator" methods: "bonnie.schema.v1.SchemaService/*" methods: "bonnie.schema.v1.MigrationService/*"
        rights: RIGHT_EXECUTE_IN_SCRATCH }
bindings { identity: "insecure" roles: "migrator" }
)";

// A Site that serves on a thread of its own until destruction.
class RunningSite {
 public:
  // `change` adjusts the configuration.
  RunningSite(const test_support::TestDatabase& database, const Folder& folder, const std::string& name,
              const std::function<void(config::v1::SchemaConfig&)>& change = {}) {
    folder.Write("policy.textproto", kEverythingPolicy);
    config::v1::SchemaConfig config;
    config.set_site(name);
    config.set_migrations_dir(folder.path());
    config.set_approval(config::v1::APPROVAL_POLICY_NONE);
    config.mutable_server()->set_address("127.0.0.1:0");
    config.mutable_server()->set_insecure_loopback(true);
    config.mutable_server()->set_policy_file(folder.path() + "/policy.textproto");
    config.mutable_server()->mutable_drain_delay()->set_seconds(0);
    config.mutable_server()->mutable_log()->set_level("error");
    config.mutable_database()->set_host("127.0.0.1");
    config.mutable_database()->set_port(database.port());
    config.mutable_database()->set_schema("bonnie");
    config.mutable_database()->mutable_credentials()->set_user("bonnie_schema");
    config.mutable_database()->mutable_credentials()->set_password_file(database.password_file("schema"));
    config.mutable_database()->mutable_tls()->set_ca_file(database.ca_file());
    if (change) change(config);
    server::SetDefaults(&config);
    auto site = Site::Create(config);
    EXPECT_TRUE(site.ok()) << site.status();
    site_ = *std::move(site);
    thread_ = std::thread([this] { EXPECT_EQ(site_->Run(), absl::OkStatus()); });
    while (site_->port() == 0) absl::SleepFor(absl::Milliseconds(5));
    auto channel = grpc::CreateChannel(absl::StrCat("127.0.0.1:", site_->port()), grpc::InsecureChannelCredentials());
    migrations = v1::MigrationService::NewStub(channel);
    schema = v1::SchemaService::NewStub(channel);
  }
  ~RunningSite() {
    site_->Stop();
    thread_.join();
  }

  std::unique_ptr<v1::MigrationService::Stub> migrations;
  std::unique_ptr<v1::SchemaService::Stub> schema;

 private:
  std::unique_ptr<Site> site_;
  std::thread thread_;
};

}  // namespace bonnie::schema

#endif  // BONNIE_TESTS_SCHEMA_RUNNING_SITE_H_
