#include "clients/cli/schema_lint.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bonnie/schema/v1/schema_service.grpc.pb.h"
#include "clients/cli/app.h"

namespace bonnie::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// Finds what it is told to, and keeps what it was asked.
class FakeSchema : public schema::v1::SchemaService::Service {
 public:
  grpc::Status LintSchema(grpc::ServerContext*, const schema::v1::LintSchemaRequest* request,
                          schema::v1::LintSchemaResponse* response) override {
    asked = *request;
    *response = answer;
    return grpc::Status::OK;
  }

  schema::v1::LintSchemaResponse answer;
  schema::v1::LintSchemaRequest asked;
};

class SchemaLintTest : public ::testing::Test {
 protected:
  SchemaLintTest() : folder_(std::filesystem::temp_directory_path() / absl::StrCat("lint-", getpid())) {
    std::filesystem::create_directories(folder_ / "model");
    std::ofstream(folder_ / "bonnie.sum") << "";
    std::ofstream(folder_ / "model" / "t.sql") << "CREATE TABLE t (a INT);\n";
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    std::ofstream(folder_ / "client.textproto")
        << "default_site: \"azure\"\nsites { name: \"azure\" schema_address: \"localhost:" << port
        << "\" }\ntls { insecure_loopback: true }\n";
  }
  ~SchemaLintTest() override {
    server_->Shutdown();
    std::filesystem::remove_all(folder_);
  }

  void Find(const std::string& code, schema::v1::LintSeverity severity) {
    schema::v1::LintFinding* finding = service_.answer.add_findings();
    finding->set_code(code);
    finding->set_severity(severity);
    finding->set_table("t");
    finding->set_description("t: it is so");
    finding->set_file("t.sql");
  }
  // `arguments` after `schema lint`, within the checkout.
  int Lint(std::vector<std::string> arguments, const std::string& format = "table", bool checkout = true) {
    const std::string config = (folder_ / "client.textproto").string(), folder = folder_.string();
    std::vector<std::string> all = {"bonnie", "--config", config, "--output", format, "schema"};
    if (checkout) all.insert(all.end(), {"--migrations", folder});
    all.push_back("lint");
    all.insert(all.end(), arguments.begin(), arguments.end());
    std::vector<const char*> words;
    for (const std::string& word : all) words.push_back(word.c_str());
    std::istringstream in;
    out_.str("");
    err_.str("");
    Console console{in, out_, err_, false, false, false};
    return cli::Run(static_cast<int>(words.size()), words.data(), console);
  }

  const std::filesystem::path folder_;
  FakeSchema service_;
  std::unique_ptr<grpc::Server> server_;
  std::ostringstream out_, err_;
};

TEST_F(SchemaLintTest, EndsWithOneWhenAFindingWeighsEnough) {
  EXPECT_EQ(Lint({}), 0) << err_.str();
  EXPECT_THAT(err_.str(), HasSubstr("azure: nothing found"));
  Find("pk", schema::v1::LINT_SEVERITY_WARNING);
  EXPECT_EQ(Lint({}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("warning   pk    t: it is so"));
  EXPECT_EQ(Lint({"--fail-on", "warning"}), 1);
  Find("definer", schema::v1::LINT_SEVERITY_ERROR);
  EXPECT_EQ(Lint({}), 1);
}

TEST_F(SchemaLintTest, ShowsAllOfAFindingToPrograms) {
  Find("pk", schema::v1::LINT_SEVERITY_WARNING);
  EXPECT_EQ(Lint({}, "csv"), 0);
  EXPECT_EQ(out_.str(),
            "severity,code,finding,table,object,file,harm,drops_data,blocks_writes\n"
            "warning,pk,t: it is so,t,,t.sql,,false,false\n");
  EXPECT_EQ(Lint({}, "json"), 0);
  EXPECT_THAT(out_.str(), HasSubstr("\"severity\":\"LINT_SEVERITY_WARNING\""));
}

TEST_F(SchemaLintTest, LooksAtTheCheckoutsModelUnlessToldOtherwise) {
  EXPECT_EQ(Lint({}), 0);
  ASSERT_EQ(service_.asked.source().model().files_size(), 1);
  EXPECT_EQ(service_.asked.source().model().files(0).name(), "t.sql");
  EXPECT_FALSE(service_.asked.has_from());
  EXPECT_EQ(Lint({"--live"}), 0);
  EXPECT_EQ(service_.asked.source().source_case(), schema::v1::SchemaSource::SOURCE_NOT_SET);
  EXPECT_EQ(Lint({"--revision", "0002", "--from", "0001"}), 0);
  EXPECT_EQ(service_.asked.source().revision(), "0002");
  EXPECT_EQ(service_.asked.from().revision(), "0001");
  EXPECT_EQ(Lint({"--from", "live", "--rule", "pk=error", "--rule", "engine=ignore"}), 0);
  EXPECT_TRUE(service_.asked.has_from());
  ASSERT_EQ(service_.asked.rules_size(), 2);
  EXPECT_EQ(service_.asked.rules(0).code(), "pk");
  EXPECT_EQ(service_.asked.rules(1).severity(), schema::v1::LINT_SEVERITY_IGNORE);
}

TEST_F(SchemaLintTest, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(Lint({"--rule", "key=error"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("'key' is no rule"));
  EXPECT_EQ(Lint({"--rule", "pk=bad"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("want CODE=ignore, notice, warning or error"));
  EXPECT_EQ(Lint({"--live", "--model"}), 2);
  EXPECT_EQ(Lint({"--fail-on", "ignore"}), 2);
}

TEST_F(SchemaLintTest, ListsRulesWithoutASite) {
  server_->Shutdown();
  EXPECT_EQ(Lint({"--rules"}, "csv"), 0) << err_.str();
  EXPECT_THAT(out_.str(), StartsWith("severity,code,name,harm,drops_data,blocks_writes\nwarning,auto-inc,"));
  EXPECT_THAT(out_.str(), HasSubstr("\nerror,DS102,table dropped,"));
  EXPECT_EQ(Lint({"--rules"}), 0);
  EXPECT_THAT(out_.str(), HasSubstr("MY102"));
}

}  // namespace
}  // namespace bonnie::cli
