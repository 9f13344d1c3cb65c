// Scratch on a server of its own: what callers have executed does not reach the server of the patients.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/schema/model_harness.h"
#include "tests/support/status_matchers.h"

namespace bonnie::schema {
namespace {

using test_support::IsOk;
using ::testing::HasSubstr;

class ScratchServerTest : public ::testing::Test {
 protected:
  // How the scratch account reaches the other server.
  data_access::ConnectOptions Elsewhere() const {
    data_access::ConnectOptions options = Harness(other_, folder_.path()).Connect();
    options.credentials = data_access::PasswordFile("bonnie_scratch", other_.password_file("scratch"));
    return options;
  }
  static std::string DatabasesMade(const test_support::TestDatabase& server) {
    return server.RootQuery("SHOW GLOBAL STATUS LIKE 'Com_create_db'").value_or("the query fails");
  }
  absl::StatusOr<DdlSetting> Setting() {
    const auto session = site_.sources().Connect(ModelHarness::Soon());
    if (!session.ok()) return session.status();
    return ReadDdlSetting(**session);
  }

  test_support::TestDatabase database_;
  mutable test_support::TestDatabase other_;
  Folder folder_;
  ModelHarness site_{database_};
  Canonical canonical_{site_.harness().driver(), Elsewhere()};
  SchemaSources sources_{site_.harness().driver(), site_.harness().Connect(), site_.harness().dir(), canonical_};
};

TEST_F(ScratchServerTest, AModelIsMadeOnTheOtherServerAndNotWhereThePatientsAre) {
  const std::string patients = DatabasesMade(database_), scratch = DatabasesMade(other_);
  const auto pending = sources_.FindPending(
      ModelSource{{{"t.sql", "CREATE TABLE t (id INT NOT NULL, PRIMARY KEY (id))"}}}, ModelHarness::Soon());
  ASSERT_THAT(pending, IsOk());
  EXPECT_EQ(pending->model_changes.size(), 1u);
  EXPECT_EQ(DatabasesMade(database_), patients);
  EXPECT_NE(DatabasesMade(other_), scratch);
}

TEST_F(ScratchServerTest, AServerOfAnotherVersionProvesNothing) {
  absl::StatusOr<DdlSetting> setting = Setting();
  ASSERT_THAT(setting, IsOk());
  EXPECT_THAT(canonical_.OpenScratch(*setting, ModelHarness::Soon()), IsOk());
  setting->server_version = "5.0.0";
  const auto opened = canonical_.OpenScratch(*setting, ModelHarness::Soon());
  EXPECT_EQ(ReasonOf(opened.status()), "SCRATCH_SERVER_DIFFERS");
  EXPECT_THAT(std::string(opened.status().message()), HasSubstr("5.0.0"));
}

}  // namespace
}  // namespace bonnie::schema
