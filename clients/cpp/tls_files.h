#ifndef BONNIE_CLIENTS_CPP_TLS_FILES_H_
#define BONNIE_CLIENTS_CPP_TLS_FILES_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cpp/options.h"

namespace bonnie::client {

// The texts of TlsFiles.
struct TlsTexts {
  std::string ca;
  std::string cert;
  std::string key;
};

// Reads and checks the files, because gRPC would only fail each handshake with a text that names none of them.
// kFailedPrecondition: a file is missing, not readable or not PEM; the key is not the certificate's; the certificate is
// not valid at `now`. Each names the file and the reason.
absl::StatusOr<TlsTexts> ReadTlsFiles(const TlsFiles& files, absl::Time now = absl::Now());

}  // namespace bonnie::client

#endif  // BONNIE_CLIENTS_CPP_TLS_FILES_H_
