#ifndef BONNIE_SERVICES_DATA_ACCESS_TLS_OPTIONS_H_
#define BONNIE_SERVICES_DATA_ACCESS_TLS_OPTIONS_H_

#include <string>

#include "absl/status/status.h"

namespace bonnie::data_access {

// TLS to a database: chain and host name are verified, always. There is no "preferred" and no "required": with
// Connector/C++ 1.1.12 anything less than enforce + verify + CA together goes on in plain text with a server that
// offers no TLS, and hands it the password.
struct TlsOptions {
  std::string ca_file;     // PEM; required
  std::string cert_file;   // PEM; with key_file or not at all
  std::string key_file;    // PEM
  std::string plugin_dir;  // authentication plugins the server may ask for; empty for the driver's own folder
};

// Checks that every file named can be read and parsed, that certificate and key are a pair, and that the CA has not
// expired. kFailedPrecondition: one does not; the message names file and reason.
absl::Status CheckTlsOptions(const TlsOptions& options);

}  // namespace bonnie::data_access

#endif  // BONNIE_SERVICES_DATA_ACCESS_TLS_OPTIONS_H_
