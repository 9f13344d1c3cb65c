#ifndef BONNIE_SERVICES_SERVER_LISTEN_SOCKETS_H_
#define BONNIE_SERVICES_SERVER_LISTEN_SOCKETS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace bonnie::server {

// The sockets that listen on one address, which may stand for several (localhost: 127.0.0.1 and ::1). They do not
// block, and accepted connections inherit TCP_NODELAY and a limit of 20 s on data that nobody acknowledges. Closed at
// destruction. Thread-compatible.
class ListenSockets {
 public:
  // Listens on each address that `address` (host:port; port 0: the system chooses one for all) resolves to.
  // `share_port`: other processes may listen there too if they say so as well.
  // kUnavailable: no address can be bound, or one is in use; named, with its owner.
  static absl::StatusOr<ListenSockets> Open(const std::string& address, bool share_port);
  ListenSockets(ListenSockets&& other) noexcept;
  ListenSockets& operator=(ListenSockets&&) = delete;
  ~ListenSockets();

  const std::vector<int>& fds() const { return fds_; }
  int port() const { return port_; }
  // The sockets now belong to the caller, who closes them.
  std::vector<int> Release();

 private:
  ListenSockets() = default;
  bool ListenOn(const std::string& host, int port, bool share_port);

  std::vector<int> fds_;
  int port_ = 0;
};

}  // namespace bonnie::server

#endif  // BONNIE_SERVICES_SERVER_LISTEN_SOCKETS_H_
