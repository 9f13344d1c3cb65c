#include "services/server/call.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/data_access/fault.h"
#include "services/data_access/status_macros.h"
#include "services/server/error.h"
#include "services/server/grpc_status.h"
#include "services/server/origin.h"
#include "services/server/stream_watcher.h"

namespace bonnie::server {

struct CallRecord::Slot {
  const char* service;
  const char* name;
  std::string full_name;
  std::string all_of_service;
  bool one_request = true;  // unary and server-streaming: gRPC has read it before anybody is asked
  std::unique_ptr<MethodMetrics> metrics;
};

namespace {

constexpr char kUnary[] = "unary";  // grpc_type
constexpr char kServerStream[] = "server_stream";
constexpr absl::Duration kLeastTime = absl::Milliseconds(20);   // with less there is no point in asking the database
constexpr absl::Duration kAnswerTime = absl::Milliseconds(50);  // kept back from the database's share
constexpr absl::Duration kNoDeadline = absl::Hours(24 * 365);   // gRPC says "none" as a time far away
constexpr std::size_t kMaxRequestIdBytes = 64;
constexpr std::size_t kMaxSiteBytes = 32;
constexpr std::size_t kMaxOriginBytes = 512;

absl::Status Unauthenticated() {
  ErrorDetails details;
  details.reason = "NO_IDENTITY";
  return Error(absl::StatusCode::kUnauthenticated, "the client certificate names no identity: want a URI or DNS SAN",
               std::move(details));
}

absl::Status Denied() {
  ErrorDetails details;
  details.reason = "ROLE_MISSING";
  return Error(absl::StatusCode::kPermissionDenied, "no role of this identity allows the method", std::move(details));
}

absl::Status NotBelieved(absl::string_view site, absl::string_view caller) {
  ErrorDetails details;
  details.reason = "PEER_ROLE_MISSING";
  details.metadata = {{"site", std::string(site)}};
  return Error(absl::StatusCode::kPermissionDenied,
               absl::StrCat("site ", site, " does not believe ", caller,
                            " for whom it calls: its policy binds that identity to no role named peer"),
               std::move(details));
}

// A wrong address must not answer with another site's patients, let alone write to it.
absl::Status SiteMismatch(absl::string_view site, absl::string_view meant) {
  meant = meant.substr(0, kMaxSiteBytes);
  ErrorDetails details;
  details.reason = "SITE_MISMATCH";
  details.metadata = {{"site", std::string(site)}, {"meant_site", std::string(meant)}};
  return Error(absl::StatusCode::kFailedPrecondition,
               absl::StrCat("this is site ", site, ", and the caller means site ", meant, "; nothing was done"),
               std::move(details));
}

absl::Status NoTimeLeft() {
  ErrorDetails details;
  details.reason = "DEADLINE_TOO_SHORT";
  return Error(absl::StatusCode::kDeadlineExceeded, "less than 20 ms are left until the deadline", std::move(details));
}

// How long the call may take; the caller's deadline counts unless there is none.
absl::Duration TimeOf(const Method& method, absl::Time now, std::chrono::system_clock::time_point deadline) {
  const absl::Duration left = absl::FromChrono(deadline) - now;
  return left > kNoDeadline ? method.default_deadline : std::min(left, method.max_deadline);
}

absl::string_view TypeOf(const Method& method) {
  const auto* service = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(method.service);
  const auto* found = service == nullptr ? nullptr : service->FindMethodByName(method.name);
  if (found == nullptr || (!found->client_streaming() && !found->server_streaming())) return kUnary;
  if (!found->client_streaming()) return kServerStream;
  return found->server_streaming() ? "bidi_stream" : "client_stream";
}

absl::string_view Metadata(const grpc::ServerContextBase& context, const char* key) {
  const auto& metadata = context.client_metadata();
  const auto found = metadata.find(key);
  return found == metadata.end() ? absl::string_view() : absl::string_view(found->second.data(), found->second.size());
}

LogLevel LevelOf(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::INTERNAL:
    case grpc::StatusCode::UNKNOWN:
    case grpc::StatusCode::DATA_LOSS:
      return LogLevel::kError;
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return LogLevel::kWarn;
    default:
      return LogLevel::kInfo;
  }
}

}  // namespace

