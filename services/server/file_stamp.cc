#include "services/server/file_stamp.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"

namespace bonnie::server {
namespace {

constexpr std::int64_t kMaxBytes = 16 << 20;

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

absl::StatusOr<std::string> ReadFile(const std::string& file) {
  struct stat seen {};
  if (stat(file.c_str(), &seen) != 0) {
    return absl::FailedPreconditionError(absl::StrCat(file, ": ", std::strerror(errno)));
  }
  if (S_ISDIR(seen.st_mode)) return absl::FailedPreconditionError(absl::StrCat(file, ": is a folder, want a file"));
  if (seen.st_size > kMaxBytes) return absl::FailedPreconditionError(absl::StrCat(file, ": larger than 16 MiB"));
  std::ifstream in(file, std::ios::binary);
  std::ostringstream content;
  if (seen.st_size > 0) content << in.rdbuf();
  if (!in || !content) return absl::FailedPreconditionError(absl::StrCat(file, ": ", std::strerror(errno)));
  return content.str();
}

}  // namespace bonnie::server
