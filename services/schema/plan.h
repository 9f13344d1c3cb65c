#ifndef BONNIE_SERVICES_SCHEMA_PLAN_H_
#define BONNIE_SERVICES_SCHEMA_PLAN_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "services/data_access/error_table.h"
#include "services/schema/migration_dir.h"
#include "services/schema/revision_graph.h"
#include "services/schema/statement_facts.h"

namespace bonnie::schema {

// A statement of the revision in which an operation was cut off, as the journal has it.
struct JournalStep {
  std::int64_t entry = 0;  // the journal row
  int ordinal = 0;
  bool done = false;  // else it was about to run: whether it did must be looked at
  std::string statement;
  std::string before;    // fingerprint of what it touches before it ran; empty for statements that change rows
  std::string expected;  // the one that it should leave; empty when that was not known
};

// The revision in which an operation was cut off.
struct Unfinished {
  std::string operation_id;
  std::string revision;
  Direction direction = Direction::kUp;
  std::map<int, JournalStep> steps;  // by ordinal
};

// What the ledger says.
struct LedgerState {
  std::map<std::string, std::string> heads;   // applied head -> hash of the revision as it was applied
  std::map<std::string, std::string> hashes;  // applied revision -> the same, for those that the journal knows
  absl::optional<Unfinished> unfinished;

  std::vector<std::string> HeadIds() const;
};

struct PlanStep {
  std::string revision;
  int ordinal = 0;
  std::string sql;  // normalised: the text that was checked and that is sent
  std::string file_name;
  int line = 0;
  StatementFacts facts;
  std::string loss;              // facts.loss unless the file says `keeps`
  std::string keeps;             // the file's words where they say that what is lost is held elsewhere
  std::set<std::string> nolint;  // codes that the file says not to look for; never loosens `loss`
  bool already_done = false;
  // Of a plan that is kept, from its forecast; not part of the fingerprint below.
  std::string clause_sql;                      // with the forecast's ALGORITHM and LOCK in it; empty for `sql` as it is
  bool rebuilds = false;                       // copies the table, and so may wait longer for it
  absl::optional<std::string> expected_after;  // the fingerprint of facts.objects that it should leave
};

// The statements of one revision, all of them.
struct PlanRevision {
  std::string id;
  std::string hash;
  std::vector<PlanStep> steps;
  std::vector<std::string> heads_after;
};

// The way from one set of heads to another. A value; `fingerprint` covers everything else.
struct Plan {
  std::string fingerprint;  // SHA-256 in hexadecimal
  std::string site;
  std::vector<std::string> from;
  std::vector<std::string> to;
  Direction direction = Direction::kUp;
  std::vector<PlanRevision> revisions;

  int step_count() const;
  bool drops_data() const;
  bool drops_what_is_kept() const;  // some step drops data of which its file says that it is held elsewhere
};

// Checks that the folder holds what the ledger says was applied.
// kFailedPrecondition REVISION_MISSING: a head has no file. REVISION_EDITED: an applied file changed since, or a
// statement of the unfinished revision that has run, or one of its that was begun is gone; the file is named.
absl::Status CheckApplied(const MigrationFolder& folder, const LedgerState& ledger);

// Plans the way to `target`. Pure.
// Errors of RevisionGraph::Path and CheckApplied. kFailedPrecondition OPERATION_UNFINISHED: the way does not begin with
// the unfinished revision. REVISION_FILE_INVALID, with file and line: a statement that a revision may not hold.
// kInvalidArgument TARGET_UNREACHABLE: a revision on the way down has no way down.
absl::StatusOr<Plan> MakePlan(const MigrationFolder& folder, const LedgerState& ledger, data_access::Flavour flavour,
                              absl::string_view site, absl::string_view target, Direction direction);

// SHA-256 in hexadecimal.
std::string Sha256Hex(absl::string_view bytes);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_PLAN_H_
