#ifndef BONNIE_SERVICES_SERVER_TLS_H_
#define BONNIE_SERVICES_SERVER_TLS_H_

#include <grpcpp/security/server_credentials.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "services/server/caller_certificates.h"
#include "services/server/file_stamp.h"

namespace bonnie::config::v1 {
class ServerTls;
}

namespace bonnie::server {

struct TlsFiles {
  std::string cert_file;       // PEM, this server's chain, leaf first
  std::string key_file;        // PEM
  std::string client_ca_file;  // PEM, CAs of callers
  std::string crl_file = {};   // PEM, a revocation list of each of these CAs; empty: nothing is revoked
};

TlsFiles TlsFilesOf(const config::v1::ServerTls& config);

// Certificates that were read and checked together.
struct Certificates {
  std::string chain;
  std::string key;
  std::string client_ca;
  std::string crls;                                // empty without a crl_file
  absl::Time not_after;                            // when the leaf expires
  absl::Time crls_until = absl::InfiniteFuture();  // when the first revocation list expires
};

// Reads and checks: each file parses, the leaf is valid at `now`, the key is the leaf's, a CA is there, and with a
// crl_file each CA has signed a list in it, and no list has expired. Only the owner may read the key or write the
// files. kFailedPrecondition: one of these fails; the message names file and reason, never the key's content.
absl::StatusOr<Certificates> LoadCertificates(const TlsFiles& files, absl::Time now);

// The server's TLS side: callers must present a certificate of the client CA; pair and CA are replaced while serving.
//
// gRPC 1.51's FileWatcherCertificateProvider starts with a pair that does not match, and takes one over that does not,
// and then refuses every handshake. Here the files are checked first and the whole set is swapped; each handshake takes
// the newest. A set that fails its check leaves the one before in force. TLS 1.2 or newer.
//
// A session can be resumed for 30 s at most: the keys of session tickets live no longer. `callers` checks the
// certificate behind each call, resumed or not.
//
// Thread-safe. Outlives the grpc::Server that uses its credentials.
class ServerTls {
 public:
  // Errors as of LoadCertificates.
  static absl::StatusOr<std::unique_ptr<ServerTls>> Open(TlsFiles files, std::function<absl::Time()> now = absl::Now);

  // Lives as long as this object: gRPC asks it at every handshake, long after the builder that was given it is gone.
  std::shared_ptr<grpc::ServerCredentials> credentials() const { return credentials_; }
  // Looks at the files and takes them over if one changed since the last look. An error is told once per change. Blocks
  // for the disk; one thread calls it. True: new certificates are in force from the next handshake on.
  absl::StatusOr<bool> Reload() ABSL_LOCKS_EXCLUDED(mu_);
  // When the certificate in force expires.
  absl::Time not_after() const ABSL_LOCKS_EXCLUDED(mu_);
  // When the first revocation list in force expires; InfiniteFuture without lists.
  absl::Time crls_until() const ABSL_LOCKS_EXCLUDED(mu_);
  CallerCertificates& callers() { return callers_; }

  // For the credentials: the certificates in force and how often they were replaced.
  std::shared_ptr<const Certificates> current(int* generation) const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  ServerTls(TlsFiles files, std::function<absl::Time()> now, FileStamp stamp, Certificates certificates);

  const TlsFiles files_;
  const std::function<absl::Time()> now_;
  FileStamp stamp_;  // used by Reload only
  CallerCertificates callers_;
  mutable absl::Mutex mu_;
  std::shared_ptr<const Certificates> certificates_ ABSL_GUARDED_BY(mu_);
  int generation_ ABSL_GUARDED_BY(mu_) = 1;
  const std::shared_ptr<grpc::ServerCredentials> credentials_;  // last: asks this object
};

}  // namespace bonnie::server

#endif  // BONNIE_SERVICES_SERVER_TLS_H_
