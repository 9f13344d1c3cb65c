#ifndef BONNIE_TESTS_SECURITY_ISSUED_CERTIFICATES_H_
#define BONNIE_TESTS_SECURITY_ISSUED_CERTIFICATES_H_

#include <string>
#include <vector>

#include "absl/time/time.h"

namespace bonnie::security {

// Issues a client certificate of the test PKI's CA to `uri`, valid until `not_after` (whole seconds), and answers its
// name for server::Pki and TestServer::Channel: Pki(name + ".pem"), Pki(name + ".key").
std::string IssueClient(const std::string& uri, absl::Time not_after);

// Writes the revocation list of the test PKI's CA with these certificates (names for Pki) on it, by
// deploy/pki/make-crl, and answers its text. What was revoked stays revoked.
std::string RevocationList(const std::vector<std::string>& revoked);

}  // namespace bonnie::security

#endif  // BONNIE_TESTS_SECURITY_ISSUED_CERTIFICATES_H_
