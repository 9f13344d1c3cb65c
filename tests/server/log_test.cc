#include "services/server/log.h"

#include <gmock/gmock.h>
#include <grpc/grpc.h>
#include <grpc/support/log.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace bonnie::server {
namespace {

using ::testing::HasSubstr;

class LogTest : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<Log> Open(config::v1::Log config = {}) {
    config.set_file(file_);
    absl::StatusOr<std::unique_ptr<Log>> log = Log::Open(config);
    EXPECT_TRUE(log.ok()) << log.status();
    return *std::move(log);
  }
  std::vector<nlohmann::json> Lines(Log& log) {
    log.Flush();
    std::vector<nlohmann::json> lines;
    std::ifstream in(file_);
    for (std::string line; std::getline(in, line);) lines.push_back(nlohmann::json::parse(line));
    return lines;
  }

  const std::string folder_ = absl::StrCat(::testing::TempDir(), "/log-", getpid());
  const std::string file_ = folder_ + "/server.log";
};

TEST_F(LogTest, WritesOneJsonObjectALine) {
  const auto log = Open();
  log->Write(LogLevel::kInfo, "rpc",
             LogFields().Add("method", "S/Get").Add("rows", 7).AddMillis("ms", 12034).AddMillis("db_ms", 7));
  log->Write(LogLevel::kError, "plain");
  const auto lines = Lines(*log);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0]["level"], "info");
  EXPECT_EQ(lines[0]["event"], "rpc");
  EXPECT_EQ(lines[0]["method"], "S/Get");
  EXPECT_EQ(lines[0]["rows"], 7);
  EXPECT_DOUBLE_EQ(lines[0]["ms"], 12.034);
  EXPECT_DOUBLE_EQ(lines[0]["db_ms"], 0.007);
  EXPECT_EQ(lines[1]["level"], "error");
  absl::Time at;
  std::string error;
  ASSERT_TRUE(absl::ParseTime(absl::RFC3339_full, lines[0]["ts"].get<std::string>(), &at, &error)) << error;
  EXPECT_LT(absl::AbsDuration(absl::Now() - at), absl::Minutes(1));
}

TEST_F(LogTest, EscapesWhatCallersSend) {
  const auto log = Open();
  const std::string nasty = "\"},\n{\"\x01 \\ \xff\xfe é";
  log->Write(LogLevel::kInfo, "rpc", LogFields().Add("x", nasty));
  const auto lines = Lines(*log);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_THAT(lines[0]["x"].get<std::string>(), HasSubstr("\"},\n{\"\x01 \\ "));
}

TEST_F(LogTest, WhatCallersSendIsBoundedAndNeverReachesATerminalRaw) {
  const auto log = Open();
  // ESC, CSI as one byte and as U+009B, a right-to-left override, an invisible space, DEL.
  const std::string nasty = "\x1b[2J\x9b\xc2\x9b\xe2\x80\xae\xe2\x80\x8b\x7f\r";
  log->Write(LogLevel::kInfo, "rpc", LogFields().Add("x", nasty + std::string(100'000, 'x')));
  log->Flush();
  std::ifstream file(file_);
  std::string line;
  ASSERT_TRUE(std::getline(file, line));
  EXPECT_LT(line.size(), 2300u);
  for (const char c : line) EXPECT_TRUE(c >= 0x20 && c <= 0x7e) << static_cast<int>(c);
  EXPECT_FALSE(std::getline(file, line));
}

TEST_F(LogTest, TheLibrarysOwnLinesDoNotFillTheLog) {
  grpc_init();  // sets its verbosity
  const auto log = Open();
  const LibraryLog library(*log);
  for (int i = 0; i < 1000; ++i) gpr_log(GPR_ERROR, "no good");
  grpc_shutdown();
  EXPECT_EQ(Lines(*log).size(), 20u);
}

TEST_F(LogTest, LeavesOutWhatIsBelowItsLevel) {
  config::v1::Log config;
  config.set_level("warn");
  const auto log = Open(config);
  log->Write(LogLevel::kDebug, "a");
  log->Write(LogLevel::kInfo, "b");
  log->Write(LogLevel::kWarn, "c");
  log->Write(LogLevel::kError, "d");
  EXPECT_EQ(Lines(*log).size(), 2u);
}

TEST_F(LogTest, LosesNoLineOfManyThreads) {
  const auto log = Open();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&log, i] {
      for (int k = 0; k < 1000; ++k) log->Write(LogLevel::kInfo, "rpc", LogFields().Add("thread", i).Add("k", k));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Lines(*log).size(), 4000u);
  EXPECT_EQ(log->dropped(), 0);
}

TEST_F(LogTest, Rotates) {
  config::v1::Log config;
  config.set_max_file_bytes(2000);
  config.set_max_files(2);
  const auto log = Open(config);
  for (int i = 0; i < 100; ++i) {
    log->Write(LogLevel::kInfo, "rpc", LogFields().Add("filler", std::string(100, 'x')));
    log->Flush();
  }
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    ++files;
    EXPECT_LE(entry.file_size(), 2300u);
  }
  EXPECT_EQ(files, 3);  // the one written and two before it
}

TEST_F(LogTest, DropsAndCountsRatherThanWaiting) {
  // A pipe that nobody reads takes 64 KiB; the thread that writes hangs, and those that put lines do not.
  ASSERT_EQ(mkfifo(file_.c_str(), 0600), 0);
  std::ifstream* reader = nullptr;
  std::thread opener([&] { reader = new std::ifstream(file_); });
  auto log = Open();
  opener.join();
  const LogFields filler = LogFields().Add("filler", std::string(1000, 'x'));
  const absl::Time start = absl::Now();
  for (int i = 0; i < 12000; ++i) log->Write(LogLevel::kInfo, "rpc", filler);
  EXPECT_LT(absl::Now() - start, absl::Seconds(2));
  EXPECT_GT(log->dropped(), 0);
  std::thread drain([&] {
    for (std::string line; std::getline(*reader, line);) {
    }
  });
  log.reset();
  drain.join();
  delete reader;
}

TEST_F(LogTest, NamesAFileThatCannotBeWritten) {
  config::v1::Log config;
  config.set_file("/proc/nowhere/server.log");
  const auto log = Log::Open(config);
  EXPECT_EQ(log.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(log.status().message()), HasSubstr("/proc/nowhere/server.log"));
}

TEST_F(LogTest, TakesTheLibrarysMessages) {
  grpc_init();  // sets its verbosity
  const auto log = Open();
  {
    const LibraryLog library(*log);
    gpr_log(GPR_ERROR, "handshake \"%s\"", "failed");
  }
  gpr_log(GPR_ERROR, "nobody listens any more");
  grpc_shutdown();
  const auto lines = Lines(*log);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0]["event"], "grpc");
  EXPECT_EQ(lines[0]["message"], "handshake \"failed\"");
  EXPECT_EQ(lines[0]["source"], "log_test.cc");
}

}  // namespace
}  // namespace bonnie::server
