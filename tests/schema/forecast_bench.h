#ifndef BONNIE_TESTS_SCHEMA_FORECAST_BENCH_H_
#define BONNIE_TESTS_SCHEMA_FORECAST_BENCH_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/schema/canonical.h"
#include "services/schema/forecast.h"
#include "tests/schema/folder.h"
#include "tests/schema/harness.h"
#include "tests/support/test_database.h"

namespace bonnie::schema {

// A plan of one revision with these statements.
Plan PlanOf(const std::vector<std::string>& statements);

// What another connection, which updates a row of table `t` again and again, saw while a statement ran.
struct Watched {
  absl::Status ran;
  absl::Duration took;
  double longest_wait = 0;  // of the writer, as a part of `took`
};

// Foretells a statement on table `t`, runs it as it was foretold, and compares. Everything in the database `bonnie`.
class ForecastBench {
 public:
  // `database` outlives it.
  explicit ForecastBench(test_support::TestDatabase& database);

  bool is_mysql() const { return database_.is_mysql(); }
  Harness& harness() { return harness_; }
  Forecaster& forecaster() { return forecaster_; }
  // As a user who may do everything in `bonnie`, and nothing of the schema account's.
  data_access::ConnectOptions WriterOptions() const;
  std::string Query(const std::string& sql) { return harness_.Query(sql); }

  // An empty database but for `numbers`, with which Fill makes rows.
  void Reset();
  // `rows` rows of (id, c), both counting from 1, in a table that has them.
  void Fill(const std::string& table, int rows);
  // The steps' forecasts; none (and a failure of the test) when there is no forecast.
  std::vector<StepForecast> Foretell(const std::vector<std::string>& statements);

  // Makes `t` by `setup`, foretells `sql`, runs it live beside a writer; empty when all was as foretold, else what was
  // not: a better clause that the server takes too, a writer that waited or did not, a rebuild, another SHOW CREATE.
  std::string Try(const std::string& setup, const std::string& sql, StepForecast* forecast = nullptr);
  int expected_known() const { return expected_known_; }  // tries in which SHOW CREATE was foretold

 private:
  std::string TryWith(const std::string& setup, const std::string& sql, int rows, StepForecast* forecast,
                      bool* unclear);
  std::string CompareRun(const std::string& sql, const StepForecast& forecast, bool* unclear);
  Watched RunBesideWriter(const std::string& sql);
  std::vector<std::string> BetterClauses(const StepForecast& forecast) const;
  std::string TableIds();

  test_support::TestDatabase& database_;
  Folder folder_;
  Harness harness_;
  Canonical canonical_;
  Forecaster forecaster_;
  int expected_known_ = 0;
};

}  // namespace bonnie::schema

#endif  // BONNIE_TESTS_SCHEMA_FORECAST_BENCH_H_
