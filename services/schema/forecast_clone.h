#ifndef BONNIE_SERVICES_SCHEMA_FORECAST_CLONE_H_
#define BONNIE_SERVICES_SCHEMA_FORECAST_CLONE_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/schema/forecast_live.h"
#include "services/schema/scratch.h"

namespace bonnie::schema {

// The empty double of a live table.
struct Clone {
  std::string trouble;            // why there is none, for a note; empty when it is there
  bool reads_the_same = false;    // SHOW CREATE is the live table's, so what it becomes foretells that too
  bool looked_inside = false;     // whether InnoDB's own facts of both tables are known
  bool has_unknown_past = false;  // the live table has hidden columns that the clone could not be given
  std::int64_t live_columns = 0;  // of the live table, hidden ones included
  std::int64_t row_versions = 0;  // of the live table
};

// Makes empty clones of live tables in scratch, as like as can be: with the row format that is in force though nobody
// wrote it, with the hidden column that a FULLTEXT index leaves behind when it is dropped, and bound by foreign keys to
// lean copies of the tables around them. Used by one thread at a time; all block.
class Clones {
 public:
  // Both outlive it.
  Clones(LiveSchema& live, ScratchDatabase& scratch) : live_(live), scratch_(scratch) {}

  // Clones the live tables of `touched` (keys); everything else that `live` read becomes a lean copy. A table that
  // cannot be made has its `trouble`. Errors that end a forecast.
  absl::Status Make(const std::set<std::string>& touched);

  // By key; null for a table that is not in `touched`.
  Clone* Find(const std::string& key);
  // What InnoDB keeps of a clone now; nullopt where that cannot be seen.
  absl::StatusOr<absl::optional<InnodbFacts>> Inside(const std::string& table);

 private:
  absl::Status MakeOne(const std::string& key, const LiveTable& live, Clone* clone);
  absl::Status MakeLean(const std::string& key, const LiveTable& live, const std::set<std::string>& touched);
  absl::Status CompareInside();
  absl::StatusOr<bool> GivePast(const Table& table);

  LiveSchema& live_;
  ScratchDatabase& scratch_;
  std::map<std::string, Clone> clones_;
};

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_FORECAST_CLONE_H_
