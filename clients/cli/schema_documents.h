#ifndef BONNIE_CLIENTS_CLI_SCHEMA_DOCUMENTS_H_
#define BONNIE_CLIENTS_CLI_SCHEMA_DOCUMENTS_H_

#include <string>

#include "absl/status/statusor.h"
#include "bonnie/schema/v1/documents.pb.h"

namespace CLI {
class App;
}

namespace bonnie::cli {

class Context;

// Adds the verbs that write documents about a schema to the group `schema`: erd, docs. `checkout` is the group's option
// --migrations. All outlive the parsing.
void AddDocumentVerbs(CLI::App& group, Context& context, const std::string& checkout);

// The language of a diagram by the option --format (svg, dot, mermaid), else by the file's name, else SVG.
// kInvalidArgument: the name's ending says none of them.
absl::StatusOr<schema::v1::ErdFormat> ChooseErdFormat(const std::string& format, const std::string& file_name);

}  // namespace bonnie::cli

#endif  // BONNIE_CLIENTS_CLI_SCHEMA_DOCUMENTS_H_
