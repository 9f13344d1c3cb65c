#include "services/schema/ledger.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/data_access/status_macros.h"
#include "services/schema/ledger_statement.h"
#include "services/server/error.h"

namespace bonnie::schema {

namespace {

using data_access::Querier;
using data_access::Rows;
using data_access::Sql;

// Index: primary.
constexpr Sql kReadHeads{"ledger.heads", "SELECT revision, hash FROM ledger.bonnie_revisions ORDER BY revision"};

// Index: bonnie_journal_kind.
constexpr Sql kReadHashes{"ledger.hashes", R"sql(
  SELECT revision, revision_hash FROM ledger.bonnie_journal
   WHERE kind IN ('revision', 'stamp') AND direction = 'up' ORDER BY entry)sql"};

// Index: bonnie_journal_kind for the last revision that was closed or abandoned, then primary for what came after it.
constexpr Sql kReadUnfinished{"ledger.unfinished", R"sql(
  SELECT entry, operation_id, revision, direction, ordinal, state, statement, fingerprint_before, fingerprint_expected
    FROM ledger.bonnie_journal
   WHERE kind = 'statement' AND state <> 'undone'
     AND entry > (SELECT COALESCE(MAX(entry), 0) FROM ledger.bonnie_journal WHERE kind IN ('revision', 'abandon'))
   ORDER BY entry)sql"};

// Index: primary, as all below of bonnie_lease.
constexpr Sql kReadLease{"lease.read", R"sql(
  SELECT fence, COALESCE(connection_id, 0), COALESCE(server, ''), COALESCE(identity, ''), COALESCE(operation_id, ''),
         COALESCE(renew_time > CURRENT_TIMESTAMP(6) - INTERVAL 1 MINUTE, 0) FROM ledger.bonnie_lease WHERE id = 1)sql"};
constexpr Sql kTakeLease{"lease.take", R"sql(
  UPDATE ledger.bonnie_lease SET fence = fence + 1, server = ?, connection_id = ?, identity = ?, operation_id = ?,
         renew_time = CURRENT_TIMESTAMP(6) WHERE id = 1 AND fence = ?)sql"};
constexpr Sql kRenewLease{
    "lease.renew", "UPDATE ledger.bonnie_lease SET renew_time = CURRENT_TIMESTAMP(6) WHERE id = 1 AND fence = ?"};
constexpr Sql kReleaseLease{"lease.release", R"sql(
  UPDATE ledger.bonnie_lease SET server = NULL, connection_id = NULL, identity = NULL, operation_id = NULL,
         renew_time = NULL
   WHERE id = 1 AND fence = ?)sql"};
constexpr Sql kLockFence{"lease.lock", "SELECT fence FROM ledger.bonnie_lease WHERE id = 1 FOR UPDATE"};

// Index: primary of bonnie_plans.
constexpr Sql kBeginOperation{"plans.begin", R"sql(
  INSERT INTO ledger.bonnie_plans (operation_id, fingerprint, fence, identity, direction, from_heads, to_heads,
                                   statements)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?))sql"};
constexpr Sql kEndOperation{
    "plans.end", "UPDATE ledger.bonnie_plans SET end_time = CURRENT_TIMESTAMP(6), outcome = ? WHERE operation_id = ?"};

constexpr Sql kAddIntent{"journal.intent", R"sql(
  INSERT INTO ledger.bonnie_journal (operation_id, fence, kind, revision, direction, ordinal, statement, state,
                                     fingerprint_before, fingerprint_expected)
  VALUES (?, ?, 'statement', ?, ?, ?, ?, 'intent', ?, NULLIF(?, '')))sql"};
constexpr Sql kAddDone{"journal.rows_done", R"sql(
  INSERT INTO ledger.bonnie_journal (operation_id, fence, kind, revision, direction, ordinal, statement, state,
                                     done_time)
  VALUES (?, ?, 'statement', ?, ?, ?, ?, 'done', CURRENT_TIMESTAMP(6)))sql"};
constexpr Sql kLastEntry{"journal.last_entry", "SELECT LAST_INSERT_ID()"};
// Index: primary of bonnie_journal.
constexpr Sql kMarkDone{"journal.done", R"sql(
  UPDATE ledger.bonnie_journal SET state = 'done', fingerprint_after = ?, done_time = CURRENT_TIMESTAMP(6)
   WHERE entry = ?)sql"};
constexpr Sql kMarkUndone{"journal.undone", "UPDATE ledger.bonnie_journal SET state = 'undone' WHERE entry = ?"};
constexpr Sql kCloseRevision{"journal.revision", R"sql(
  INSERT INTO ledger.bonnie_journal (operation_id, fence, kind, revision, direction, revision_hash, ordinal, state,
                                     done_time)
  VALUES (?, ?, 'revision', ?, ?, ?, 0, 'done', CURRENT_TIMESTAMP(6)))sql"};

constexpr Sql kAbandon{"journal.abandon", R"sql(
  INSERT INTO ledger.bonnie_journal (operation_id, fence, kind, revision, direction, ordinal, state, done_time)
  VALUES (?, ?, 'abandon', ?, ?, 0, 'done', CURRENT_TIMESTAMP(6)))sql"};

constexpr Sql kAddStamp{"journal.stamp", R"sql(
  INSERT INTO ledger.bonnie_journal (operation_id, fence, kind, revision, direction, revision_hash, ordinal, state,
                                     done_time)
  VALUES (?, ?, 'stamp', ?, ?, ?, 0, 'done', CURRENT_TIMESTAMP(6)))sql"};

// Index: primary of bonnie_revisions.
constexpr Sql kRemoveHead{"revisions.remove", "DELETE FROM ledger.bonnie_revisions WHERE revision = ?"};
constexpr Sql kAddHead{"revisions.add", "INSERT INTO ledger.bonnie_revisions (revision, hash) VALUES (?, ?)"};

const char* WordOf(Direction direction) { return direction == Direction::kUp ? "up" : "down"; }

absl::Status LeaseLost() {
  return server::Error(absl::StatusCode::kAborted, "the lease was given to somebody else; nothing more is applied",
                       {.reason = "LEASE_HELD"});
}

absl::Status ExpectOne(absl::StatusOr<std::int64_t> rows, const absl::Status& otherwise) {
  if (!rows.ok()) return std::move(rows).status();
  return *rows == 1 ? absl::OkStatus() : otherwise;
}

absl::Status ReadUnfinished(Querier& querier, absl::optional<Unfinished>& unfinished) {
  BONNIE_ASSIGN_OR_RETURN(Rows rows, querier.Query(OfLedger(querier, kReadUnfinished)));
  while (rows.Next()) {
    if (!unfinished.has_value()) unfinished.emplace();
    unfinished->operation_id = std::string(rows.Text(1));
    unfinished->revision = std::string(rows.Text(2));
    unfinished->direction = rows.Text(3) == "up" ? Direction::kUp : Direction::kDown;
    JournalStep step;
    step.entry = rows.Int64(0);
    step.ordinal = static_cast<int>(rows.Int64(4));
    step.done = rows.Text(5) == "done";
    step.statement = rows.OptionalText(6).value_or("");
    step.before = rows.OptionalText(7).value_or("");
    step.expected = rows.OptionalText(8).value_or("");
    unfinished->steps[step.ordinal] = std::move(step);
  }
  return rows.status();
}

}  // namespace

