#ifndef BONNIE_SERVICES_SERVER_CALL_H_
#define BONNIE_SERVICES_SERVER_CALL_H_

#include <grpcpp/grpcpp.h>
#include <grpcpp/support/server_callback.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "services/data_access/budget.h"
#include "services/data_access/delivery.h"
#include "services/server/answer_queue.h"
#include "services/server/gate.h"
#include "services/server/log.h"
#include "services/server/metrics.h"
#include "services/server/policy.h"

namespace google::protobuf {
class Message;
}

namespace bonnie::server {

// What the wrapper knows of an RPC method: a constant beside its handler. Its strings live as long as the process.
struct Method {
  const char* service;  // such as bonnie.records.v1.PatientService
  const char* name;     // such as GetPatient
  absl::Duration default_deadline;
  absl::Duration max_deadline;  // infinite for streams without one
  bool ungated =
      false;  // let in however full the process is: health checks, lest a full process be taken for a dead one
  StreamPool pool = StreamPool::kReading;  // of a stream: with which others it counts
};

class CallerCertificates;
class Calls;
class StreamWatcher;
struct WireStatus;

// What is known of one call from its arrival to its end. Used by one thread at a time.
class CallRecord {
 public:
  const std::string& identity() const;
  const std::string& method() const;
  // Whether another site's server passed the call on for whoever called it (origin.h): it is passed on no further.
  bool is_forwarded() const { return is_forwarded_; }
  // Whether roles of the caller give the right, and of a call for somebody else the peer's roles that forward it too.
  // kPermissionDenied RIGHT_MISSING names the right, who lacks it, and `why` the request requires it.
  absl::Status Require(config::v1::Right right, absl::string_view why) const;
  bool MayCall(absl::string_view method) const;
  LogFields& notes() { return notes_; }
  // For the counters grpc_server_msg_{received,sent}_total. Calls counts what a unary call sends and the one request of
  // unary and server-streaming calls.
  void CountReceived(int messages = 1);
  void CountSent(int messages = 1);

 private:
  friend class Calls;
  struct Slot;  // of the method, looked up once
  const Slot* slot_ = nullptr;
  absl::Time arrived_;
  std::shared_ptr<const Policy> policy_;  // keeps the grant
  const Grant* grant_ = nullptr;          // null: no identity, or one that nothing binds
  std::string stranger_;                  // the identity then
  bool is_forwarded_ = false;
  const Grant* peer_ = nullptr;             // of a call for somebody else: who makes it
  absl::optional<ForwardedCall> via_peer_;  // and what that leaves
  bool in_gate_ = false;
  std::string request_id_;  // as the caller sent it in x-request-id; echoed
  LogFields notes_;
};

// One unary RPC that was let in; also its reactor. Finished exactly once, from any thread.
class UnaryCall final : public grpc::ServerUnaryReactor {
 public:
  // When to be done, and whether the caller still waits. The deadline is min(the caller's, the method's maximum), less
  // up to 50 ms in which the answer can still be sent.
  const data_access::Budget& budget() const { return budget_; }
  // Who calls (identity.h); of a call for somebody else that one.
  const std::string& identity() const { return record_.identity(); }
  bool is_forwarded() const { return record_.is_forwarded(); }
  // Whether the caller may call `method` (Service/Method) too. Of a forwarded call: whoever called first.
  bool MayCall(absl::string_view method) const { return record_.MayCall(method); }
  // Gives a call to the server of `site`, made for this one, what goes with it (origin.h). Until Finish.
  void Introduce(const std::string& site, grpc::ClientContext& onward) const;
  absl::Status Require(config::v1::Right right, absl::string_view why) const { return record_.Require(right, why); }
  // Fields, by full name, that the caller may not see; empty for most. Finish clears them in the response.
  const FieldNames& hidden_fields() const { return *hidden_fields_; }
  // Puts a name and a count or id into the call's log line; never a value of a row. By one thread at a time, before
  // Finish.
  void Note(absl::string_view key, std::int64_t value) { record_.notes().Add(key, value); }
  void Note(absl::string_view key, absl::string_view value) { record_.notes().Add(key, value); }

