#ifndef BONNIE_SERVICES_SERVER_LOG_H_
#define BONNIE_SERVICES_SERVER_LOG_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "bonnie/config/v1/config.pb.h"

namespace bonnie::server {

enum class LogLevel { kDebug, kInfo, kWarn, kError };

// Members of a JSON object in the making: `"patient_id":7,"reason":"NOT_FOUND"`. Keys are constants of ours. A value
// type.
//
// Values are counts, ids, names of ours and identities; never a value of a row. What callers send is written as ASCII:
// of a text the first 2,048 bytes, control characters and all else escaped.
class LogFields {
 public:
  LogFields& Add(absl::string_view key, absl::string_view value);
  LogFields& Add(absl::string_view key, const char* value) { return Add(key, absl::string_view(value)); }
  LogFields& Add(absl::string_view key, const std::string& value) { return Add(key, absl::string_view(value)); }
  LogFields& Add(absl::string_view key, std::int64_t value);
  LogFields& Add(absl::string_view key, int value) { return Add(key, std::int64_t{value}); }
  LogFields& AddMillis(absl::string_view key, std::int64_t microseconds);  // as milliseconds with three digits
  LogFields& Append(const LogFields& other);

  absl::string_view text() const { return absl::string_view(text_.data(), text_.size()); }

 private:
  void Key(absl::string_view key);
  absl::InlinedVector<char, 240> text_;
};

// JSON lines, one event a line, to standard error or a file that rotates.
//
// Writing a line copies it into a buffer; one thread writes the buffer out, at most every 5 ms, because a write per
// line would cost each RPC a system call. A full buffer (4 MiB) drops lines and counts them rather than holding up
// callers.
//
// Thread-safe.
class Log {
 public:
  // kFailedPrecondition: the file cannot be opened for writing (named, with the reason).
  static absl::StatusOr<std::unique_ptr<Log>> Open(const config::v1::Log& config);
  // Writes what waits.
  virtual ~Log() = default;

  // Puts one line: ts, level, event, then `fields`. Does not block. Nothing below the configured level.
  virtual void Write(LogLevel level, absl::string_view event, const LogFields& fields = {}) = 0;
  // Blocks until what was put so far is with the operating system.
  virtual void Flush() = 0;
  // Lines lost because the buffer was full or the file could not be written.
  virtual std::int64_t dropped() const = 0;
};

// Sends gRPC's own messages into `log` as events "grpc" until the answer is destroyed, at most 20 in 10 s; the next one
// says how many were left out. One per process at a time: a second one takes over. `log` outlives it.
class LibraryLog {
 public:
  explicit LibraryLog(Log& log);
  ~LibraryLog();
  LibraryLog(const LibraryLog&) = delete;
  LibraryLog& operator=(const LibraryLog&) = delete;

 private:
  Log& log_;
};

}  // namespace bonnie::server

#endif  // BONNIE_SERVICES_SERVER_LOG_H_
