#ifndef BONNIE_SERVICES_SCHEMA_MIGRATION_DIR_H_
#define BONNIE_SERVICES_SCHEMA_MIGRATION_DIR_H_

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/types/optional.h"
#include "services/data_access/error_table.h"
#include "services/schema/revision_graph.h"

namespace bonnie::schema {

// The file in a migrations folder that holds the hash of every revision.
inline constexpr char kSumFile[] = "bonnie.sum";

// One statement of a revision's section.
struct RevisionStatement {
  std::string sql;
  int ordinal = 0;               // within the section, from 1
  int line = 0;                  // within the file, from 1
  std::string keeps;             // of a `-- keeps: why` before it: what it drops is held elsewhere
  std::string only;              // of a `-- only: mysql` or `-- only: mariadb` before it; empty for both
  std::set<std::string> nolint;  // codes of `-- nolint: CODE why` before it, each of which is a rule's or data-loss
};

// Whether a server of `flavour` is given it. Pure.
bool RunsOn(const RevisionStatement& statement, data_access::Flavour flavour);

// A revision file.
struct Revision {
  RevisionLinks links;
  std::string message;
  std::string file_name;  // within versions/
  std::string text;
  std::string hash;  // "h1:" and base64 of SHA-256 over its parents' ids and hashes and the file
  std::vector<RevisionStatement> up;
  absl::optional<std::vector<RevisionStatement>> down;  // nullopt: the file has no way down
};

// Reads one revision file. Pure.
// kFailedPrecondition REVISION_FILE_INVALID, the message begins `file:line:`: no header, an unknown or repeated mark,
// text before the first mark, a bad id, a `nolint` of no rule, carriage returns, a byte order mark, bytes that are no
// UTF-8, an unending string.
absl::StatusOr<Revision> ParseRevision(absl::string_view file_name, absl::string_view text);

// A migrations folder as it was at one moment: versions/*.sql, checked against bonnie.sum. Immutable; thread-safe.
class MigrationFolder {
 public:
  // Reads `path`. Blocks for the files. A folder without versions/ has no revisions.
  // kFailedPrecondition, naming file and line: REVISION_FILE_INVALID (also: a file that bonnie.sum does not list),
  // REVISION_EDITED (a hash differs: both are named), REVISION_MISSING (bonnie.sum lists it, or another revises it).
  static absl::StatusOr<std::shared_ptr<const MigrationFolder>> Read(const std::string& path);
  // The same without looking at bonnie.sum: for whoever writes it.
  static absl::StatusOr<std::shared_ptr<const MigrationFolder>> ReadUnchecked(const std::string& path);
  // Of files that are at hand: name within versions/ -> text. Pure; errors as Read, but for bonnie.sum's.
  static absl::StatusOr<std::shared_ptr<const MigrationFolder>> Of(const std::map<std::string, std::string>& files);

  const RevisionGraph& graph() const { return graph_; }
  // The revision of that id, which must be there.
  const Revision& at(const std::string& id) const { return revisions_.at(id); }
  // The hash that `revision` has beside those of the folder: its parents must be there.
  std::string HashOf(const Revision& revision) const;
  // Hash of all: the first line of bonnie.sum.
  const std::string& hash() const { return hash_; }
  // What bonnie.sum must hold: the hash of all, then a line `<revision> <hash>` each.
  std::string Sum() const;

 private:
  MigrationFolder() = default;
  void ComputeHashes();
  absl::Status CheckSum(const std::string& path) const;

  std::map<std::string, Revision> revisions_;
  RevisionGraph graph_;
  std::string hash_;
};

// A migrations folder that is read again when it changes. Thread-safe.
class MigrationDir {
 public:
  explicit MigrationDir(std::string path) : path_(std::move(path)) {}

  // The folder as it is now. Looks at names, sizes and times of its files each time, and reads them when those changed,
  // after finishing a push that was cut off (migration_push.h). Errors as MigrationFolder::Read, and FolderLock::Take.
  absl::StatusOr<std::shared_ptr<const MigrationFolder>> Load() ABSL_LOCKS_EXCLUDED(mu_);
  const std::string& path() const { return path_; }

 private:
  const std::string path_;
  absl::Mutex mu_;
  std::string stamp_ ABSL_GUARDED_BY(mu_);
  std::shared_ptr<const MigrationFolder> folder_ ABSL_GUARDED_BY(mu_);  // null until read without an error
};

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_MIGRATION_DIR_H_
