#include "clients/cli/synthea_import.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/client/fake_records_service.h"

namespace bonnie::cli {
namespace {

using client::FakeRecordsService;
using client::RichError;
using ::testing::ElementsAre;

// `count` patients, the odd ones deceased, each with two records, the first of them without discharge.
SyntheaExport Export(int count) {
  SyntheaFiles files{"Id,BIRTHDATE,DEATHDATE,FIRST,LAST,GENDER\n", "START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION\n",
                     ""};
  for (int i = 0; i < count; ++i) {
    absl::StrAppend(&files.patients, "p", i, ",1980-01-01,", i % 2 == 1 ? "2000-01-01" : "", ",First", i, ",Last,F\n");
    absl::StrAppend(&files.conditions, "2001-01-01,,p", i, ",e", i, ",1,Open", i, "\n");
    absl::StrAppend(&files.conditions, "2002-01-01,2002-01-02,p", i, ",e", i, ",2,Closed", i, "\n");
  }
  return *ParseSynthea(files);
}

struct Outcome {
  absl::Status status;
  ImportSummary summary;
  int done = 0;
  std::vector<std::string> refused;
};

Outcome Import(FakeRecordsService& service, const SyntheaExport& source, ImportOptions options = {}) {
  const client::RecordsClient client(service.channel(), {});
  Outcome outcome;
  std::atomic<int> done{0};
  SyntheaImport import(
      client, options, [&] { ++done; }, [&](const RefusedRow& row) { outcome.refused.push_back(row.Text()); });
  outcome.status = import.Run(source);
  outcome.summary = import.summary();
  outcome.done = done;
  return outcome;
}

TEST(SyntheaImportTest, CreatesEveryPatientAndRecordOnce) {
  FakeRecordsService service;
  const Outcome first = Import(service, Export(20));
  EXPECT_TRUE(first.status.ok()) << first.status;
  EXPECT_EQ(first.summary.patients.created, 20);
  EXPECT_EQ(first.summary.records.created, 40);
  EXPECT_EQ(first.summary.deceased, 10);
  EXPECT_EQ(first.summary.without_discharge, 20);
  EXPECT_EQ(first.done, 60);

  const Outcome second = Import(service, Export(20));
  EXPECT_TRUE(second.status.ok()) << second.status;
  EXPECT_EQ(second.summary.patients.created + second.summary.records.created, 0);
  EXPECT_EQ(second.summary.patients.present, 20);
  EXPECT_EQ(second.summary.records.present, 40);
  EXPECT_EQ(second.summary.deceased, 10);
  EXPECT_EQ(second.summary.without_discharge, 20);
  EXPECT_EQ(service.patients(), 20);
  EXPECT_EQ(service.records(), 40);
}

TEST(SyntheaImportTest, AddsWhatACutOffRunHasLeftOut) {
  FakeRecordsService service;
  SyntheaExport part = Export(10);
  part.records.resize(7);
  ASSERT_TRUE(Import(service, part).status.ok());
  const Outcome rest = Import(service, Export(10));
  EXPECT_EQ(rest.summary.records.created, 13);
  EXPECT_EQ(rest.summary.records.present, 7);
  EXPECT_EQ(service.records(), 20);
}

TEST(SyntheaImportTest, TellsOfARefusedRowAndGoesOn) {
  FakeRecordsService service;
  service.RefuseText("First3");
  const Outcome outcome = Import(service, Export(5), {/*in_flight=*/1});
  EXPECT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_THAT(outcome.refused, ElementsAre("patients.csv:5:26: FIRST: want something else",
                                           "conditions.csv:8:1: its patient was refused",
                                           "conditions.csv:9:1: its patient was refused"));
  EXPECT_EQ(outcome.summary.patients.refused, 1);
  EXPECT_EQ(outcome.summary.records.refused, 2);
  EXPECT_EQ(outcome.summary.patients.created, 4);
  EXPECT_EQ(outcome.summary.records.created, 8);
  EXPECT_EQ(outcome.summary.deceased, 1);
}

TEST(SyntheaImportTest, LeavesOutTheRecordsOfADeletedPatient) {
  FakeRecordsService service;
  service.FailNextCreate(grpc::Status::OK, /*after_the_work=*/true);  // the patient
  service.FailNextCreate(RichError(grpc::StatusCode::NOT_FOUND, "patients/1: not found", "PATIENT_NOT_FOUND"));
  const Outcome outcome = Import(service, Export(1), {/*in_flight=*/1});
  EXPECT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_THAT(outcome.refused, ElementsAre("conditions.csv:2:1: its patient is deleted in this site"));
  EXPECT_EQ(outcome.summary.records.created, 1);
}

TEST(SyntheaImportTest, TriesAgainWhatMayPassUnderTheSameRequestId) {
  FakeRecordsService service;
  service.FailNextCreate(RichError(grpc::StatusCode::ABORTED, "deadlock", "CONTENTION"));
  service.FailNextCreate(grpc::Status(grpc::StatusCode::DEADLINE_EXCEEDED, "late"), /*after_the_work=*/true);
  const Outcome outcome = Import(service, Export(1), {/*in_flight=*/1});
  EXPECT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_EQ(outcome.summary.patients.created, 1);
  EXPECT_EQ(service.patients(), 1);
  const std::vector<std::string> ids = service.request_ids();
  ASSERT_EQ(ids.size(), 5u);  // three for the patient, one for each record
  EXPECT_EQ(ids[0], ids[1]);
  EXPECT_EQ(ids[1], ids[2]);
}

TEST(SyntheaImportTest, StopsWhenItMayNotWrite) {
  FakeRecordsService service;
  for (int i = 0; i < 100; ++i)
    service.FailNextCreate(RichError(grpc::StatusCode::PERMISSION_DENIED, "no role", "ROLE_MISSING"));
  const Outcome outcome = Import(service, Export(50), {/*in_flight=*/4});
  EXPECT_EQ(outcome.status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_LE(service.request_ids().size(), 4u);
}

TEST(SyntheaImportTest, StopsWhenTheSiteStaysAway) {
  FakeRecordsService service;
  for (int i = 0; i < 100; ++i) service.FailNextCreate(grpc::Status(grpc::StatusCode::ABORTED, "no"));
  const Outcome outcome = Import(service, Export(1), {/*in_flight=*/1, /*patience=*/absl::Milliseconds(500)});
  EXPECT_EQ(outcome.status.code(), absl::StatusCode::kAborted);
}

}  // namespace
}  // namespace bonnie::cli
