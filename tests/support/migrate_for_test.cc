#include "tests/support/migrate_for_test.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace bonnie::test_support {
namespace {

std::string UpSection(const std::filesystem::path& file) {
  std::stringstream text;
  text << std::ifstream(file).rdbuf();
  const std::string all = text.str();
  const std::size_t up = all.find("-- migrate:up"), down = all.find("-- migrate:down");
  return all.substr(up, down - up);
}

}  // namespace

absl::Status MigrateForTest(const TestDatabase& database, absl::string_view to) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(BONNIE_SOURCE_DIR "/migrations/versions")) {
    if (entry.path().extension() == ".sql") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::string script, head;
  for (const std::filesystem::path& file : files) {
    script += UpSection(file);
    const std::string name = file.filename().string();
    head = name.substr(0, name.find('_'));
    if (head == std::string(to)) break;
  }
  absl::StrAppend(&script,
                  "DELETE FROM bonnie_ledger.bonnie_revisions; "
                  "INSERT INTO bonnie_ledger.bonnie_revisions (revision, hash) VALUES ('",
                  head, "', '');");
  if (absl::Status status = database.RootQuery(script).status(); !status.ok()) return status;
  if (head >= "0005") return database.GrantRecords();
  // Without a right on one of its tables an account may not enter a database (1044). The others come with 0005.
  return database.RootQuery("GRANT SELECT, INSERT, UPDATE, DELETE ON patients TO 'bonnie_records'@'%'").status();
}

}  // namespace bonnie::test_support
