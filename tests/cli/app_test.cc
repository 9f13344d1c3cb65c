#include "clients/cli/app.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cli/exit_code.h"

namespace bonnie::cli {
namespace {

using ::testing::HasSubstr;

class AppTest : public ::testing::Test {
 protected:
  AppTest() : config_((std::filesystem::temp_directory_path() / absl::StrCat("app-", getpid())).string()) {
    // Port 1: nobody listens there.
    std::ofstream(config_) << R"(sites { name: "azure" records_address: "localhost:1" schema_address: "localhost:1" }
sites { name: "project" schema_address: "localhost:1" not_in_all: true }
tls { insecure_loopback: true }
)";
  }
  ~AppTest() override { std::filesystem::remove(config_); }

  int Bonnie(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "bonnie");
    out_.str("");
    err_.str("");
    Console console{in_, out_, err_, false, false};
    return cli::Run(static_cast<int>(arguments.size()), arguments.data(), console);
  }

  const std::string config_;
  std::istringstream in_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(AppTest, HelpAndVersionAreDone) {
  EXPECT_EQ(Bonnie({"--help"}), kDone);
  EXPECT_THAT(out_.str(), HasSubstr("Examples:"));
  EXPECT_EQ(Bonnie({"--version"}), kDone);
  EXPECT_THAT(out_.str(), HasSubstr("bonnie "));
  for (const char* group : {"patients", "records", "schema", "import", "completion"}) {
    EXPECT_EQ(Bonnie({group, "--help"}), kDone) << group;
  }
}

TEST_F(AppTest, AnEmptySiteIsNotTheDefaultOne) {
  EXPECT_EQ(Bonnie({"--config", config_.c_str(), "--site", "", "status"}), kWrongUse);
  EXPECT_THAT(err_.str(), HasSubstr("want a site's name"));
}

TEST_F(AppTest, NumbersOutOfRangeAreToldWithTheRange) {
  EXPECT_EQ(Bonnie({"--config", config_.c_str(), "patients", "list", "--limit", "-1"}), kWrongUse);
  EXPECT_THAT(err_.str(), HasSubstr("not in range 0 to 1000000000"));
  EXPECT_EQ(Bonnie({"--config", config_.c_str(), "records", "list", "--patient", "0"}), kWrongUse);
  EXPECT_THAT(err_.str(), HasSubstr("not in range 1 to "));
}

TEST_F(AppTest, WrongUseIsTwo) {
  const std::vector<std::vector<const char*>> lines = {{},
                                                       {"nothing"},
                                                       {"patients"},
                                                       {"patients", "get"},
                                                       {"patients", "get", "x"},
                                                       {"patients", "create", "--first-name", "A"},
                                                       {"--output", "xml", "status"},
                                                       {"--timeout", "soon", "status"},
                                                       {"--timeout", "-1s", "status"},
                                                       {"patients", "list", "--limit", "-1"},
                                                       {"schema", "upgrade"},
                                                       {"patients", "list", "--site", "\xff"},
                                                       {"--config", "/nowhere/client.textproto", "status"}};
  for (const auto& line : lines) {
    EXPECT_EQ(Bonnie(line), kWrongUse) << (line.empty() ? "" : line.back());
    EXPECT_NE(err_.str() + out_.str(), "");
  }
}

TEST_F(AppTest, OptionsMayStandBeforeTheGroupOrAfterTheVerb) {
  EXPECT_EQ(Bonnie({"--config", config_.c_str(), "--site", "none", "patients", "get", "1"}), kWrongUse);
  EXPECT_THAT(err_.str(), HasSubstr("--site: none, want one of azure, project, all"));
  EXPECT_EQ(Bonnie({"patients", "get", "1", "--site", "none", "--config", config_.c_str()}), kWrongUse);
  EXPECT_THAT(err_.str(), HasSubstr("--site: none, want one of azure, project, all"));
}

TEST_F(AppTest, ErrorsSayWhereAndBecomeTheExitCode) {
  const int code =
      Bonnie({"--config", config_.c_str(), "--site", "azure", "--timeout", "2s", "schema", "downgrade", "-1"});
  EXPECT_EQ(code, 78);
  EXPECT_THAT(err_.str(),
              HasSubstr("azure (schema service at localhost:1): UNAVAILABLE: localhost:1: nobody listens there"));
}

TEST_F(AppTest, ASiteWithoutARecordsServiceHasNoPatients) {
  EXPECT_EQ(Bonnie({"--config", config_.c_str(), "--site", "project", "patients", "list"}), kWrongUse);
  EXPECT_THAT(err_.str(), HasSubstr("project has no records service"));
}

TEST_F(AppTest, WithoutADefaultSiteOneMustBeNamed) {
  EXPECT_EQ(Bonnie({"--config", config_.c_str(), "patients", "list"}), kWrongUse);
  EXPECT_THAT(err_.str(), HasSubstr("no default_site"));
}

TEST(ExitCodeTest, IsSixtyFourPlusTheCode) {
  EXPECT_EQ(ExitCodeOf(absl::OkStatus()), 0);
  EXPECT_EQ(ExitCodeOf(absl::InvalidArgumentError("")), 67);
  EXPECT_EQ(ExitCodeOf(absl::UnavailableError("")), 78);
  EXPECT_EQ(ExitCodeOf(absl::UnauthenticatedError("")), 80);
}

}  // namespace
}  // namespace bonnie::cli
