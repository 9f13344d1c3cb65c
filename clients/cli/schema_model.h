#ifndef BONNIE_CLIENTS_CLI_SCHEMA_MODEL_H_
#define BONNIE_CLIENTS_CLI_SCHEMA_MODEL_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "bonnie/schema/v1/resources.pb.h"

namespace CLI {
class App;
}

namespace bonnie::cli {

class Context;

// Adds the verbs that work with a checkout's model to the group `schema`: init, revision, check. `checkout` is the
// group's option --migrations. All outlive the parsing.
void AddModelVerbs(CLI::App& group, Context& context, const std::string& checkout);
// The same of those that look at schemas: inspect, diff, pull, fmt.
void AddInspectVerbs(CLI::App& group, Context& context, const std::string& checkout);

// Reads the model of the checkout `folder` (empty: none, the service takes its own) into a request. Blocks for the
// files.
absl::Status ReadModelInto(const std::string& folder, schema::v1::Model* model);

// Fills in what `word` stands for: "live", "model" (of the checkout `folder`), or a revision word; on another site than
// the command's after `SITE:`, which alone is that one's database. Blocks for the files.
absl::Status FillSource(std::string word, const std::string& folder, schema::v1::SchemaSource* source);

// Writes a file: another name first, so that a run cut off leaves the old one. kInternal: why it cannot be written.
absl::Status WriteWholeFile(const std::string& path, absl::string_view text);

}  // namespace bonnie::cli

#endif  // BONNIE_CLIENTS_CLI_SCHEMA_MODEL_H_
