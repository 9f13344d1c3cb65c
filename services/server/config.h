#ifndef BONNIE_SERVICES_SERVER_CONFIG_H_
#define BONNIE_SERVICES_SERVER_CONFIG_H_

#include <google/protobuf/duration.pb.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/server/config_checks.h"
#include "services/server/config_rules.h"

namespace google::protobuf {
class Message;
}

namespace bonnie::server {

// A file or folder that a configuration names.
struct NamedFile {
  std::string place;  // file:line:column: field
  std::string path;   // absolute
  Want want;          // kFolder, kTrustedFile or kSecretFile
};

// Reads a textproto of bonnie.config.v1 into `config` and checks it: RecordsConfig, SchemaConfig, RolePolicy, or a
// part. Relative paths become absolute, counted from the file's folder; unset numbers and durations become their
// defaults.
//
// kFailedPrecondition: the file cannot be read. kInvalidArgument: syntax, an unknown field, a missing or impossible
// value; one line for each, as file:line:column: field: what is wanted. `check` may find more; null: nothing more.
// `files` receives the files that CheckNamedFiles checks; may be null.
absl::Status LoadConfig(const std::string& file, google::protobuf::Message* config, ConfigCheck check = nullptr,
                        std::vector<NamedFile>* files = nullptr);

// The same from memory: `file` is for messages and relative paths only.
absl::Status ParseConfig(const std::string& text, const std::string& file, google::protobuf::Message* config,
                         ConfigCheck check = nullptr, std::vector<NamedFile>* files = nullptr);

// Opens and reads each file, and looks at its mode. Blocks for the disk. kFailedPrecondition: one line for each that
// cannot be read, or that group or others may write (of a secret: read), with its place.
absl::Status CheckNamedFiles(const std::vector<NamedFile>& files);

// The checks alone, for configurations made in code; errors name the field only.
absl::Status CheckConfig(const google::protobuf::Message& config);

// Sets what is unset to its default, in nested messages that are set too. For configurations made in code.
void SetDefaults(google::protobuf::Message* config);

absl::Duration ToDuration(const google::protobuf::Duration& duration);

}  // namespace bonnie::server

#endif  // BONNIE_SERVICES_SERVER_CONFIG_H_
