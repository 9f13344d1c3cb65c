#include "services/server/call.h"

#include <google/protobuf/descriptor.h>
#include <grpc/grpc_security_constants.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "services/data_access/fault.h"
#include "services/data_access/status_macros.h"
#include "services/server/caller_certificates.h"
#include "services/server/error.h"
#include "services/server/grpc_status.h"
#include "services/server/identity.h"
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
constexpr std::size_t kMaxAttemptsBytes = 8;

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
                            " for whom it calls: its policy binds that identity to no role with `forwards`"),
               std::move(details));
}

absl::Status MayNotForward(absl::string_view site, const std::string& peer, absl::string_view method,
                           absl::string_view person) {
  ErrorDetails details;
  details.reason = "PEER_MAY_NOT_FORWARD";
  details.metadata = {{"site", std::string(site)}};
  return Error(absl::StatusCode::kPermissionDenied,
               absl::StrCat("site ", site, ": no role of ", peer, " forwards ", method, " for ",
                            person.empty() ? "a caller that it does not name" : person),
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

std::vector<absl::string_view> NamesOf(const grpc::AuthContext& peer, const char* property) {
  std::vector<absl::string_view> names;
  for (const grpc::string_ref& name : peer.FindPropertyValues(property)) names.emplace_back(name.data(), name.size());
  return names;
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

bool CallRecord::MayCall(absl::string_view method) const {
  const absl::string_view service = method.substr(0, method.rfind('/'));
  return grant_ != nullptr && grant_->Allows(method, absl::StrCat(service, "/*"));
}

const std::string& CallRecord::method() const { return slot_->full_name; }

absl::Status CallRecord::Require(config::v1::Right right, absl::string_view why) const {
  const bool has_it = grant_->rights().Has(right);
  if (has_it && (!via_peer_.has_value() || via_peer_->rights.Has(right))) return absl::OkStatus();
  const std::string& name = config::v1::Right_Name(right);
  ErrorDetails details;
  details.reason = "RIGHT_MISSING";
  details.metadata = {{"right", name}};
  return Error(
      absl::StatusCode::kPermissionDenied,
      absl::StrCat("no role of ", has_it ? peer_->identity() : identity(), " gives the right ", name, ": ", why),
      std::move(details));
}

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
                                       google::protobuf::Message* response,
                                       absl::FunctionRef<void(UnaryCall*)> handler) {
  answers_.Flush();
  std::shared_ptr<UnaryCall> owner(new UnaryCall(*this, context, response));
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
  if (call.record_.in_gate_) gate_.LeaveStream(call.record_.grant_->quota(), method.pool);
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
  BONNIE_RETURN_IF_ERROR(Identify(context, record));
  if (options_.certificates != nullptr) {
    BONNIE_RETURN_IF_ERROR(options_.certificates->Check(*context.auth_context(), record.arrived_));
  }
  if (record.grant_ == nullptr) return Denied();
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
  call.hidden_fields_ = HiddenFor(record);
  return absl::OkStatus();
}

absl::Status Calls::EnterStream(StreamCall& call, const Method& method) {
  CallRecord& record = call.record_;
  BONNIE_RETURN_IF_ERROR(Arrive(*call.context_, method, record));
  BONNIE_RETURN_IF_ERROR(Passed(record, gate_.EnterStream(record.grant_->quota(), method.pool)));
  const absl::Duration time = TimeOf(method, record.arrived_, call.context_->deadline());
  if (time < kLeastTime) return NoTimeLeft();
  call.budget_.deadline = record.arrived_ + time;
  call.budget_.cancellation = std::make_shared<data_access::Cancellation>();
  call.hidden_fields_ = HiddenFor(record);
  return absl::OkStatus();
}

absl::Status Calls::Identify(grpc::ServerContextBase& context, CallRecord& record) const {
  record.policy_ = policy_.current();
  absl::StatusOr<std::string> caller = kInsecureIdentity;
  if (!options_.plaintext) {
    const std::shared_ptr<const grpc::AuthContext> peer = context.auth_context();  // owns the names
    const std::vector<absl::string_view> uris = NamesOf(*peer, GRPC_PEER_URI_PROPERTY_NAME);
    const auto dns_names =
        uris.empty() ? NamesOf(*peer, GRPC_PEER_DNS_PROPERTY_NAME) : std::vector<absl::string_view>();
    caller = IdentityOf(uris, dns_names);
    if (!caller.ok()) {
      record.stranger_ = absl::StrJoin(uris.empty() ? dns_names : uris, ", ").substr(0, kMaxIdentityBytes);
      return caller.status();
    }
  }
  record.grant_ = record.policy_->Find(*caller);
  for (const char* key : {kOriginIdentityKey, kOriginSiteKey}) {
    if (context.client_metadata().count(key) <= 1) continue;
    record.stranger_ = *std::move(caller);
    record.grant_ = nullptr;
    return Error(absl::StatusCode::kInvalidArgument, "INVALID_REQUEST", absl::StrCat(key, ": must be given once"));
  }
  const absl::string_view origin = Metadata(context, kOriginIdentityKey);
  record.is_forwarded_ = !Metadata(context, kOriginSiteKey).empty();
  if (origin.empty() && !record.is_forwarded_) {
    if (record.grant_ == nullptr) record.stranger_ = *std::move(caller);
    return absl::OkStatus();
  }
  if (record.grant_ == nullptr || !record.grant_->is_peer()) {
    if (record.grant_ == nullptr) record.stranger_ = *caller;
    return NotBelieved(options_.site, *caller);
  }
  record.peer_ = record.grant_;
  record.grant_ = record.policy_->Find(origin);
  if (record.grant_ == nullptr) record.stranger_ = std::string(origin.substr(0, kMaxIdentityBytes));
  const CallRecord::Slot& slot = *record.slot_;
  if (origin.size() <= kMaxIdentityBytes) {  // no longer one is anybody's
    record.via_peer_ = record.peer_->Forwards(slot.full_name, slot.all_of_service, origin);
  }
  if (record.via_peer_.has_value()) return absl::OkStatus();
  return MayNotForward(options_.site, record.peer_->identity(), slot.full_name, origin.substr(0, kMaxIdentityBytes));
}

HiddenFields Calls::HiddenFor(const CallRecord& record) {
  HiddenFields own = record.grant_->Hidden(record.slot_->full_name, record.slot_->all_of_service);
  if (!record.via_peer_.has_value() || record.via_peer_->hidden->empty()) return own;
  if (own->empty()) return record.via_peer_->hidden;
  FieldNames both = *own;
  both.insert(record.via_peer_->hidden->begin(), record.via_peer_->hidden->end());
  return std::make_shared<const FieldNames>(std::move(both));
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
  if (status.ok() && !call.hidden_fields_->empty()) ClearFields(*call.hidden_fields_, call.response_);
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

std::int64_t Calls::arrived() const {
  absl::MutexLock lock(&mu_);
  double arrived = 0;
  for (const std::unique_ptr<const Slot>& slot : owned_slots_) arrived += slot->metrics->started->Value();
  return static_cast<std::int64_t>(arrived);
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
  if (record.peer_ != nullptr) {
    line.Add("via", record.peer_->identity())
        .Add("via_site", Metadata(context, kOriginSiteKey).substr(0, kMaxSiteBytes));
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
    line.Add("attempt", attempts.substr(0, kMaxAttemptsBytes));
  }
  line.Append(record.notes_);
  log_.Write(LevelOf(wire.status.error_code()), "rpc", line);
}

}  // namespace bonnie::server
