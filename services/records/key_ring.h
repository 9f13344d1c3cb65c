#ifndef BONNIE_SERVICES_RECORDS_KEY_RING_H_
#define BONNIE_SERVICES_RECORDS_KEY_RING_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "services/server/file_stamp.h"

namespace bonnie::records {

// What one key file gives: its own key for page tokens, and one derived from it (HKDF-SHA256, RFC 5869) for request
// payloads, so that there is no further secret to keep.
struct SealingKey {
  std::string id;           // 4 bytes, public: which key sealed a token
  std::string token_key;    // 32 bytes, AES-256
  std::string payload_key;  // 32 bytes, HMAC-SHA256

  // `key` has 32 bytes.
  static SealingKey From(absl::string_view key);
};

// The newest first: that one seals, all open.
using SealingKeys = std::vector<SealingKey>;

// The sealing keys of a site, from files with 64 hexadecimal digits each. Files that changed are taken over by Reload;
// one that is bad then leaves the keys as they were.
//
// Thread-safe.
class KeyRing {
 public:
  // Reads the files. kFailedPrecondition: one is missing, malformed, or readable by everybody (the message names it).
  static absl::StatusOr<std::unique_ptr<KeyRing>> Open(std::string key_file,
                                                       std::vector<std::string> previous_key_files);

  // Never empty.
  std::shared_ptr<const SealingKeys> keys() const ABSL_LOCKS_EXCLUDED(mu_);
  // Looks at the files and takes them over if one changed since the last look. An error, as of Open, is told once per
  // change, and the keys stay. Blocks for the disk; one thread calls it. True: new keys are in force.
  absl::StatusOr<bool> Reload() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  KeyRing(std::vector<std::string> files, server::FileStamp stamp, SealingKeys keys);

  const std::vector<std::string> files_;
  server::FileStamp stamp_;  // used by Reload only
  mutable absl::Mutex mu_;
  std::shared_ptr<const SealingKeys> keys_ ABSL_GUARDED_BY(mu_);
};

}  // namespace bonnie::records

#endif  // BONNIE_SERVICES_RECORDS_KEY_RING_H_
