#ifndef BONNIE_SERVICES_SCHEMA_OFFLINE_SQL_H_
#define BONNIE_SERVICES_SCHEMA_OFFLINE_SQL_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/schema/migration_dir.h"
#include "services/schema/revision_graph.h"

namespace bonnie::schema {

// What `way` means: `a:b`, or `b` alone, from base. Pure. kInvalidArgument: a downgrade without a colon.
struct OfflineWay {
  std::string from, to;  // words; `from` may be base
};
absl::StatusOr<OfflineWay> ParseOfflineWay(absl::string_view way, Direction direction);

// The statements of that way, with the ledger's, as a script for the mysql or mariadb command: fed to it, schema and
// ledger are as if the service had applied it. The client's current database is the site's; the script finds the ledger
// beside it (server/ledger.h) and ends at its beginning where there is none. Pure: asks no database, so it believes
// `way.from`.
// `flavour`: mysql or mariadb, for statements that say `only`; empty when it is not known.
// Errors of RevisionGraph. kFailedPrecondition FLAVOUR_NEEDED: a statement says `only`, and `flavour` is empty.
// kInvalidArgument TARGET_UNREACHABLE: a revision on the way down has no way down.
absl::StatusOr<std::string> OfflineSql(const MigrationFolder& folder, const OfflineWay& way, Direction direction,
                                       absl::string_view flavour);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_OFFLINE_SQL_H_
