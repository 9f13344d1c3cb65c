#ifndef BONNIE_CLIENTS_CLI_SCHEMA_PARITY_H_
#define BONNIE_CLIENTS_CLI_SCHEMA_PARITY_H_

#include <string>

#include "bonnie/schema/v1/parity.pb.h"

namespace CLI {
class App;
}

namespace bonnie::cli {

class Context;

// Adds the verb `parity` to the group `schema`: compares sites. Both outlive the parsing.
void AddParityVerb(CLI::App& group, Context& context);

// What differs, what is not portable and the verdict, for people: a line a difference with a line a site under it, the
// odd one out marked with `!`. With `colour`, as a terminal colours a diff; the marks say the same without it. Pure.
std::string ParityText(const schema::v1::CheckParityResponse& parity, bool colour);

}  // namespace bonnie::cli

#endif  // BONNIE_CLIENTS_CLI_SCHEMA_PARITY_H_
