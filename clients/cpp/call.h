#ifndef BONNIE_CLIENTS_CPP_CALL_H_
#define BONNIE_CLIENTS_CPP_CALL_H_

#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cpp/options.h"

namespace bonnie::client {

// Gives a context what every call has but its deadline: whether it waits for a connection, and the site it is for.
void Prepare(const Options& options, grpc::ClientContext& context);

// Runs `attempt` with a context that has a deadline: `options.timeout` from now, else `method_timeout`
// (absl::InfiniteDuration(): none). Runs it again, for as long as that deadline allows, when it answers CANCELLED:
// these calls are never cancelled by their caller, so a server shut down in the middle of one. gRPC itself retries
// UNAVAILABLE only. Each write carries a request id, the same in every attempt, so none is applied twice. Blocks.
absl::Status Attempt(const Options& options, absl::Duration method_timeout,
                     absl::FunctionRef<grpc::Status(grpc::ClientContext&)> attempt);

// Calls a unary method of a stub by Attempt.
template <class Stub, class Request, class Response>
absl::StatusOr<Response> Call(const Options& options, absl::Duration method_timeout, Stub& stub,
                              grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                              const Request& request) {
  Response response;
  absl::Status status = Attempt(options, method_timeout, [&](grpc::ClientContext& context) {
    return (stub.*method)(&context, request, &response);
  });
  if (!status.ok()) return status;
  return response;
}

}  // namespace bonnie::client

#endif  // BONNIE_CLIENTS_CPP_CALL_H_
