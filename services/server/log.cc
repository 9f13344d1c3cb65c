#include "services/server/log.h"

#include <grpc/support/log.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <unistd.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace bonnie::server {
namespace {

constexpr std::size_t kMaxPendingBytes = 4 << 20;
constexpr absl::Duration kBatch = absl::Milliseconds(5);
constexpr std::size_t kMaxValueBytes = 2048;
constexpr int kMaxLibraryLines = 20;  // in each kLibraryLinesEvery
constexpr absl::Duration kLibraryLinesEvery = absl::Seconds(10);

bool NeedsEscape(absl::string_view text) {
  for (char c : text) {
    if (c < 0x20 || c > 0x7e || c == '"' || c == '\\') return true;
  }
  return false;
}

// "2026-11-23T06:31:06" is made once a second and thread: formatting it costs more than the rest of a line.
void AppendTime(absl::Time now, std::string& line) {
  thread_local std::int64_t second = 0;
  thread_local std::string text;
  const std::int64_t micros = absl::ToUnixMicros(now);
  if (micros / 1000000 != second || text.empty()) {
    second = micros / 1000000;
    text = absl::FormatTime("%Y-%m-%dT%H:%M:%S", absl::FromUnixSeconds(second), absl::UTCTimeZone());
  }
  const int rest = static_cast<int>(micros % 1000000);
  char digits[] = ".000000Z";
  for (int i = 6, left = rest; i > 0; --i, left /= 10) digits[i] = static_cast<char>('0' + left % 10);
  line.append(text).append(digits, 8);
}

constexpr absl::string_view kLevelNames[] = {"debug", "info", "warn", "error"};

LogLevel LevelOf(const std::string& name) {
  for (int i = 0; i < 4; ++i) {
    if (kLevelNames[i] == name) return static_cast<LogLevel>(i);
  }
  return LogLevel::kInfo;
}

// The writing side: lines gather in `pending_`, a thread swaps it out and hands it to a spdlog sink in one piece.
class SinkLog final : public Log {
 public:
  SinkLog(spdlog::sink_ptr sink, LogLevel level) : level_(level), sink_(std::move(sink)), writer_([this] { Run(); }) {}

  ~SinkLog() override {
    {
      absl::MutexLock lock(&mu_);
      stopping_ = true;
      wake_.Signal();
    }
    writer_.join();
  }

  void Write(LogLevel level, absl::string_view event, const LogFields& fields) override {
    if (level < level_) return;
    thread_local std::string line;
    line.assign("{\"ts\":\"");
    AppendTime(absl::Now(), line);
    absl::StrAppend(&line, "\",\"level\":\"", kLevelNames[static_cast<int>(level)], "\",\"event\":\"", event, "\"",
                    fields.text().empty() ? "" : ",", fields.text(), "}\n");
    absl::MutexLock lock(&mu_);
    if (pending_.size() + line.size() > kMaxPendingBytes) {
      ++dropped_;
      return;
    }
    pending_ += line;
    ++put_;
    if (idle_) wake_.Signal();
  }

  void Flush() override {
    absl::MutexLock lock(&mu_);
    const std::int64_t wanted = put_;
    flush_ = true;
    wake_.Signal();
    while (written_ < wanted) flushed_.Wait(&mu_);
  }

  std::int64_t dropped() const override { return dropped_; }

 private:
  void Run() {
    std::string batch;
    for (bool last = false; !last;) {
      std::int64_t until = 0;
      {
        absl::MutexLock lock(&mu_);
        while (pending_.empty() && !flush_ && !stopping_) {
          idle_ = true;
          wake_.Wait(&mu_);
        }
        idle_ = false;
        // Lines come in crowds: from here on whoever puts one wakes nobody.
        for (const absl::Time end = absl::Now() + kBatch; !flush_ && !stopping_;) {
          if (wake_.WaitWithDeadline(&mu_, end)) break;
        }
        batch.swap(pending_);
        until = put_;
        flush_ = false;
        last = stopping_;
      }
      WriteOut(batch);
      batch.clear();
      absl::MutexLock lock(&mu_);
      written_ = until;
      flushed_.SignalAll();
    }
  }

  void WriteOut(absl::string_view batch) {
    if (batch.empty()) return;
    batch.remove_suffix(1);  // the sink ends it itself
    try {
      sink_->log(spdlog::details::log_msg("", spdlog::level::info, spdlog::string_view_t(batch.data(), batch.size())));
      sink_->flush();
    } catch (const std::exception&) {  // a full disk; the count is on the metrics page
      ++dropped_;
    }
  }

