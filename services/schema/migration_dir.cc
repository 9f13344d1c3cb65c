#include "services/schema/migration_dir.h"

#include <openssl/sha.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/data_access/status_macros.h"
#include "services/schema/migration_push.h"
#include "services/server/error.h"

namespace bonnie::schema {

namespace {

namespace fs = std::filesystem;

absl::Status Fail(absl::string_view reason, absl::string_view message) {
  return server::Error(absl::StatusCode::kFailedPrecondition, message, {.reason = std::string(reason)});
}

std::string Hash(absl::string_view bytes) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
  return absl::StrCat("h1:", absl::Base64Escape(absl::string_view(reinterpret_cast<char*>(digest), sizeof(digest))));
}

// nullopt when there is no such file.
absl::StatusOr<absl::optional<std::string>> ReadFile(const fs::path& path) {
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    if (errno == ENOENT) return absl::optional<std::string>();
    return Fail("REVISION_FILE_INVALID", absl::StrCat(path.string(), ": ", std::strerror(errno)));
  }
  std::ostringstream text;
  text << in.rdbuf();
  if (in.bad()) return Fail("REVISION_FILE_INVALID", absl::StrCat(path.string(), ": cannot be read"));
  return absl::optional<std::string>(text.str());
}

// Names of versions/*.sql, sorted; editors' and hidden files left out.
absl::StatusOr<std::vector<std::string>> VersionFiles(const std::string& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) {
    return Fail("REVISION_FILE_INVALID", absl::StrCat("migrations folder ", path, " is not there"));
  }
  std::vector<std::string> names;
  fs::directory_iterator files(fs::path(path) / "versions", error);
  if (error == std::errc::no_such_file_or_directory) return names;
  for (; !error && files != fs::directory_iterator(); files.increment(error)) {
    const std::string name = files->path().filename().string();
    if (name[0] != '.' && files->path().extension() == ".sql") names.push_back(name);
  }
  if (error) return Fail("REVISION_FILE_INVALID", absl::StrCat(path, "/versions: ", error.message()));
  std::sort(names.begin(), names.end());
  return names;
}

std::string Stamp(const std::string& path, const std::vector<std::string>& names) {
  std::string stamp;
  std::vector<std::string> files = {kSumFile, kPushFolder};
  for (const std::string& name : names) files.push_back(absl::StrCat("versions/", name));
  for (const std::string& file : files) {
    struct stat info {};
    if (stat(absl::StrCat(path, "/", file).c_str(), &info) != 0) info = {};
    absl::StrAppend(&stamp, file, " ", info.st_size, " ", info.st_ino, " ", info.st_mtim.tv_sec, ".",
                    info.st_mtim.tv_nsec, " ", info.st_ctim.tv_sec, ".", info.st_ctim.tv_nsec, "\n");
  }
  return stamp;
}

}  // namespace

bool RunsOn(const RevisionStatement& statement, data_access::Flavour flavour) {
  return statement.only.empty() || (statement.only == "mysql") == (flavour == data_access::Flavour::kMySql);
}

absl::StatusOr<std::shared_ptr<const MigrationFolder>> MigrationFolder::ReadUnchecked(const std::string& path) {
  BONNIE_ASSIGN_OR_RETURN(std::vector<std::string> names, VersionFiles(path));
  std::map<std::string, std::string> files;
  for (const std::string& name : names) {
    BONNIE_ASSIGN_OR_RETURN(absl::optional<std::string> text, ReadFile(fs::path(path) / "versions" / name));
    if (text.has_value()) files[name] = *std::move(text);  // else removed since it was listed; bonnie.sum will tell
  }
  return Of(files);
}

absl::StatusOr<std::shared_ptr<const MigrationFolder>> MigrationFolder::Of(
    const std::map<std::string, std::string>& files) {
  auto folder = std::shared_ptr<MigrationFolder>(new MigrationFolder);
  std::vector<RevisionLinks> links;
  for (const auto& [name, text] : files) {
    BONNIE_ASSIGN_OR_RETURN(Revision revision, ParseRevision(name, text));
    const std::string id = revision.links.id;
    links.push_back(revision.links);
    const auto [other, added] = folder->revisions_.emplace(id, std::move(revision));
    if (!added) {
      return Fail("REVISION_FILE_INVALID", absl::StrCat("versions/", name, ":1: revision ", id,
                                                        " is already in versions/", other->second.file_name));
    }
  }
  BONNIE_ASSIGN_OR_RETURN(folder->graph_, RevisionGraph::Make(links));
  folder->ComputeHashes();
  return folder;
}

