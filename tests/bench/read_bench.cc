// Measures reads: what GetPatient costs beside an empty RPC and beside the bare driver, in one run on one machine.
// tests/bench/run starts the services it measures and calls it.
#include <CLI/CLI.hpp>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>
#include <numeric>
#include <regex>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "services/data_access/mysql_driver.h"
#include "tests/bench/driver_loop.h"
#include "tests/bench/load.h"
#include "tests/bench/report.h"

namespace bonnie::bench {
namespace {

struct Flags {
  std::string merged, unmerged, plain;  // addresses of the three services
  std::string ca, cert, key;            // the caller's identity
  std::string database_host = "127.0.0.1", database_ca, database_user, database_password_file, database_schema;
  int database_port = 0;
  int patients = 0;
  int rounds = 3;
  int connections = 4;
  double seconds = 1.0;
  std::string json;
  std::string filter;
};

constexpr int kLevels[] = {1, 16, 64, 256};
constexpr int kDriverSessions = 8;

// Every series' results by round.
using Series = std::map<std::string, std::vector<LoadResult>>;

std::string Key(const char* series, int in_flight) { return absl::StrCat(series, "@", in_flight); }

std::string ReadFile(const std::string& file) {
  std::ifstream in(file);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

double Median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
  return values[values.size() / 2];
}

// Median over the rounds of value(a) / value(b): the two were measured next to each other in each round.
template <class Value>
double MedianRatio(const std::vector<LoadResult>& a, const std::vector<LoadResult>& b, Value value) {
  std::vector<double> ratios;
  for (size_t i = 0; i < a.size(); ++i) ratios.push_back(value(a[i]) / value(b[i]));
  return Median(std::move(ratios));
}

data_access::ConnectOptions DatabaseOptions(const Flags& flags) {
  data_access::ConnectOptions options;
  options.host = flags.database_host;
  options.port = flags.database_port;
  options.schema = flags.database_schema;
  options.tls =
      data_access::TlsOptions{.ca_file = flags.database_ca, .cert_file = {}, .key_file = {}, .plugin_dir = {}};
  options.credentials = data_access::PasswordFile(flags.database_user, flags.database_password_file);
  return options;
}

void PrintSeries(const Series& series) {
  std::cout << absl::StreamFormat("%-34s %12s %10s %10s\n", "series@in flight", "calls/s", "p50 us", "p99 us");
  for (const auto& [name, results] : series) {
    std::vector<double> rate, p50, p99;
    for (const LoadResult& result : results) {
      rate.push_back(result.per_second);
      p50.push_back(absl::ToDoubleMicroseconds(result.p50));
      p99.push_back(absl::ToDoubleMicroseconds(result.p99));
    }
    std::cout << absl::StreamFormat("%-34s %12.0f %10.0f %10.0f\n", name, Median(rate), Median(p50), Median(p99));
  }
}

std::vector<Row> Rows(const Series& series) {
  auto rate = [](const LoadResult& result) { return result.per_second; };
  auto at = [&](const char* name, int in_flight) -> const std::vector<LoadResult>& {
    return series.at(Key(name, in_flight));
  };
  std::vector<double> idle;
  for (size_t i = 0; i < at("mtls.get_patient", 1).size(); ++i) {
    idle.push_back(absl::FDivDuration(at("mtls.get_patient", 1)[i].p50,
                                      at("mtls.empty_rpc", 1)[i].p50 + at("driver.point_select", 1)[i].p50));
  }
  return {
      AtLeast("read.vs_empty_rpc_64", MedianRatio(at("mtls.get_patient", 64), at("mtls.empty_rpc", 64), rate), 0.7),
      AtLeast("read.vs_empty_rpc_256", MedianRatio(at("mtls.get_patient", 256), at("mtls.empty_rpc", 256), rate), 0.8),
      AtLeast("read.vs_driver",
              MedianRatio(at("mtls.get_patient", 64), at("driver.point_select", kDriverSessions), rate), 1.0),
      AtLeast("read.vs_unmerged", MedianRatio(at("mtls.get_patient", 64), at("mtls.get_patient_unmerged", 64), rate),
              2.5),
      AtMost("read.idle", Median(std::move(idle)), 1.25),
  };
}

absl::StatusOr<Series> Measure(const Flags& flags) {
  std::vector<std::int64_t> ids(flags.patients);
  std::iota(ids.begin(), ids.end(), 1);
  grpc::SslCredentialsOptions ssl{ReadFile(flags.ca), ReadFile(flags.key), ReadFile(flags.cert)};
  Load merged(flags.merged, grpc::SslCredentials(ssl), flags.connections, ids);
  Load unmerged(flags.unmerged, grpc::SslCredentials(ssl), flags.connections, ids);
  Load plain(flags.plain, grpc::InsecureChannelCredentials(), flags.connections, ids);
  struct Measured {
    const char* name;
    Load& load;
    Call call;
  };
  const Measured all[] = {{"mtls.empty_rpc", merged, Call::kHealthCheck},
                          {"mtls.get_patient", merged, Call::kGetPatient},
                          {"mtls.get_patient_unmerged", unmerged, Call::kGetPatient},
                          {"plain.empty_rpc", plain, Call::kHealthCheck},
                          {"plain.get_patient", plain, Call::kGetPatient}};
  const std::unique_ptr<data_access::Driver> driver = data_access::MakeMySqlDriver();
  const absl::Duration duration = absl::Seconds(flags.seconds);
  Series series;
  for (int round = 1; round <= flags.rounds; ++round) {
    std::cerr << "round " << round << " of " << flags.rounds << "\n";
    for (int sessions : {1, kDriverSessions}) {
      auto result = RunDriverLoop(*driver, DatabaseOptions(flags), sessions, ids, duration);
      if (!result.ok()) return result.status();
      series[Key("driver.point_select", sessions)].push_back({result->per_second, result->p50, result->p50, 0});
    }
    for (int in_flight : kLevels) {
      for (const Measured& measured : all) {
        const LoadResult result = measured.load.Run(measured.call, in_flight, duration);
        if (result.failed > 0) {
          return absl::InternalError(absl::StrCat(measured.name, ": ", result.failed, " calls failed"));
        }
        series[Key(measured.name, in_flight)].push_back(result);
      }
    }
  }
  return series;
}

int Main(int argc, char** argv) {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  Flags flags;
  CLI::App app("Measures reads; tests/bench/run calls it.");
  app.add_option("--merged", flags.merged, "host:port of a records service, mTLS")->required();
  app.add_option("--unmerged", flags.unmerged, "the same with point_reads.max_batch 1")->required();
  app.add_option("--plain", flags.plain, "the same with insecure_loopback")->required();
  app.add_option("--ca", flags.ca, "PEM, CA of the services")->required();
  app.add_option("--cert", flags.cert, "PEM, the caller's certificate")->required();
  app.add_option("--key", flags.key, "PEM, its key")->required();
  app.add_option("--database-port", flags.database_port)->required();
  app.add_option("--database-ca", flags.database_ca)->required();
  app.add_option("--database-user", flags.database_user)->required();
  app.add_option("--database-password-file", flags.database_password_file)->required();
  app.add_option("--database-schema", flags.database_schema)->required();
  app.add_option("--patients", flags.patients, "patients 1 to N are there")->required();
  app.add_option("--rounds", flags.rounds, "each series is run once a round");
  app.add_option("--seconds", flags.seconds, "of each series in each round");
  app.add_option("--connections", flags.connections, "of the load, to each service");
  app.add_option("--json", flags.json, "write the rows there too");
  app.add_option("--filter", flags.filter, "rows to report (regular expression)");
  CLI11_PARSE(app, argc, argv);

  absl::StatusOr<Series> series = Measure(flags);
  if (!series.ok()) {
    std::cerr << series.status() << "\n";
    return 1;
  }
  PrintSeries(*series);
  std::vector<Row> rows = Rows(*series);
  std::erase_if(rows, [&](const Row& row) { return !std::regex_search(row.name, std::regex(flags.filter)); });
  std::cout << "\n";
  Print(rows);
  if (flags.json.empty()) return 0;
  const absl::Status written = WriteJson(rows, flags.json);
  if (!written.ok()) std::cerr << written << "\n";
  return written.ok() ? 0 : 1;
}

}  // namespace
}  // namespace bonnie::bench

int main(int argc, char** argv) { return bonnie::bench::Main(argc, argv); }
