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

bool RawConnection::AnswersBy(absl::Time deadline) {
  while (!answered_ && ReadAway()) {
    if (!answered_ && !Await(fd_, POLLIN, deadline)) return false;
  }
  return true;
}

bool RawConnection::ReadAway() {
  char bytes[65536];
  ssize_t got = 0;
  while ((got = recv(fd_, bytes, sizeof bytes, 0)) > 0) {
    LookForAnswer(absl::string_view(bytes, static_cast<std::size_t>(got)));
  }
  return got < 0 && errno == EAGAIN;
}

void RawConnection::LookForAnswer(absl::string_view bytes) {
  constexpr std::size_t kHeaderBytes = 9;
  absl::StrAppend(&unparsed_, bytes);
  const auto byte = [this](std::size_t at) {
    return static_cast<std::size_t>(static_cast<std::uint8_t>(unparsed_[at]));
  };
  while (unparsed_.size() >= kHeaderBytes) {
    const std::size_t size = kHeaderBytes + (byte(0) << 16 | byte(1) << 8 | byte(2));
    if (unparsed_.size() < size) return;
    answered_ |= byte(3) == kHeadersFrame || byte(3) == kResetFrame;
    unparsed_.erase(0, size);
  }
}

std::string Http2Frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream, absl::string_view payload) {
  std::string frame;
  for (int shift : {16, 8, 0}) frame += static_cast<char>(payload.size() >> shift);
  frame += static_cast<char>(type);
  frame += static_cast<char>(flags);
  for (int shift : {24, 16, 8, 0}) frame += static_cast<char>(stream >> shift);
  return absl::StrCat(frame, payload);
}

std::string Http2Hello() {
  return absl::StrCat("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Http2Frame(kSettingsFrame, 0, 0, ""));
}

std::string Http2Header(absl::string_view name, absl::string_view value) {
  return absl::StrCat(std::string(1, '\0'), std::string(1, static_cast<char>(name.size())), name,
                      std::string(1, static_cast<char>(value.size())), value);
}

std::string GrpcHeaders(absl::string_view path) {
  return absl::StrCat(Http2Header(":method", "POST"), Http2Header(":scheme", "http"), Http2Header(":path", path),
                      Http2Header(":authority", "localhost"), Http2Header("te", "trailers"),
                      Http2Header("content-type", "application/grpc"));
}

}  // namespace bonnie::test_support
