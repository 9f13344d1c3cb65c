#include "services/server/grpc_status.h"

#include <utility>
#include <vector>

#include "absl/random/random.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/types/optional.h"
#include "bonnie/internal/rpcwire/v1/status.pb.h"
#include "services/data_access/fault.h"
#include "services/server/error.h"
#include "services/server/error_wire.h"

namespace bonnie::server {
namespace {

namespace wire = internal::rpcwire::v1;

constexpr std::size_t kMaxMessageBytes = 512;
constexpr std::size_t kMaxStatusBytes = 4096;

// The first `limit` bytes, not ending inside a UTF-8 sequence: gRPC sends messages as text.
std::string Cut(absl::string_view text, std::size_t limit) {
  if (text.size() <= limit) return std::string(text);
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0) == 0x80) --limit;
  return std::string(text.substr(0, limit));
}

bool IsInternal(absl::StatusCode code) {
  return code == absl::StatusCode::kInternal || code == absl::StatusCode::kUnknown ||
         code == absl::StatusCode::kDataLoss;
}

std::string NewErrorId() {
  thread_local absl::BitGen generator;
  return absl::StrFormat("%016x", absl::Uniform<std::uint64_t>(generator));
}

template <class Message>
void Pack(const Message& message, wire::Status& status) {
  google::protobuf::Any* any = status.add_details();
  any->set_type_url(DetailUrl<Message>());
  message.SerializeToString(any->mutable_value());
}

// ErrorInfo first: it is what stays when the rest does not fit.
void PackDetails(const absl::Status& carrier, absl::string_view domain, const ErrorDetails& details,
                 const std::string& error_id, wire::Status& out) {
  wire::ErrorInfo info;
  info.set_reason(details.reason);
  info.set_domain(std::string(domain));
  info.mutable_metadata()->insert(details.metadata.begin(), details.metadata.end());
  if (!error_id.empty()) (*info.mutable_metadata())["error_id"] = error_id;
  Pack(info, out);
  carrier.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) {
    if (url == DetailUrl<wire::ErrorInfo>() || url.find("google.rpc.") == absl::string_view::npos) return;
    google::protobuf::Any* any = out.add_details();
    any->set_type_url(std::string(url));
    any->set_value(std::string(payload));
  });
  while (out.details_size() > 1 && out.ByteSizeLong() > kMaxStatusBytes) out.mutable_details()->RemoveLast();
  if (out.ByteSizeLong() <= kMaxStatusBytes) return;
  info.clear_metadata();
  out.clear_details();
  Pack(info, out);
}

}  // namespace

WireStatus ToWire(const absl::Status& status, absl::string_view domain) {
  WireStatus answer;
  if (status.ok()) return answer;
  const absl::optional<data_access::Fault> fault = data_access::FaultOf(status);
  absl::optional<ErrorDetails> details = DetailsOf(status);
  const bool written_for_callers = details.has_value() && !fault.has_value();
  absl::StatusCode code = fault.has_value() ? fault->caller_code : status.code();
  std::string message(status.message());
  if (IsInternal(code) && !written_for_callers) {
    answer.error_id = NewErrorId();
    const bool unknown_outcome = fault.has_value() && code == absl::StatusCode::kUnknown;
    message = absl::StrCat(unknown_outcome ? "the outcome is unknown" : "internal error",
                           "; the log has more under error_id ", answer.error_id);
    if (!unknown_outcome) code = absl::StatusCode::kInternal;
  }
  if (!details.has_value()) details.emplace();
  if (details->reason.empty()) details->reason = std::string(CodeName(static_cast<grpc::StatusCode>(code)));
  if (code == absl::StatusCode::kUnavailable) answer.pushback = details->retry_after;
  answer.reason = details->reason;

  wire::Status out;
  out.set_code(static_cast<int>(code));
  out.set_message(Cut(message, kMaxMessageBytes));
  // A fault's details come into being here; an Error has them as payloads already.
  PackDetails(fault.has_value() ? Error(code, "", *details) : status, domain, *details, answer.error_id, out);
  answer.status = grpc::Status(static_cast<grpc::StatusCode>(code), out.message(), out.SerializeAsString());
  return answer;
}

absl::Status FromWire(const grpc::Status& status) {
  absl::Status answer(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  wire::Status details;
  if (answer.ok() || !details.ParseFromString(status.error_details())) return answer;
  for (const google::protobuf::Any& any : details.details()) answer.SetPayload(any.type_url(), absl::Cord(any.value()));
  return answer;
}

absl::string_view CodeName(grpc::StatusCode code) {
  static constexpr const char* kNames[] = {
      "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
      "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
      "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
      "DATA_LOSS", "UNAUTHENTICATED"};
  const auto number = static_cast<std::size_t>(code);
  return number < std::size(kNames) ? kNames[number] : "UNKNOWN";
}

}  // namespace bonnie::server
