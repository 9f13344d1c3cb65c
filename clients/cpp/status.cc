#include "clients/cpp/status.h"

#include <grpcpp/support/status.h>

#include "absl/strings/cord.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/types/optional.h"
#include "bonnie/internal/rpcwire/v1/status.pb.h"

namespace bonnie::client {
namespace {

namespace rpcwire = internal::rpcwire::v1;

constexpr char kPayload[] = "type.googleapis.com/google.rpc.Status";

void Add(const rpcwire::ErrorInfo& info, ErrorDetails& details) {
  details.reason = info.reason();
  details.domain = info.domain();
  details.metadata.insert(info.metadata().begin(), info.metadata().end());
}

void Add(const rpcwire::RetryInfo& info, ErrorDetails& details) {
  details.retry_delay = absl::Seconds(info.retry_delay().seconds()) + absl::Nanoseconds(info.retry_delay().nanos());
}

void Add(const rpcwire::BadRequest& request, ErrorDetails& details) {
  for (const auto& violation : request.field_violations()) {
    details.field_violations.push_back({violation.field(), violation.description()});
  }
}

void Add(const rpcwire::PreconditionFailure& failure, ErrorDetails& details) {
  for (const auto& violation : failure.violations()) {
    details.preconditions.push_back({violation.type(), violation.subject(), violation.description()});
  }
}

void Add(const rpcwire::ResourceInfo& info, ErrorDetails& details) {
  details.resources.push_back({info.resource_type(), info.resource_name(), info.description()});
}

void Add(const rpcwire::QuotaFailure& failure, ErrorDetails& details) {
  for (const auto& violation : failure.violations()) {
    details.quotas.push_back({violation.subject(), violation.description()});
  }
}

// Adds `any` if it is a `Message`, which goes by the name Name in google.rpc.
template <class Message>
void AddIf(absl::string_view name, const google::protobuf::Any& any, ErrorDetails& details) {
  absl::string_view url = any.type_url();
  Message message;
  if (absl::ConsumePrefix(&url, "type.googleapis.com/google.rpc.") && url == name &&
      message.ParseFromString(any.value())) {
    Add(message, details);
  }
}

}  // namespace

absl::Status ToStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  absl::Status result(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  if (!status.error_details().empty()) result.SetPayload(kPayload, absl::Cord(status.error_details()));
  return result;
}

ErrorDetails DetailsOf(const absl::Status& status) {
  ErrorDetails details;
  const absl::optional<absl::Cord> payload = status.GetPayload(kPayload);
  rpcwire::Status wire;
  if (!payload.has_value() || !wire.ParseFromString(std::string(*payload))) return details;
  for (const google::protobuf::Any& any : wire.details()) {
    AddIf<rpcwire::ErrorInfo>("ErrorInfo", any, details);
    AddIf<rpcwire::RetryInfo>("RetryInfo", any, details);
    AddIf<rpcwire::BadRequest>("BadRequest", any, details);
    AddIf<rpcwire::PreconditionFailure>("PreconditionFailure", any, details);
    AddIf<rpcwire::ResourceInfo>("ResourceInfo", any, details);
    AddIf<rpcwire::QuotaFailure>("QuotaFailure", any, details);
  }
  return details;
}

absl::Status WithMessage(const absl::Status& status, const std::string& message) {
  absl::Status result(status.code(), message);
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) { result.SetPayload(url, payload); });
  return result;
}

}  // namespace bonnie::client
