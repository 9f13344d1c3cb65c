#include "services/server/metrics_page.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <list>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/match.h"
#include "absl/synchronization/mutex.h"
#include "services/data_access/status_macros.h"
#include "services/server/config_checks.h"
#include "services/server/listen_sockets.h"
#include "services/server/port_owner.h"

namespace bonnie::server {
namespace {

constexpr std::size_t kMaxPageConnections = 32;  // the oldest gives way to one more
constexpr unsigned kHardLimit = 64;              // until the loop has closed those that gave way
constexpr unsigned kSilentSeconds = 5;
constexpr std::size_t kConnectionBytes = 16 << 10;  // half of it for a request's head
constexpr char kTextType[] = "text/plain; version=0.0.4; charset=utf-8";

bool IsIpAddress(const std::string& host) {
  in6_addr bytes{};
  return inet_pton(AF_INET, host.c_str(), &bytes) == 1 || inet_pton(AF_INET6, host.c_str(), &bytes) == 1;
}

// The host of "host", "host:port", "[::1]" and "[::1]:port".
std::string WithoutPort(absl::string_view host) {
  if (absl::StartsWith(host, "[")) {
    const std::size_t end = host.find(']');
    return end == absl::string_view::npos ? "" : std::string(host.substr(1, end - 1));
  }
  return std::string(host.substr(0, host.find(':')));
}

MHD_Result Reply(MHD_Connection* connection, unsigned status, const std::string& body) {
  MHD_Response* response = MHD_create_response_from_buffer(body.size(), const_cast<char*>(body.data()),
                                                           MHD_RESPMEM_MUST_COPY);  // NOLINT: it is not written to
  if (response == nullptr) return MHD_NO;
  MHD_add_response_header(response, "Content-Type", kTextType);
  MHD_add_response_header(response, "Connection", "close");
  MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
  const MHD_Result queued = MHD_queue_response(connection, status, response);
  MHD_destroy_response(response);
  return queued;
}

}  // namespace

class MetricsPage::Impl {
 public:
  Impl(const Options& options, std::function<std::string()> text) : names_(options.hosts), text_(std::move(text)) {
    std::string host;
    if (SplitAddress(options.address, &host, &port_)) names_.push_back(host);
  }

  // One loop for each socket. False: the library cannot start one.
  bool Serve(ListenSockets sockets) {
    port_ = sockets.port();
    bool all = true;
    for (int fd : sockets.Release()) {
      MHD_Daemon* const daemon =
          MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0, nullptr, nullptr, OnRequest, this,  //
                           MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT, kHardLimit,
                           MHD_OPTION_CONNECTION_TIMEOUT, kSilentSeconds, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                           kConnectionBytes, MHD_OPTION_NOTIFY_CONNECTION, OnConnection, this, MHD_OPTION_END);
      if (daemon == nullptr) close(fd);
      all = all && daemon != nullptr;
      daemons_.emplace_back(daemon);
    }
    return all;
  }

  int port() const { return port_; }

 private:
  static MHD_Result OnRequest(void* self, MHD_Connection* connection, const char* path, const char* method, const char*,
                              const char*, std::size_t*, void**) {
    return static_cast<Impl*>(self)->Answer(connection, path, method);
  }

  static void OnConnection(void* self, MHD_Connection* connection, void**, MHD_ConnectionNotificationCode what) {
    const auto* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    static_cast<Impl*>(self)->Count(info->connect_fd, what == MHD_CONNECTION_NOTIFY_STARTED);
  }

  MHD_Result Answer(MHD_Connection* connection, absl::string_view path, absl::string_view method) const {
    const char* const host = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_HOST);
    if (host == nullptr || !IsOwnHost(host, names_)) {
      return Reply(connection, MHD_HTTP_FORBIDDEN, "This page is not served under that Host: see metrics_hosts.\n");
    }
    if (method != MHD_HTTP_METHOD_GET && method != MHD_HTTP_METHOD_HEAD) {
      return Reply(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "GET and HEAD only.\n");
    }
    if (path != "/metrics") return Reply(connection, MHD_HTTP_NOT_FOUND, "The page is /metrics.\n");
    return Reply(connection, MHD_HTTP_OK, text_());
  }

  // Whoever sends a byte now and then is never silent, so the oldest connection gives way to a new one. The loop sees
  // the shut socket and closes it.
  void Count(int fd, bool opened) {
    absl::MutexLock lock(&mu_);
    if (!opened) {
      open_.remove(fd);
      return;
    }
    open_.push_back(fd);
    if (open_.size() <= kMaxPageConnections) return;
    shutdown(open_.front(), SHUT_RDWR);
    open_.pop_front();
  }

  struct StopDaemon {
    void operator()(MHD_Daemon* daemon) const { MHD_stop_daemon(daemon); }
  };

  std::vector<std::string> names_;
  const std::function<std::string()> text_;
  int port_ = 0;
  absl::Mutex mu_;
  std::list<int> open_ ABSL_GUARDED_BY(mu_);                      // oldest first
  std::vector<std::unique_ptr<MHD_Daemon, StopDaemon>> daemons_;  // last: their threads use all of the above
};

absl::StatusOr<std::unique_ptr<MetricsPage>> MetricsPage::Open(const Options& options,
                                                               std::function<std::string()> text) {
  BONNIE_ASSIGN_OR_RETURN(ListenSockets sockets, ListenSockets::Open(options.address, /*share_port=*/false));
  auto impl = std::make_unique<Impl>(options, std::move(text));
  if (!impl->Serve(std::move(sockets))) return CannotListen(options.address);
  return std::unique_ptr<MetricsPage>(new MetricsPage(std::move(impl)));
}

MetricsPage::MetricsPage(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

MetricsPage::~MetricsPage() = default;

int MetricsPage::port() const { return impl_->port(); }

bool IsOwnHost(absl::string_view host, const std::vector<std::string>& names) {
  const std::string name = WithoutPort(host);
  if (absl::EqualsIgnoreCase(name, "localhost") || IsIpAddress(name)) return true;
  for (const std::string& own : names) {
    if (absl::EqualsIgnoreCase(name, own)) return true;
  }
  return false;
}

}  // namespace bonnie::server