absl::Status ShuttingDown() {
  ErrorDetails details;
  details.reason = "SHUTTING_DOWN";
  details.retry_after = absl::Milliseconds(20);
  return Error(absl::StatusCode::kUnavailable, "this process is shutting down; ask again, another instance answers",
               std::move(details));
}

const std::string& CallRecord::identity() const { return grant_ != nullptr ? grant_->identity() : stranger_; }

const std::string& CallRecord::method() const { return slot_->full_name; }

void CallRecord::CountReceived(int messages) { slot_->metrics->received->Increment(messages); }

void CallRecord::CountSent(int messages) { slot_->metrics->sent->Increment(messages); }

void UnaryCall::Finish(const absl::Status& status) {
  answer_ = calls_.LeaveUnary(*this, status);
  if (!AnswerQueue::Hold(this)) Send();
}

void UnaryCall::OnDone() {
  budget_.cancellation.reset();  // a reference to itself
  calls_.answers_.Flush();
  const std::shared_ptr<UnaryCall> last = std::move(self_);
}

void UnaryCall::Introduce(const std::string& site, grpc::ClientContext& onward) const {
  server::Introduce(*context_, identity(), calls_.options_.site, site, onward);
}

void StreamCall::Introduce(const std::string& site, grpc::ClientContext& onward) const {
  server::Introduce(*context_, identity(), calls_.options_.site, site, onward);
}

bool StreamCall::draining() const { return calls_.draining(); }

Calls::Calls(CallsOptions options, PolicyFile& policy, Gate& gate, Metrics& metrics, Log& log)
    : options_(std::move(options)),
      policy_(policy),
      gate_(gate),
      metrics_(metrics),
      log_(log),
      watcher_(std::make_unique<StreamWatcher>()) {}

Calls::~Calls() = default;

grpc::ServerUnaryReactor* Calls::Serve(grpc::CallbackServerContext* context, const Method& method,
                                       absl::FunctionRef<void(UnaryCall*)> handler) {
  answers_.Flush();
  std::shared_ptr<UnaryCall> owner(new UnaryCall(*this, context));
  UnaryCall* const call = owner.get();
  call->budget_.cancellation = std::shared_ptr<data_access::Cancellation>(owner, &call->cancellation_);
  call->self_ = std::move(owner);
  if (absl::Status entered = EnterUnary(*call, method); !entered.ok()) {
    call->Finish(entered);
  } else {
    handler(call);
  }
  return call;
}

grpc::Status Calls::ServeStream(grpc::ServerContext* context, const Method& method,
                                absl::FunctionRef<absl::Status(StreamCall&)> handler) {
  StreamCall call(*this, context);
  absl::Status status = EnterStream(call, method);
  if (status.ok()) {
    watcher_->Add(context, call.budget_.cancellation.get());
    status = handler(call);
    watcher_->Remove(context);
  }
  grpc::Status answer = Depart(*context, call.record_, status);
  if (call.record_.in_gate_) gate_.LeaveStream();
  return answer;
}

absl::Status Calls::Enter(grpc::ServerContextBase& context, const Method& method, CallRecord& record) {
  BONNIE_RETURN_IF_ERROR(Arrive(context, method, record));
  return Passed(record, gate_.EnterWatch(record.grant_->quota()));
}

grpc::Status Calls::Leave(grpc::ServerContextBase& context, CallRecord& record, const absl::Status& status) {
  if (record.in_gate_) gate_.LeaveWatch(record.grant_->quota());
  return Depart(context, record, status);
}

