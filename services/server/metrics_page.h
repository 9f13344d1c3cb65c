#ifndef BONNIE_SERVICES_SERVER_METRICS_PAGE_H_
#define BONNIE_SERVICES_SERVER_METRICS_PAGE_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace bonnie::server {

// Serves one text at GET /metrics over HTTP/1.1, by an event loop on a thread of its own.
//
// Nobody authenticates here, so nothing that a caller does may keep others from the page or reach anything else:
// - One loop serves all connections: a request that was sent by half waits alone. 32 connections may be open; with one
//   more the oldest is closed. Each is closed after 5 s of silence and after its answer. A request's head may have 8
//   KiB.
// - A web page that an operator visits must not read the numbers by DNS rebinding: the Host must be an IP address,
//   localhost or a configured name; others get 403.
//
// Thread-safe.
class MetricsPage {
 public:
  struct Options {
    std::string address;             // host:port; port 0: the system chooses
    std::vector<std::string> hosts;  // names by which it may be asked, besides the address's own
  };
  // `text` is called on the page's thread for each answer until this is destroyed. kUnavailable: the address cannot be
  // bound; named, with its owner.
  static absl::StatusOr<std::unique_ptr<MetricsPage>> Open(const Options& options, std::function<std::string()> text);
  // Closes all connections; `text` is not called afterwards.
  ~MetricsPage();

  int port() const;

 private:
  class Impl;
  explicit MetricsPage(std::unique_ptr<Impl> impl);
  const std::unique_ptr<Impl> impl_;
};

// Whether `host`, a request's Host with or without a port, cannot be a name that somebody else controls: an IP address,
// localhost, or one of `names` (in any case).
bool IsOwnHost(absl::string_view host, const std::vector<std::string>& names);

}  // namespace bonnie::server

#endif  // BONNIE_SERVICES_SERVER_METRICS_PAGE_H_