  // Ends the call: maps `status` to a grpc::Status with details, counts, logs. The call is gone when this returns.
  // The response must be complete: it is sent when `status` is OK, without the hidden fields.
  void Finish(const absl::Status& status);

  ~UnaryCall() override = default;

 private:
  friend class AnswerQueue;
  friend class Calls;
  UnaryCall(Calls& calls, grpc::CallbackServerContext* context, google::protobuf::Message* response)
      : calls_(calls), context_(context), response_(response) {}
  // Hands the answer to gRPC. The last thing: the call may be gone when it returns.
  void Send() { grpc::ServerUnaryReactor::Finish(std::move(answer_)); }
  // gRPC would otherwise hand OnDone to another thread; ours only lets go of memory, and OnCancel never blocks.
  bool InternalInlineable() override { return true; }
  void OnCancel() override { cancellation_.Cancel(); }
  void OnDone() override;

  Calls& calls_;
  grpc::CallbackServerContext* const context_;
  google::protobuf::Message* const response_;
  CallRecord record_;
  data_access::Cancellation cancellation_;
  data_access::Budget budget_;  // its cancellation is ours, through self_'s count: one allocation for all
  HiddenFields hidden_fields_;
  grpc::Status answer_;              // from Finish to Send
  std::shared_ptr<UnaryCall> self_;  // until OnDone
};

// One stream that was let in, served by a blocking handler on a thread of gRPC's sync server. Used by that thread.
class StreamCall {
 public:
  // When to be done, and whether the caller still waits (seen within 20 ms). The deadline is min(the caller's, the
  // method's maximum).
  const data_access::Budget& budget() const { return budget_; }
  const std::string& identity() const { return record_.identity(); }
  bool is_forwarded() const { return record_.is_forwarded(); }
  void Introduce(const std::string& site, grpc::ClientContext& onward) const;  // as UnaryCall's
  absl::Status Require(config::v1::Right right, absl::string_view why) const { return record_.Require(right, why); }
  const FieldNames& hidden_fields() const { return *hidden_fields_; }
  // Sends a message of the stream without the hidden fields. Blocks for flow control. False: the caller has gone.
  template <class Writer, class Response>
  bool Write(Writer* writer, const Response& message) {
    if (hidden_fields_->empty()) return writer->Write(message);
    Response shown = message;
    ClearFields(*hidden_fields_, &shown);
    return writer->Write(shown);
  }
  void Note(absl::string_view key, std::int64_t value) { record_.notes().Add(key, value); }
  void Note(absl::string_view key, absl::string_view value) { record_.notes().Add(key, value); }
  // The caller went away or its deadline passed.
  bool cancelled() const { return budget_.cancellation->cancelled() || context_->IsCancelled(); }
  // The process wants to end: finish with ShuttingDown() after the next acknowledgement or token. Work that must not
  // stop half-way goes on; it has drain_timeout.
  bool draining() const;
  void CountReceived(int messages = 1) { record_.CountReceived(messages); }
  void CountSent(int messages = 1) { record_.CountSent(messages); }

 private:
  friend class Calls;
  StreamCall(Calls& calls, grpc::ServerContext* context) : calls_(calls), context_(context) {}

  Calls& calls_;
  grpc::ServerContext* const context_;
  CallRecord record_;
  data_access::Budget budget_;
  HiddenFields hidden_fields_;
};

// What a stream that ends because of a drain answers: kUnavailable SHUTTING_DOWN; come back at once, elsewhere.
absl::Status ShuttingDown();

struct CallsOptions {
  std::string error_domain;  // ErrorInfo.domain
  bool plaintext = false;    // identities are "insecure"
  std::string site;          // this process's; empty: whichever site a caller means is right
  CallerCertificates* certificates = nullptr;  // checked at each call; null in plaintext
};

// The one way into every handler: identity, policy, gate and deadline before it; status mapping, counters and one log
// line after.
//
// A wrapper and no interceptor, because a C++ gRPC server interceptor can watch a call but not refuse it. Costs about
// 2 µs a call: methods and grants are looked up by pointer and by one hash, counters are resolved once, the log line is
// a copy.
//
// Thread-safe; one per process. Its arguments outlive it; it outlives the grpc::Server.
class Calls {
 public:
  Calls(CallsOptions options, PolicyFile& policy, Gate& gate, Metrics& metrics, Log& log);
  ~Calls();

