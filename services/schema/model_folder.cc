#include "services/schema/model_folder.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "services/server/error.h"

namespace bonnie::schema {

namespace {

namespace fs = std::filesystem;

absl::Status Unreadable(absl::string_view file_name, absl::string_view line_and_message) {
  return server::Error(absl::StatusCode::kFailedPrecondition, absl::StrCat("model/", file_name, ":", line_and_message),
                       {.reason = "MODEL_FILE_INVALID", .metadata = {{"file", std::string(file_name)}}});
}

}  // namespace

absl::StatusOr<std::vector<std::pair<std::string, std::string>>> ReadModelTexts(const std::string& folder) {
  std::vector<std::pair<std::string, std::string>> files;
  std::error_code error;
  fs::directory_iterator entries(folder, error);
  if (error == std::errc::no_such_file_or_directory) return files;
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    const std::string name = entries->path().filename().string();
    if (name[0] == '.' || entries->path().extension() != ".sql") continue;
    errno = 0;
    std::ifstream in(entries->path(), std::ios::binary);
    std::ostringstream text;
    if (in) text << in.rdbuf();
    if (!in || in.bad()) {
      return Unreadable(name, absl::StrCat("1: cannot be read: ", std::strerror(errno)));
    }
    files.emplace_back(name, text.str());
  }
  if (error) return Unreadable("", absl::StrCat("1: ", folder, ": ", error.message()));
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace bonnie::schema
