#ifndef BONNIE_SERVICES_RECORDS_KEY_RING_H_
#define BONNIE_SERVICES_RECORDS_KEY_RING_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

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

// The sealing keys of a site, from files with 64 hexadecimal digits each. Read again within 10 s of a change; a file
// that is bad then leaves the keys as they were.
//
// Thread-safe.
class KeyRing {
 public:
  // Reads the files. kFailedPrecondition: one is missing, malformed, or readable by everybody (the message names it).
  static absl::StatusOr<std::unique_ptr<KeyRing>> Open(std::string key_file,
                                                       std::vector<std::string> previous_key_files,
                                                       std::function<absl::Time()> now = absl::Now);

  // Never empty. Reads files when 10 s have passed.
  std::shared_ptr<const SealingKeys> keys() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  KeyRing(std::vector<std::string> files, SealingKeys keys, std::function<absl::Time()> now);

  const std::vector<std::string> files_;
  const std::function<absl::Time()> now_;
  absl::Mutex mu_;
  absl::Time read_at_ ABSL_GUARDED_BY(mu_);
  std::shared_ptr<const SealingKeys> keys_ ABSL_GUARDED_BY(mu_);
};

}  // namespace bonnie::records

#endif  // BONNIE_SERVICES_RECORDS_KEY_RING_H_
