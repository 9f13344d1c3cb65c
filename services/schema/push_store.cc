#include "services/schema/push_store.h"

#include "services/data_access/status_macros.h"
#include "services/data_access/transaction.h"
#include "services/schema/ledger_statement.h"

namespace bonnie::schema {

namespace {

using data_access::Querier;
using data_access::Rows;
using data_access::Sql;

// Index: primary (revision, hash, identity).
constexpr Sql kRecordPush{"pushes.record",
                          "INSERT IGNORE INTO ledger.bonnie_pushes (revision, hash, identity) VALUES (?, ?, ?)"};
// All rows are read: there are about as many as revisions were ever pushed.
constexpr Sql kReadPushes{"pushes.read", "SELECT revision, identity FROM ledger.bonnie_pushes"};

}  // namespace

absl::Status RecordPushes(data_access::Session& session, const std::vector<AddedRevision>& revisions,
                          absl::string_view identity) {
  BONNIE_RETURN_IF_ERROR(CheckLedger(session));
  return RunInTransaction(session, {}, [&](data_access::Transaction& transaction) -> absl::Status {
    for (const AddedRevision& revision : revisions) {
      BONNIE_RETURN_IF_ERROR(
          transaction.Execute(OfLedger(transaction, kRecordPush, revision.id, revision.hash, identity)).status());
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<std::map<std::string, std::set<std::string>>> ReadPushers(Querier& querier,
                                                                         const std::set<std::string>& revisions) {
  BONNIE_ASSIGN_OR_RETURN(Rows rows, querier.Query(OfLedger(querier, kReadPushes)));
  std::map<std::string, std::set<std::string>> pushers;
  while (rows.Next()) {
    const std::string revision(rows.Text(0));
    if (revisions.count(revision) > 0) pushers[revision].insert(std::string(rows.Text(1)));
  }
  BONNIE_RETURN_IF_ERROR(rows.status());
  return pushers;
}

}  // namespace bonnie::schema
