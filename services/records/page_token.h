#ifndef BONNIE_SERVICES_RECORDS_PAGE_TOKEN_H_
#define BONNIE_SERVICES_RECORDS_PAGE_TOKEN_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "services/records/key_ring.h"

namespace google::protobuf {
class Message;
}  // namespace google::protobuf

namespace bonnie::records {

// The sort key of the last row of a page; the next page begins after it.
struct Cursor {
  absl::CivilDay date = absl::CivilDay(1, 1, 1);  // admission_date where that is sorted by
  std::int64_t id = 0;
  friend bool operator==(const Cursor&, const Cursor&) = default;
};

// The call that a page token belongs to: everything of it but page_size and page_token. Bytes to compare, nothing to
// read.
std::string PagedCall(absl::string_view site, absl::string_view method, absl::string_view identity,
                      const google::protobuf::Message& request);

// Seals cursors into page tokens and opens them again: base64url(version | key id | nonce | AES-256-GCM(hash of the
// call, time, cursor)). Sealed and not only signed, because tokens end in logs, URLs and shell histories, and sort keys
// are clinical data. Nothing is stored, so any instance with the same keys goes on with the next page. A token grants
// nothing.
//
// Thread-safe. `keys` outlives it.
class PageTokens {
 public:
  explicit PageTokens(KeyRing& keys, std::function<absl::Time()> now = absl::Now);

  std::string Seal(absl::string_view call, const Cursor& cursor) const;

  // The cursor; the first page's when `token` is empty. kInvalidArgument: `PAGE_TOKEN_INVALID` (not ours, changed, or
  // its key is gone), `PAGE_TOKEN_MISMATCH` (made for another call, caller or site), `PAGE_TOKEN_EXPIRED` (older than
  // 24 hours).
  absl::StatusOr<Cursor> Open(absl::string_view call, absl::string_view token) const;

 private:
  KeyRing& keys_;
  const std::function<absl::Time()> now_;
};

}  // namespace bonnie::records

#endif  // BONNIE_SERVICES_RECORDS_PAGE_TOKEN_H_
