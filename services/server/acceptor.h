#ifndef BONNIE_SERVICES_SERVER_ACCEPTOR_H_
#define BONNIE_SERVICES_SERVER_ACCEPTOR_H_

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "services/server/listen_sockets.h"

namespace bonnie::server {

// Listens on one address and accepts its connections, on a thread of its own.
//
// gRPC 1.51's own loop ends for good the first time accept finds no free file descriptor (CVE-2023-4785): anybody who
// can open connections, without any certificate, could so shut a server that otherwise looks alive. This one goes on,
// and it closes new connections already while some descriptors are left, so that the database's sessions and the log
// have theirs.
//
// Create, Start and destruction are for one thread; the callbacks run on the acceptor's.
class Acceptor {
 public:
  // Owns `fd`, a connection that does not block, from then on.
  using Take = std::function<void(int fd)>;
  // Called for each connection that was refused, or each pause because there was nothing to accept it with.
  using Refused = std::function<void()>;

  // Listens as ListenSockets::Open does; callers wait in the kernel's queue until Start.
  static absl::StatusOr<std::unique_ptr<Acceptor>> Listen(const std::string& address, bool share_port);
  // Stops listening; accepted connections live on. When this returns, no callback runs any more.
  ~Acceptor();
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  int port() const { return listeners_.port(); }
  // Once.
  void Start(Take take, Refused refused);

 private:
  explicit Acceptor(ListenSockets listeners);
  void Run();
  // Whether the loop may go on at once; false: nothing can be accepted for now.
  bool AcceptAll(int listener);
  bool Wait(bool for_callers);  // false: the end

  const ListenSockets listeners_;
  const int wake_;  // an eventfd: readable at the end
  Take take_;
  Refused refused_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace bonnie::server

#endif  // BONNIE_SERVICES_SERVER_ACCEPTOR_H_
