#ifndef BONNIE_CLIENTS_CLI_SCHEMA_TEXT_H_
#define BONNIE_CLIENTS_CLI_SCHEMA_TEXT_H_

#include <string>

#include "bonnie/schema/v1/resources.pb.h"

namespace bonnie::cli {

// Differences of schemas for people. Pure.

// One change in a line, or for something modified in three: `+ patients: add column …`. With `colour`, as a terminal
// colours a diff; the marks say the same without it.
std::string ChangeText(const schema::v1::SchemaChange& change, bool colour);

// "  ! MY101 patients.is_deceased: …"
std::string WarningText(const schema::v1::RevisionWarning& warning);

// "  ? patients (column c: default): …"
std::string UnsupportedText(const schema::v1::UnsupportedPart& part);

}  // namespace bonnie::cli

#endif  // BONNIE_CLIENTS_CLI_SCHEMA_TEXT_H_
