#include "services/schema/forecast_rules.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/schema/alter_keys.h"

namespace bonnie::schema {

namespace {

constexpr std::int64_t kGibibyte = std::int64_t{1} << 30;

std::vector<std::string> ColumnsOf(const Index& index) {
  std::vector<std::string> columns;
  for (const IndexPart& part : index.parts) columns.push_back(part.column);
  return columns;
}

bool BeginsWith(const std::vector<std::string>& columns, const std::vector<std::string>& prefix) {
  return prefix.size() <= columns.size() &&
         std::equal(prefix.begin(), prefix.end(), columns.begin(),
                    [](const std::string& a, const std::string& b) { return absl::EqualsIgnoreCase(a, b); });
}

// The columns of each index and foreign key that `after` has and `before` has not.
std::vector<std::vector<std::string>> NewKeys(const Table& before, const Table& after) {
  std::vector<std::vector<std::string>> keys;
  for (const Index& index : after.indexes) {
    const bool known = absl::c_any_of(before.indexes, [&](const Index& i) { return i.definition == index.definition; });
    if (!known) keys.push_back(ColumnsOf(index));
  }
  for (const ForeignKey& key : after.foreign_keys) {
    const bool known =
        absl::c_any_of(before.foreign_keys, [&](const ForeignKey& k) { return k.definition == key.definition; });
    if (!known) keys.push_back(key.columns);
  }
  return keys;
}

int CountFulltext(const AlterStatement& statement) {
  return static_cast<int>(absl::c_count_if(statement.clauses, [](const std::string& clause) {
    const std::vector<Token> tokens = Tokenize(clause);
    return tokens.size() > 1 && tokens[0].text == "add" && tokens[1].text == "fulltext";
  }));
}

}  // namespace

absl::string_view AlgorithmName(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kUnknown:
      return "unknown";
    case Algorithm::kNone:
      return "none";
    case Algorithm::kInstant:
      return "INSTANT";
    case Algorithm::kInplace:
      return "INPLACE";
    case Algorithm::kRebuild:
      return "INPLACE with rebuild";
    case Algorithm::kCopy:
      return "COPY";
  }
  return "unknown";
}

absl::string_view LockName(LockLevel lock) {
  switch (lock) {
    case LockLevel::kUnknown:
      return "unknown";
    case LockLevel::kNone:
      return "NONE";
    case LockLevel::kShared:
      return "SHARED";
    case LockLevel::kExclusive:
      return "EXCLUSIVE";
  }
  return "unknown";
}

void Settle(StepForecast* forecast, Algorithm algorithm, LockLevel lock, ForecastBasis basis) {
  const bool for_a_moment = algorithm == Algorithm::kInstant || algorithm == Algorithm::kNone;
  forecast->algorithm = algorithm;
  forecast->lock = lock;
  forecast->basis = basis;
  forecast->blocks_writes = !for_a_moment && (lock == LockLevel::kShared || lock == LockLevel::kExclusive);
  forecast->blocks_reads = !for_a_moment && lock == LockLevel::kExclusive;
  forecast->rebuilds = algorithm == Algorithm::kRebuild || algorithm == Algorithm::kCopy;
}

void SettlePartitionWork(PartitionWork work, StepForecast* forecast) {
  switch (work) {
    case PartitionWork::kNone:
      return;
    case PartitionWork::kAnew:
      return Settle(forecast, Algorithm::kCopy, LockLevel::kShared, ForecastBasis::kRule);
    case PartitionWork::kSpread:
      return Settle(forecast, Algorithm::kRebuild, LockLevel::kShared, ForecastBasis::kRule);
    case PartitionWork::kAdd:
    case PartitionWork::kDrop:
      return Settle(forecast, Algorithm::kInplace, LockLevel::kNone, ForecastBasis::kRule);
  }
}

void SettleOwnWish(const AlterStatement& statement, data_access::Flavour flavour, StepForecast* forecast) {
  const bool mysql = flavour == data_access::Flavour::kMySql;
  Algorithm algorithm = Algorithm::kUnknown;
  LockLevel lock = LockLevel::kUnknown;
  if (statement.own_algorithm == "INSTANT") {
    algorithm = Algorithm::kInstant;
    lock = LockLevel::kNone;
  } else if (statement.own_algorithm == "NOCOPY") {
    algorithm = Algorithm::kInplace;
  } else if (statement.own_algorithm == "INPLACE") {
    algorithm = mysql && absl::c_all_of(statement.clauses, LeavesRowsAlone) ? Algorithm::kInplace : Algorithm::kRebuild;
  } else if (statement.own_algorithm == "COPY") {
    algorithm = Algorithm::kCopy;
    lock = LockLevel::kShared;
  }
  if (statement.own_lock == "NONE") lock = LockLevel::kNone;
  if (statement.own_lock == "SHARED") lock = LockLevel::kShared;
  if (statement.own_lock == "EXCLUSIVE") lock = LockLevel::kExclusive;
  Settle(forecast, algorithm, lock, ForecastBasis::kRule);
  forecast->notes.push_back("the statement asks for its own ALGORITHM or LOCK, so no better one was tried");
}

std::int64_t MaxRowVersions(absl::string_view version) {
  const std::vector<absl::string_view> parts = absl::StrSplit(version, '.');
  int major = 0, minor = 0;
  if (parts.size() < 2 || !absl::SimpleAtoi(parts[0], &major) || !absl::SimpleAtoi(parts[1], &minor)) return 64;
  return major > 9 || (major == 9 && minor >= 1) ? 255 : 64;
}

bool MayLoseIndex(const Table& before, const Table& after) {
  const std::vector<std::vector<std::string>> arriving = NewKeys(before, after);
  return absl::c_any_of(before.indexes, [&](const Index& index) {
    return MayBeGenerated(index, before) && absl::c_any_of(arriving, [&](const std::vector<std::string>& columns) {
             return BeginsWith(columns, ColumnsOf(index));
           });
  });
}

std::vector<std::string> SizeNotes(const StepForecast& forecast, std::int64_t online_log_bytes) {
  std::vector<std::string> notes;
  if (!forecast.rebuilds || forecast.bytes < kGibibyte) return notes;
  notes.push_back(absl::StrCat("writes about ", forecast.bytes / kGibibyte,
                               " GiB anew: as much must be free on the server's disk, and replicas wait as long"));
  if (forecast.algorithm == Algorithm::kRebuild && !forecast.blocks_writes) {
    notes.push_back(absl::StrCat("changes that arrive meanwhile are kept in a log of at most ",
                                 online_log_bytes / (1 << 20),
                                 " MiB (innodb_online_alter_log_max_size): when it is full, the statement fails"));
  }
  return notes;
}

std::vector<std::string> SplitNotes(const AlterStatement& statement, const StepForecast& forecast,
                                    int instant_clauses) {
  std::vector<std::string> notes;
  const int parts = static_cast<int>(statement.clauses.size());
  if (CountFulltext(statement) > 1 && forecast.algorithm != Algorithm::kInstant) {
    notes.push_back(
        "InnoDB makes one FULLTEXT index at a time, so two in one statement copy the table: write a statement for "
        "each");
  }
  if (StandsAlone(statement.partitions) && parts > 1) {
    notes.push_back("a change of partitions must be all that its statement does: write a statement for each part");
  }
  if (forecast.algorithm != Algorithm::kInstant && instant_clauses > 0 && instant_clauses < parts) {
    notes.push_back(absl::StrCat("all ", parts, " parts run as their dearest does; ", instant_clauses,
                                 " of them would be instant in a statement of their own"));
  }
  return notes;
}

}  // namespace bonnie::schema
