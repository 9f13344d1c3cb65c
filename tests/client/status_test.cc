#include "clients/cpp/status.h"

#include <gmock/gmock.h>
#include <grpcpp/support/status.h>
#include <gtest/gtest.h>

#include "bonnie/internal/rpcwire/v1/status.pb.h"

namespace bonnie::client {
namespace {

namespace rpcwire = internal::rpcwire::v1;

template <class Detail>
void Add(rpcwire::Status& status, const std::string& name, const Detail& detail) {
  google::protobuf::Any* any = status.add_details();
  any->set_type_url("type.googleapis.com/google.rpc." + name);
  any->set_value(detail.SerializeAsString());
}

TEST(StatusTest, OkIsOk) { EXPECT_TRUE(ToStatus(grpc::Status::OK).ok()); }

TEST(StatusTest, KeepsCodeAndMessage) {
  const absl::Status status = ToStatus(grpc::Status(grpc::StatusCode::NOT_FOUND, "no patient 7"));
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(), "no patient 7");
  EXPECT_EQ(DetailsOf(status).reason, "");
}

TEST(StatusTest, DecodesEveryKindOfDetail) {
  rpcwire::Status wire;
  rpcwire::ErrorInfo info;
  info.set_reason("WHY");
  info.set_domain("records.bonnie");
  (*info.mutable_metadata())["id"] = "7";
  Add(wire, "ErrorInfo", info);
  rpcwire::RetryInfo retry;
  retry.mutable_retry_delay()->set_nanos(250'000'000);
  Add(wire, "RetryInfo", retry);
  rpcwire::BadRequest request;
  request.add_field_violations()->set_field("patient.first_name");
  request.mutable_field_violations(0)->set_description("want 1 to 100 characters");
  request.add_field_violations()->set_field("patient.gender");
  Add(wire, "BadRequest", request);
  rpcwire::PreconditionFailure failure;
  failure.add_violations()->set_type("HAS_MEDICAL_RECORDS");
  failure.mutable_violations(0)->set_subject("patients/7");
  Add(wire, "PreconditionFailure", failure);
  rpcwire::ResourceInfo resource;
  resource.set_resource_name("patients/7");
  Add(wire, "ResourceInfo", resource);
  rpcwire::QuotaFailure quota;
  quota.add_violations()->set_subject("identity");
  Add(wire, "QuotaFailure", quota);
  Add(wire, "Unknown", quota);  // of a newer service: ignored

  const ErrorDetails details =
      DetailsOf(ToStatus(grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "no", wire.SerializeAsString())));
  EXPECT_EQ(details.reason, "WHY");
  EXPECT_EQ(details.domain, "records.bonnie");
  EXPECT_EQ(details.metadata.at("id"), "7");
  EXPECT_EQ(details.retry_delay, absl::Milliseconds(250));
  ASSERT_EQ(details.field_violations.size(), 2u);
  EXPECT_EQ(details.field_violations[0].field, "patient.first_name");
  EXPECT_EQ(details.field_violations[0].description, "want 1 to 100 characters");
  ASSERT_EQ(details.preconditions.size(), 1u);
  EXPECT_EQ(details.preconditions[0].subject, "patients/7");
  ASSERT_EQ(details.resources.size(), 1u);
  EXPECT_EQ(details.resources[0].name, "patients/7");
  ASSERT_EQ(details.quotas.size(), 1u);
  EXPECT_EQ(details.quotas[0].subject, "identity");
}

TEST(StatusTest, GarbageInTheDetailsIsNoDetails) {
  const absl::Status status = ToStatus(grpc::Status(grpc::StatusCode::INTERNAL, "no", "\xff\xff\xff"));
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(DetailsOf(status).reason, "");
}

TEST(StatusTest, WithMessageKeepsTheDetails) {
  rpcwire::Status wire;
  rpcwire::ErrorInfo info;
  info.set_reason("WHY");
  Add(wire, "ErrorInfo", info);
  const absl::Status status =
      WithMessage(ToStatus(grpc::Status(grpc::StatusCode::ABORTED, "old", wire.SerializeAsString())), "new");
  EXPECT_EQ(status.message(), "new");
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(DetailsOf(status).reason, "WHY");
}

}  // namespace
}  // namespace bonnie::client
