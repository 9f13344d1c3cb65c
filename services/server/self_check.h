#ifndef BONNIE_SERVICES_SERVER_SELF_CHECK_H_
#define BONNIE_SERVICES_SERVER_SELF_CHECK_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/server/tls.h"

namespace bonnie::server {

// Whether this process still takes connections on `port`: opens one over loopback and waits for the first answer of TLS
// (presenting `own` as the caller's certificate), or of HTTP/2 where `own` is null.
//
// gRPC 1.51's accept loop ends for good once file descriptors run out (CVE-2023-4785), while everything else lives on:
// the service manager's watchdog has to hear of it. Blocks until `deadline` at the latest. kUnavailable: no connection,
// or another answer. kDeadlineExceeded: nobody answers.
absl::Status CheckListener(int port, const Certificates* own, absl::Time deadline);

}  // namespace bonnie::server

#endif  // BONNIE_SERVICES_SERVER_SELF_CHECK_H_
