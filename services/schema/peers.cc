#include "services/schema/peers.h"

#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "bonnie/config/v1/config.pb.h"
#include "services/data_access/status_macros.h"
#include "services/server/peer_credentials.h"

namespace bonnie::schema {

namespace {

grpc::ChannelArguments Arguments(const std::string& site) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);  // never one from DNS
  // Above the 20 s at which the services count strikes. A stream's peer that froze is found out after 40 s.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 0);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  // A peer that came back is found again soon: the library's 1 s grows to 120 s.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 200);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 5'000);
  // Services never compress; gRPC 1.51 would inflate an answer past any limit on its size.
  arguments.SetInt(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
  arguments.SetInt(GRPC_COMPRESSION_CHANNEL_ENABLED_ALGORITHMS_BITSET, 1 << GRPC_COMPRESS_NONE);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);  // a proxy for the web is no way to a service with mTLS
  // Channels with equal arguments share connections: two sites behind one address would.
  arguments.SetString("bonnie.site", site);
  return arguments;
}

server::TlsFiles FilesOf(const config::v1::SchemaConfig& config) {
  if (config.server().insecure_loopback() || config.peers().empty()) return {};
  const config::v1::ServerTls& own = config.server().tls();
  return {own.cert_file(), own.key_file(), config.peer_ca_file()};
}

}  // namespace

absl::StatusOr<std::unique_ptr<Peers>> Peers::Open(const config::v1::SchemaConfig& config) {
  std::vector<Peer> peers;
  for (const config::v1::Peer& peer : config.peers()) peers.push_back({peer.name(), peer.address(), peer.identity()});
  auto opened = absl::WrapUnique(new Peers(std::move(peers), FilesOf(config)));
  BONNIE_ASSIGN_OR_RETURN(Channels channels, opened->Dial());
  absl::MutexLock lock(&opened->mu_);
  opened->channels_ = std::move(channels);
  return opened;
}

Peers::Peers(std::vector<Peer> peers, server::TlsFiles files)
    : peers_(std::move(peers)),
      files_(std::move(files)),
      stamp_({files_.cert_file, files_.key_file, files_.client_ca_file}) {}

absl::StatusOr<Peers::Channels> Peers::Dial() const {
  server::Certificates own;
  const bool plaintext = files_.cert_file.empty();
  if (!plaintext) {
    BONNIE_ASSIGN_OR_RETURN(own, server::LoadCertificates(files_, absl::Now()));
  }
  Channels channels;
  for (const Peer& peer : peers_) {
    const std::shared_ptr<grpc::ChannelCredentials> credentials =
        plaintext ? grpc::InsecureChannelCredentials() : server::PeerCredentials(own, peer.identity);
    channels.push_back(
        grpc::CreateCustomChannel(absl::StrCat("dns:///", peer.address), credentials, Arguments(peer.site)));
  }
  return channels;
}

std::shared_ptr<grpc::Channel> Peers::ChannelTo(absl::string_view site) const {
  for (size_t i = 0; i < peers_.size(); ++i) {
    if (peers_[i].site != site) continue;
    absl::MutexLock lock(&mu_);
    return channels_[i];
  }
  return nullptr;
}

absl::StatusOr<bool> Peers::Reload() {
  if (files_.cert_file.empty() || !stamp_.Changed()) return false;
  BONNIE_ASSIGN_OR_RETURN(Channels channels, Dial());
  absl::MutexLock lock(&mu_);
  channels_.swap(channels);
  return true;
}

Peers::Stream::Stream(Peers& peers, grpc::ClientContext& context) : peers_(peers), context_(context) {
  absl::MutexLock lock(&peers_.mu_);
  peers_.streams_.insert(&context_);
  if (peers_.ending_) context_.TryCancel();
}

Peers::Stream::~Stream() {
  absl::MutexLock lock(&peers_.mu_);
  peers_.streams_.erase(&context_);
}

void Peers::EndStreams() {
  absl::MutexLock lock(&mu_);
  ending_ = true;
  for (grpc::ClientContext* context : streams_) context->TryCancel();
}

}  // namespace bonnie::schema
