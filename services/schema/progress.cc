#include "services/schema/progress.h"

#include "absl/strings/match.h"
#include "services/data_access/status_macros.h"

namespace bonnie::schema {

namespace {

using data_access::Rows;
using data_access::Sql;
using data_access::Statement;

constexpr Sql kState{"progress.state", "SELECT COALESCE(STATE, '') FROM information_schema.PROCESSLIST WHERE ID = ?"};
// A statement's outermost stage has a row; those that do not count work have NULL there.
constexpr Sql kMySqlStage{"progress.stage", R"sql(
  SELECT CAST(stage.WORK_COMPLETED AS SIGNED), CAST(stage.WORK_ESTIMATED AS SIGNED)
    FROM performance_schema.threads JOIN performance_schema.events_stages_current AS stage USING (THREAD_ID)
   WHERE threads.PROCESSLIST_ID = ? AND stage.WORK_ESTIMATED > 0)sql"};
// PROGRESS is a percentage of one of MAX_STAGE stages.
constexpr Sql kPercentMariaDb{"progress.percent", R"sql(
  SELECT COALESCE(STATE, ''), CAST(IF(MAX_STAGE > 0, ((STAGE - 1) * 100 + PROGRESS) * 100 / MAX_STAGE, 0) AS SIGNED),
         CAST(IF(MAX_STAGE > 0 AND (STAGE > 1 OR PROGRESS > 0), 10000, 0) AS SIGNED)
    FROM information_schema.PROCESSLIST WHERE ID = ?)sql"};

}  // namespace

bool StatementProgress::waits_for_table() const {
  return absl::StartsWith(stage, "Waiting for") && absl::EndsWith(stage, "lock");
}

absl::StatusOr<StatementProgress> ReadProgress(data_access::Querier& querier, std::int64_t connection_id) {
  StatementProgress progress;
  const bool mysql = querier.flavour() == data_access::Flavour::kMySql;
  BONNIE_ASSIGN_OR_RETURN(Rows rows, querier.Query(Statement(mysql ? kState : kPercentMariaDb, connection_id)));
  if (rows.Next()) {
    progress.stage = std::string(rows.Text(0));
    if (!mysql) {
      progress.work_done = rows.Int64(1);
      progress.work_estimated = rows.Int64(2);
    }
  }
  BONNIE_RETURN_IF_ERROR(rows.status());
  if (!mysql) return progress;
  absl::StatusOr<Rows> stage = querier.Query(Statement(kMySqlStage, connection_id));
  if (stage.ok() && stage->Next()) {  // an account without the right to read it is told the stage alone
    progress.work_done = stage->Int64(0);
    progress.work_estimated = stage->Int64(1);
  }
  return progress;
}

}  // namespace bonnie::schema
