#include "services/server/grpc_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bonnie/internal/rpcwire/v1/status.pb.h"
#include "services/data_access/fault.h"
#include "services/server/error.h"

namespace bonnie::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

internal::rpcwire::v1::Status Parsed(const grpc::Status& status) {
  internal::rpcwire::v1::Status parsed;
  EXPECT_TRUE(parsed.ParseFromString(status.error_details()));
  return parsed;
}

std::vector<std::string> Types(const grpc::Status& status) {
  std::vector<std::string> types;
  const internal::rpcwire::v1::Status parsed = Parsed(status);
  for (const auto& any : parsed.details()) types.push_back(any.type_url());
  return types;
}

internal::rpcwire::v1::ErrorInfo Info(const grpc::Status& status) {
  internal::rpcwire::v1::ErrorInfo info;
  EXPECT_TRUE(info.ParseFromString(Parsed(status).details(0).value()));
  return info;
}

absl::Status DatabaseError(absl::StatusCode code, absl::StatusCode caller_code, const char* reason) {
  data_access::Fault fault;
  fault.caller_code = caller_code;
  fault.reason = reason;
  return data_access::FaultStatus(code, "what the log may hold", fault);
}

TEST(GrpcStatusTest, PassesOkThrough) {
  const WireStatus wire = ToWire(absl::OkStatus(), "records.bonnie");
  EXPECT_TRUE(wire.status.ok());
  EXPECT_EQ(wire.status.error_details(), "");
}

