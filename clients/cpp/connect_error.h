#ifndef BONNIE_CLIENTS_CPP_CONNECT_ERROR_H_
#define BONNIE_CLIENTS_CPP_CONNECT_ERROR_H_

#include <string>

#include "absl/status/status.h"
#include "clients/cpp/options.h"

namespace bonnie::client {

// gRPC's texts for a connection that could not be made name sockets and OpenSSL routines. Puts the address, the likely
// cause and what to do in front: nobody listens, a service without TLS called with it or the other way round, a
// certificate that the other side refuses, a name that the certificate does not hold, a certificate of another service
// (found and required identity are named). Pure.
// Any other status, and one that a service answered itself, comes back as it is.
absl::Status ExplainConnectError(const absl::Status& status, const Options& options);

}  // namespace bonnie::client

#endif  // BONNIE_CLIENTS_CPP_CONNECT_ERROR_H_
