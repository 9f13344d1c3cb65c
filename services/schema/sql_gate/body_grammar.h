#ifndef BONNIE_SERVICES_SCHEMA_SQL_GATE_BODY_GRAMMAR_H_
#define BONNIE_SERVICES_SCHEMA_SQL_GATE_BODY_GRAMMAR_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/schema/clause_reader.h"

namespace bonnie::schema {

// Each reads the rest of a normalised CREATE or ALTER statement, from after the object's name to the end, and returns
// what its body does to stored rows, such as "deletes rows of visits"; empty: nothing that is lost.
//
// The body may hold the statements of a stored program that read or change rows, and the flow of control. Pure.
// kInvalidArgument: a statement that is not one of them (DDL, dynamic SQL, LOAD DATA, GRANT, SET of a system variable
// …), or blocks nested deeper than 64 levels; the message names the word.
absl::StatusOr<std::vector<std::string>> CheckTriggerBody(ClauseReader& reader);
absl::StatusOr<std::vector<std::string>> CheckEventBody(ClauseReader& reader);
absl::StatusOr<std::vector<std::string>> CheckRoutineBody(ClauseReader& reader);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_SQL_GATE_BODY_GRAMMAR_H_