absl::Status Calls::Arrive(grpc::ServerContextBase& context, const Method& method, CallRecord& record) {
  record.arrived_ = absl::Now();
  record.slot_ = &SlotOf(method);
  record.slot_->metrics->started->Increment();
  if (record.slot_->one_request) record.CountReceived();
  Identify(context, record);
  if (record.is_forwarded_ && !record.is_peer_believed_) return NotBelieved(options_.site, record.identity());
  if (record.grant_ == nullptr) return record.stranger_.empty() ? Unauthenticated() : Denied();
  if (!record.grant_->Allows(record.slot_->full_name, record.slot_->all_of_service)) return Denied();
  const absl::string_view meant = Metadata(context, kSiteKey);
  if (meant.empty() || options_.site.empty() || meant == options_.site) return absl::OkStatus();
  return SiteMismatch(options_.site, meant);
}

absl::Status Calls::EnterUnary(UnaryCall& call, const Method& method) {
  CallRecord& record = call.record_;
  BONNIE_RETURN_IF_ERROR(Arrive(*call.context_, method, record));
  if (!method.ungated) BONNIE_RETURN_IF_ERROR(Passed(record, gate_.EnterUnary(record.grant_->quota())));
  const absl::Duration time = TimeOf(method, record.arrived_, call.context_->deadline());
  if (time < kLeastTime) return NoTimeLeft();
  call.budget_.deadline = record.arrived_ + time - std::min(kAnswerTime, time / 4);
  call.hidden_fields_ = record.grant_->Hidden(record.slot_->full_name, record.slot_->all_of_service);
  return absl::OkStatus();
}

absl::Status Calls::EnterStream(StreamCall& call, const Method& method) {
  CallRecord& record = call.record_;
  BONNIE_RETURN_IF_ERROR(Arrive(*call.context_, method, record));
  BONNIE_RETURN_IF_ERROR(Passed(record, gate_.EnterStream(record.grant_->quota())));
  const absl::Duration time = TimeOf(method, record.arrived_, call.context_->deadline());
  if (time < kLeastTime) return NoTimeLeft();
  call.budget_.deadline = record.arrived_ + time;
  call.budget_.cancellation = std::make_shared<data_access::Cancellation>();
  call.hidden_fields_ = record.grant_->Hidden(record.slot_->full_name, record.slot_->all_of_service);
  return absl::OkStatus();
}

void Calls::Identify(grpc::ServerContextBase& context, CallRecord& record) const {
  record.policy_ = policy_.current();
  std::vector<grpc::string_ref> names;
  absl::string_view identity = "insecure";
  std::shared_ptr<const grpc::AuthContext> peer;  // owns the names
  if (!options_.plaintext) {
    peer = context.auth_context();
    names = peer->FindPropertyValues("peer_uri");
    if (names.empty()) names = peer->FindPropertyValues("peer_dns");
    identity = names.empty() ? absl::string_view() : absl::string_view(names[0].data(), names[0].size());
  }
  record.grant_ = record.policy_->Find(identity);
  const absl::string_view origin = Metadata(context, kOriginIdentityKey);
  record.is_forwarded_ = !origin.empty() || !Metadata(context, kOriginSiteKey).empty();
  if (record.is_forwarded_ && record.grant_ != nullptr && record.grant_->is_peer()) {
    record.is_peer_believed_ = true;
    record.peer_ = std::string(identity);
    identity = origin.substr(0, kMaxOriginBytes);
    record.grant_ = record.policy_->Find(identity);
  }
  if (record.grant_ == nullptr) record.stranger_ = std::string(identity);
}

grpc::Status Calls::Depart(grpc::ServerContextBase& context, CallRecord& record, const absl::Status& status) {
  WireStatus wire = ToWire(status, options_.error_domain);
  const absl::Duration took = absl::Now() - record.arrived_;
  record.slot_->metrics->handled(wire.status.error_code()).Increment();
  record.slot_->metrics->seconds->Observe(absl::ToDoubleSeconds(took));
  if (wire.pushback > absl::ZeroDuration()) {
    context.AddTrailingMetadata("grpc-retry-pushback-ms", absl::StrCat(absl::ToInt64Milliseconds(wire.pushback)));
  }
  record.request_id_ = std::string(Metadata(context, "x-request-id").substr(0, kMaxRequestIdBytes));
  if (!record.request_id_.empty()) context.AddTrailingMetadata("x-request-id", record.request_id_);
  LogCall(context, record, wire, status, took);
  return std::move(wire.status);
}

