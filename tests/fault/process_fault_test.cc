// The records service's own process killed and ended in order under load: what was acknowledged is there, once.
#include <arpa/inet.h>
#include <fcntl.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/fault/load.h"
#include "tests/records/test_site.h"
#include "tests/support/migrate_for_test.h"
#include "tests/support/test_database.h"

extern char** environ;

namespace bonnie::records {
namespace {

// A port that was free a moment ago, below those that the system gives to connections.
int FreePort() {
  for (int port = 21000 + getpid() % 5000;; ++port) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    const int bound = bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    close(fd);
    if (bound == 0) return port;
  }
}

// bonnie-records as a process, always on the same port.
class RecordsProcess {
 public:
  RecordsProcess(const test_support::TestDatabase& database, int port) {
    config::v1::RecordsConfig config = SiteConfig(database, folder_);
    config.mutable_server()->set_address(absl::StrCat("127.0.0.1:", port));
    std::string text;
    google::protobuf::TextFormat::PrintToString(config, &text);
    config_file_ = folder_.Write("records.textproto", text);
  }
  ~RecordsProcess() {
    if (pid_ > 0) End(SIGKILL);
  }

  void Start() {
    std::string binary = BONNIE_RECORDS_BINARY, option = "--config";
    char* argv[] = {binary.data(), option.data(), config_file_.data(), nullptr};
    ASSERT_EQ(posix_spawn(&pid_, argv[0], nullptr, nullptr, argv, environ), 0);
  }
  std::string Log() const { return ReadLog(folder_); }
  // Sends `signal`, waits for the end and answers the exit code, or -1 when the signal ended it.
  int End(int signal) {
    kill(pid_, signal);
    int state = 0;
    waitpid(pid_, &state, 0);
    pid_ = 0;
    return WIFEXITED(state) ? WEXITSTATUS(state) : -1;
  }

 private:
  KeyFolder folder_;
  std::string config_file_;
  pid_t pid_ = 0;
};

class ProcessFaultTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(test_support::MigrateForTest(database_).ok());
    process_.Start();
    ASSERT_TRUE(WaitForHealth(Connect(), true, absl::Seconds(30))) << process_.Log();
  }
  std::shared_ptr<grpc::Channel> Connect() const { return ConnectTo(database_, port_); }

  // Ends the process by `signal` under load and starts it again, three times.
  void Disturb(int signal, int want_exit_code) {
    Load load([this] { return Connect(); }, {});
    ASSERT_NE(load.WaitForSuccesses(50, 50, absl::Seconds(20)), absl::InfiniteDuration());
    for (int round = 0; round < 3; ++round) {
      const absl::Time start = absl::Now();
      EXPECT_EQ(process_.End(signal), want_exit_code);
      EXPECT_LT(absl::Now() - start, absl::Seconds(10));
      process_.Start();
      EXPECT_NE(load.WaitForSuccesses(20, 20, absl::Seconds(20)), absl::InfiniteDuration()) << "did not come back";
      std::cout << "served again " << absl::Now() - start << " after its end began" << std::endl;
    }
    load.Stop();
    load.ExpectExactlyIn(database_);
  }

  test_support::TestDatabase database_;
  const int port_ = FreePort();
  RecordsProcess process_{database_, port_};
};

TEST_F(ProcessFaultTest, LosesNothingWhenItIsKilled) { Disturb(SIGKILL, -1); }

TEST_F(ProcessFaultTest, LosesNothingWhenItIsEndedInOrder) { Disturb(SIGTERM, 0); }

}  // namespace
}  // namespace bonnie::records
