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

// The whole file, at most 16 MiB. kFailedPrecondition: it cannot be read; the message names it and the reason.
absl::StatusOr<std::string> ReadFile(const std::string& file);

}  // namespace bonnie::server

#endif  // BONNIE_SERVICES_SERVER_FILE_STAMP_H_
