#ifndef BONNIE_CLIENTS_CPP_SERVICE_CREDENTIALS_H_
#define BONNIE_CLIENTS_CPP_SERVICE_CREDENTIALS_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "clients/cpp/tls_files.h"

namespace grpc {
class ChannelCredentials;
}

namespace bonnie::client {

// mTLS to a service. Its certificate must be signed by a CA of `texts.ca` and name the host; with an `identity` that is
// not empty, it must have it as its one URI SAN too.
std::shared_ptr<grpc::ChannelCredentials> ServiceCredentials(const TlsTexts& texts, const std::string& identity);

// The words in which a connection fails over the identity, from gRPC's text for the failed connection: "its certificate
// has the identity …, and the configuration requires …"; empty: it failed for another reason. Pure.
absl::string_view IdentityMismatchIn(absl::string_view message);

}  // namespace bonnie::client

#endif  // BONNIE_CLIENTS_CPP_SERVICE_CREDENTIALS_H_
