#ifndef BONNIE_SERVICES_SCHEMA_CANONICAL_H_
#define BONNIE_SERVICES_SCHEMA_CANONICAL_H_

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "services/data_access/driver.h"
#include "services/data_access/session.h"
#include "services/schema/known_tables.h"
#include "services/schema/migration_dir.h"
#include "services/schema/model.h"
#include "services/schema/model_files.h"
#include "services/schema/scratch.h"

namespace bonnie::schema {

// What of the live database and its server shapes what a statement makes.
struct DdlSetting {
  data_access::Flavour flavour = data_access::Flavour::kMySql;
  std::string charset, collation;  // the database's defaults
  bool names_have_case = true;     // lower_case_table_names is 0
  std::string variables;  // version and variables, one text: equal where the same statement makes the same table
  std::string server_version = {};  // of the live database's server; empty where scratch need not be of the same
  // Reads the live schema, in which tables are recognised instead of being made again; null for none. Blocks.
  std::function<absl::StatusOr<std::shared_ptr<const Schema>>()> live = nullptr;
  bool server_in_utc = false;     // the server's time zone is UTC
  bool takes_zero_dates = false;  // the database has such defaults already, whatever sql_mode says of new ones
};

// Asks a session in the live database. Blocks for a query.
absl::StatusOr<DdlSetting> ReadDdlSetting(data_access::Session& session);

// Asks the site's server, in scratch databases, what it makes of model files and of revisions.
//
// The server's own answer is the only text that can be compared with a live table without false differences. Asking
// costs a CREATE per table, so answers are kept by the content they are for, and a table whose statement is what the
// server says of a live one is taken from there (known_tables).
//
// Thread-safe; `driver` outlives it. All block, at most until `deadline`. Errors of ScratchDatabase.
class Canonical {
 public:
  using SchemaPtr = std::shared_ptr<const Schema>;

  // `scratch`: how the scratch account connects to the live database's server; without credentials, everything answers
  // SCRATCH_NOT_CONFIGURED. `later`: drops the scratch databases, and is done before `driver` goes.
  // `prefix`: what the names of scratch databases begin with.
  Canonical(data_access::Driver& driver, data_access::ConnectOptions scratch, Later later = nullptr,
            std::string prefix = kScratchPrefix)
      : driver_(driver), scratch_(std::move(scratch)), later_(std::move(later)), prefix_(std::move(prefix)) {}

  // An empty scratch database like the live one.
  absl::StatusOr<std::unique_ptr<ScratchDatabase>> OpenScratch(const DdlSetting& setting, absl::Time deadline);
  // Drops what a process before this one left behind.
  absl::Status Sweep();

  // The schema that the files of a model make, in whichever order. kInvalidArgument MODEL_FILE_INVALID or
  // STATEMENT_REFUSED: the server refuses one, or a foreign key refers to what is not there; file and line are named.
  absl::StatusOr<SchemaPtr> OfModel(const std::vector<ModelFile>& files, const DdlSetting& setting,
                                    absl::Time deadline);
  // The schema that the ways up to `heads` (all that they need included) make of an empty database.
  // kFailedPrecondition REVISION_FILE_INVALID, kInvalidArgument STATEMENT_REFUSED: file and line are named.
  absl::StatusOr<SchemaPtr> OfRevisions(const MigrationFolder& folder, const std::vector<std::string>& heads,
                                        const DdlSetting& setting, absl::Time deadline);

 private:
  // Looks at what was made while it is there.
  using Verify = std::function<absl::Status(ScratchDatabase&, const ToMake&, const Schema&)>;

  absl::StatusOr<Schema> Make(const std::vector<MakingStatement>& statements, const DdlSetting& setting,
                              absl::Time deadline, const Verify& verify);
  // What of the statements has to be made, as is found in texts and with temporary tables.
  absl::StatusOr<ToMake> FindSomeToMake(const std::vector<MakingStatement>& statements, const Schema& live,
                                        const DdlSetting& setting, Children children, absl::Time deadline,
                                        std::unique_ptr<ScratchDatabase>* scratch);
  absl::StatusOr<Schema> MakeInScratch(const ToMake& to_make, const DdlSetting& setting, absl::Time deadline,
                                       const Verify& verify, std::unique_ptr<ScratchDatabase>* scratch);
  absl::StatusOr<SchemaPtr> Cached(const std::string& content, const std::function<absl::StatusOr<Schema>()>& make)
      ABSL_LOCKS_EXCLUDED(mu_);

  data_access::Driver& driver_;
  const data_access::ConnectOptions scratch_;
  const Later later_;
  const std::string prefix_;  // of scratch databases' names
  absl::Mutex mu_;
  std::list<std::pair<std::string, SchemaPtr>> cache_ ABSL_GUARDED_BY(mu_);  // latest used first
};

// The statements that the ways up to `heads` consist of, on a server of that flavour.
// kFailedPrecondition REVISION_FILE_INVALID: one that a revision may not hold; file and line are named.
absl::StatusOr<std::vector<ScratchStatement>> StatementsUp(const MigrationFolder& folder,
                                                           const std::vector<std::string>& heads,
                                                           data_access::Flavour flavour);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_CANONICAL_H_
