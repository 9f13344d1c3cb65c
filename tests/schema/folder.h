#ifndef BONNIE_TESTS_SCHEMA_FOLDER_H_
#define BONNIE_TESTS_SCHEMA_FOLDER_H_

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "services/schema/migration_dir.h"

namespace bonnie::schema {

// A migrations folder of a test's own, removed at its end.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "bonnie-migrations-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
    std::filesystem::create_directory(path_ / "versions");
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string path() const { return path_.string(); }
  void Write(const std::string& file, absl::string_view text) const {
    std::ofstream out(path_ / file, std::ios::binary);
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
    ASSERT_TRUE(out.good()) << file;
  }
  void Remove(const std::string& file) const { std::filesystem::remove(path_ / file); }
  // versions/<id>.sql with these sections.
  void AddRevision(const std::string& id, const std::string& revises, absl::string_view up,
                   absl::string_view down) const {
    Write(absl::StrCat("versions/", id, ".sql"),
          absl::StrCat("-- revision: ", id, "\n-- revises: ", revises, "\n-- message: test\n-- migrate:up\n", up,
                       "\n-- migrate:down\n", down, "\n"));
  }
  // Makes bonnie.sum say what is there.
  void Seal() const {
    const auto folder = MigrationFolder::ReadUnchecked(path());
    ASSERT_TRUE(folder.ok()) << folder.status();
    Write("bonnie.sum", (*folder)->Sum());
  }

 private:
  std::filesystem::path path_;
};

}  // namespace bonnie::schema

#endif  // BONNIE_TESTS_SCHEMA_FOLDER_H_
