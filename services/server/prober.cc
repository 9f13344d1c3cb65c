#include "services/server/prober.h"

#include <systemd/sd-daemon.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace bonnie::server {
namespace {

constexpr absl::Duration kProbeTime = absl::Seconds(1);
constexpr absl::Duration kProbeEvery = absl::Seconds(5);
constexpr absl::Duration kProbeEveryAtStart = absl::Milliseconds(500);

std::string PackageOf(const std::string& service) { return service.substr(0, service.rfind('.')); }

}  // namespace

Prober::Prober(Health& health, Metrics& metrics, Log& log)
    : health_(health),
      log_(log),
      revision_family_(prometheus::BuildGauge()
                           .Name("bonnie_schema_version")
                           .Help("1 for the heads of the database's applied revisions.")
                           .Register(metrics.registry())) {
  metrics.AddGauge("bonnie_ready", "Whether health says SERVING.", [this] { return health_.serving(""); });
  metrics.AddGauge("bonnie_db_up", "Whether the last probe of the database succeeded.",
                   [this] { return database_up_.load(); });
  metrics.AddGauge("bonnie_db_read_only", "Whether the database refuses writes.", [this] { return read_only_.load(); });
}

void Prober::Name(const std::vector<std::string>& services) {
  names_ = {""};
  for (const std::string& service : services) {
    if (absl::StartsWith(service, "grpc.")) continue;
    names_.push_back(service);
    write_names_.push_back(absl::StrCat(PackageOf(service), "/write"));
  }
  for (const std::string& name : names_) health_.Add(name);
  for (const std::string& name : write_names_) health_.Add(name);
}

absl::StatusOr<ProbeResult> Prober::Ask() const {
  return has_probe() ? probe_(absl::Now() + kProbeTime) : absl::StatusOr<ProbeResult>(ProbeResult());
}

void Prober::Tell(const absl::StatusOr<ProbeResult>& result) {
  const bool changed = readiness_.Probed(result.ok(), absl::Now());
  database_up_ = result.ok() && has_probe();
  if (result.ok()) {
    read_only_ = result->read_only;
    ShowRevision(result->schema_revision);
  }
  for (const std::string& name : names_) health_.Set(name, readiness_.ready());
  for (const std::string& name : write_names_) health_.Set(name, readiness_.ready() && !read_only_);
  Report(result.ok() ? "" : std::string(result.status().message()), changed);
}

absl::Duration Prober::wait() const { return readiness_.ever_ready() ? kProbeEvery : kProbeEveryAtStart; }

// Once for each change, not for each probe.
void Prober::Report(const std::string& reason, bool changed) {
  if (changed && readiness_.ready()) {
    log_.Write(LogLevel::kInfo, "ready",
               LogFields().Add("schema_revision", shown_revision_).Add("read_only", read_only_ ? 1 : 0));
    sd_notify(0, "STATUS=serving");
  } else if (!reason.empty() && (changed || reason != last_reason_)) {
    log_.Write(LogLevel::kWarn, readiness_.ready() ? "probe_failed" : "not_ready", LogFields().Add("reason", reason));
    if (!readiness_.ready()) sd_notify(0, absl::StrCat("STATUS=not serving: ", reason).c_str());
  }
  last_reason_ = reason;
}

void Prober::ShowRevision(const std::string& revision) {
  if (revision == shown_revision_) return;
  if (!shown_revision_.empty()) revision_family_.Remove(&revision_family_.Add({{"revision", shown_revision_}}));
  if (!revision.empty()) revision_family_.Add({{"revision", revision}}).Set(1);
  shown_revision_ = revision;
}

}  // namespace bonnie::server
