#include "services/server/port_owner.h"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "services/server/config_checks.h"

namespace bonnie::server {
namespace {

// Inodes of the sockets that listen on `port`, as /proc/net/tcp and tcp6 list them.
absl::flat_hash_set<std::string> ListeningSockets(int port) {
  absl::flat_hash_set<std::string> sockets;
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::ifstream in(table);
    std::string line;
    std::getline(in, line);  // the heading
    while (std::getline(in, line)) {
      std::istringstream words(line);
      std::string number, local, remote, state, queues, timer, retransmits, uid, timeout, inode;
      words >> number >> local >> remote >> state >> queues >> timer >> retransmits >> uid >> timeout >> inode;
      const std::size_t colon = local.rfind(':');
      if (state != "0A" || colon == std::string::npos) continue;  // 0A: LISTEN
      if (std::strtol(local.c_str() + colon + 1, nullptr, 16) == port)
        sockets.insert(absl::StrCat("socket:[", inode, "]"));
    }
  }
  return sockets;
}

// The system's reason why nothing can be bound there; empty when it can.
std::string BindError(const std::string& host, int port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(host.c_str(), absl::StrCat(port).c_str(), &hints, &found); error != 0) {
    return gai_strerror(error);
  }
  std::string reason;
  for (const addrinfo* each = found; each != nullptr && reason.empty(); each = each->ai_next) {
    const int fd = socket(each->ai_family, each->ai_socktype | SOCK_CLOEXEC, each->ai_protocol);
    const int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (fd < 0 || bind(fd, each->ai_addr, each->ai_addrlen) != 0 || listen(fd, 1) != 0) reason = std::strerror(errno);
    if (fd >= 0) close(fd);
  }
  freeaddrinfo(found);
  return reason;
}

}  // namespace

std::string PortOwner(int port) {
  namespace fs = std::filesystem;
  const absl::flat_hash_set<std::string> sockets = ListeningSockets(port);
  if (sockets.empty()) return "";
  std::error_code error;  // processes come and go, and other users' files are closed to us
  for (const fs::directory_entry& process : fs::directory_iterator("/proc", error)) {
    const std::string pid = process.path().filename().string();
    if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
    std::error_code no_access;
    for (fs::directory_iterator fd(process.path() / "fd", no_access), end; !no_access && fd != end;
         fd.increment(no_access)) {
      std::error_code gone;
      if (!sockets.contains(fs::read_symlink(fd->path(), gone).string())) continue;
      std::string name;
      std::getline(std::ifstream(process.path() / "comm"), name);
      return absl::StrCat(name, " (pid ", pid, ")");
    }
  }
  return "";
}

absl::Status CannotListen(const std::string& address) {
  std::string host;
  int port = 0;
  if (!SplitAddress(address, &host, &port))
    return absl::UnavailableError(absl::StrCat(address, ": cannot listen there"));
  const std::string reason = BindError(host, port), owner = PortOwner(port);
  return absl::UnavailableError(absl::StrCat(address, ": cannot listen there", reason.empty() ? "" : ": ", reason,
                                             owner.empty() ? "" : ", by ", owner));
}

}  // namespace bonnie::server
