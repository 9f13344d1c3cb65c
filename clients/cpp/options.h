#ifndef BONNIE_CLIENTS_CPP_OPTIONS_H_
#define BONNIE_CLIENTS_CPP_OPTIONS_H_

#include <string>

#include "absl/time/time.h"

namespace bonnie::client {

// PEM files of a caller; read when a channel is opened.
struct TlsFiles {
  std::string ca_file;    // the CAs that may have signed the service's certificate
  std::string cert_file;  // the caller's certificate chain: its URI SAN is its identity
  std::string key_file;   // the caller's private key
};

// Where one service is and how to call it.
struct Options {
  // host:port. Every address that the name resolves to is called in turn. The service's certificate must name the host.
  std::string address;
  // The site that the caller means, such as azure. It goes with every call as metadata `bonnie-site`, and a service of
  // another site refuses the call: a wrong address never answers with another site's patients. Empty: any site.
  std::string site;
  TlsFiles tls;
  // Plaintext instead of `tls`, to a loopback address only, for development.
  bool insecure_loopback = false;
  // The identity that the service's certificate must have: its one URI SAN, such as spiffe://bonnie/azure-records.
  // Empty: any certificate of the CA that names the host, such as another service's there. Excludes insecure_loopback.
  std::string service_identity;
  // Time for one call, its retries included. Zero: the method's own, from 5 s for one row to 30 s for a plan.
  absl::Duration timeout = absl::ZeroDuration();
  // While the service cannot be reached: wait for it until the call's time is up, instead of failing at once.
  bool wait_for_ready = false;
};

}  // namespace bonnie::client

#endif  // BONNIE_CLIENTS_CPP_OPTIONS_H_
