#ifndef BONNIE_SERVICES_SCHEMA_LINT_CONFIG_H_
#define BONNIE_SERVICES_SCHEMA_LINT_CONFIG_H_

#include <vector>

#include "services/schema/lint.h"
#include "services/server/config_checks.h"

namespace bonnie::config::v1 {
class SchemaConfig;
}

namespace bonnie::schema {

// What a configuration decides about rules, whose `lint` has been checked. Pure.
LintOptions LintFor(const config::v1::SchemaConfig& config);

// The faults of one LintRule: a code that is no rule's, a severity that is none. None of other messages. Pure.
std::vector<server::ConfigFault> CheckLintRule(const google::protobuf::Message& message);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_LINT_CONFIG_H_
