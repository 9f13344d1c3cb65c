#include "services/server/error.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "bonnie/internal/rpcwire/v1/status.pb.h"
#include "services/data_access/fault.h"
#include "services/server/error_wire.h"

namespace bonnie::server {
namespace {

namespace wire = internal::rpcwire::v1;

constexpr int kMaxViolations = 20;

// A status carries its details as they go on the wire, one payload for each kind under the public type URL.
template <class Message>
void Attach(absl::Status& status, const Message& message) {
  status.SetPayload(DetailUrl<Message>(), absl::Cord(message.SerializeAsString()));
}

template <class Message>
absl::optional<Message> Attached(const absl::Status& status) {
  absl::optional<absl::Cord> payload = status.GetPayload(DetailUrl<Message>());
  Message message;
  if (!payload.has_value() || !message.ParseFromString(std::string(*payload))) return absl::nullopt;
  return message;
}

void AttachDuration(absl::Status& status, absl::Duration delay) {
  wire::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(absl::IDivDuration(delay, absl::Seconds(1), &delay));
  retry.mutable_retry_delay()->set_nanos(static_cast<int>(absl::ToInt64Nanoseconds(delay)));
  Attach(status, retry);
}

// How long a caller should stay away after a database fault; zero when coming back would not help.
absl::Duration RetryAfter(const data_access::Fault& fault) {
  if (fault.caller_code == absl::StatusCode::kAborted) {
    return fault.reason == "LOCK_TIMEOUT" ? absl::Milliseconds(200) : absl::Milliseconds(100);
  }
  if (fault.caller_code != absl::StatusCode::kUnavailable) return absl::ZeroDuration();
  if (fault.reason == "OVERLOADED") return absl::Milliseconds(100);
  if (fault.reason == "DATABASE_AUTH") return absl::Seconds(30);
  return fault.reason == "DATABASE_READ_ONLY" ? absl::Seconds(1) : absl::Milliseconds(500);
}

ErrorDetails DetailsOfFault(const data_access::Fault& fault) {
  ErrorDetails details;
  details.reason = fault.reason;
  details.retry_after = RetryAfter(fault);
  if (!fault.constraint.empty()) details.metadata["constraint"] = fault.constraint;
  if (!fault.column.empty() && fault.caller_code == absl::StatusCode::kInvalidArgument) {
    details.violations.push_back({fault.column, "the database refuses this value"});
  }
  if (fault.caller_code == absl::StatusCode::kFailedPrecondition) {
    details.preconditions.push_back({fault.reason, fault.constraint, ""});
  }
  return details;
}

}  // namespace

absl::Status Error(absl::StatusCode code, absl::string_view message, ErrorDetails details) {
  absl::Status status(code, message);
  wire::ErrorInfo info;
  info.set_reason(std::move(details.reason));
  info.mutable_metadata()->insert(details.metadata.begin(), details.metadata.end());
  Attach(status, info);
  if (details.retry_after > absl::ZeroDuration()) AttachDuration(status, details.retry_after);
  wire::BadRequest bad_request;
  for (const FieldViolation& violation : details.violations) {
    if (bad_request.field_violations_size() == kMaxViolations) break;
    auto* added = bad_request.add_field_violations();
    added->set_field(violation.field);
    added->set_description(violation.description);
  }
  if (bad_request.field_violations_size() > 0) Attach(status, bad_request);
  wire::PreconditionFailure unmet;
  for (const ErrorDetails::Precondition& precondition : details.preconditions) {
    auto* added = unmet.add_violations();
    added->set_type(precondition.type);
    added->set_subject(precondition.subject);
    added->set_description(precondition.description);
  }
  if (unmet.violations_size() > 0) Attach(status, unmet);
  if (details.resource.has_value()) {
    wire::ResourceInfo resource;
    resource.set_resource_type(details.resource->type);
    resource.set_resource_name(details.resource->name);
    resource.set_description(details.resource->description);
    Attach(status, resource);
  }
  if (details.quota.has_value()) {
    wire::QuotaFailure quota;
    auto* added = quota.add_violations();
    added->set_subject(details.quota->subject);
    added->set_description(details.quota->description);
    Attach(status, quota);
  }
  return status;
}

absl::Status Error(absl::StatusCode code, absl::string_view reason, absl::string_view message,
                   std::map<std::string, std::string> metadata) {
  return Error(code, message, {.reason = std::string(reason), .metadata = std::move(metadata)});
}

absl::Status FailedPrecondition(absl::string_view reason, absl::string_view message,
                                std::map<std::string, std::string> metadata) {
  return Error(absl::StatusCode::kFailedPrecondition, reason, message, std::move(metadata));
}

absl::optional<ErrorDetails> DetailsOf(const absl::Status& status) {
  absl::optional<wire::ErrorInfo> info = Attached<wire::ErrorInfo>(status);
  if (!info.has_value()) {
    if (absl::optional<data_access::Fault> fault = data_access::FaultOf(status)) return DetailsOfFault(*fault);
    return absl::nullopt;
  }
  ErrorDetails details;
  details.reason = info->reason();
  details.metadata.insert(info->metadata().begin(), info->metadata().end());
  if (auto retry = Attached<wire::RetryInfo>(status)) {
    details.retry_after =
        absl::Seconds(retry->retry_delay().seconds()) + absl::Nanoseconds(retry->retry_delay().nanos());
  }
  if (auto bad_request = Attached<wire::BadRequest>(status)) {
    for (const auto& violation : bad_request->field_violations()) {
      details.violations.push_back({violation.field(), violation.description()});
    }
  }
  if (auto unmet = Attached<wire::PreconditionFailure>(status)) {
    for (const auto& each : unmet->violations()) {
      details.preconditions.push_back({each.type(), each.subject(), each.description()});
    }
  }
  if (auto resource = Attached<wire::ResourceInfo>(status)) {
    details.resource = {resource->resource_type(), resource->resource_name(), resource->description()};
  }
  if (auto quota = Attached<wire::QuotaFailure>(status); quota && quota->violations_size() > 0) {
    details.quota = {quota->violations(0).subject(), quota->violations(0).description()};
  }
  return details;
}

}  // namespace bonnie::server
