#ifndef BONNIE_SERVICES_SCHEMA_LEDGER_H_
#define BONNIE_SERVICES_SCHEMA_LEDGER_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "services/data_access/session.h"
#include "services/schema/plan.h"

namespace bonnie::schema {

// All SQL of the ledger, which keeps what was done to the site's database. Its tables live in a database of their own
// on the same server (server/ledger.h), where the schema account has rows and no DDL; a statement that changes rows of
// the site's database still commits together with its journal row, because one session writes both.
//   bonnie_revisions  one row per applied head
//   bonnie_plans      one row per operation: who applied which plan, when, and how it ended
//   bonnie_journal    one row per statement (intent, then done; or undone: looked at, and it had not run), one per
//                     revision that was finished or abandoned
//   bonnie_lease      one row: who applies now
//   bonnie_pushes     who pushed which revision (push_store.h)
//
// Functions take a Querier and so work in and out of transactions; they block and fail as its statements do. Those that
// write are called within a transaction whose first statement is HoldFence.

// What the ledger says. kFailedPrecondition LEDGER_MISSING, LEDGER_OUTDATED: CheckLedger.
absl::StatusOr<LedgerState> ReadLedger(data_access::Querier& querier);

// The lease's row.
struct LeaseRow {
  std::int64_t fence = 0;          // of the last lease given
  std::int64_t connection_id = 0;  // of the holder's DDL session; 0 when nobody holds it
  std::string server;              // on which that connection is
  std::string identity;            // for whom
  std::string operation_id;
  bool renewed_lately = false;  // within a minute, by the database's clock
};
absl::StatusOr<LeaseRow> ReadLease(data_access::Querier& querier);

// Gives the lease whose last fence was `taker.fence` to `taker`, under the next number. kAborted: somebody else was
// given it.
absl::Status TakeLease(data_access::Querier& querier, const LeaseRow& taker);
// Both answer kAborted when `fence` is not the lease's any more.
absl::Status RenewLease(data_access::Querier& querier, std::int64_t fence);
absl::Status ReleaseLease(data_access::Querier& querier, std::int64_t fence);
// Locks the lease's row until the transaction ends. kAborted LEASE_HELD: `fence` is not the lease's any more.
absl::Status HoldFence(data_access::Querier& querier, std::int64_t fence);

// Records that an operation begins, and how it ended: `outcome` is a word such as done or an error's reason.
absl::Status BeginOperation(data_access::Querier& querier, const std::string& operation_id, std::int64_t fence,
                            absl::string_view identity, const Plan& plan);
absl::Status EndOperation(data_access::Querier& querier, const std::string& operation_id, absl::string_view outcome);

// Writes a statement's row and answers its number. `before`: the fingerprint of what it touches; empty, with `done`,
// for one that changes rows and whose row commits with it.
absl::StatusOr<std::int64_t> AddJournalStep(data_access::Querier& querier, const std::string& operation_id,
                                            std::int64_t fence, const PlanStep& step, Direction direction,
                                            absl::string_view before, bool done);
// The statement took effect, and left this fingerprint.
absl::Status MarkDone(data_access::Querier& querier, std::int64_t entry, absl::string_view after);
// The statement did not take effect.
absl::Status MarkUndone(data_access::Querier& querier, std::int64_t entry);

// Makes `revision.heads_after` the heads, and closes the revision in the journal. kAborted: the heads were not
// `before`.
absl::Status AdvanceHeads(data_access::Querier& querier, const std::string& operation_id, std::int64_t fence,
                          const std::vector<std::string>& before, const PlanRevision& revision, Direction direction,
                          const MigrationFolder& folder);

// Closes a half-run revision in the journal without moving the heads: what ran of it is nobody's business any more.
absl::Status AbandonRevision(data_access::Querier& querier, const std::string& operation_id, std::int64_t fence,
                             const Unfinished& unfinished);

// Makes `after` (head -> hash) the heads, which were `before`, without anything having run, and writes a journal row of
// kind `stamp` for each that comes or goes. kAborted HEADS_MOVED: the heads were not `before`.
absl::Status StampHeads(data_access::Querier& querier, const std::string& operation_id, std::int64_t fence,
                        const std::map<std::string, std::string>& before,
                        const std::map<std::string, std::string>& after);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_LEDGER_H_
