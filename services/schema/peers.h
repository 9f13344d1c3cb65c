#ifndef BONNIE_SERVICES_SCHEMA_PEERS_H_
#define BONNIE_SERVICES_SCHEMA_PEERS_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "services/server/file_stamp.h"
#include "services/server/tls.h"

namespace bonnie::config::v1 {
class SchemaConfig;
}

namespace bonnie::schema {

// The other sites' schema services: one channel to each, made at once, connected by its first call and then kept.
//
// Over mTLS with this server's own certificate, to certificates with the peer's identity; when its files change, calls
// from then on use new channels with the new ones, and those in work end on the old. forwarding.h makes the calls.
//
// Thread-safe.
class Peers {
 public:
  struct Peer {
    std::string site;
    std::string address;
    std::string identity;  // that its certificate must have; empty: plaintext
  };

  // Blocks for reading files; connects nowhere. kFailedPrecondition: a TLS file cannot be used (LoadCertificates).
  // `config` has its defaults set.
  static absl::StatusOr<std::unique_ptr<Peers>> Open(const config::v1::SchemaConfig& config);

  // In the configuration's order.
  const std::vector<Peer>& all() const { return peers_; }
  // Null: no such peer.
  std::shared_ptr<grpc::Channel> ChannelTo(absl::string_view site) const ABSL_LOCKS_EXCLUDED(mu_);

  // Takes over certificate files that changed; for Server::OnReload, and errors as there.
  absl::StatusOr<bool> Reload() ABSL_LOCKS_EXCLUDED(mu_);

  // A stream to a peer, which ends when the process drains: nobody else could wake the thread that reads it.
  class Stream {
   public:
    // Both outlive it.
    Stream(Peers& peers, grpc::ClientContext& context);
    ~Stream();
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

   private:
    Peers& peers_;
    grpc::ClientContext& context_;
  };
  // Cancels every stream, now and to come.
  void EndStreams() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  using Channels = std::vector<std::shared_ptr<grpc::Channel>>;  // as peers_

  Peers(std::vector<Peer> peers, server::TlsFiles files);
  absl::StatusOr<Channels> Dial() const;

  const std::vector<Peer> peers_;
  const server::TlsFiles files_;  // empty: plaintext
  server::FileStamp stamp_;       // used by Reload only
  mutable absl::Mutex mu_;
  Channels channels_ ABSL_GUARDED_BY(mu_);
  bool ending_ ABSL_GUARDED_BY(mu_) = false;
  absl::flat_hash_set<grpc::ClientContext*> streams_ ABSL_GUARDED_BY(mu_);
};

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_PEERS_H_
