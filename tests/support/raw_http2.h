#ifndef BONNIE_TESTS_SUPPORT_RAW_HTTP2_H_
#define BONNIE_TESTS_SUPPORT_RAW_HTTP2_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace bonnie::test_support {

// A TCP connection to 127.0.0.1, for what no library would send. Used by one thread at a time.
class RawConnection {
 public:
  // A socket, not connected yet.
  RawConnection();
  ~RawConnection();
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;

  // Whether it was connected, within 5 s.
  bool Connect(int port);
  // Sends all of `bytes` and throws away what comes meanwhile. False: the other side closed, or `deadline` passed.
  bool Send(absl::string_view bytes, absl::Time deadline);
  // Whether the other side closes before `deadline`; what it sends is thrown away.
  bool ClosedBy(absl::Time deadline);
  // Whether the other side answers a call with HEADERS or RST_STREAM, or closes, before `deadline`.
  bool AnswersBy(absl::Time deadline);

 private:
  bool ReadAway();  // false: closed
  void LookForAnswer(absl::string_view bytes);

  const int fd_;
  std::string unparsed_;  // the start of a frame
  bool answered_ = false;
};

// Bytes of HTTP/2 (RFC 9113), as badly put together as the test likes.
inline constexpr std::uint8_t kDataFrame = 0, kHeadersFrame = 1, kResetFrame = 3, kSettingsFrame = 4,
                              kContinuationFrame = 9;
inline constexpr std::uint8_t kEndStream = 1, kEndHeaders = 4;

std::string Http2Frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream, absl::string_view payload);
// What a client says first: the preface and empty SETTINGS.
std::string Http2Hello();
// A header that enters no table (RFC 7541, 6.2.2); name and value are shorter than 127 bytes.
std::string Http2Header(absl::string_view name, absl::string_view value);
// The header block of a gRPC call of `path` ("/package.Service/Method"), without Huffman codes or table entries.
std::string GrpcHeaders(absl::string_view path);

}  // namespace bonnie::test_support

#endif  // BONNIE_TESTS_SUPPORT_RAW_HTTP2_H_
