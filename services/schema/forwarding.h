#ifndef BONNIE_SERVICES_SCHEMA_FORWARDING_H_
#define BONNIE_SERVICES_SCHEMA_FORWARDING_H_

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "services/schema/peers.h"
#include "services/server/call.h"

// Calls to peers for a caller: with its identity, its remaining deadline, its cancellation, and its answer as it came.
namespace bonnie::schema {

// What a peer's answer is for the caller. Its own errors stay as they are, details included. What gRPC says because the
// peer did not: kFailedPrecondition PEER_IDENTITY_MISMATCH (its certificate is another service's), kUnavailable
// PEER_UNAVAILABLE (not reached, or no answer in time), kUnimplemented PEER_OUTDATED (its version lacks the method), or
// the code with PEER_FAILED. These name the site. Pure.
absl::Status PeerAnswer(const Peers::Peer& peer, const grpc::Status& answer);
// The peer called `site`, which must be one.
const Peers::Peer& PeerOf(const Peers& peers, absl::string_view site);

// One call to a peer: its context, cancelled together with the caller's. Outlives what is done with the context.
class Onward {
 public:
  // `deadline` is the caller's or earlier.
  template <class Call>
  Onward(const Peers& peers, const Call& call, const std::string& site, absl::Time deadline)
      : peer(PeerOf(peers, site)), channel(peers.ChannelTo(site)), cancellation_(call.budget().cancellation) {
    call.Introduce(site, context);
    if (deadline != absl::InfiniteFuture()) context.set_deadline(absl::ToChronoTime(deadline));
  }

  const Peers::Peer& peer;
  const std::shared_ptr<grpc::Channel> channel;
  grpc::ClientContext context;

  // From here on the caller's cancellation is the context's; one call at a time listens.
  void Listen() {
    cancellation_->Listen([this] { context.TryCancel(); });
  }
  void EndListening() { cancellation_->Listen(nullptr); }

 private:
  const std::shared_ptr<data_access::Cancellation> cancellation_;
};

// Passes a unary call on and ends it with the peer's answer. Does not block. `peers` outlives the call.
template <class Request, class Response>
void ForwardUnary(const Peers& peers, server::UnaryCall* call, const server::Method& method, const std::string& site,
                  const Request* request, Response* response) {
  call->Note("forwarded_to", site);
  auto onward = std::make_shared<Onward>(peers, *call, site, call->budget().deadline);
  onward->Listen();
  grpc::TemplatedGenericStub<Request, Response> stub(onward->channel);
  stub.UnaryCall(&onward->context, absl::StrCat("/", method.service, "/", method.name), {}, request, response,
                 [onward, call](const grpc::Status& answer) {
                   onward->EndListening();
                   call->Finish(PeerAnswer(onward->peer, answer));
                 });
}

// Passes a stream on, message by message. Blocks until it has ended. A peer's stream that ends because this process
// drains is answered kUnavailable SHUTTING_DOWN.
template <class Stub, class Request, class Response>
absl::Status ForwardStream(Peers& peers, server::StreamCall& call, const std::string& site,
                           std::unique_ptr<grpc::ClientReader<Response>> (Stub::*method)(grpc::ClientContext*,
                                                                                         const Request&),
                           const Request& request, grpc::ServerWriter<Response>* writer) {
  call.Note("forwarded_to", site);
  Onward onward(peers, call, site, call.budget().deadline);
  const Peers::Stream ends_with_the_process(peers, onward.context);
  onward.Listen();
  Stub stub(onward.channel);
  const std::unique_ptr<grpc::ClientReader<Response>> reader = (stub.*method)(&onward.context, request);
  Response part;
  while (reader->Read(&part)) {
    if (!call.Write(writer, part)) {
      onward.context.TryCancel();
      continue;  // until Read says that it has ended
    }
    call.CountSent();
  }
  const grpc::Status answer = reader->Finish();
  onward.EndListening();
  if (!answer.ok() && call.cancelled()) return absl::CancelledError("the caller has gone");
  if (answer.error_code() == grpc::StatusCode::CANCELLED && call.draining()) return server::ShuttingDown();
  return PeerAnswer(onward.peer, answer);
}

// Asks a peer something for `call` and waits for its answer, until `deadline`. Several threads may ask for one call at
// the same time; its cancellation reaches none of them.
template <class Stub, class Request, class Response, class Call>
absl::StatusOr<Response> Ask(const Peers& peers, const Call& call, const std::string& site, absl::Time deadline,
                             grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                             const Request& request) {
  Onward onward(peers, call, site, deadline);
  Stub stub(onward.channel);
  Response response;
  absl::Status answer = PeerAnswer(onward.peer, (stub.*method)(&onward.context, request, &response));
  if (!answer.ok()) return answer;
  return response;
}

// The same for a stream: calls `take` with each part, on this thread.
template <class Stub, class Request, class Response, class Call, class Take>
absl::Status AskStream(const Peers& peers, const Call& call, const std::string& site, absl::Time deadline,
                       std::unique_ptr<grpc::ClientReader<Response>> (Stub::*method)(grpc::ClientContext*,
                                                                                     const Request&),
                       const Request& request, Take take) {
  Onward onward(peers, call, site, deadline);
  Stub stub(onward.channel);
  const std::unique_ptr<grpc::ClientReader<Response>> reader = (stub.*method)(&onward.context, request);
  Response part;
  while (reader->Read(&part)) take(part);
  return PeerAnswer(onward.peer, reader->Finish());
}

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_FORWARDING_H_
