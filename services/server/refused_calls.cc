#include "services/server/refused_calls.h"

#include <grpc/grpc.h>
#include <grpc/support/alloc.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "services/server/call.h"
#include "services/server/log.h"
#include "services/server/metrics.h"

namespace bonnie::server {
namespace {

constexpr absl::Duration kRefusedLineEvery = absl::Seconds(10);

struct FreeGrpcText {
  void operator()(char* text) const { gpr_free(text); }
};
using GrpcText = std::unique_ptr<char, FreeGrpcText>;

nlohmann::json ParseText(const GrpcText& text) {
  return text == nullptr ? nlohmann::json() : nlohmann::json::parse(text.get(), nullptr, /*allow_exceptions=*/false);
}

// channelz writes 64-bit numbers as strings.
std::int64_t NumberAt(const nlohmann::json& from, const char* path) {
  const nlohmann::json::json_pointer at(path);
  std::int64_t number = 0;
  if (!from.is_object() || !from.contains(at) || !from[at].is_string()) return 0;
  return absl::SimpleAtoi(from[at].get<std::string>(), &number) ? number : 0;
}

// Ids ascend, and servers come in their order, a page at a time.
std::int64_t NewestServer() {
  std::int64_t newest = 0;
  for (bool more = true; more;) {
    const nlohmann::json page = ParseText(GrpcText(grpc_channelz_get_servers(newest + 1)));
    if (!page.is_object()) return newest;
    for (const nlohmann::json& server : page.value("server", nlohmann::json::array())) {
      newest = std::max(newest, NumberAt(server, "/ref/serverId"));
    }
    more = !page.value("end", true);
  }
  return newest;
}

std::int64_t CallsStarted(std::int64_t server) {
  return NumberAt(ParseText(GrpcText(grpc_channelz_get_server(server))), "/server/data/callsStarted");
}

}  // namespace

RefusedCalls::RefusedCalls(const Calls& calls, Metrics& metrics, Log& log)
    : calls_(calls),
      log_(log),
      counter_(
          metrics.Counter("bonnie_calls_refused_by_grpc_total",
                          "Calls that ended before a handler was asked: compressed, too large, malformed, unknown.")),
      server_(NewestServer()) {}

void RefusedCalls::Look(absl::Time now) {
  const std::int64_t started = CallsStarted(server_);  // first: what arrives meanwhile is not missing
  const std::int64_t missing = std::max<std::int64_t>(started - calls_.arrived(), 0);
  const std::int64_t refused = std::min(missing, std::exchange(missing_, missing));
  counted_ = std::min(counted_, missing);  // a request that took long to come was counted, and is here now
  if (refused > counted_) {
    counter_.Increment(static_cast<double>(refused - counted_));
    not_logged_ += refused - std::exchange(counted_, refused);
  }
  if (not_logged_ == 0 || now < next_line_) return;
  next_line_ = now + kRefusedLineEvery;
  log_.Write(LogLevel::kWarn, "calls_refused_by_grpc", LogFields().Add("calls", std::exchange(not_logged_, 0)));
}

}  // namespace bonnie::server