  const LogLevel level_;
  const spdlog::sink_ptr sink_;
  std::atomic<std::int64_t> dropped_{0};
  absl::Mutex mu_;
  std::string pending_ ABSL_GUARDED_BY(mu_);
  std::int64_t put_ ABSL_GUARDED_BY(mu_) = 0;
  std::int64_t written_ ABSL_GUARDED_BY(mu_) = 0;
  absl::CondVar wake_;  // conditions of absl::Mutex would be looked at whenever a line is put
  absl::CondVar flushed_;
  bool idle_ ABSL_GUARDED_BY(mu_) = false;  // the writer waits for a first line
  bool flush_ ABSL_GUARDED_BY(mu_) = false;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread writer_;  // last: it uses all of the above
};

std::atomic<Log*> library_log{nullptr};

// gRPC writes a line for each request that it refuses: whoever sends many does not get to fill the log.
class LibraryLines {
 public:
  // Whether one more line may be written at `now`; `left_out`: how many could not before this one.
  bool Admit(absl::Time now, std::int64_t* left_out) {
    absl::MutexLock lock(&mu_);
    if (now >= window_end_) {
      window_end_ = now + kLibraryLinesEvery;
      lines_ = 0;
    }
    if (++lines_ > kMaxLibraryLines) {
      ++left_out_;
      return false;
    }
    *left_out = std::exchange(left_out_, 0);
    return true;
  }

  // Begins anew, for another log.
  void Reset() {
    absl::MutexLock lock(&mu_);
    window_end_ = absl::InfinitePast();
    left_out_ = 0;
  }

 private:
  absl::Mutex mu_;
  absl::Time window_end_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
  int lines_ ABSL_GUARDED_BY(mu_) = 0;
  std::int64_t left_out_ ABSL_GUARDED_BY(mu_) = 0;
};

LibraryLines& library_lines = *new LibraryLines();

void LogLibraryMessage(gpr_log_func_args* args) {
  Log* log = library_log.load(std::memory_order_acquire);
  if (log == nullptr) return;
  const LogLevel level = args->severity == GPR_LOG_SEVERITY_ERROR  ? LogLevel::kWarn  // of its own affairs, not ours
                         : args->severity == GPR_LOG_SEVERITY_INFO ? LogLevel::kInfo
                                                                   : LogLevel::kDebug;
  std::int64_t left_out = 0;
  if (!library_lines.Admit(absl::Now(), &left_out)) return;
  const absl::string_view file = args->file;
  LogFields line;
  line.Add("message", args->message).Add("source", file.substr(file.rfind('/') + 1)).Add("line", args->line);
  if (left_out > 0) line.Add("left_out", left_out);
  log->Write(level, "grpc", line);
}

}  // namespace

void LogFields::Key(absl::string_view key) {
  if (!text_.empty()) text_.push_back(',');
  text_.push_back('"');
  text_.insert(text_.end(), key.begin(), key.end());
  text_.push_back('"');
  text_.push_back(':');
}

LogFields& LogFields::Add(absl::string_view key, absl::string_view value) {
  Key(key);
  value = value.substr(0, kMaxValueBytes);
  if (NeedsEscape(value)) {
    const std::string escaped =
        nlohmann::json(std::string(value)).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
    text_.insert(text_.end(), escaped.begin(), escaped.end());
    return *this;
  }
  text_.push_back('"');
  text_.insert(text_.end(), value.begin(), value.end());
  text_.push_back('"');
  return *this;
}

LogFields& LogFields::Add(absl::string_view key, std::int64_t value) {
  Key(key);
  const absl::AlphaNum digits(value);
  text_.insert(text_.end(), digits.Piece().begin(), digits.Piece().end());
  return *this;
}

LogFields& LogFields::AddMillis(absl::string_view key, std::int64_t microseconds) {
  Key(key);
  const absl::AlphaNum whole(microseconds / 1000);
  const int rest = static_cast<int>(microseconds % 1000);
  const char fraction[] = {'.', static_cast<char>('0' + rest / 100), static_cast<char>('0' + rest / 10 % 10),
                           static_cast<char>('0' + rest % 10)};
  text_.insert(text_.end(), whole.Piece().begin(), whole.Piece().end());
  text_.insert(text_.end(), std::begin(fraction), std::end(fraction));
  return *this;
}

LogFields& LogFields::Append(const LogFields& other) {
  if (other.text_.empty()) return *this;
  if (!text_.empty()) text_.push_back(',');
  text_.insert(text_.end(), other.text_.begin(), other.text_.end());
  return *this;
}

absl::StatusOr<std::unique_ptr<Log>> Log::Open(const config::v1::Log& config) {
  spdlog::sink_ptr sink;
  try {
    if (config.file().empty()) {
      sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    } else if (config.max_file_bytes() > 0) {
      sink = std::make_shared<spdlog::sinks::rotating_file_sink_mt>(
          config.file(), static_cast<std::size_t>(config.max_file_bytes()),
          static_cast<std::size_t>(config.max_files() > 0 ? config.max_files() : 3));
    } else {
      sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(config.file());
    }
  } catch (const std::exception& error) {
    return absl::FailedPreconditionError(absl::StrCat(config.file(), ": cannot write the log: ", error.what()));
  }
  sink->set_formatter(std::make_unique<spdlog::pattern_formatter>("%v", spdlog::pattern_time_type::utc));
  return std::make_unique<SinkLog>(std::move(sink), LevelOf(config.level()));
}

LibraryLog::LibraryLog(Log& log) : log_(log) {
  library_lines.Reset();
  library_log.store(&log, std::memory_order_release);
  gpr_set_log_function(LogLibraryMessage);
}

LibraryLog::~LibraryLog() {
  Log* mine = &log_;
  library_log.compare_exchange_strong(mine, nullptr);
}

}  // namespace bonnie::server
