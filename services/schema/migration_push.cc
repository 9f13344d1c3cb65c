#include "services/schema/migration_push.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "services/data_access/status_macros.h"
#include "services/schema/migration_dir.h"
#include "services/schema/sql_gate/sql_gate.h"
#include "services/server/error.h"

namespace bonnie::schema {

namespace {

namespace fs = std::filesystem;

constexpr char kNewFolder[] = ".push.new";  // a push that is not there yet
constexpr absl::Duration kPatience = absl::Seconds(5);
constexpr absl::Duration kPause = absl::Milliseconds(10);
constexpr size_t kMaxNameLength = 128;

absl::Status NotWritable(const fs::path& path, absl::string_view why) {
  return server::Error(absl::StatusCode::kFailedPrecondition, "FOLDER_NOT_WRITABLE",
                       absl::StrCat(path.string(), ": ", why));
}

// Makes what was written to a file or folder outlive a power cut.
absl::Status Sync(const fs::path& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return NotWritable(path, std::strerror(errno));
  const int failed = fsync(file) == 0 ? 0 : errno;
  close(file);
  return failed == 0 ? absl::OkStatus() : NotWritable(path, std::strerror(failed));
}

absl::Status WriteFile(const fs::path& path, absl::string_view text) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) return NotWritable(path, std::strerror(errno));
  int failed = 0;
  while (!text.empty() && failed == 0) {
    const ssize_t written = write(file, text.data(), text.size());
    if (written > 0) {
      text.remove_prefix(static_cast<size_t>(written));
    } else if (written < 0 && errno != EINTR) {
      failed = errno;
    }
  }
  if (failed == 0 && fsync(file) != 0) failed = errno;
  if (close(file) != 0 && failed == 0) failed = errno;
  return failed == 0 ? absl::OkStatus() : NotWritable(path, std::strerror(failed));
}

absl::Status Rename(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::rename(from, to, error);
  return error ? NotWritable(to, error.message()) : absl::OkStatus();
}

bool IsFileName(absl::string_view name) {
  const auto allowed = [](char c) { return absl::ascii_isalnum(c) || c == '_' || c == '-' || c == '.'; };
  return name.size() <= kMaxNameLength && absl::EndsWith(name, ".sql") && name[0] != '.' && name[0] != '-' &&
         std::all_of(name.begin(), name.end(), allowed);
}

// Moves what stands in .push to its places. Done again from any point, it leads to the same.
absl::Status MoveToPlaces(const fs::path& path, const std::function<void()>& observer) {
  const fs::path push = path / kPushFolder;
  std::error_code error;
  fs::create_directory(path / "versions", error);
  if (error) return NotWritable(path / "versions", error.message());
  std::vector<fs::path> files;
  for (fs::directory_iterator it(push, error), end; !error && it != end; it.increment(error)) {
    if (it->path().filename() != kSumFile) files.push_back(it->path());
  }
  if (error) return NotWritable(push, error.message());
  for (const fs::path& file : files) {
    BONNIE_RETURN_IF_ERROR(Rename(file, path / "versions" / file.filename()));
    if (observer) observer();
  }
  BONNIE_RETURN_IF_ERROR(Sync(path / "versions"));
  if (fs::exists(push / kSumFile, error)) BONNIE_RETURN_IF_ERROR(Rename(push / kSumFile, path / kSumFile));
  if (observer) observer();
  fs::remove(push, error);
  if (error) return NotWritable(push, error.message());
  if (observer) observer();
  return Sync(path);
}

absl::Status Finish(const fs::path& path, const std::function<void()>& observer) {
  std::error_code error;
  return fs::exists(path / kPushFolder, error) ? MoveToPlaces(path, observer) : absl::OkStatus();
}

// What is to be written, once all was checked.
struct Push {
  std::map<std::string, std::string> files;  // name -> text
  std::string sum;
  std::vector<AddedRevision> added;
  PushResult result;
};

absl::Status CheckPresent(const Revision& here, const PushedFile& file) {
  if (here.text == file.text) return absl::OkStatus();
  return server::Error(absl::StatusCode::kFailedPrecondition, "REVISION_EDITED",
                       absl::StrCat("versions/", file.file_name, ": revision ", here.links.id, " is there as versions/",
                                    here.file_name, " with other content: its hash is ", here.hash, ", yours is ",
                                    file.hash, "; revisions are only added: put yours back, or give it another id"));
}

