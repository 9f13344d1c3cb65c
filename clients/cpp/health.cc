#include "clients/cpp/health.h"

#include <google/protobuf/wrappers.pb.h>
#include <grpcpp/channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/impl/codegen/proto_utils.h>

#include "absl/synchronization/notification.h"
#include "clients/cpp/call.h"
#include "clients/cpp/service_config.h"

namespace bonnie::client {

// Health's messages are one string and one enum, each field 1, as the well-known wrappers are. So the library needs no
// health.proto, of which a program that uses it may have a copy of its own: two in one process abort at start-up.
absl::StatusOr<bool> IsServing(const std::shared_ptr<grpc::Channel>& channel, const Options& options) {
  constexpr int kServing = 1;  // HealthCheckResponse.SERVING
  grpc::TemplatedGenericStub<google::protobuf::StringValue, google::protobuf::Int32Value> stub(channel);
  google::protobuf::StringValue request;  // "": the server as a whole
  google::protobuf::Int32Value response;
  absl::Status status = Attempt(options, kSingleTimeout, [&](grpc::ClientContext& context) {
    grpc::Status result;
    absl::Notification done;
    stub.UnaryCall(&context, "/grpc.health.v1.Health/Check", {}, &request, &response, [&](grpc::Status answer) {
      result = std::move(answer);
      done.Notify();
    });
    done.WaitForNotification();
    return result;
  });
  if (!status.ok()) return status;
  return response.value() == kServing;
}

}  // namespace bonnie::client
