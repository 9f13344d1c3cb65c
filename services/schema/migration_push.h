#ifndef BONNIE_SERVICES_SCHEMA_MIGRATION_PUSH_H_
#define BONNIE_SERVICES_SCHEMA_MIGRATION_PUSH_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace bonnie::schema {

// Adding revisions to a migrations folder: all of them or none, whoever else adds at the moment, wherever it is cut
// off.
//
// The new files and the new bonnie.sum are written into a folder of their own, whose renaming to `.push` is the moment
// from which they are there; moving them to their places is only finished after that, by whoever comes next if need be.

// Where a push stands that is there, and not yet in its places.
inline constexpr char kPushFolder[] = ".push";

// The right to write a migrations folder, among all processes that ask for it, until destruction.
class FolderLock {
 public:
  // Blocks, at most 5 s. kUnavailable FOLDER_BUSY: somebody else has it all the time. kFailedPrecondition
  // REVISION_FILE_INVALID: `path` cannot be opened.
  static absl::StatusOr<FolderLock> Take(const std::string& path);
  FolderLock(FolderLock&& other) noexcept : path_(other.path_), file_(std::exchange(other.file_, -1)) {}
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock();

  const std::string& path() const { return path_; }

 private:
  FolderLock(std::string path, int file) : path_(std::move(path)), file_(file) {}

  const std::string path_;
  int file_;
};

// Puts into its places what a push left that was cut off; does nothing when there is none. Blocks for the files.
// kFailedPrecondition FOLDER_NOT_WRITABLE: which file, and why.
absl::Status FinishPush(const FolderLock& lock);

// A revision on its way to a folder.
struct PushedFile {
  std::string file_name;  // within versions/
  std::string text;
  std::string hash;  // as it is where it comes from
};

// A revision that a push adds.
struct AddedRevision {
  std::string id;
  std::string hash;
};

struct PushResult {
  std::vector<std::string> added;    // ids, parents first
  std::vector<std::string> present;  // ids that were there already
  std::string folder_hash;           // of the folder afterwards
};

// Adds `files` to the folder `path`. Blocks for the files and for others who push.
// kInvalidArgument: REVISION_FILE_INVALID (a file's name, or a file that is no revision), HASH_MISMATCH (a file is not
// the one that was hashed). kFailedPrecondition: REVISION_EDITED (the folder has that revision with other content),
// REVISION_MISSING (a parent is in neither), FOLDER_NOT_WRITABLE, and what MigrationFolder::Read says of the folder.
// kUnavailable FOLDER_BUSY. `observer` is told after every step that changes a file; tests end the process there.
// `record` is asked before the first of them, with what will be added, parents first; its error ends the push.
absl::StatusOr<PushResult> PushFiles(const std::string& path, const std::vector<PushedFile>& files,
                                     const std::function<void()>& observer = {},
                                     const std::function<absl::Status(const std::vector<AddedRevision>&)>& record = {});

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_MIGRATION_PUSH_H_
