#include "tests/support/raw_http2.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace bonnie::test_support {
namespace {

// Whether something of `events` happened before `deadline`.
bool Await(int fd, short events, absl::Time deadline) {
  pollfd wait{fd, events, 0};
  const absl::Duration left = std::max(deadline - absl::Now(), absl::ZeroDuration());
  return poll(&wait, 1, static_cast<int>(absl::ToInt64Milliseconds(left))) > 0;
}

// A header that enters no table (RFC 7541, 6.2.2); name and value are shorter than 127 bytes.
std::string Literal(absl::string_view name, absl::string_view value) {
  return absl::StrCat(std::string(1, '\0'), std::string(1, static_cast<char>(name.size())), name,
                      std::string(1, static_cast<char>(value.size())), value);
}

}  // namespace

RawConnection::RawConnection() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {}

RawConnection::~RawConnection() { close(fd_); }

bool RawConnection::Connect(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return true;
  if (errno != EINPROGRESS || !Await(fd_, POLLOUT, absl::Now() + absl::Seconds(5))) return false;
  int error = 0;
  socklen_t size = sizeof error;
  return getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

bool RawConnection::Send(absl::string_view bytes, absl::Time deadline) {
  while (!bytes.empty()) {
    if (!ReadAway()) return false;
    const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno != EAGAIN || !Await(fd_, POLLIN | POLLOUT, deadline)) {
      return false;
    }
  }
  return true;
}

bool RawConnection::ClosedBy(absl::Time deadline) {
  while (ReadAway()) {
    if (!Await(fd_, POLLIN, deadline)) return false;
  }
  return true;
}

bool RawConnection::ReadAway() {
  char bytes[65536];
  ssize_t got = 0;
  while ((got = recv(fd_, bytes, sizeof bytes, 0)) > 0) {
  }
  return got < 0 && errno == EAGAIN;
}

std::string Http2Frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream, absl::string_view payload) {
  std::string frame;
  for (int shift : {16, 8, 0}) frame += static_cast<char>(payload.size() >> shift);
  frame += static_cast<char>(type);
  frame += static_cast<char>(flags);
  for (int shift : {24, 16, 8, 0}) frame += static_cast<char>(stream >> shift);
  return absl::StrCat(frame, payload);
}

std::string Http2Hello() { return absl::StrCat("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Http2Frame(kSettingsFrame, 0, 0, "")); }

std::string GrpcHeaders(absl::string_view path) {
  return absl::StrCat(Literal(":method", "POST"), Literal(":scheme", "http"), Literal(":path", path),
                      Literal(":authority", "localhost"), Literal("te", "trailers"),
                      Literal("content-type", "application/grpc"));
}

}  // namespace bonnie::test_support
