#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "services/data_access/driver.h"

namespace bonnie::data_access {
namespace {

absl::StatusOr<std::string> ReadFirstLine(const std::string& file) {
  const auto refuse = [&file](absl::string_view reason) {
    return absl::FailedPreconditionError(absl::StrCat("password file ", file, ": ", reason));
  };
  const int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return refuse(std::strerror(errno));
  const absl::Cleanup close_file = [fd] { close(fd); };
  struct stat facts {};
  if (fstat(fd, &facts) != 0 || !S_ISREG(facts.st_mode)) return refuse("not a file");
  if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return refuse(absl::StrCat("group or others may read or write it; to mend: chmod go-rwx ", file));
  // Cloud access tokens are passwords of about 3,000 bytes.
  char buffer[16384];
  const ssize_t size = read(fd, buffer, sizeof buffer);
  if (size < 0) return refuse(std::strerror(errno));
  std::string line(buffer, static_cast<size_t>(size));
  line.resize(std::min(line.size(), line.find_first_of("\r\n")));
  if (line.empty()) return refuse("empty, want the password on its first line");
  return line;
}

}  // namespace

CredentialSource PasswordFile(std::string user, std::string password_file) {
  return [user = std::move(user), file = std::move(password_file)]() -> absl::StatusOr<Credentials> {
    absl::StatusOr<std::string> password = ReadFirstLine(file);
    if (!password.ok()) return password.status();
    return Credentials{user, *std::move(password)};
  };
}

}  // namespace bonnie::data_access
