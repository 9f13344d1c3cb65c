#ifndef BONNIE_SERVICES_SERVER_FILE_STAMP_H_
#define BONNIE_SERVICES_SERVER_FILE_STAMP_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace bonnie::server {

// What files looked like when last seen (inode, size, time of change), to notice that they changed. Used by one thread
// at a time.
class FileStamp {
 public:
  explicit FileStamp(std::vector<std::string> files);

  // Whether any file changed, came or went since the last call (the first: since construction). A few system calls.
  bool Changed();

 private:
  std::string Look() const;

  std::vector<std::string> files_;
  std::string seen_;
};

// What the mode of a file may allow to group and others.
enum class FileAccess {
  kAnything,
  kRead,     // what the server trusts: policies, CAs, certificates
  kNothing,  // secrets
};

// The whole file, at most 16 MiB. Blocks for the disk. kFailedPrecondition: it cannot be read, or group or others may
// do more than `others`; the message names the file, the reason, and for a mode the chmod to type.
absl::StatusOr<std::string> ReadFile(const std::string& file, FileAccess others = FileAccess::kAnything);

}  // namespace bonnie::server

#endif  // BONNIE_SERVICES_SERVER_FILE_STAMP_H_