absl::StatusOr<LedgerState> ReadLedger(Querier& querier) {
  LedgerState state;
  BONNIE_RETURN_IF_ERROR(CheckLedger(querier));
  BONNIE_ASSIGN_OR_RETURN(Rows heads, querier.Query(OfLedger(querier, kReadHeads)));
  while (heads.Next()) state.heads[std::string(heads.Text(0))] = std::string(heads.Text(1));
  BONNIE_RETURN_IF_ERROR(heads.status());
  BONNIE_ASSIGN_OR_RETURN(Rows hashes, querier.Query(OfLedger(querier, kReadHashes)));
  while (hashes.Next()) state.hashes[std::string(hashes.Text(0))] = hashes.OptionalText(1).value_or("");
  BONNIE_RETURN_IF_ERROR(hashes.status());
  BONNIE_RETURN_IF_ERROR(ReadUnfinished(querier, state.unfinished));
  return state;
}

absl::StatusOr<LeaseRow> ReadLease(Querier& querier) {
  BONNIE_ASSIGN_OR_RETURN(Rows rows, querier.Query(OfLedger(querier, kReadLease)));
  LeaseRow lease;
  if (rows.Next()) {
    lease.fence = rows.Int64(0);
    lease.connection_id = rows.Int64(1);
    lease.server = std::string(rows.Text(2));
    lease.identity = std::string(rows.Text(3));
    lease.operation_id = std::string(rows.Text(4));
    lease.renewed_lately = rows.Int64(5) != 0;
  }
  BONNIE_RETURN_IF_ERROR(rows.status());
  return lease;
}

absl::Status TakeLease(Querier& querier, const LeaseRow& taker) {
  return ExpectOne(querier.Execute(OfLedger(querier, kTakeLease, taker.server, taker.connection_id, taker.identity,
                                            taker.operation_id, taker.fence)),
                   LeaseLost());
}

absl::Status RenewLease(Querier& querier, std::int64_t fence) {
  return ExpectOne(querier.Execute(OfLedger(querier, kRenewLease, fence)), LeaseLost());
}

absl::Status ReleaseLease(Querier& querier, std::int64_t fence) {
  return ExpectOne(querier.Execute(OfLedger(querier, kReleaseLease, fence)), LeaseLost());
}

absl::Status HoldFence(Querier& querier, std::int64_t fence) {
  BONNIE_ASSIGN_OR_RETURN(Rows rows, querier.Query(OfLedger(querier, kLockFence)));
  const bool held = rows.Next() && rows.Int64(0) == fence;
  BONNIE_RETURN_IF_ERROR(rows.status());
  return held ? absl::OkStatus() : LeaseLost();
}

