#ifndef BONNIE_SERVICES_SERVER_PEER_CREDENTIALS_H_
#define BONNIE_SERVICES_SERVER_PEER_CREDENTIALS_H_

#include <grpcpp/security/credentials.h>

#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace bonnie::server {

struct Certificates;

// Credentials for calls to another server of the fleet: mTLS with this server's own certificate.
//
// The other server's certificate must be signed by a CA of `own.client_ca`, name the host that is called, and have
// `identity` as its one URI SAN: every service of the fleet has a certificate of the same CA, and often for the same
// host. The last check is a verifier of gRPC's experimental TLS API; grpc::SslCredentials has no place for it.
std::shared_ptr<grpc::ChannelCredentials> PeerCredentials(const Certificates& own, const std::string& identity);

// The words in which such a connection fails over the identity, from gRPC's text for the failed connection: "its
// certificate has the identity …, and the configuration requires …"; empty: it failed for another reason. Pure.
absl::string_view IdentityMismatchIn(absl::string_view message);

}  // namespace bonnie::server

#endif  // BONNIE_SERVICES_SERVER_PEER_CREDENTIALS_H_
