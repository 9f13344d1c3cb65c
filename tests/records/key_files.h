#ifndef BONNIE_TESTS_RECORDS_KEY_FILES_H_
#define BONNIE_TESTS_RECORDS_KEY_FILES_H_

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/string_view.h"

namespace bonnie::records {

// A temporary folder for key files, removed with everything in it.
class KeyFolder {
 public:
  KeyFolder() {
    path_ = (std::filesystem::temp_directory_path() / "bonnie-keys-XXXXXX").string();
    if (mkdtemp(path_.data()) == nullptr) std::abort();
  }
  ~KeyFolder() { std::filesystem::remove_all(path_); }
  KeyFolder(const KeyFolder&) = delete;
  KeyFolder& operator=(const KeyFolder&) = delete;

  std::string Write(const std::string& name, const std::string& content, mode_t mode = 0600) const {
    const std::string file = path_ + "/" + name;
    std::ofstream(file) << content;
    chmod(file.c_str(), mode);
    return file;
  }
  const std::string& path() const { return path_; }
  // A key of 64 times the same digit.
  std::string WriteKey(const std::string& name, char digit) const { return Write(name, std::string(64, digit) + "\n"); }

 private:
  std::string path_;
};

}  // namespace bonnie::records

#endif  // BONNIE_TESTS_RECORDS_KEY_FILES_H_
