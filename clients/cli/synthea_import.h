#ifndef BONNIE_CLIENTS_CLI_SYNTHEA_IMPORT_H_
#define BONNIE_CLIENTS_CLI_SYNTHEA_IMPORT_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "clients/cli/synthea.h"
#include "clients/cpp/records_client.h"

namespace bonnie::cli {

struct ImportOptions {
  int in_flight = 64;                          // creates at a time
  absl::Duration patience = absl::Minutes(1);  // how long one row is tried again while the site does not take it
};

// What became of the rows of one kind.
struct ImportCounts {
  int64_t created = 0;
  int64_t present = 0;  // their source key was there already
  int64_t refused = 0;  // by the service; what the files refused is in SyntheaExport::refused
};

struct ImportSummary {
  ImportCounts patients;
  ImportCounts records;
  int64_t deceased = 0;           // of the patients created or present
  int64_t without_discharge = 0;  // of the records created or present
};

// Sends a Synthea export to a site: every patient, then every record, each create under its source key. So it can be
// cut off anywhere and run again, and adds what is missing; a row that is there counts as present, whatever was done to
// it since.
//
// Creates go one row a call, many at a time: the service answers each when it is durable. A failure that may pass
// (unavailable, aborted, out of time) is tried again under the same request id; a row that the service refuses is told
// of, and the others go on.
class SyntheaImport {
 public:
  // `on_done` is called after each row, `on_refused` for each that the service refuses; from several threads at once.
  // All outlive this.
  SyntheaImport(const client::RecordsClient& client, ImportOptions options, std::function<void()> on_done,
                std::function<void(const RefusedRow&)> on_refused);

  // Blocks until all is sent. An error: what stopped it (no right to create, the site away for longer than the
  // patience).
  absl::Status Run(const SyntheaExport& source);
  // What was done so far.
  ImportSummary summary() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  absl::Status SendPatient(const SyntheaPatient& row);
  absl::Status SendRecord(const SyntheaRecord& row);
  // Counts what `status`, the answer to a create, says. OK: the row is settled. `id`: of the row that was there.
  absl::Status Settle(const absl::Status& status, const SourceRow& source, ImportCounts ImportSummary::*counts,
                      int64_t* id) ABSL_LOCKS_EXCLUDED(mu_);
  void Count(int64_t ImportCounts::*count, ImportCounts ImportSummary::*counts) ABSL_LOCKS_EXCLUDED(mu_);

  const client::RecordsClient& client_;
  const ImportOptions options_;
  const std::function<void()> on_done_;
  const std::function<void(const RefusedRow&)> on_refused_;

  mutable absl::Mutex mu_;
  ImportSummary summary_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, int64_t> patient_ids_ ABSL_GUARDED_BY(mu_);  // by source key
};

}  // namespace bonnie::cli

#endif  // BONNIE_CLIENTS_CLI_SYNTHEA_IMPORT_H_
