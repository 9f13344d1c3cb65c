#include "services/server/origin.h"

#include <algorithm>

namespace bonnie::server {
namespace {

// gRPC ends the process over a metadata value that is not printable ASCII.
bool IsPrintable(const std::string& value) {
  return std::all_of(value.begin(), value.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

void Add(grpc::ClientContext& context, const char* key, const std::string& value) {
  if (!value.empty() && IsPrintable(value)) context.AddMetadata(key, value);
}

}  // namespace

void Introduce(const grpc::ServerContextBase& context, const std::string& identity, const std::string& from,
               const std::string& to, grpc::ClientContext& onward) {
  Add(onward, kOriginIdentityKey, identity);
  Add(onward, kOriginSiteKey, from);
  Add(onward, kSiteKey, to);
  for (const char* key : {"x-request-id", "traceparent"}) {
    const auto found = context.client_metadata().find(key);
    if (found == context.client_metadata().end()) continue;
    Add(onward, key, std::string(found->second.data(), found->second.size()));
  }
}

}  // namespace bonnie::server
