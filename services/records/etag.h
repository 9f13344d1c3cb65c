#ifndef BONNIE_SERVICES_RECORDS_ETAG_H_
#define BONNIE_SERVICES_RECORDS_ETAG_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"

namespace bonnie::records {

// Kinds of resources, so that a record's etag is never a patient's.
enum class Kind : char { kPatient = 'P', kMedicalRecord = 'M' };

// Says "whatever version it is" where an etag is asked for.
inline constexpr char kAnyEtag[] = "*";

// The name of one version of one row: 12 characters of base64url, from a SHA-256 of all four. The update time is part
// of it because somebody who changes a row by hand does not raise row_version, but the server moves update_time. Pure;
// does not block.
std::string MakeEtag(Kind kind, std::int64_t id, std::int64_t row_version, absl::Time update_time);

}  // namespace bonnie::records

#endif  // BONNIE_SERVICES_RECORDS_ETAG_H_
