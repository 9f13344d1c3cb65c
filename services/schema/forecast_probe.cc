#include "services/schema/forecast_probe.h"

#include <algorithm>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/data_access/status_macros.h"
#include "services/schema/create_table.h"
#include "services/schema/forecast_live.h"
#include "services/server/error.h"

namespace bonnie::schema {

namespace {

using data_access::Flavour;

struct Rung {
  const char* name;
  Algorithm algorithm;
};

// NOCOPY is MariaDB's word for INPLACE without a rebuild.
std::vector<Rung> Ladder(Flavour flavour) {
  std::vector<Rung> ladder = {
      {"INSTANT", Algorithm::kInstant}, {"INPLACE", Algorithm::kInplace}, {"COPY", Algorithm::kCopy}};
  if (flavour == Flavour::kMariaDb) {
    ladder[1].algorithm = Algorithm::kRebuild;
    ladder.insert(ladder.begin() + 1, {"NOCOPY", Algorithm::kInplace});
  }
  return ladder;
}

constexpr LockLevel kLocks[] = {LockLevel::kNone, LockLevel::kShared, LockLevel::kExclusive};

// Beside INSTANT, MySQL takes no LOCK but the default (1221).
std::string ClauseOf(const Rung& rung, LockLevel lock, Flavour flavour) {
  if (rung.algorithm == Algorithm::kInstant && flavour == Flavour::kMySql) return "ALGORITHM=INSTANT";
  return absl::StrCat("ALGORITHM=", rung.name, ", LOCK=", LockName(lock));
}

// "LOCK=NONE is not supported. Reason: …": the next lock may be taken. In no language of the server is the clause's own
// text another.
bool RefusesTheLock(const absl::Status& refused) {
  const auto details = server::DetailsOf(refused);
  if (!details.has_value()) return false;
  const auto number = details->metadata.find("server_error");
  const bool refuses_clause =
      number != details->metadata.end() && (number->second == "1845" || number->second == "1846");
  return refuses_clause && absl::StrContains(refused.message(), "LOCK=") &&
         !absl::StrContains(refused.message(), "ALGORITHM=");
}

absl::Status Try(ScratchDatabase& scratch, const std::string& sql) {
  return scratch.Run({{sql, "the server refuses the statement"}}, /*check_foreign_keys=*/true);
}

bool RenamesTable(absl::string_view clause) {
  const std::vector<Token> tokens = Tokenize(clause);
  return tokens.size() > 1 && tokens[0].text == "rename" && tokens[1].text != "column" && tokens[1].text != "index" &&
         tokens[1].text != "key";
}

bool HasParts(const AlterStatement& statement) {
  constexpr size_t kMost = 8;  // more would cost more than the note is worth
  return statement.clauses.size() > 1 && statement.clauses.size() <= kMost &&
         statement.partitions == PartitionWork::kNone && !absl::c_any_of(statement.clauses, RenamesTable);
}

// How many of its clauses the server would do instantly, tried on one more empty table like it. Clauses that build on
// others which it would not are refused, so these may be too few.
absl::StatusOr<int> CountInstantClauses(ScratchDatabase& scratch, const AlterStatement& statement, Flavour flavour) {
  const std::string trial = "bonnie_trial";
  const absl::Status made = Try(scratch, absl::StrCat("CREATE TABLE ", trial, " LIKE ", QuoteName(statement.table)));
  if (EndsForecast(made)) return made;
  if (!made.ok()) return 0;
  const std::string clause = ClauseOf(Ladder(flavour)[0], LockLevel::kNone, flavour);
  int instant = 0;
  for (const std::string& part : statement.clauses) {
    const absl::Status ran = Try(scratch, absl::StrCat("ALTER TABLE ", trial, " ", clause, ", ", part));
    if (EndsForecast(ran)) return ran;
    if (ran.ok()) ++instant;
  }
  const absl::Status dropped = Try(scratch, absl::StrCat("DROP TABLE ", trial));
  if (EndsForecast(dropped)) return dropped;
  return instant;
}

}  // namespace

absl::StatusOr<Probe> ProbeAlter(ScratchDatabase& scratch, const AlterStatement& statement, Flavour flavour,
                                 bool not_instantly) {
  Probe probe;
  for (const Rung& rung : Ladder(flavour)) {
    const bool instantly = rung.algorithm == Algorithm::kInstant;
    if (not_instantly && instantly) continue;
    for (const LockLevel lock : kLocks) {
      const std::string clause = ClauseOf(rung, lock, flavour);
      const std::string sql = WithClause(statement, clause, flavour);
      if (sql.empty()) break;  // none can be given
      const absl::Status ran = Try(scratch, sql);
      if (EndsForecast(ran)) return ran;
      if (ran.ok()) {
        probe.algorithm = rung.algorithm;
        probe.lock = lock;
        probe.clause = clause;
        return probe;
      }
      if (!RefusesTheLock(ran)) break;
    }
    if (instantly && HasParts(statement)) {
      BONNIE_ASSIGN_OR_RETURN(probe.instant_clauses, CountInstantClauses(scratch, statement, flavour));
    }
  }
  const absl::Status ran = Try(scratch, statement.sql);
  if (EndsForecast(ran)) return ran;
  probe.refusal = std::string(ran.message());
  return probe;
}

}  // namespace bonnie::schema
