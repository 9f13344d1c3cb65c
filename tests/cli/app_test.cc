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
    Console console{in_, out_, err_, false, false, false};
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
  EXPECT_THAT(err_.str(), HasSubstr("bonnie: patients list: --limit: '-1', want a number from 0 to 1000000000"));
  EXPECT_EQ(Bonnie({"--config", config_.c_str(), "records", "list", "--patient", "0"}), kWrongUse);
  EXPECT_THAT(err_.str(), HasSubstr("--patient: '0', want an id, a number from 1"));
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

TEST_F(AppTest, AnUnknownVerbIsNamedWithWhatThereIs) {
  struct Case {
    std::vector<const char*> line;
    const char* want;
  };
  const Case cases[] = {
      {{"pateints", "list"}, "bonnie: unknown command 'pateints'; one of patients, records, schema, "},
      {{"patients", "show", "7"},
       "bonnie: patients: unknown verb 'show'; one of list, get, create, update, delete, chart"},
      {{"schema", "up\x1bgrade"}, "bonnie: schema: unknown verb 'up?grade'; one of current, "},
      {{"patients"}, "bonnie: patients: want a verb: one of list, get, "},
      {{}, "bonnie: want a command: one of patients, "},
      {{"patients", "--limit", "1"}, "bonnie: patients: unknown option '--limit'"},
      {{"patients", "list", "--limits", "1"}, "bonnie: patients list: unknown option '--limits'"},
      {{"patients", "list", "7"}, "bonnie: patients list: '7' is one word too many"},
      {{"patients", "get", "x"}, "bonnie: patients get: ID: 'x', want an id, a number from 1"},
      {{"patients", "create", "--gender", "f"}, "--gender: 'f', want one of female, male, other, unknown"},
      {{"--output", "xml", "status"}, "--output: 'xml', want one of table, json, csv"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Bonnie(c.line), kWrongUse) << c.want;
    EXPECT_THAT(err_.str(), HasSubstr(c.want));
    EXPECT_THAT(err_.str(), HasSubstr("--help` says more\n"));
    EXPECT_EQ(out_.str(), "");
  }
}

TEST_F(AppTest, AFieldIsNotClearedAndGivenAtOnce) {
  EXPECT_EQ(Bonnie({"--config", config_.c_str(), "--site", "azure", "patients", "update", "7", "--clear",
                    "contact_number", "--contact-number", "12345"}),
            kWrongUse);
  EXPECT_THAT(err_.str(),
              HasSubstr("patients update: --clear: contact_number, want it emptied or given a value, not both"));
  EXPECT_EQ(Bonnie({"--config", config_.c_str(), "--site", "azure", "records", "update", "7", "--treatment", "rest",
                    "--clear", "treatment"}),
            kWrongUse);
  EXPECT_THAT(err_.str(), HasSubstr("records update: --clear: treatment"));
}

TEST_F(AppTest, AnErrorComesWithoutTheHeaderOfAnEmptyTable) {
  for (const char* format : {"table", "csv"}) {
    EXPECT_EQ(Bonnie({"--config", config_.c_str(), "--site", "azure", "--timeout", "2s", "--output", format, "patients",
                      "list"}),
              78);
    EXPECT_EQ(out_.str(), "");
  }
}

TEST_F(AppTest, EachVerbThatWorksFromACheckoutTellsOfMigrations) {
  for (const char* verb : {"hash", "upgrade", "downgrade"}) {
    EXPECT_EQ(Bonnie({"schema", verb, "--help"}), kDone);
    EXPECT_THAT(out_.str(), HasSubstr("--migrations DIR")) << verb;
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
