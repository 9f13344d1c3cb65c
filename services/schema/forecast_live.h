#ifndef BONNIE_SERVICES_SCHEMA_FORECAST_LIVE_H_
#define BONNIE_SERVICES_SCHEMA_FORECAST_LIVE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "services/data_access/driver.h"
#include "services/data_access/session.h"
#include "services/schema/canonical.h"
#include "services/schema/forecast.h"
#include "services/schema/model.h"

namespace bonnie::schema {

// What InnoDB keeps of a table that SHOW CREATE does not show.
struct InnodbFacts {
  std::map<std::string, std::int64_t> ids;  // of its tablespaces' tables, by partition; "" where it has none
  std::int64_t columns = 0;                 // with hidden ones
  std::int64_t row_versions = 0;            // MySQL: columns added and dropped instantly since the last rebuild
};

struct LiveTable {
  Table table;  // row_format as the catalogue says
  std::int64_t rows = 0, bytes = 0;
  std::string holders;  // who has it open now, for a note; empty for nobody
};

// The live database, as far as a plan touches it, read by the schema account. Used by one thread at a time; all block.
class LiveSchema {
 public:
  // Connects, as a DdlSession is set up. Errors of the connection.
  static absl::StatusOr<std::unique_ptr<LiveSchema>> Open(data_access::Driver& driver,
                                                          data_access::ConnectOptions options, absl::Time deadline);

  // Reads `objects`, the tables of `others` (names of which some may be none) and all that foreign keys bind to a table
  // of `objects`. A constant number of round trips. Errors of the connection.
  absl::Status Read(const std::vector<SchemaObject>& objects, const std::vector<std::string>& others);

  const DdlSetting& setting() const { return setting_; }
  const std::string& version() const { return session_.facts().version; }
  const std::string& default_row_format() const { return default_row_format_; }
  std::int64_t online_log_bytes() const { return online_log_bytes_; }  // innodb_online_alter_log_max_size
  const std::vector<ObjectState>& objects() const { return objects_; }
  // By Key(): every table that was read, those that foreign keys bind too.
  const std::map<std::string, LiveTable>& tables() const { return tables_; }
  const LiveTable* Find(const std::string& table) const;
  // (child, parent) in keys.
  const std::vector<std::pair<std::string, std::string>>& bonds() const { return bonds_; }
  // A table's name as names compare on this server.
  std::string Key(absl::string_view table) const;

  // What InnoDB keeps of the tables of a database on this server; by name as it is in files, see InnodbName. nullopt:
  // the account lacks PROCESS. Errors of the connection.
  absl::StatusOr<absl::optional<std::map<std::string, InnodbFacts>>> ReadInnodb(const std::string& database);
  // Runs a query that looks at rows for at most a second. The statuses of the connection, and kPermissionDenied: the
  // account may not read the table.
  absl::StatusOr<bool> FindsRow(absl::string_view select);

 private:
  explicit LiveSchema(std::unique_ptr<data_access::Connection> connection);
  absl::Status ReadCatalogue(const std::vector<SchemaObject>& objects, const std::vector<std::string>& others);
  absl::Status ReadTexts(const std::vector<SchemaObject>& objects);
  absl::Status ReadHolders();

  data_access::Connection* const connection_;  // session_ owns it
  data_access::Session session_;
  DdlSetting setting_;
  std::string default_row_format_, database_;
  std::int64_t online_log_bytes_ = 0;
  std::map<std::string, LiveTable> tables_;
  std::map<std::pair<SchemaObject::Kind, std::string>, std::string> present_;  // by key: the name as it is stored
  std::vector<std::pair<std::string, std::string>> bonds_;
  std::vector<ObjectState> objects_;
};

// A table's name as InnoDB has it in its catalogue ("a b" is "a@0020b"); empty for a name that is not ASCII.
std::string InnodbName(absl::string_view name);

// Whether a status is the end of everything: no connection, no time. All else a forecast says and goes on.
bool EndsForecast(const absl::Status& status);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_FORECAST_LIVE_H_
