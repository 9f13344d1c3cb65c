#include "tests/schema/forecast_bench.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "services/data_access/mysql_driver.h"
#include "services/schema/alter_clause.h"
#include "services/schema/ddl_session.h"

namespace bonnie::schema {

namespace {

constexpr int kRows = 60000;
constexpr absl::Duration kTooShort = absl::Milliseconds(150);  // to tell by a writer whether it had to wait

data_access::ConnectOptions Scratch(const Harness& harness, const test_support::TestDatabase& database) {
  data_access::ConnectOptions options = harness.Connect();
  options.credentials = data_access::PasswordFile("bonnie_scratch", database.password_file("scratch"));
  return options;
}

// Updates rows of `t` until it is told to end; when each statement ended is what it is for.
class WriterThread {
 public:
  WriterThread(data_access::Driver& driver, const data_access::ConnectOptions& options) {
    auto connection = driver.Connect(options);
    EXPECT_TRUE(connection.ok()) << connection.status();
    if (!connection.ok()) return;
    connection_ = *std::move(connection);
    thread_ = std::thread([this] {
      for (int i = 0; !ending_; ++i) {
        // Whether it succeeds is not asked: the column may be gone, and a refusal comes without waiting too.
        (void)connection_->ExecuteText(absl::StrCat("UPDATE t SET w = w + 1 WHERE id = ", i % 1000 + 1),
                                       data_access::Phase::kWriting);
        ends_.push_back(absl::Now());
        ++count_;
      }
    });
    while (count_ < 20) absl::SleepFor(absl::Milliseconds(1));  // it has got going
  }
  std::vector<absl::Time> End() {
    ending_ = true;
    if (thread_.joinable()) thread_.join();
    return ends_;
  }

