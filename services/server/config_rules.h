#ifndef BONNIE_SERVICES_SERVER_CONFIG_RULES_H_
#define BONNIE_SERVICES_SERVER_CONFIG_RULES_H_

#include "absl/strings/string_view.h"

namespace bonnie::server {

// What a field's value must be.
enum class Want {
  kAnything,
  kSiteName,      // a-z0-9- , at most 32
  kAddress,       // host:port
  kPath,          // of a file or folder; made absolute
  kFolder,        // the same, of a folder that is there
  kTrustedFile,   // the same, of a file that can be read, and that only its owner may write
  kSecretFile,    // the same, of a file that only its owner may read
  kNumber,        // within min and max
  kPowerOfTwo,    // the same, and 1, 2, 4, …
  kDuration,      // within min and max seconds
  kWholeSeconds,  // the same, without a fraction
  kLogLevel,
};

enum class Presence {
  kOptional,
  kRequired,
  kDefaulted,  // a number, duration or word: `initial` when unset; a message: made, with its own defaults
};

struct ConfigRule {
  const char* field;  // Message.field of bonnie.config.v1
  Presence presence;
  Want want = Want::kAnything;
  double min = 0;
  double max = 0;
  double initial = 0;  // seconds of a duration
};

constexpr bool IsPath(Want want) {
  return want == Want::kPath || want == Want::kFolder || want == Want::kTrustedFile || want == Want::kSecretFile;
}

// The rule of `field` (such as Limits.max_streams), or null: anything goes then.
const ConfigRule* RuleOf(absl::string_view field);

}  // namespace bonnie::server

#endif  // BONNIE_SERVICES_SERVER_CONFIG_RULES_H_
