#ifndef BONNIE_SERVICES_SCHEMA_SCHEMA_SOURCES_H_
#define BONNIE_SERVICES_SCHEMA_SCHEMA_SOURCES_H_

#include <future>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "services/data_access/driver.h"
#include "services/data_access/session.h"
#include "services/schema/canonical.h"
#include "services/schema/create_revision.h"
#include "services/schema/lint.h"
#include "services/schema/migration_dir.h"

namespace bonnie::schema {

// A schema of the site: its database, what revisions make, or what a model declares.
struct LiveSource {};
struct RevisionSource {
  std::string word;  // a revision word, `heads` or `base`
};
struct ModelSource {
  std::vector<std::pair<std::string, std::string>> files;  // name and text; none for the folder's own model/
};
using Source = std::variant<LiveSource, RevisionSource, ModelSource>;

// How the database, the folder and the model stand to each other.
struct PendingChanges {
  std::vector<std::string> heads, current;  // of the folder; applied
  bool has_model = false;
  std::vector<Change> model_changes;  // model against heads
  std::vector<Change> drift;          // database against what is applied
  std::vector<std::string> unmanaged_tables;
  std::vector<std::string> pending_revisions;
  std::vector<Unsupported> unsupported;
  std::string unfinished_revision;
};

// What a comparison found.
struct Comparison {
  ProvenScript script;    // without statements when `unproven` says why
  absl::Status unproven;  // CHANGE_UNSUPPORTED or AMBIGUOUS_RENAME; OK otherwise
  std::vector<Unsupported> unsupported;
};

// Reads and compares the schemas of one site, on connections of its own: these take long, and the pool is for short
// calls.
//
// Thread-safe; what it is given outlives it. All block, at most until `deadline`. Errors of Canonical and Prove, of
// RevisionGraph and MigrationDir, of the connection.
class SchemaSources {
 public:
  // `live`: how the schema account connects. `lint`: what the configuration decides about rules.
  SchemaSources(data_access::Driver& driver, data_access::ConnectOptions live, MigrationDir& dir, Canonical& canonical,
                LintOptions lint = {})
      : driver_(driver), live_(std::move(live)), dir_(dir), canonical_(canonical), lint_(std::move(lint)) {}

  absl::StatusOr<std::shared_ptr<const Schema>> Read(const Source& source, absl::Time deadline);
  // `prove`: whether to find statements both ways.
  absl::StatusOr<Comparison> Compare(const Source& from, const Source& to, bool prove, absl::Time deadline);
  // What is called otherwise in `to` than in `from`: as the model says, or the revisions between the two.
  absl::StatusOr<RenameHints> HintsBetween(const Source& from, const Source& to, absl::Time deadline);
  // The revisions that make `source`, those that they need included: of the database, what the ledger says and the
  // folder has; of a model, none.
  absl::StatusOr<std::set<std::string>> RevisionsOf(const Source& source, absl::Time deadline);
  // `request`'s body is Autogenerate without files when `model` is to be read.
  absl::StatusOr<CreatedRevision> CreateRevision(NewRevision request, const absl::optional<ModelSource>& model,
                                                 absl::Time now, absl::Time deadline);
  absl::StatusOr<PendingChanges> FindPending(const ModelSource& model, absl::Time deadline);
  // The files of a model, parsed.
  absl::StatusOr<std::vector<ModelFile>> Files(const ModelSource& source) const;
  const LintOptions& lint() const { return lint_; }

  // What the database and the ways up to `heads` differ in (`drift`, `unmanaged_tables`, `unsupported`; the rest of the
  // answer is empty).
  absl::StatusOr<PendingChanges> FindDriftFrom(const MigrationFolder& folder, const std::vector<std::string>& heads,
                                               absl::Time deadline);
  // A session of the schema account, for a few questions.
  absl::StatusOr<std::unique_ptr<data_access::Session>> Connect(absl::Time deadline);

 private:
  using Live = std::shared_future<absl::StatusOr<std::shared_ptr<const Schema>>>;  // the database, read once

  absl::StatusOr<Schema> ReadLive(absl::Time deadline);
  // `now`: on a thread of its own, while this one goes on, and a call that fails meanwhile waits for its end; else when
  // it is asked for, if it is.
  Live BeginReadingLive(bool now, absl::Time deadline);
  absl::StatusOr<DdlSetting> ReadSetting(data_access::Session& session, Live live);
  absl::StatusOr<std::shared_ptr<const Schema>> ReadWith(const DdlSetting& setting, const Source& source,
                                                         absl::Time deadline);
  absl::Status FindDrift(const MigrationFolder& folder, const DdlSetting& setting, const std::vector<ModelFile>& model,
                         absl::Time deadline, PendingChanges* pending);

  data_access::Driver& driver_;
  const data_access::ConnectOptions live_;
  MigrationDir& dir_;
  Canonical& canonical_;
  const LintOptions lint_;
};

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_SCHEMA_SOURCES_H_
