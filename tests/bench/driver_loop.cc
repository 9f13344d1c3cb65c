#include "tests/bench/driver_loop.h"

#include <algorithm>
#include <memory>
#include <random>
#include <thread>
#include <utility>

#include "absl/time/clock.h"
#include "services/data_access/status_macros.h"

namespace bonnie::bench {
namespace {

constexpr data_access::Sql kSelect{
    "bench.point_select",
    "SELECT id, first_name, last_name, date_of_birth, gender, contact_number, is_deceased, source_key, row_version, "
    "create_time, update_time, delete_time FROM patients WHERE id = ?"};

void Repeat(data_access::Connection& connection, const std::vector<std::int64_t>& ids, unsigned seed, absl::Time until,
            std::vector<std::int64_t>* latencies_ns, absl::Status* status) {
  std::minstd_rand random(seed);
  while (absl::Now() < until) {
    const std::int64_t id = ids[random() % ids.size()];
    const std::int64_t started = absl::GetCurrentTimeNanos();
    auto rows = connection.Query(data_access::Statement(kSelect, id), data_access::Phase::kReading);
    if (!rows.ok() || !rows->Next()) {
      *status = rows.ok() ? absl::InternalError("a patient is missing") : rows.status();
      return;
    }
    latencies_ns->push_back(absl::GetCurrentTimeNanos() - started);
  }
}

}  // namespace

absl::StatusOr<DriverLoopResult> RunDriverLoop(data_access::Driver& driver, const data_access::ConnectOptions& connect,
                                               int sessions, const std::vector<std::int64_t>& ids,
                                               absl::Duration duration) {
  std::vector<std::unique_ptr<data_access::Connection>> connections;
  for (int i = 0; i < sessions; ++i) {
    BONNIE_ASSIGN_OR_RETURN(std::unique_ptr<data_access::Connection> connection, driver.Connect(connect));
    connections.push_back(std::move(connection));
  }
  std::vector<std::vector<std::int64_t>> latencies(sessions);
  std::vector<absl::Status> statuses(sessions);
  std::vector<std::thread> threads;
  const absl::Time until = absl::Now() + duration;
  for (int i = 0; i < sessions; ++i) {
    threads.emplace_back([&, i] { Repeat(*connections[i], ids, 1 + i, until, &latencies[i], &statuses[i]); });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<std::int64_t> all;
  for (int i = 0; i < sessions; ++i) {
    BONNIE_RETURN_IF_ERROR(statuses[i]);
    all.insert(all.end(), latencies[i].begin(), latencies[i].end());
  }
  if (all.empty()) return absl::InternalError("no select ended in time");
  std::nth_element(all.begin(), all.begin() + all.size() / 2, all.end());
  return DriverLoopResult{static_cast<double>(all.size()) / absl::ToDoubleSeconds(duration),
                          absl::Nanoseconds(all[all.size() / 2])};
}

}  // namespace bonnie::bench
