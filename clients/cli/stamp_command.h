#ifndef BONNIE_CLIENTS_CLI_STAMP_COMMAND_H_
#define BONNIE_CLIENTS_CLI_STAMP_COMMAND_H_

#include <string>

#include "absl/status/status.h"
#include "bonnie/schema/v1/migration_service.pb.h"
#include "clients/cli/schema_plan.h"

namespace bonnie::cli {

// Adds the verb `stamp` to the group `schema`; `context` outlives the parsing.
void AddStampVerb(CLI::App& group, Context& context);

// Stamps what a kept plan says, and shows what came of it. The errors of StampRevision.
absl::Status ApplyStampPlan(Context& context, const std::string& site, client::SchemaClient& client,
                            const schema::v1::Plan& plan, const ApplyChoice& choice);

}  // namespace bonnie::cli

#endif  // BONNIE_CLIENTS_CLI_STAMP_COMMAND_H_
