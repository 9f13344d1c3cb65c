#ifndef BONNIE_SERVICES_SERVER_ORIGIN_H_
#define BONNIE_SERVICES_SERVER_ORIGIN_H_

#include <grpcpp/client_context.h>
#include <grpcpp/server_context.h>

#include <string>

namespace bonnie::server {

// Metadata of a request that one server passes on to another for its own caller. Believed only from whoever holds a
// role that forwards it (bonnie.config.v1.Forwarding). The site's name alone is the hop mark: what carries it is passed
// on no further. The console sends the identity without it, so that its call may still be passed on once.
inline constexpr char kOriginIdentityKey[] = "bonnie-origin-identity";  // who called first
inline constexpr char kOriginSiteKey[] = "bonnie-origin-site";          // the site that passed it on
inline constexpr char kSiteKey[] = "bonnie-site";                       // the site that the caller means

// Gives `onward`, a call to the server of site `to` for the caller of `context`, what goes with it: the identity, the
// hop mark, the site meant, and the ids by which the lines of both logs are found together. Pure.
void Introduce(const grpc::ServerContextBase& context, const std::string& identity, const std::string& from,
               const std::string& to, grpc::ClientContext& onward);

}  // namespace bonnie::server

#endif  // BONNIE_SERVICES_SERVER_ORIGIN_H_