// A revision that no plan could hold would keep everybody from planning: it is refused before it is there.
absl::Status CheckGate(const Revision& revision) {
  std::vector<RevisionStatement> statements = revision.up;
  if (revision.down.has_value()) statements.insert(statements.end(), revision.down->begin(), revision.down->end());
  for (const RevisionStatement& statement : statements) {
    for (const data_access::Flavour flavour : {data_access::Flavour::kMySql, data_access::Flavour::kMariaDb}) {
      if (!RunsOn(statement, flavour)) continue;
      const absl::StatusOr<GatedSql> gated = GateSql(statement.sql, flavour);
      if (gated.ok()) continue;
      return server::Error(
          absl::StatusCode::kInvalidArgument, "REVISION_FILE_INVALID",
          absl::StrCat("versions/", revision.file_name, ":", statement.line, ": ", gated.status().message()),
          {{"file", revision.file_name}});
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Push> CheckPush(const MigrationFolder& folder, const std::vector<PushedFile>& files) {
  Push push;
  std::map<std::string, std::string> all;
  for (const std::string& id : folder.graph().order()) all[folder.at(id).file_name] = folder.at(id).text;
  std::map<std::string, std::string> hashes;  // of the files, by id
  for (const PushedFile& file : files) {
    if (!IsFileName(file.file_name)) {
      return server::Error(
          absl::StatusCode::kInvalidArgument, "REVISION_FILE_INVALID",
          "file_name: want at most 128 letters, digits, _, - and . that end in .sql and begin with neither . nor -");
    }
    absl::StatusOr<Revision> revision = ParseRevision(file.file_name, file.text);
    if (!revision.ok()) {
      return server::Error(absl::StatusCode::kInvalidArgument, "REVISION_FILE_INVALID", revision.status().message());
    }
    const std::string& id = revision->links.id;
    if (!hashes.emplace(id, file.hash).second) {
      return server::Error(absl::StatusCode::kInvalidArgument, "REVISION_FILE_INVALID",
                           absl::StrCat("versions/", file.file_name, ":1: revision ", id, " was sent twice"));
    }
    if (folder.graph().Contains(id)) {
      BONNIE_RETURN_IF_ERROR(CheckPresent(folder.at(id), file));
      push.result.present.push_back(id);
    } else if (!all.emplace(file.file_name, file.text).second) {
      return server::Error(
          absl::StatusCode::kFailedPrecondition, "REVISION_EDITED",
          absl::StrCat("versions/", file.file_name, " is there, and holds another revision than ", id));
    } else {
      push.files[file.file_name] = file.text;
    }
  }
  BONNIE_ASSIGN_OR_RETURN(auto whole, MigrationFolder::Of(all));
  for (const std::string& id : whole->graph().order()) {  // parents first: the first that differs is the one
    const auto sent = hashes.find(id);
    if (sent == hashes.end()) continue;
    const Revision& revision = whole->at(id);
    if (sent->second != revision.hash) {
      return server::Error(
          absl::StatusCode::kInvalidArgument, "HASH_MISMATCH",
          absl::StrCat("versions/", revision.file_name, ": its hash is ", revision.hash, ", ", sent->second,
                       " was sent with it: the file, or a revision before it, is another one"));
    }
    if (folder.graph().Contains(id)) continue;
    BONNIE_RETURN_IF_ERROR(CheckGate(revision));
    push.result.added.push_back(id);
    push.added.push_back({id, revision.hash});
  }
  push.sum = whole->Sum();
  push.result.folder_hash = whole->hash();
  return push;
}

absl::Status Write(const fs::path& path, const Push& push, const std::function<void()>& observer) {
  const fs::path staged = path / kNewFolder;
  std::error_code error;
  fs::remove_all(staged, error);  // of somebody who was cut off: the lock is ours
  fs::create_directory(staged, error);
  if (error) return NotWritable(staged, error.message());
  if (observer) observer();
  for (const auto& [name, text] : push.files) {
    BONNIE_RETURN_IF_ERROR(WriteFile(staged / name, text));
    if (observer) observer();
  }
  BONNIE_RETURN_IF_ERROR(WriteFile(staged / kSumFile, push.sum));
  BONNIE_RETURN_IF_ERROR(Sync(staged));
  BONNIE_RETURN_IF_ERROR(Rename(staged, path / kPushFolder));
  BONNIE_RETURN_IF_ERROR(Sync(path));
  if (observer) observer();
  return MoveToPlaces(path, observer);
}

}  // namespace

absl::StatusOr<FolderLock> FolderLock::Take(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) {
    return server::Error(absl::StatusCode::kFailedPrecondition, "REVISION_FILE_INVALID",
                         absl::StrCat("migrations folder ", path, ": ", std::strerror(errno)));
  }
  const absl::Time until = absl::Now() + kPatience;
  while (flock(file, LOCK_EX | LOCK_NB) != 0) {
    if (absl::Now() < until) {
      absl::SleepFor(kPause);
      continue;
    }
    close(file);
    return server::Error(absl::StatusCode::kUnavailable, "FOLDER_BUSY",
                         absl::StrCat("migrations folder ", path, " is being written by somebody else; try again"));
  }
  return FolderLock(path, file);
}

FolderLock::~FolderLock() {
  if (file_ >= 0) close(file_);
}

absl::Status FinishPush(const FolderLock& lock) { return Finish(lock.path(), {}); }

absl::StatusOr<PushResult> PushFiles(const std::string& path, const std::vector<PushedFile>& files,
                                     const std::function<void()>& observer,
                                     const std::function<absl::Status(const std::vector<AddedRevision>&)>& record) {
  BONNIE_ASSIGN_OR_RETURN(FolderLock lock, FolderLock::Take(path));
  BONNIE_RETURN_IF_ERROR(FinishPush(lock));
  BONNIE_ASSIGN_OR_RETURN(auto folder, MigrationFolder::Read(path));
  BONNIE_ASSIGN_OR_RETURN(Push push, CheckPush(*folder, files));
  if (push.files.empty()) return std::move(push.result);
  if (record) BONNIE_RETURN_IF_ERROR(record(push.added));
  BONNIE_RETURN_IF_ERROR(Write(path, push, observer));
  return std::move(push.result);
}

}  // namespace bonnie::schema
