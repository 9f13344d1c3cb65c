#include "services/schema/lock_waits.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/data_access/fault.h"
#include "services/data_access/status_macros.h"

namespace bonnie::schema {

namespace {

using data_access::Querier;
using data_access::Rows;
using data_access::Sql;
using data_access::Statement;

constexpr size_t kShown = 5;

constexpr Sql kBlockersMySql{"locks.blockers", R"sql(
  SELECT DISTINCT CAST(holder.PROCESSLIST_ID AS SIGNED), COALESCE(holder.PROCESSLIST_USER, ''),
         CAST(COALESCE(holder.PROCESSLIST_TIME, 0) AS SIGNED), COALESCE(holder.PROCESSLIST_COMMAND, ''),
         COALESCE(holder.PROCESSLIST_STATE, '')
    FROM performance_schema.threads AS waiter
    JOIN performance_schema.metadata_locks AS wanted
      ON wanted.OWNER_THREAD_ID = waiter.THREAD_ID AND wanted.LOCK_STATUS = 'PENDING'
    JOIN performance_schema.metadata_locks AS held
      ON held.OBJECT_TYPE = wanted.OBJECT_TYPE AND held.OBJECT_SCHEMA <=> wanted.OBJECT_SCHEMA
     AND held.OBJECT_NAME <=> wanted.OBJECT_NAME AND held.LOCK_STATUS = 'GRANTED'
     AND held.OWNER_THREAD_ID <> wanted.OWNER_THREAD_ID
    JOIN performance_schema.threads AS holder ON holder.THREAD_ID = held.OWNER_THREAD_ID
   WHERE waiter.PROCESSLIST_ID = ? AND holder.PROCESSLIST_ID IS NOT NULL
   ORDER BY 1 LIMIT 100)sql"};

// The plugin shows the locks that are held and none that is waited for, so the tables are those of the statement.
constexpr Sql kBlockersMariaDb{"locks.blockers", R"sql(
  SELECT DISTINCT CAST(held.THREAD_ID AS SIGNED), holder.USER, CAST(holder.TIME AS SIGNED), holder.COMMAND,
         COALESCE(holder.STATE, ''), held.TABLE_NAME
    FROM information_schema.METADATA_LOCK_INFO AS held
    JOIN information_schema.PROCESSLIST AS holder ON holder.ID = held.THREAD_ID
   WHERE held.LOCK_TYPE = 'Table metadata lock' AND held.TABLE_SCHEMA = DATABASE() AND held.THREAD_ID <> ?
   ORDER BY 1 LIMIT 100)sql"};

bool IsMissing(const absl::Status& status) {  // the plugin, or the right to read
  const auto fault = data_access::FaultOf(status);
  return fault.has_value() && fault->fate != data_access::SessionFate::kDiscard &&
         fault->fate != data_access::SessionFate::kDiscardSite;
}

}  // namespace

absl::StatusOr<std::vector<Blocker>> ReadBlockers(Querier& querier, std::int64_t connection_id,
                                                  const std::vector<SchemaObject>& objects) {
  const bool mysql = querier.flavour() == data_access::Flavour::kMySql;
  std::set<std::string> tables;
  for (const SchemaObject& object : objects) tables.insert(object.name);
  absl::StatusOr<Rows> rows = querier.Query(Statement(mysql ? kBlockersMySql : kBlockersMariaDb, connection_id));
  if (!rows.ok())
    return IsMissing(rows.status()) ? std::vector<Blocker>() : absl::StatusOr<std::vector<Blocker>>(rows.status());
  std::vector<Blocker> blockers;
  while (rows->Next()) {
    if (!mysql && tables.count(std::string(rows->Text(5))) == 0) continue;
    Blocker blocker{rows->Int64(0), std::string(rows->Text(1)), absl::Seconds(rows->Int64(2)),
                    std::string(rows->Text(3))};
    const absl::string_view state = rows->Text(4);
    if (!state.empty()) absl::StrAppend(&blocker.activity, ": ", state);
    if (blockers.empty() || blockers.back().connection_id != blocker.connection_id)
      blockers.push_back(std::move(blocker));
  }
  BONNIE_RETURN_IF_ERROR(rows->status());
  return blockers;
}

std::string BlockersText(const std::vector<Blocker>& blockers) {
  std::vector<std::string> texts;
  for (const Blocker& blocker : blockers) {
    if (texts.size() == kShown) {
      texts.push_back(absl::StrCat("and ", blockers.size() - kShown, " more"));
      break;
    }
    texts.push_back(absl::StrCat("connection ", blocker.connection_id, " (", blocker.user, ", ", blocker.activity,
                                 " for ", absl::ToInt64Seconds(blocker.elapsed), " s)"));
  }
  return absl::StrJoin(texts, ", ");
}

}  // namespace bonnie::schema
