#ifndef BONNIE_SERVICES_SCHEMA_FORECAST_H_
#define BONNIE_SERVICES_SCHEMA_FORECAST_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/data_access/driver.h"
#include "services/schema/model.h"
#include "services/schema/plan.h"
#include "services/schema/statement_facts.h"

namespace bonnie::schema {

class Canonical;

// How the server carries a statement out, from the cheapest to the dearest.
enum class Algorithm {
  kUnknown,
  kNone,     // alters no table that is there: CREATE, DROP, rows, a table that is new in this plan
  kInstant,  // the catalogue only
  kInplace,  // without rebuilding the table: an index is built, or nothing but the catalogue changes
  kRebuild,  // in place, and the table (or some of its partitions) is built anew
  kCopy,     // row by row into another table
};

// What others may still do to the table while the statement works. Each ALTER also wants the table for itself for a
// moment at its beginning and its end.
enum class LockLevel { kUnknown, kNone, kShared, kExclusive };

enum class ForecastBasis {
  kUnknown,
  kProbed,  // the server did it to an empty clone of the table
  kRule,    // from what is known of the server
};

// A change or loss of values in a live table's column; the plan requires --allow for it.
struct ValueLoss {
  bool is_lost = false;     // else they become other values
  std::string description;  // begins with the place: "patients.email: …"
};

// What a step of a plan will do to the live database.
struct StepForecast {
  Algorithm algorithm = Algorithm::kUnknown;
  LockLevel lock = LockLevel::kUnknown;
  bool blocks_writes = false;  // for as long as the statement works; not the moments at its beginning and end
  bool blocks_reads = false;
  bool refused = false;   // the server takes no such statement, as it was tried; `notes` has its words
  bool rebuilds = false;  // writes the whole table (or some of its partitions) again
  ForecastBasis basis = ForecastBasis::kUnknown;
  std::string clause;  // what makes the server refuse rather than do worse: "ALGORITHM=INPLACE, LOCK=NONE"; or empty
  std::string sql;     // the statement with the clause in it, to be sent; the step's own without
  std::string expected_after;  // DdlSession::Fingerprint of the step's objects after it; empty where it is not known
  std::int64_t rows = 0;       // of the live table, by its statistics; 0 for one that is new in this plan
  std::int64_t bytes = 0;      // likewise, data and indexes
  std::vector<ValueLoss> values;
  // The step drops only generated columns, or changes how they are computed: no data are lost.
  bool drops_computed = false;
  std::vector<std::string> notes;  // what makes it worse, what could not be checked, what to know; without values
};

// Something that the plan's steps change, as it was when it was planned.
struct ObjectState {
  SchemaObject object;
  bool present = false;
  std::string create_statement;  // SHOW CREATE; empty when it is not there or the account may not see it
  std::string fingerprint;       // DdlSession::Fingerprint of it alone; empty when the account may not see it
};

struct PlanForecast {
  std::vector<ObjectState> objects;  // in the order in which the steps name them first
  std::vector<StepForecast> steps;   // in the plan's order, over all its revisions
  // Each live table that was tried on a clone, as it is and as the clone was in the end; dropped ones are not among
  // them.
  std::vector<std::pair<Table, Table>> altered;
  bool server_in_utc = false;
};

// Foretells what the steps of a plan will do: tries them, one after the other, on empty clones of the live tables in a
// scratch database of the same server, and adds what a clone cannot know (row versions, hidden columns, row format,
// sizes, rows that a new rule would refuse, who has the table open).
//
// Why asked and not looked up: on one server the same ALTER is instant or copies the table depending on features of the
// table that it does not mention (reference: an indexed virtual column, a FULLTEXT index that was dropped years ago).
//
// Thread-safe; what it is made of outlives it.
class Forecaster {
 public:
  // `live`: how the schema account connects to the live database.
  Forecaster(data_access::Driver& driver, data_access::ConnectOptions live, Canonical& canonical)
      : driver_(driver), live_(std::move(live)), canonical_(canonical) {}

  // Looks at all steps of `plan`. Changes nothing outside scratch. Blocks, at most until `deadline`: a few round trips,
  // and about 0.1 s for each statement that alters a live table. What cannot be told is kUnknown, with a note that says
  // why. A plan of more than 200 steps of which none alters a live table is not tried at all. `rows`, `bytes` and
  // `notes` are of the moment; all else stays the same while the schema does.
  // kDeadlineExceeded, kUnavailable: the time is up, the connection is gone.
  absl::StatusOr<PlanForecast> Look(const Plan& plan, absl::Time deadline);

 private:
  data_access::Driver& driver_;  // thread-safe
  const data_access::ConnectOptions live_;
  Canonical& canonical_;  // thread-safe
};

// "INSTANT", "INPLACE", "INPLACE with rebuild", "COPY", "none", "unknown".
absl::string_view AlgorithmName(Algorithm algorithm);
// "NONE", "SHARED", "EXCLUSIVE", "unknown".
absl::string_view LockName(LockLevel lock);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_FORECAST_H_
