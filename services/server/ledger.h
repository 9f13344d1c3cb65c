#ifndef BONNIE_SERVICES_SERVER_LEDGER_H_
#define BONNIE_SERVICES_SERVER_LEDGER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/data_access/statement.h"

namespace bonnie::server {

// The ledger of a site's database: the tables that say which revisions are applied and who did it. They live in a
// database of their own on the same server, made by an administrator (deploy/mysql/ledger.sql), because the accounts of
// the services may not change its tables and callers' SQL may not name it. All functions are pure but for the cache of
// InLedger; they are thread-safe.

// The version of the ledger's tables that this binary needs, as bonnie_version has it.
inline constexpr int kLedgerVersion = 2;

// Name of the ledger's database for the site's database `schema`.
std::string LedgerDatabase(absl::string_view schema);

// `sql` for the ledger of the site's database `schema`: every `ledger.` before a table's name becomes that database's
// quoted name. The text that is returned lives as long as the process; there are as many as statements and databases.
data_access::Sql InLedger(const data_access::Sql& sql, absl::string_view schema);

// SELECT of the version, to be put through InLedger. Its answer is for CheckLedgerVersion.
inline constexpr data_access::Sql kLedgerVersionSql{"ledger.version",
                                                    "SELECT version FROM ledger.bonnie_version WHERE id = 1"};

// Whether the ledger of `schema` can be used, by the answer to kLedgerVersionSql. kFailedPrecondition LEDGER_MISSING:
// it is not there, or its script was cut off. LEDGER_OUTDATED: its version is older than kLedgerVersion. Both messages
// name the script. Other errors of `version` are passed on.
absl::Status CheckLedgerVersion(absl::StatusOr<data_access::Rows> version, absl::string_view schema);

// kFailedPrecondition LEDGER_MISSING where `status`, of a statement on the ledger of `schema`, says that the database
// or the table is not there or not for this account; else `status`.
absl::Status LedgerMissing(const absl::Status& status, absl::string_view schema);

// Whether `status` is LEDGER_MISSING or LEDGER_OUTDATED.
bool IsLedgerError(const absl::Status& status);

}  // namespace bonnie::server

#endif  // BONNIE_SERVICES_SERVER_LEDGER_H_
