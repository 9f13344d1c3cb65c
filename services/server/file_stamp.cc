#include "services/server/file_stamp.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"

namespace bonnie::server {
namespace {

constexpr std::size_t kMaxBytes = 16 << 20;

// Why `mode` gives others too much, and the command that mends it; empty when it does not.
std::string FaultOfMode(mode_t mode, FileAccess others) {
  switch (others) {
    case FileAccess::kAnything:
      return "";
    case FileAccess::kRead:
      return (mode & (S_IWGRP | S_IWOTH)) == 0 ? "" : "group or others may write it; to mend: chmod go-w";
    case FileAccess::kNothing:
      return (mode & (S_IRWXG | S_IRWXO)) == 0 ? "" : "group or others may read or write it; to mend: chmod go-rwx";
  }
  return "";
}

}  // namespace

FileStamp::FileStamp(std::vector<std::string> files) : files_(std::move(files)), seen_(Look()) {}

bool FileStamp::Changed() {
  std::string now = Look();
  if (now == seen_) return false;
  seen_ = std::move(now);
  return true;
}

std::string FileStamp::Look() const {
  std::string look;
  for (const std::string& file : files_) {
    struct stat seen {};
    if (stat(file.c_str(), &seen) != 0) {
      absl::StrAppend(&look, "missing;");
      continue;
    }
    absl::StrAppend(&look, seen.st_dev, ".", seen.st_ino, ".", seen.st_size, ".", seen.st_mtim.tv_sec, ".",
                    seen.st_mtim.tv_nsec, ".", seen.st_ctim.tv_sec, ".", seen.st_ctim.tv_nsec, ";");
  }
  return look;
}

absl::StatusOr<std::string> ReadFile(const std::string& file, FileAccess others) {
  const auto refuse = [&file](absl::string_view reason) {
    return absl::FailedPreconditionError(absl::StrCat(file, ": ", reason));
  };
  const int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return refuse(std::strerror(errno));
  const absl::Cleanup close_file = [fd] { close(fd); };
  struct stat seen {};
  if (fstat(fd, &seen) != 0) return refuse(std::strerror(errno));
  if (S_ISDIR(seen.st_mode)) return refuse("is a folder, want a file");
  if (const std::string fault = FaultOfMode(seen.st_mode, others); !fault.empty()) {
    return refuse(absl::StrCat(fault, " ", file));
  }
  std::string content;
  char buffer[65536];
  ssize_t got = 0;
  while ((got = read(fd, buffer, sizeof buffer)) > 0) {
    content.append(buffer, static_cast<std::size_t>(got));
    if (content.size() > kMaxBytes) return refuse("larger than 16 MiB");
  }
  if (got < 0) return refuse(std::strerror(errno));
  return content;
}

}  // namespace bonnie::server
