#include "clients/cli/error_text.h"

#include <grpcpp/support/status.h>
#include <gtest/gtest.h>

#include "bonnie/internal/rpcwire/v1/status.pb.h"
#include "clients/cpp/status.h"

namespace bonnie::cli {
namespace {

namespace rpcwire = internal::rpcwire::v1;

template <class Detail>
void Add(rpcwire::Status& status, const std::string& name, const Detail& detail) {
  google::protobuf::Any* any = status.add_details();
  any->set_type_url("type.googleapis.com/google.rpc." + name);
  any->set_value(detail.SerializeAsString());
}

TEST(ErrorTextTest, SaysWhatWhereAndWhatToDo) {
  rpcwire::Status wire;
  rpcwire::ErrorInfo info;
  info.set_reason("ETAG_MISMATCH");
  Add(wire, "ErrorInfo", info);
  const absl::Status status =
      client::ToStatus(grpc::Status(grpc::StatusCode::ABORTED, "patients/7: it changed", wire.SerializeAsString()));
  EXPECT_EQ(ErrorText("azure (records service at localhost:7101)", status),
            "bonnie: azure (records service at localhost:7101): ABORTED ETAG_MISMATCH: patients/7: it changed\n"
            "  somebody changed it since: read it again, then repeat with the etag it has now\n");
}

TEST(ErrorTextTest, ShowsEveryDetail) {
  rpcwire::Status wire;
  rpcwire::ErrorInfo info;
  info.set_reason("SOMETHING");
  (*info.mutable_metadata())["file"] = "versions/0002.sql";
  Add(wire, "ErrorInfo", info);
  rpcwire::BadRequest request;
  for (const char* field : {"patient.first_name", "patient.gender"}) {
    auto* violation = request.add_field_violations();
    violation->set_field(field);
    violation->set_description("want a value");
  }
  Add(wire, "BadRequest", request);
  rpcwire::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(2);
  Add(wire, "RetryInfo", retry);
  const absl::Status status =
      client::ToStatus(grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "no", wire.SerializeAsString()));
  EXPECT_EQ(ErrorText("azure", status),
            "bonnie: azure: INVALID_ARGUMENT SOMETHING: no\n"
            "  patient.first_name: want a value\n"
            "  patient.gender: want a value\n"
            "  file: versions/0002.sql\n"
            "  come back in 2s\n");
}

TEST(ErrorTextTest, SaysNothingTwice) {
  rpcwire::Status wire;
  rpcwire::ErrorInfo info;
  info.set_reason("DUPLICATE");
  (*info.mutable_metadata())["id"] = "7";
  (*info.mutable_metadata())["other"] = "77";  // a part of the name is not the name
  Add(wire, "ErrorInfo", info);
  rpcwire::ResourceInfo resource;
  resource.set_resource_name("patients/7");
  resource.set_description("has this source_key already");
  Add(wire, "ResourceInfo", resource);
  const absl::Status status = client::ToStatus(grpc::Status(
      grpc::StatusCode::ALREADY_EXISTS, "patients/7: has this source_key already", wire.SerializeAsString()));
  EXPECT_EQ(ErrorText("azure", status),
            "bonnie: azure: ALREADY_EXISTS DUPLICATE: patients/7: has this source_key already\n"
            "  other: 77\n");
}

TEST(ErrorTextTest, APreconditionThatTheAdviceCoversIsNotSaidAgain) {
  rpcwire::Status wire;
  rpcwire::ErrorInfo info;
  info.set_reason("HAS_MEDICAL_RECORDS");
  Add(wire, "ErrorInfo", info);
  rpcwire::PreconditionFailure failure;
  auto* violation = failure.add_violations();
  violation->set_type("HAS_MEDICAL_RECORDS");
  violation->set_subject("patients/7");
  violation->set_description("delete the patient's medical records first, or set force");
  Add(wire, "PreconditionFailure", failure);
  const absl::Status status = client::ToStatus(
      grpc::Status(grpc::StatusCode::FAILED_PRECONDITION, "patients/7: has medical records", wire.SerializeAsString()));
  EXPECT_EQ(ErrorText("azure", status),
            "bonnie: azure: FAILED_PRECONDITION HAS_MEDICAL_RECORDS: patients/7: has medical records\n"
            "  delete the records first, or all together by --force\n");
}

TEST(ErrorTextTest, AMessageCannotSteerTheTerminal) {
  EXPECT_EQ(ErrorText("azure", absl::InternalError("a\x1b[2Jb")), "bonnie: azure: INTERNAL: a?[2Jb\n");
}

}  // namespace
}  // namespace bonnie::cli
