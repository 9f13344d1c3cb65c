// A write whose connection to the database is cut at every stage, among them between COMMIT and its answer: what the
// caller is told is true of the table, and a request id settles what nobody can know.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/records/test_site.h"
#include "tests/support/fault_proxy.h"
#include "tests/support/migrate_for_test.h"
#include "tests/support/test_database.h"

namespace bonnie::records {
namespace {

using grpc::StatusCode;

// Where to cut an exchange of `bytes` from the server: all along it, and closely at its end, where COMMIT is answered.
std::vector<std::int64_t> Cuts(std::int64_t bytes) {
  std::vector<std::int64_t> cuts;
  for (int i = 0; i < 20; ++i) cuts.push_back(bytes * i / 20);
  for (int i = 20; i >= 0; --i) cuts.push_back(bytes - 8 * i);
  return cuts;
}

class CommitFaultTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(test_support::MigrateForTest(database_).ok());
    proxy_ = std::make_unique<test_support::FaultProxy>(database_.port());
    site_ = std::make_unique<TestSite>(
        database_, [this](config::v1::RecordsConfig& config) { config.mutable_database()->set_port(proxy_->port()); });
    ASSERT_TRUE(site_->WaitUntilServing()) << site_->Log();
    stub_ = site_->Patients();
  }

  v1::CreatePatientRequest Request(const std::string& name, bool with_id) {
    v1::CreatePatientRequest request;
    request.mutable_patient()->set_first_name("Cut");
    request.mutable_patient()->set_last_name(name);
    request.mutable_patient()->mutable_date_of_birth()->set_year(1980);
    request.mutable_patient()->mutable_date_of_birth()->set_month(1);
    request.mutable_patient()->mutable_date_of_birth()->set_day(1);
    request.mutable_patient()->set_gender(v1::GENDER_OTHER);
    if (with_id) request.set_request_id(NewRequestId());
    return request;
  }
  grpc::Status Create(const v1::CreatePatientRequest& request) {
    v1::CreatePatientResponse response;
    return Call(*stub_, &v1::PatientService::Stub::CreatePatient, request, &response);
  }
  grpc::Status CreateUntilAnswered(const v1::CreatePatientRequest& request) {
    grpc::Status status = Create(request);
    for (int i = 0; i < 500 && !status.ok(); ++i) {
      EXPECT_EQ(status.error_code(), StatusCode::UNAVAILABLE) << status.error_message();
      absl::SleepFor(absl::Milliseconds(20));
      status = Create(request);
    }
    return status;
  }
  int Stored(const std::string& name) {
    return std::stoi(*database_.RootQuery("SELECT COUNT(*) FROM patients WHERE last_name = '" + name + "'"));
  }
  // The bytes that a create moves from the server.
  std::int64_t BytesOfACreate(bool with_id) {
    EXPECT_TRUE(CreateUntilAnswered(Request("Warm", true)).ok());
    const std::int64_t before = proxy_->server_bytes();
    EXPECT_TRUE(Create(Request("Measured", with_id)).ok());
    return proxy_->server_bytes() - before;
  }

  test_support::TestDatabase database_;
  std::unique_ptr<test_support::FaultProxy> proxy_;
  std::unique_ptr<TestSite> site_;
  std::unique_ptr<v1::PatientService::Stub> stub_;
};

TEST_F(CommitFaultTest, DoesARequestOnceWhereverItsConnectionIsCut) {
  const std::int64_t bytes = BytesOfACreate(/*with_id=*/true);
  int cut_short = 0;
  for (std::int64_t cut : Cuts(bytes)) {
    ASSERT_TRUE(CreateUntilAnswered(Request("Between", true)).ok());  // a session is open again
    const v1::CreatePatientRequest request = Request(absl::StrCat("Cut ", cut), true);
    proxy_->CutAfterServerBytes(cut);
    const grpc::Status first = Create(request);
    if (!first.ok()) {
      ++cut_short;
      EXPECT_EQ(first.error_code(), StatusCode::UNAVAILABLE) << first.error_message();
    }
    proxy_->CutAfterServerBytes(-1);
    EXPECT_TRUE(CreateUntilAnswered(request).ok());
    EXPECT_EQ(Stored(absl::StrCat("Cut ", cut)), 1) << "cut after " << cut << " of " << bytes << " bytes";
  }
  EXPECT_GT(cut_short, 20) << "the cuts did not meet the requests";
}

TEST_F(CommitFaultTest, SaysUnknownOnlyWhenItIs) {
  const std::int64_t bytes = BytesOfACreate(/*with_id=*/false);
  int unknown = 0, unknown_and_stored = 0;
  for (std::int64_t cut : Cuts(bytes)) {
    ASSERT_TRUE(CreateUntilAnswered(Request("Between", true)).ok());
    const std::string name = absl::StrCat("Cut ", cut);
    proxy_->CutAfterServerBytes(cut);
    const grpc::Status status = Create(Request(name, false));
    proxy_->CutAfterServerBytes(-1);
    absl::SleepFor(absl::Milliseconds(20));  // the server may still be at it
    const int stored = Stored(name);
    switch (status.error_code()) {
      case StatusCode::OK:
        EXPECT_EQ(stored, 1);
        break;
      case StatusCode::UNAVAILABLE:
        EXPECT_EQ(stored, 0) << "told to send it again, though it is done";
        break;
      case StatusCode::UNKNOWN:
        EXPECT_EQ(WireError(status).reason, "COMMIT_OUTCOME_UNKNOWN");
        ++unknown;
        unknown_and_stored += stored;
        break;
      default:
        ADD_FAILURE() << status.error_code() << " " << status.error_message();
    }
  }
  std::cout << "unknown " << unknown << ", of these stored " << unknown_and_stored << std::endl;
  EXPECT_GT(unknown, 0) << "no cut fell between COMMIT and its answer";
}

}  // namespace
}  // namespace bonnie::records