absl::Status BeginOperation(Querier& querier, const std::string& operation_id, std::int64_t fence,
                            absl::string_view identity, const Plan& plan) {
  return querier
      .Execute(OfLedger(querier, kBeginOperation, operation_id, plan.fingerprint, fence, identity,
                        WordOf(plan.direction), absl::StrJoin(plan.from, ","), absl::StrJoin(plan.to, ","),
                        plan.step_count()))
      .status();
}

absl::Status EndOperation(Querier& querier, const std::string& operation_id, absl::string_view outcome) {
  return querier.Execute(OfLedger(querier, kEndOperation, outcome, operation_id)).status();
}

absl::StatusOr<std::int64_t> AddJournalStep(Querier& querier, const std::string& operation_id, std::int64_t fence,
                                            const PlanStep& step, Direction direction, absl::string_view before,
                                            bool done) {
  absl::StatusOr<std::int64_t> added =
      done ? querier.Execute(OfLedger(querier, kAddDone, operation_id, fence, step.revision, WordOf(direction),
                                      step.ordinal, step.sql))
           : querier.Execute(OfLedger(querier, kAddIntent, operation_id, fence, step.revision, WordOf(direction),
                                      step.ordinal, step.sql, before, step.expected_after.value_or("")));
  if (!added.ok()) return added;
  BONNIE_ASSIGN_OR_RETURN(Rows rows, querier.Query(OfLedger(querier, kLastEntry)));
  const std::int64_t entry = rows.Next() ? rows.Int64(0) : 0;
  BONNIE_RETURN_IF_ERROR(rows.status());
  return entry;
}

absl::Status MarkDone(Querier& querier, std::int64_t entry, absl::string_view after) {
  return ExpectOne(querier.Execute(OfLedger(querier, kMarkDone, after, entry)),
                   absl::InternalError("a journal row is gone"));
}

absl::Status MarkUndone(Querier& querier, std::int64_t entry) {
  return ExpectOne(querier.Execute(OfLedger(querier, kMarkUndone, entry)),
                   absl::InternalError("a journal row is gone"));
}

absl::Status AdvanceHeads(Querier& querier, const std::string& operation_id, std::int64_t fence,
                          const std::vector<std::string>& before, const PlanRevision& revision, Direction direction,
                          const MigrationFolder& folder) {
  const std::vector<std::string>& after = revision.heads_after;
  const absl::Status moved = server::Error(
      absl::StatusCode::kAborted, "the applied revisions changed meanwhile; plan again", {.reason = "PLAN_CHANGED"});
  for (const std::string& id : before) {
    if (std::find(after.begin(), after.end(), id) != after.end()) continue;
    BONNIE_RETURN_IF_ERROR(ExpectOne(querier.Execute(OfLedger(querier, kRemoveHead, id)), moved));
  }
  for (const std::string& id : after) {
    if (std::find(before.begin(), before.end(), id) != before.end()) continue;
    BONNIE_RETURN_IF_ERROR(querier.Execute(OfLedger(querier, kAddHead, id, folder.at(id).hash)).status());
  }
  return querier
      .Execute(OfLedger(querier, kCloseRevision, operation_id, fence, revision.id, WordOf(direction), revision.hash))
      .status();
}

absl::Status AbandonRevision(Querier& querier, const std::string& operation_id, std::int64_t fence,
                             const Unfinished& unfinished) {
  return querier
      .Execute(OfLedger(querier, kAbandon, operation_id, fence, unfinished.revision, WordOf(unfinished.direction)))
      .status();
}

absl::Status StampHeads(Querier& querier, const std::string& operation_id, std::int64_t fence,
                        const std::map<std::string, std::string>& before,
                        const std::map<std::string, std::string>& after) {
  for (const auto& [id, hash] : before) {
    if (after.count(id) > 0) continue;
    BONNIE_RETURN_IF_ERROR(ExpectOne(
        querier.Execute(OfLedger(querier, kRemoveHead, id)),
        server::Error(absl::StatusCode::kAborted, "the applied revisions changed meanwhile; look, and stamp again",
                      {.reason = "HEADS_MOVED"})));
    BONNIE_RETURN_IF_ERROR(
        querier.Execute(OfLedger(querier, kAddStamp, operation_id, fence, id, "down", hash)).status());
  }
  for (const auto& [id, hash] : after) {
    const auto was = before.find(id);
    if (was != before.end() && was->second == hash) continue;
    if (was != before.end()) BONNIE_RETURN_IF_ERROR(querier.Execute(OfLedger(querier, kRemoveHead, id)).status());
    BONNIE_RETURN_IF_ERROR(querier.Execute(OfLedger(querier, kAddHead, id, hash)).status());
    BONNIE_RETURN_IF_ERROR(querier.Execute(OfLedger(querier, kAddStamp, operation_id, fence, id, "up", hash)).status());
  }
  return absl::OkStatus();
}

}  // namespace bonnie::schema
