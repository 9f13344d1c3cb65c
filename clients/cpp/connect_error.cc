#include "clients/cpp/connect_error.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "clients/cpp/service_credentials.h"
#include "clients/cpp/status.h"

namespace bonnie::client {
namespace {

// What gRPC 1.51 writes, and what it means; the first that is found counts. `$` stands for a TLS file.
struct Cause {
  absl::string_view text;
  absl::string_view with_tls;
  absl::string_view plaintext;
};
constexpr Cause kCauses[] = {
    {"Connection refused", "nobody listens there; is the service running?",
     "nobody listens there; is the service running?"},
    {"wrong version number", "what listens there speaks no TLS; is it the port of a Bonnie service that demands TLS?",
     ""},
    {"certificate verify failed",
     "the service's certificate was not signed by a CA of ca_file $ca, or is expired (`openssl x509 -noout -dates`)",
     ""},
    {"is not in peer certificate",
     "the service's certificate does not name this host; use a name that it holds, or have it made for this one", ""},
    {"Hostname Verification Check failed",
     "the service's certificate does not name this host; use a name that it holds, or have it made for this one", ""},
    {"Socket closed",
     "the service closed the connection: it refuses the client certificate $cert (its log says why), or is just "
     "stopping",
     "the service closed the connection: it wants TLS (configure tls instead of insecure_loopback), or is just "
     "stopping"},
    {"Connection reset by peer",
     "the service closed the connection: it refuses the client certificate $cert, or is just stopping",
     "the service closed the connection: it wants TLS (configure tls instead of insecure_loopback), or is just "
     "stopping"},
    {"DNS resolution failed", "no such host", "no such host"},
    {"No route to host", "no route to that host", "no route to that host"},
    {"Network is unreachable", "no route to that host", "no route to that host"},
};

std::string Likely(absl::string_view message, const Options& options) {
  if (const absl::string_view mismatch = IdentityMismatchIn(message); !mismatch.empty()) {
    return absl::StrCat(options.site.empty() ? "" : absl::StrCat("site ", options.site, ": "), mismatch,
                        "; is this the address of another service?");
  }
  for (const Cause& cause : kCauses) {
    const absl::string_view likely = options.insecure_loopback ? cause.plaintext : cause.with_tls;
    if (absl::StrContains(message, cause.text) && !likely.empty()) {
      return absl::StrReplaceAll(likely, {{"$cert", options.tls.cert_file}, {"$ca", options.tls.ca_file}});
    }
  }
  return "cannot be reached";
}

}  // namespace

absl::Status ExplainConnectError(const absl::Status& status, const Options& options) {
  if (!DetailsOf(status).reason.empty()) return status;  // the service's own words
  if (status.code() == absl::StatusCode::kDeadlineExceeded) {
    return WithMessage(status, absl::StrCat(options.address, ": no answer in time"));
  }
  if (status.code() != absl::StatusCode::kUnavailable) return status;
  return WithMessage(
      status, absl::StrCat(options.address, ": ", Likely(status.message(), options), " [", status.message(), "]"));
}

}  // namespace bonnie::client
