#include "services/server/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "bonnie/config/v1/config.pb.h"
#include "tests/server/test_server.h"

namespace bonnie::server {
namespace {

using ::testing::HasSubstr;

constexpr Program kProgram{"bonnie-test", "test.bonnie", "1.2.3"};

// Runs ProgramMain in a process of its own, which must not have used gRPC before: tests here start no other server.
class Process {
 public:
  explicit Process(std::vector<std::string> arguments,
                   std::function<absl::Status(const config::v1::RecordsConfig&)> run = {}) {
    const std::string output = TestFolder() + "/output";  // made here: it is the parent's
    pid_ = fork();
    if (pid_ != 0) return;
    if (std::freopen(output.c_str(), "w", stdout) == nullptr || std::freopen(output.c_str(), "a", stderr) == nullptr)
      _exit(99);
    std::vector<char*> argv = {const_cast<char*>("bonnie-test")};
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    const int code = ProgramMain(static_cast<int>(argv.size()) - 1, argv.data(), kProgram, run);
    std::fflush(nullptr);
    _exit(code);
  }
  // The exit code; -1 when a signal ended it.
  int Wait() {
    int status = 0;
    waitpid(pid_, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  void Signal(int signal) { kill(pid_, signal); }
  static std::string Output() { return ReadText(TestFolder() + "/output"); }

 private:
  pid_t pid_;
};

std::string WriteConfig(const std::string& more = "") {
  const std::string folder = TestFolder() + "/program";
  TestConfig(folder);
  WriteText(folder + "/p", "password\n");
  WriteText(folder + "/k", std::string(64, 'a'));
  WriteText(folder + "/c.textproto", absl::StrCat(R"(site: "azure"
server { address: "127.0.0.1:0" policy_file: "policy.textproto" log { file: "server.log" } )",
                                                  more,
                                                  R"(
  tls { cert_file: "server.pem" key_file: "server.key" client_ca_file: "ca.pem" } }
database { unix_socket: "s" schema: "bonnie" credentials { user: "u" password_file: "p" } }
page_token_keys { key_file: "k" }
)"));
  return folder + "/c.textproto";
}

absl::Status Serve(const config::v1::RecordsConfig& config) {
  auto server = Server::Create(kProgram, config.site(), config.server());
  return server.ok() ? (*server)->Run() : server.status();
}

bool Listens() { return ReadText(TestFolder() + "/program/server.log").find("\"listening\"") != std::string::npos; }

TEST(ProgramTest, PrintsItsVersion) {
  EXPECT_EQ(Process({"--version"}).Wait(), 0);
  EXPECT_EQ(Process::Output(), "bonnie-test 1.2.3\n");
}

TEST(ProgramTest, SaysHowItIsUsed) {
  EXPECT_EQ(Process({"--help"}).Wait(), 0);
  EXPECT_THAT(Process::Output(), HasSubstr("--check_config"));
  EXPECT_EQ(Process({"--frobnicate"}).Wait(), 2);
  EXPECT_EQ(Process({}).Wait(), 2);
  EXPECT_EQ(Process::Output(), "bonnie-test: --config FILE is missing\n");
}

TEST(ProgramTest, ChecksTheConfigurationAndItsFiles) {
  const std::string file = WriteConfig();
  EXPECT_EQ(Process({"--config", file, "--check_config"}).Wait(), 0);
  EXPECT_EQ(Process::Output(), file + ": good\n");
  WriteConfig("frobnicate: true");
  EXPECT_EQ(Process({"--config", file, "--check_config"}).Wait(), 78);
  EXPECT_THAT(Process::Output(), HasSubstr(absl::StrCat("bonnie-test: ", file, ":2:")));
  EXPECT_THAT(Process::Output(), HasSubstr("no field named \"frobnicate\""));
  WriteConfig();
  WriteText(TestFolder() + "/program/server.key", ReadText(Pki("client.key")));
  EXPECT_EQ(Process({"--config", file, "--check_config"}).Wait(), 78);
  EXPECT_THAT(Process::Output(), HasSubstr("server.key: is not the key of"));
}

TEST(ProgramTest, CheckConfigRefusesAHiddenFieldThatHidesNothing) {
  const std::string file = WriteConfig();
  const std::string policy = TestFolder() + "/program/policy.textproto";
  WriteText(policy, R"(roles {
  name: "clerk"
  methods: "bonnie.records.v1.MedicalRecordService/GetMedicalRecord"
  hidden_fields: "medical_record.treatment"
  hidden_fields: "medical_record.diagnosys"
})");
  EXPECT_EQ(Process({"--config", file, "--check_config"}).Wait(), 78);
  EXPECT_THAT(Process::Output(), HasSubstr(absl::StrCat(policy,
                                                        ":5:3: roles[0].hidden_fields: medical_record.diagnosys, "
                                                        "but medical_record has no such field")));
}

TEST(ProgramTest, NamesEachFileThatItCannotReadOrThatOthersMayWrite) {
  const std::string file = WriteConfig(), folder = TestFolder() + "/program/";
  std::filesystem::remove(folder + "p");
  std::filesystem::permissions(folder + "k", std::filesystem::perms(0640));
  std::filesystem::permissions(folder + "server.key", std::filesystem::perms(0604));
  std::filesystem::permissions(folder + "policy.textproto", std::filesystem::perms(0620));
  std::filesystem::permissions(folder + "ca.pem", std::filesystem::perms(0602));
  std::filesystem::permissions(file, std::filesystem::perms(0666));
  for (const bool check : {true, false}) {
    std::vector<std::string> arguments = {"--config", file};
    if (check) arguments.push_back("--check_config");
    EXPECT_EQ(Process(arguments).Wait(), 78);
    const std::string output = Process::Output();
    for (const std::string& line : {
             absl::StrCat(file, ":4:70: database.credentials.password_file: ", folder,
                          "p: No such file or directory\n"),
             absl::StrCat(file, ":5:19: page_token_keys.key_file: ", folder,
                          "k: group or others may read or write it; to mend: chmod go-rwx ", folder, "k\n"),
             absl::StrCat(file, ":3:33: server.tls.key_file: ", folder,
                          "server.key: group or others may read or write it; to mend: chmod go-rwx ", folder,
                          "server.key\n"),
             absl::StrCat(file, ":2:33: server.policy_file: ", folder,
                          "policy.textproto: group or others may write it; to mend: chmod go-w ", folder,
                          "policy.textproto\n"),
             absl::StrCat(file, ":3:56: server.tls.client_ca_file: ", folder,
                          "ca.pem: group or others may write it; to mend: chmod go-w ", folder, "ca.pem\n"),
             absl::StrCat(file, ":1:1: ", file, ": group or others may write it; to mend: chmod go-w ", file, "\n"),
         }) {
      EXPECT_THAT(output, HasSubstr(line));
    }
  }
}

TEST(ProgramTest, DoesNotStartWithTracesOn) {
  setenv("GRPC_TRACE", "http", 1);
  EXPECT_EQ(Process({"--config", WriteConfig()}).Wait(), 2);
  EXPECT_THAT(Process::Output(), HasSubstr("GRPC_TRACE is set"));
  unsetenv("GRPC_TRACE");
}

TEST(ProgramTest, TellsWhyItFailed) {
  EXPECT_EQ(Process({"--config", WriteConfig()}, [](const auto&) { return absl::UnavailableError("no luck"); }).Wait(),
            1);
  EXPECT_EQ(Process::Output(), "bonnie-test: no luck\n");
}

TEST(ProgramTest, LeavesNoCoreFile) {
  EXPECT_EQ(Process({"--config", WriteConfig()},
                    [](const auto&) {
                      return prctl(PR_GET_DUMPABLE) == 0 ? absl::OkStatus() : absl::InternalError("dumpable");
                    })
                .Wait(),
            0);
}

TEST(ProgramTest, EndsInOrderAtSigterm) {
  const std::string file = WriteConfig("drain_delay {}");
  Process process({"--config", file}, Serve);
  ASSERT_TRUE(Eventually(Listens));
  process.Signal(SIGTERM);
  EXPECT_EQ(process.Wait(), 0);
  EXPECT_THAT(ReadText(TestFolder() + "/program/server.log"), HasSubstr("\"event\":\"stopped\""));
}

TEST(ProgramTest, EndsAtOnceAtASecondSignal) {
  const std::string log = TestFolder() + "/program/server.log";
  const std::string file = WriteConfig("drain_delay { seconds: 60 }");
  WriteText(log, "");
  Process process({"--config", file}, Serve);
  ASSERT_TRUE(Eventually(Listens));
  process.Signal(SIGTERM);
  ASSERT_TRUE(Eventually([&] { return ReadText(log).find("\"draining\"") != std::string::npos; }));
  process.Signal(SIGINT);
  const absl::Time start = absl::Now();
  EXPECT_EQ(process.Wait(), 1);
  EXPECT_LT(absl::Now() - start, absl::Seconds(5));
  EXPECT_THAT(ReadText(log), HasSubstr("a second signal"));
}

}  // namespace
}  // namespace bonnie::server