  // Runs `handler` with the call when identity, policy and gate let it in (synchronously, on gRPC's thread: it must not
  // block); otherwise finishes it with the refusal. Returns the reactor, which the handler finishes at last.
  // `response` is what the handler fills in.
  // Refusals: kUnauthenticated (identity.h, caller_certificates.h), kPermissionDenied (also, when the caller says that
  // it calls for somebody else, PEER_ROLE_MISSING: it may for nobody, and PEER_MAY_NOT_FORWARD: not this method for
  // that identity), kFailedPrecondition SITE_MISMATCH (the metadata `bonnie-site` names another site than this one;
  // without it any will do), Gate's, kDeadlineExceeded (less than 20 ms left).
  grpc::ServerUnaryReactor* Serve(grpc::CallbackServerContext* context, const Method& method,
                                  google::protobuf::Message* response, absl::FunctionRef<void(UnaryCall*)> handler);

  // The same for a stream: blocks until `handler` has answered; its status is mapped, counted and logged.
  grpc::Status ServeStream(grpc::ServerContext* context, const Method& method,
                           absl::FunctionRef<absl::Status(StreamCall&)> handler);

  // For reactors of streams that hold no thread (Health.Watch, reflection): identity, policy, and the gate's own limit
  // on watches. Leave must follow whatever Enter answers, exactly once; its answer is what to Finish the reactor with.
  absl::Status Enter(grpc::ServerContextBase& context, const Method& method, CallRecord& record);
  grpc::Status Leave(grpc::ServerContextBase& context, CallRecord& record, const absl::Status& status);

  // How PointReaders' answers leave.
  data_access::Delivery& delivery() { return answers_; }

  // Streams see draining() from now on.
  void StartDraining() { draining_.store(true, std::memory_order_relaxed); }
  bool draining() const { return draining_.load(std::memory_order_relaxed); }
  // Calls that came so far, refused ones included.
  std::int64_t arrived() const ABSL_LOCKS_EXCLUDED(mu_);
  // Calls in work.
  int in_flight() const { return gate_.unary() + gate_.streams(); }

 private:
  friend class UnaryCall;
  friend class StreamCall;
  using Slot = CallRecord::Slot;

  // Identity and policy, and the counters at both ends of a call.
  absl::Status Arrive(grpc::ServerContextBase& context, const Method& method, CallRecord& record);
  grpc::Status Depart(grpc::ServerContextBase& context, CallRecord& record, const absl::Status& status);
  absl::Status EnterUnary(UnaryCall& call, const Method& method);
  absl::Status EnterStream(StreamCall& call, const Method& method);
  grpc::Status LeaveUnary(UnaryCall& call, const absl::Status& status);
  absl::Status Identify(grpc::ServerContextBase& context, CallRecord& record) const;
  // What the call hides; for a call that Identify let pass.
  static HiddenFields HiddenFor(const CallRecord& record);
  const Slot& SlotOf(const Method& method) ABSL_LOCKS_EXCLUDED(mu_);
  // Counts a refusal of the gate, or remembers that the call is inside.
  absl::Status Passed(CallRecord& record, absl::Status gate);
  void LogCall(grpc::ServerContextBase& context, const CallRecord& record, const WireStatus& wire,
               const absl::Status& status, absl::Duration took) const;

  static constexpr std::size_t kSlots = 256;  // a power of two well above the number of methods

  const CallsOptions options_;
  PolicyFile& policy_;
  Gate& gate_;
  Metrics& metrics_;
  Log& log_;
  AnswerQueue answers_;
  std::atomic<bool> draining_{false};
  const std::unique_ptr<StreamWatcher> watcher_;  // tells streams that their caller went away
  std::array<std::atomic<const Slot*>, kSlots>
      slots_{};     // open addressing by the address of the names; only ever filled
  mutable absl::Mutex mu_;  // for filling
  std::vector<std::unique_ptr<const Slot>> owned_slots_ ABSL_GUARDED_BY(mu_);
};

}  // namespace bonnie::server

#endif  // BONNIE_SERVICES_SERVER_CALL_H_