 private:
  std::unique_ptr<data_access::Connection> connection_;
  std::atomic<bool> ending_{false};
  std::atomic<int> count_{0};
  std::vector<absl::Time> ends_;
  std::thread thread_;
};

double LongestWait(const std::vector<absl::Time>& ends, absl::Time begin, absl::Time end) {
  absl::Time last = begin;
  absl::Duration longest;
  for (const absl::Time at : ends) {
    if (at < begin || at > end) continue;
    longest = std::max(longest, at - last);
    last = at;
  }
  return absl::FDivDuration(std::max(longest, end - last), end - begin);
}

}  // namespace

Plan PlanOf(const std::vector<std::string>& statements) {
  Plan plan;
  plan.revisions.push_back({.id = "0001"});
  for (const std::string& sql : statements) {
    auto facts = LookAt(sql);
    EXPECT_TRUE(facts.ok()) << sql << facts.status();
    PlanStep step{.revision = "0001", .ordinal = static_cast<int>(plan.revisions[0].steps.size()) + 1, .sql = sql};
    if (facts.ok()) step.facts = *std::move(facts);
    plan.revisions[0].steps.push_back(std::move(step));
  }
  return plan;
}

ForecastBench::ForecastBench(test_support::TestDatabase& database)
    : database_(database),
      harness_(database, folder_.path()),
      canonical_(harness_.driver(), Scratch(harness_, database)),
      forecaster_(harness_.driver(), harness_.Connect(), canonical_) {
  Query("CREATE USER IF NOT EXISTS writer@'%' IDENTIFIED BY 'writer'; GRANT ALL ON bonnie.* TO writer@'%'");
}

data_access::ConnectOptions ForecastBench::WriterOptions() const {
  data_access::ConnectOptions options = harness_.Connect();
  options.credentials = [] { return data_access::Credentials{"writer", "writer"}; };
  return options;
}

void ForecastBench::Reset() {
  harness_.Reset();
  Query("CREATE TABLE bonnie.numbers (n INT NOT NULL PRIMARY KEY)");
  std::string fill = "USE bonnie; INSERT INTO numbers VALUES (1);";
  for (int rows = 1; rows < 1 << 18; rows *= 2) {
    absl::StrAppend(&fill, "INSERT INTO numbers SELECT n + ", rows, " FROM numbers;");
  }
  Query(fill);
}

void ForecastBench::Fill(const std::string& table, int rows) {
  Query(absl::StrCat("USE bonnie; INSERT INTO ", table, " (id, c) SELECT n, n FROM numbers WHERE n <= ", rows));
}

std::vector<StepForecast> ForecastBench::Foretell(const std::vector<std::string>& statements) {
  auto forecast = forecaster_.Look(PlanOf(statements), absl::Now() + absl::Minutes(2));
  EXPECT_TRUE(forecast.ok()) << forecast.status();
  return forecast.ok() ? forecast->steps : std::vector<StepForecast>();
}

std::string ForecastBench::TableIds() {
  return Query(absl::StrCat("SELECT NAME, TABLE_ID FROM information_schema.INNODB_", is_mysql() ? "" : "SYS_",
                            "TABLES WHERE NAME = 'bonnie/t' OR NAME LIKE 'bonnie/t#%' ORDER BY NAME"));
}

// Those that ask more of the server than the foretold one does.
std::vector<std::string> ForecastBench::BetterClauses(const StepForecast& forecast) const {
  std::vector<std::string> clauses;
  if (is_mysql()) {
    clauses = {"ALGORITHM=INSTANT", "ALGORITHM=INPLACE, LOCK=NONE", "ALGORITHM=INPLACE, LOCK=SHARED",
               "ALGORITHM=COPY, LOCK=SHARED"};
  } else {
    for (const char* algorithm : {"INSTANT", "NOCOPY", "INPLACE", "COPY"}) {
      for (const char* lock : {"NONE", "SHARED"}) {
        clauses.push_back(absl::StrCat("ALGORITHM=", algorithm, ", LOCK=", lock));
      }
    }
  }
  const auto found = std::find(clauses.begin(), clauses.end(), forecast.clause);
  clauses.erase(found, clauses.end());
  return clauses;
}

Watched ForecastBench::RunBesideWriter(const std::string& sql) {
  Watched watched;
  auto session = DdlSession::Open(harness_.driver(), harness_.Connect(), absl::Seconds(20));
  if (!session.ok()) {
    watched.ran = session.status();
    return watched;
  }
  WriterThread writer(harness_.driver(), WriterOptions());
  const absl::Time begin = absl::Now();
  watched.ran = (*session)->Run(sql);
  const absl::Time end = absl::Now();
  watched.took = end - begin;
  watched.longest_wait = LongestWait(writer.End(), begin, end);
  return watched;
}

std::string ForecastBench::Try(const std::string& setup, const std::string& sql, StepForecast* forecast) {
  std::string wrong;
  bool unclear = true;
  for (int rows = kRows; unclear && rows <= 4 * kRows; rows *= 2) {
    StepForecast foretold;
    wrong = TryWith(setup, sql, rows, &foretold, &unclear);
    if (forecast != nullptr) *forecast = foretold;
  }
  return wrong;
}

// `unclear`: the writer's waits say neither that it was kept out nor that it was not; more rows would.
std::string ForecastBench::TryWith(const std::string& setup, const std::string& sql, int rows, StepForecast* forecast,
                                   bool* unclear) {
  *unclear = false;
  std::string drop = "USE bonnie; SET foreign_key_checks = 0; DROP TABLE IF EXISTS t, ch, par;";
  const size_t then = setup.find("THEN");  // what is done once rows are there
  Query(absl::StrCat(drop, setup.substr(0, then)));
  Fill("t", rows);
  if (then != std::string::npos) Query(absl::StrCat("USE bonnie;", setup.substr(then + 4)));
  const std::vector<StepForecast> steps = Foretell({sql});
  if (steps.size() != 1) return "no forecast";
  *forecast = steps[0];
  return CompareRun(sql, steps[0], unclear);
}

std::string ForecastBench::CompareRun(const std::string& sql, const StepForecast& forecast, bool* unclear) {
  auto session = DdlSession::Open(harness_.driver(), harness_.Connect(), absl::Seconds(20));
  if (!session.ok()) return std::string(session.status().message());
  const auto flavour = is_mysql() ? data_access::Flavour::kMySql : data_access::Flavour::kMariaDb;
  const absl::optional<AlterStatement> statement = ReadAlterStatement(sql);
  if (forecast.basis == ForecastBasis::kUnknown) {
    return (*session)->Run(sql).ok()
               ? absl::StrCat("refused on the clone, not live: ", absl::StrJoin(forecast.notes, "; "))
               : "";
  }
  if (forecast.basis == ForecastBasis::kProbed) {
    for (const std::string& clause : BetterClauses(forecast)) {
      if ((*session)->Run(WithClause(*statement, clause, flavour)).ok()) {
        return absl::StrCat("foretold ", forecast.clause, ", and the server takes ", clause);
      }
    }
  }
  const std::string ids = TableIds();
  const Watched watched = RunBesideWriter(forecast.sql);
  const std::string seen = absl::StrCat(AlgorithmName(forecast.algorithm), "/", LockName(forecast.lock), ", took ",
                                        absl::FormatDuration(watched.took), ", a writer's longest wait ",
                                        static_cast<int>(watched.longest_wait * 100), " % of it");
  if (!watched.ran.ok()) return absl::StrCat(forecast.sql, ": ", watched.ran.message());
  if (forecast.blocks_writes) {
    *unclear = watched.longest_wait < 0.7 || watched.took < kTooShort;
    if (watched.longest_wait < 0.7) return absl::StrCat("writes went on: ", seen);
  } else if (watched.took > kTooShort) {
    *unclear = watched.longest_wait > 0.5;
    if (*unclear) return absl::StrCat("writes waited: ", seen);
  }
  const bool moves_partitions = statement.has_value() && StandsAlone(statement->partitions);
  if (!moves_partitions && (ids != TableIds()) != forecast.rebuilds) return absl::StrCat("rebuild: ", seen);
  if (forecast.expected_after.empty()) return "";
  ++expected_known_;
  auto facts = LookAt(sql);
  const auto after = (*session)->Fingerprint(facts->objects);
  return after.ok() && *after == forecast.expected_after ? "" : "SHOW CREATE is another than foretold";
}

}  // namespace bonnie::schema