TEST(GrpcStatusTest, PutsErrorInfoFirstUnderItsPublicName) {
  ErrorDetails details;
  details.reason = "HAS_MEDICAL_RECORDS";
  details.preconditions = {{"HAS_MEDICAL_RECORDS", "patients/7", ""}};
  const WireStatus wire =
      ToWire(Error(absl::StatusCode::kFailedPrecondition, "patient 7 has medical records", details), "records.bonnie");
  EXPECT_EQ(wire.status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(wire.status.error_message(), "patient 7 has medical records");
  EXPECT_THAT(Types(wire.status), ElementsAre("type.googleapis.com/google.rpc.ErrorInfo",
                                              "type.googleapis.com/google.rpc.PreconditionFailure"));
  EXPECT_EQ(Info(wire.status).domain(), "records.bonnie");
  EXPECT_EQ(Parsed(wire.status).code(), 9);
  EXPECT_EQ(Parsed(wire.status).message(), "patient 7 has medical records");
}

TEST(GrpcStatusTest, TellsTheCallersCodeOfADatabaseFault) {
  // The library says kAborted (run the transaction again); the caller is told what it means to him.
  const WireStatus wire =
      ToWire(DatabaseError(absl::StatusCode::kAborted, absl::StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"),
             "records.bonnie");
  EXPECT_EQ(wire.status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(wire.reason, "DATABASE_UNAVAILABLE");
  EXPECT_THAT(Types(wire.status),
              ElementsAre("type.googleapis.com/google.rpc.ErrorInfo", "type.googleapis.com/google.rpc.RetryInfo"));
  EXPECT_GT(wire.pushback, absl::ZeroDuration());
}

TEST(GrpcStatusTest, HidesTheMessageOfAnInternalError) {
  for (const absl::Status& status :
       {absl::InternalError("secret of ours"), absl::UnknownError("secret of ours"),
        absl::DataLossError("secret of ours"),
        DatabaseError(absl::StatusCode::kInternal, absl::StatusCode::kInternal, "INTERNAL")}) {
    const WireStatus wire = ToWire(status, "records.bonnie");
    EXPECT_EQ(wire.status.error_code(), grpc::StatusCode::INTERNAL);
    EXPECT_THAT(wire.status.error_message(), Not(HasSubstr("secret")));
    EXPECT_THAT(wire.status.error_message(), Not(HasSubstr("what the log may hold")));
    EXPECT_EQ(wire.error_id.size(), 16u);
    EXPECT_THAT(wire.status.error_message(), HasSubstr(wire.error_id));
    EXPECT_EQ(Info(wire.status).metadata().at("error_id"), wire.error_id);
  }
  EXPECT_NE(ToWire(absl::InternalError(""), "d").error_id, ToWire(absl::InternalError(""), "d").error_id);
}

TEST(GrpcStatusTest, SaysThatAnOutcomeIsUnknown) {
  const WireStatus wire =
      ToWire(DatabaseError(absl::StatusCode::kUnknown, absl::StatusCode::kUnknown, "COMMIT_OUTCOME_UNKNOWN"),
             "records.bonnie");
  EXPECT_EQ(wire.status.error_code(), grpc::StatusCode::UNKNOWN);
  EXPECT_EQ(wire.reason, "COMMIT_OUTCOME_UNKNOWN");
}

TEST(GrpcStatusTest, GivesABareStatusAReason) {
  EXPECT_EQ(ToWire(absl::DeadlineExceededError("too late"), "d").reason, "DEADLINE_EXCEEDED");
  EXPECT_EQ(ToWire(absl::DeadlineExceededError("too late"), "d").status.error_message(), "too late");
}

TEST(GrpcStatusTest, CutsLongMessagesBetweenCharacters) {
  std::string message(511, 'x');
  message += "é and more";
  const WireStatus wire = ToWire(absl::NotFoundError(message), "d");
  EXPECT_EQ(wire.status.error_message(), std::string(511, 'x'));
}

TEST(GrpcStatusTest, StaysBelowFourKibibytes) {
  ErrorDetails details;
  details.reason = "INVALID";
  for (int i = 0; i < 20; ++i) details.violations.push_back({"patients[3].first_name", std::string(400, 'r')});
  const WireStatus wire = ToWire(Error(absl::StatusCode::kInvalidArgument, std::string(600, 'm'), details), "d");
  EXPECT_LE(wire.status.error_details().size(), 4096u);
  EXPECT_EQ(Info(wire.status).reason(), "INVALID");

  details.violations.clear();
  details.metadata["ids"] = std::string(9000, '7');
  const WireStatus metadata = ToWire(Error(absl::StatusCode::kNotFound, "", details), "d");
  EXPECT_LE(metadata.status.error_details().size(), 4096u);
  EXPECT_EQ(Info(metadata.status).reason(), "INVALID");
}

TEST(GrpcStatusTest, WhatCameFromTheWireGoesOutAsItCame) {
  ErrorDetails details;
  details.reason = "OVERLOADED";
  details.metadata = {{"site", "gcp"}};
  details.violations = {{"site", "want one"}};
  details.retry_after = absl::Milliseconds(100);
  const WireStatus sent = ToWire(Error(absl::StatusCode::kUnavailable, "too much", details), "schema.bonnie");
  const WireStatus again = ToWire(FromWire(sent.status), "schema.bonnie");
  EXPECT_EQ(again.status.error_code(), sent.status.error_code());
  EXPECT_EQ(again.status.error_message(), "too much");
  EXPECT_EQ(again.reason, "OVERLOADED");
  EXPECT_EQ(again.pushback, sent.pushback);
  EXPECT_EQ(Types(again.status).size(), Types(sent.status).size());
  EXPECT_EQ(Info(again.status).metadata().at("site"), "gcp");
  // An internal error's message was replaced where it happened; the id that stands there stays.
  const WireStatus internal = ToWire(absl::InternalError("secret"), "schema.bonnie");
  EXPECT_EQ(ToWire(FromWire(internal.status), "schema.bonnie").status.error_message(), internal.status.error_message());
  EXPECT_FALSE(DetailsOf(FromWire(grpc::Status(grpc::StatusCode::UNAVAILABLE, "gRPC's own"))).has_value());
  EXPECT_TRUE(FromWire(grpc::Status::OK).ok());
}

}  // namespace
}  // namespace bonnie::server
