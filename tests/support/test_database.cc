#include "tests/support/test_database.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

extern char** environ;

namespace bonnie::test_support {
namespace {

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// Runs `args`, with `input` as standard input, and returns its standard output. The streams are files in `dir` and not
// pipes: a server that the command leaves behind would keep a pipe open. Several may run at once.
absl::StatusOr<std::string> Run(const std::string& dir, std::vector<std::string> args, absl::string_view input = "") {
  static std::atomic<int> commands = 0;
  const std::string stem = absl::StrCat(dir, "/command-", ++commands);
  const std::string in = stem + ".in", out = stem + ".out", err = stem + ".err";
  const auto remove = absl::MakeCleanup([&] {
    for (const std::string& file : {in, out, err}) std::remove(file.c_str());
  });
  std::ofstream(in, std::ios::trunc) << input;
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, in.c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, 1, out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_addopen(&files, 2, err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  std::vector<char*> argv;
  for (std::string& arg : args) argv.push_back(arg.data());
  argv.push_back(nullptr);
  pid_t pid = 0;
  const int spawned = posix_spawnp(&pid, argv[0], &files, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  if (spawned != 0) return absl::ErrnoToStatus(spawned, absl::StrCat("cannot run ", args[0]));
  int state = 0;
  while (waitpid(pid, &state, 0) < 0) {
    if (errno != EINTR) return absl::ErrnoToStatus(errno, "waitpid");
  }
  if (!WIFEXITED(state) || WEXITSTATUS(state) != 0) {
    return absl::InternalError(absl::StrCat(args[0], ": ", ReadFile(err)));
  }
  return ReadFile(out);
}

// Whether every thread of the process is stopped. In /proc/<pid>/task/<tid>/stat the state stands after the name, which
// ends at the last parenthesis.
bool IsStopped(const std::string& pid) {
  std::error_code gone;
  for (const auto& task : std::filesystem::directory_iterator("/proc/" + pid + "/task", gone)) {
    const std::string stat = ReadFile(task.path() / "stat");
    const std::size_t name_end = stat.rfind(')');
    if (name_end == std::string::npos || stat.compare(name_end, 3, ") T") != 0) return false;
  }
  return !gone;
}

std::string Script() { return BONNIE_SOURCE_DIR "/tests/support/test-database"; }

std::string MakeFolder() {
  const char* parent = std::getenv("TMPDIR");
  // Short: a socket's path is limited to 107 bytes.
  std::string path = absl::StrCat(parent != nullptr && *parent != '\0' ? parent : "/tmp", "/bonnie-db-XXXXXX");
  if (mkdtemp(path.data()) == nullptr) return "";
  return path;
}

}  // namespace

std::string TestEngine() {
  const char* engine = std::getenv("BONNIE_TEST_ENGINE");
  return engine != nullptr && *engine != '\0' ? engine : "mariadb";
}

TestDatabase::TestDatabase(TestDatabaseOptions options) : options_(std::move(options)), dir_(MakeFolder()) {
  absl::Status started = dir_.empty() ? absl::ErrnoToStatus(errno, "no temporary folder") : Start();
  if (!started.ok()) {
    std::cerr << "No test database: " << started.message() << std::endl;
    std::abort();
  }
}

TestDatabase::~TestDatabase() {
  if (absl::Status killed = Kill(); !killed.ok()) std::cerr << killed.message() << std::endl;
  std::error_code ignored;  // a leftover folder fails no test
  std::filesystem::remove_all(dir_, ignored);
}

std::string TestDatabase::pki_file(absl::string_view name) const { return absl::StrCat(dir_, "/pki/", name); }

std::string TestDatabase::password_file(absl::string_view user) const {
  return absl::StrCat(dir_, "/passwords/", user);
}

absl::Status TestDatabase::Start() {
  std::vector<std::string> args = {Script(),   "start",         "--dir",   dir_,
                                   "--engine", options_.engine, "--owner", absl::StrCat(getpid())};
  if (options_.tls) {
    args.insert(args.end(), {"--certificate", options_.certificate});
  } else {
    args.push_back("--no-tls");
  }
  if (port_ != 0) args.insert(args.end(), {"--port", absl::StrCat(port_)});
  for (const std::string& line : options_.server_lines) args.insert(args.end(), {"--option", line});
  if (absl::Status status = Run(dir_, std::move(args)).status(); !status.ok()) return status;
  if (!absl::SimpleAtoi(ReadFile(dir_ + "/port"), &port_)) return absl::InternalError("no port in " + dir_ + "/port");
  return absl::OkStatus();
}

absl::StatusOr<std::string> TestDatabase::RootQuery(absl::string_view sql) const {
  return Run(dir_,
             {"mariadb", absl::StrCat("--defaults-file=", dir_, "/root.cnf"), "--batch", "--skip-column-names", "--raw",
              "bonnie"},
             sql);
}

absl::Status TestDatabase::GrantRecords() const {
  return RootQuery(ReadFile(BONNIE_SOURCE_DIR "/deploy/mysql/records.sql")).status();
}

absl::Status TestDatabase::Empty(absl::string_view schema) const {
  const std::string ledger = absl::StrCat(schema, "_ledger.bonnie_");
  return RootQuery(absl::StrCat("DROP DATABASE IF EXISTS ", schema, "; CREATE DATABASE ", schema,
                                " CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci; DELETE FROM ", ledger,
                                "revisions; DELETE FROM ", ledger, "plans; DELETE FROM ", ledger,
                                "pushes; DELETE FROM ", ledger, "journal; UPDATE ", ledger,
                                "lease SET server = NULL, connection_id = NULL, identity = NULL, ",
                                "operation_id = NULL, renew_time = NULL"))
      .status();
}

absl::Status TestDatabase::MakeLedger(absl::string_view schema) const {
  return RootQuery(absl::StrCat("CREATE DATABASE IF NOT EXISTS ", schema,
                                "_ledger CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci; USE ", schema,
                                "_ledger; ", ReadFile(BONNIE_SOURCE_DIR "/deploy/mysql/ledger.sql")))
      .status();
}

absl::Status TestDatabase::Stop() { return Run(dir_, {Script(), "stop", "--dir", dir_}).status(); }

absl::Status TestDatabase::Kill() { return Run(dir_, {Script(), "kill", "--dir", dir_}).status(); }

absl::Status TestDatabase::Restart() {
  if (absl::Status stopped = Stop(); !stopped.ok()) return stopped;
  return Start();
}

absl::Status TestDatabase::Freeze() {
  if (absl::Status sent = Signal(SIGSTOP); !sent.ok()) return sent;
  const std::string pid(absl::StripAsciiWhitespace(ReadFile(dir_ + "/mysql.pid")));
  const absl::Time until = absl::Now() + absl::Seconds(10);
  while (!IsStopped(pid)) {
    if (absl::Now() > until) return absl::DeadlineExceededError("the server does not stop");
    absl::SleepFor(absl::Milliseconds(2));
  }
  return absl::OkStatus();
}

absl::Status TestDatabase::Thaw() { return Signal(SIGCONT); }

absl::Status TestDatabase::Signal(int signal) const {
  pid_t pid = 0;
  if (!absl::SimpleAtoi(ReadFile(dir_ + "/mysql.pid"), &pid) || pid <= 0) {
    return absl::InternalError("the server does not run");
  }
  if (kill(pid, signal) != 0) return absl::ErrnoToStatus(errno, "kill");
  return absl::OkStatus();
}

}  // namespace bonnie::test_support
