#include "clients/cpp/channel.h"

#include <arpa/inet.h>
#include <grpcpp/channel.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/service_config.h"
#include "clients/cpp/service_credentials.h"
#include "clients/cpp/tls_files.h"

namespace bonnie::client {
namespace {

grpc::ChannelArguments ArgumentsFor(const Options& options) {
  grpc::ChannelArguments arguments;
  arguments.SetServiceConfigJSON(ServiceConfig(options.timeout == absl::ZeroDuration()));
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);  // never another one from DNS
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 1);
  // Below the 4 minutes after which clouds drop an idle connection, above the 20 s at which the services count strikes.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 0);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 10'000);  // the library's 120 s outlasts any restart
  // Services never compress; gRPC 1.51 would inflate an answer past any limit on its size.
  arguments.SetInt(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
  arguments.SetInt(GRPC_COMPRESSION_CHANNEL_ENABLED_ALGORITHMS_BITSET, 1 << GRPC_COMPRESS_NONE);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);              // a proxy for the web is no way to a service with mTLS
  arguments.SetUserAgentPrefix("bonnie-cpp");
  return arguments;
}

// A name that begins with "127." may be anybody's.
bool IsLoopback(const std::string& host) {
  in_addr address{};
  if (inet_pton(AF_INET, host.c_str(), &address) == 1) return absl::StartsWith(host, "127.");
  return host == "localhost" || host == "[::1]";
}

}  // namespace

absl::Status CheckAddress(const Options& options) {
  const size_t colon = options.address.rfind(':');
  int port = 0;
  if (colon == std::string::npos || colon == 0 || !absl::SimpleAtoi(options.address.substr(colon + 1), &port) ||
      port < 1 || port > 65535) {
    return absl::InvalidArgumentError(absl::StrCat("address: '", options.address, "', want host:port"));
  }
  if (options.insecure_loopback && !IsLoopback(options.address.substr(0, colon))) {
    return absl::InvalidArgumentError(
        absl::StrCat("address: '", options.address, "', want a loopback address with insecure_loopback"));
  }
  if (options.insecure_loopback && !options.service_identity.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("service_identity: '", options.service_identity, "', excludes insecure_loopback"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> Dial(const Options& options) {
  if (absl::Status address = CheckAddress(options); !address.ok()) return address;
  std::shared_ptr<grpc::ChannelCredentials> credentials;
  if (options.insecure_loopback) {
    credentials = grpc::InsecureChannelCredentials();
  } else {
    absl::StatusOr<TlsTexts> texts = ReadTlsFiles(options.tls);
    if (!texts.ok()) return texts.status();
    credentials = ServiceCredentials(*texts, options.service_identity);
  }
  return grpc::CreateCustomChannel(absl::StrCat("dns:///", options.address), credentials, ArgumentsFor(options));
}

}  // namespace bonnie::client
