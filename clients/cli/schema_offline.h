#ifndef BONNIE_CLIENTS_CLI_SCHEMA_OFFLINE_H_
#define BONNIE_CLIENTS_CLI_SCHEMA_OFFLINE_H_

#include <string>

#include "bonnie/schema/v1/migration_service.pb.h"

namespace bonnie::cli {

class Context;

// `upgrade --sql` and `downgrade --sql`: prints the script of `way` (`b`, or `a:b`), of the revisions in the checkout
// that `checkout` (--migrations) leads to; needs no service then. Without a checkout, of the site's. `flavour`: mysql,
// mariadb, or empty: the site's, which is asked only when a statement depends on it.
void WriteOfflineSql(Context& context, const std::string& checkout, const std::string& way,
                     schema::v1::Direction direction, const std::string& flavour);

}  // namespace bonnie::cli

#endif  // BONNIE_CLIENTS_CLI_SCHEMA_OFFLINE_H_