grpc::Status Calls::LeaveUnary(UnaryCall& call, const absl::Status& status) {
  CallRecord& record = call.record_;
  if (status.ok()) record.CountSent();
  grpc::Status answer = Depart(*call.context_, record, status);
  if (std::exchange(record.in_gate_, false)) gate_.LeaveUnary(record.grant_->quota());
  return answer;
}

const Calls::Slot& Calls::SlotOf(const Method& method) {
  const auto address =
      reinterpret_cast<std::uintptr_t>(method.name) * 31 + reinterpret_cast<std::uintptr_t>(method.service);
  std::size_t at = (address ^ (address >> 9)) % kSlots;
  const auto is_it = [&](const Slot* slot) { return slot->name == method.name && slot->service == method.service; };
  for (; const Slot* slot = slots_[at].load(std::memory_order_acquire); at = (at + 1) % kSlots) {
    if (is_it(slot)) return *slot;
  }
  absl::MutexLock lock(&mu_);
  for (; const Slot* slot = slots_[at].load(std::memory_order_acquire); at = (at + 1) % kSlots) {
    if (is_it(slot)) return *slot;  // somebody came first
  }
  auto made = std::make_unique<Slot>();
  made->service = method.service;
  made->name = method.name;
  made->full_name = absl::StrCat(method.service, "/", method.name);
  made->all_of_service = absl::StrCat(method.service, "/*");
  const absl::string_view type = TypeOf(method);
  made->one_request = type == kUnary || type == kServerStream;
  made->metrics = metrics_.OfMethod(method.service, method.name, std::string(type));
  slots_[at].store(made.get(), std::memory_order_release);
  owned_slots_.push_back(std::move(made));
  return *owned_slots_.back();
}

absl::Status Calls::Passed(CallRecord& record, absl::Status gate) {
  record.in_gate_ = gate.ok();
  if (gate.ok()) return gate;
  const absl::optional<ErrorDetails> details = DetailsOf(gate);
  metrics_.Counter("bonnie_shed_total", "Calls refused by the gate.", {{"why", details ? details->reason : "OTHER"}})
      .Increment();
  return gate;
}

void Calls::LogCall(grpc::ServerContextBase& context, const CallRecord& record, const WireStatus& wire,
                    const absl::Status& status, absl::Duration took) const {
  LogFields line;
  line.Add("method", record.method()).Add("code", CodeName(wire.status.error_code()));
  line.AddMillis("ms", absl::ToInt64Microseconds(took));
  line.Add("principal", record.identity()).Add("peer", context.peer());
  if (record.is_peer_believed_) {
    line.Add("via", record.peer_).Add("via_site", Metadata(context, kOriginSiteKey).substr(0, kMaxSiteBytes));
  }
  if (!wire.reason.empty()) line.Add("reason", wire.reason);
  if (!wire.error_id.empty()) line.Add("error_id", wire.error_id).Add("message", status.message());
  if (!status.ok()) {
    if (const absl::optional<data_access::Fault> fault = data_access::FaultOf(status)) line.Add("errno", fault->number);
  }
  if (!record.request_id_.empty()) line.Add("x_request_id", record.request_id_);
  if (const absl::string_view parent = Metadata(context, "traceparent"); parent.size() >= 35) {
    line.Add("trace_id", parent.substr(3, 32));  // version-traceid-spanid-flags
  }
  if (const absl::string_view attempts = Metadata(context, "grpc-previous-rpc-attempts"); !attempts.empty()) {
    line.Add("attempt", attempts);
  }
  line.Append(record.notes_);
  log_.Write(LevelOf(wire.status.error_code()), "rpc", line);
}

}  // namespace bonnie::server