absl::StatusOr<std::shared_ptr<const MigrationFolder>> MigrationFolder::Read(const std::string& path) {
  auto folder = ReadUnchecked(path);
  if (!folder.ok()) return folder;
  BONNIE_RETURN_IF_ERROR((*folder)->CheckSum(path));
  return folder;
}

// Over the parents' hashes too, so that an edit shows in what follows, and over nothing else, so that a branch merged
// from git changes nobody else's.
std::string MigrationFolder::HashOf(const Revision& revision) const {
  std::vector<std::string> parents = revision.links.revises;
  std::sort(parents.begin(), parents.end());
  std::string hashed;
  for (const std::string& parent : parents) absl::StrAppend(&hashed, parent, " ", revisions_.at(parent).hash, "\n");
  return Hash(absl::StrCat(hashed, revision.text));
}

void MigrationFolder::ComputeHashes() {
  for (const std::string& id : graph_.order()) {
    Revision& revision = revisions_.at(id);
    revision.hash = HashOf(revision);
  }
  std::string lines;
  for (const auto& [id, revision] : revisions_) absl::StrAppend(&lines, id, " ", revision.hash, "\n");
  hash_ = Hash(lines);
}

std::string MigrationFolder::Sum() const {
  std::string sum = absl::StrCat(hash_, "\n");
  for (const auto& [id, revision] : revisions_) absl::StrAppend(&sum, id, " ", revision.hash, "\n");
  return sum;
}

absl::Status MigrationFolder::CheckSum(const std::string& path) const {
  BONNIE_ASSIGN_OR_RETURN(absl::optional<std::string> sum, ReadFile(fs::path(path) / kSumFile));
  constexpr char kMend[] = "; when that is meant, run 'bonnie schema hash'";
  if (!sum.has_value()) {
    if (revisions_.empty()) return absl::OkStatus();
    return Fail("REVISION_FILE_INVALID", absl::StrCat("bonnie.sum:1: is missing", kMend));
  }
  struct Listed {
    std::string hash;
    int line = 0;
  };
  std::map<std::string, Listed> listed;
  int line_number = 0;
  for (absl::string_view line : absl::StrSplit(*sum, '\n')) {
    if (++line_number == 1 || line.empty()) continue;
    const std::vector<std::string> words = absl::StrSplit(line, ' ');
    if (words.size() != 2 || !listed.emplace(words[0], Listed{words[1], line_number}).second) {
      return Fail("REVISION_FILE_INVALID", absl::StrCat("bonnie.sum:", line_number,
                                                        ": want '<revision> h1:<base64>', each revision once", kMend));
    }
  }
  for (const auto& [id, at_line] : listed) {
    if (revisions_.count(id) == 0) {
      return Fail("REVISION_MISSING", absl::StrCat("bonnie.sum:", at_line.line, ": revision ", id,
                                                   " is listed, but has no file in versions/", kMend));
    }
  }
  for (const std::string& id : graph_.order()) {  // parents first: the first that differs is the one that was edited
    const Revision& revision = at(id);
    const auto found = listed.find(id);
    if (found == listed.end()) {
      return Fail("REVISION_FILE_INVALID",
                  absl::StrCat("versions/", revision.file_name, ":1: not listed in bonnie.sum", kMend));
    }
    if (found->second.hash != revision.hash) {
      return Fail("REVISION_EDITED",
                  absl::StrCat("bonnie.sum:", found->second.line, ": versions/", revision.file_name,
                               " was edited: its hash is ", revision.hash, ", listed is ", found->second.hash, kMend));
    }
  }
  if (*sum != Sum()) {
    return Fail("REVISION_FILE_INVALID", absl::StrCat("bonnie.sum:1: its lines are not what the hashes give", kMend));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const MigrationFolder>> MigrationDir::Load() {
  BONNIE_ASSIGN_OR_RETURN(std::vector<std::string> names, VersionFiles(path_));
  std::string stamp = Stamp(path_, names);
  {
    absl::MutexLock lock(&mu_);
    if (folder_ != nullptr && stamp == stamp_) return folder_;
  }
  BONNIE_ASSIGN_OR_RETURN(FolderLock lock, FolderLock::Take(path_));
  BONNIE_RETURN_IF_ERROR(FinishPush(lock));
  auto folder = MigrationFolder::Read(path_);  // errors are not kept: the next look reads again
  if (!folder.ok()) return folder;
  absl::MutexLock guard(&mu_);
  stamp_ = std::move(stamp);
  folder_ = *folder;
  return folder;
}

}  // namespace bonnie::schema
