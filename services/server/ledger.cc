#include "services/server/ledger.h"

#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/synchronization/mutex.h"
#include "services/data_access/fault.h"
#include "services/server/error.h"

namespace bonnie::server {
namespace {

constexpr char kMissing[] = "LEDGER_MISSING";
constexpr char kOutdated[] = "LEDGER_OUTDATED";

// Texts by the constant that they come from and the database. Kept: statements are prepared by their texts.
class LedgerTexts {
 public:
  const char* Get(const char* text, absl::string_view schema) ABSL_LOCKS_EXCLUDED(mu_) {
    absl::MutexLock lock(&mu_);
    std::unique_ptr<const std::string>& kept = texts_[{text, std::string(schema)}];
    if (kept == nullptr) {
      const std::string name = absl::StrReplaceAll(LedgerDatabase(schema), {{"`", "``"}});
      kept = std::make_unique<const std::string>(
          absl::StrReplaceAll(text, {{"ledger.bonnie_", absl::StrCat("`", name, "`.bonnie_")}}));
    }
    return kept->c_str();
  }

 private:
  absl::Mutex mu_;
  absl::flat_hash_map<std::pair<const char*, std::string>, std::unique_ptr<const std::string>> texts_
      ABSL_GUARDED_BY(mu_);
};

// What the server says of a database or a table that is not there, or that the account has no right on.
bool IsNotThere(const absl::Status& status) {
  constexpr int kDatabaseDenied = 1044, kNoDatabase = 1049, kTableDenied = 1142, kNoTable = 1146;
  const absl::optional<data_access::Fault> fault = data_access::FaultOf(status);
  if (!fault.has_value()) return false;
  for (const int number : {kDatabaseDenied, kNoDatabase, kTableDenied, kNoTable}) {
    if (fault->number == number) return true;
  }
  return false;
}

absl::Status Unusable(const char* reason, absl::string_view schema, absl::string_view why) {
  const std::string database = LedgerDatabase(schema);
  const std::string cure =
      absl::StrCat("an administrator runs deploy/mysql/ledger.sql with the database ", database, " current");
  ErrorDetails details;
  details.reason = reason;
  details.metadata = {{"database", database}, {"script", "deploy/mysql/ledger.sql"}};
  details.preconditions.push_back({reason, database, cure});
  return Error(absl::StatusCode::kFailedPrecondition, absl::StrCat("ledger ", database, ": ", why, "; ", cure),
               std::move(details));
}

}  // namespace

std::string LedgerDatabase(absl::string_view schema) { return absl::StrCat(schema, "_ledger"); }

data_access::Sql InLedger(const data_access::Sql& sql, absl::string_view schema) {
  static auto* const kTexts = new LedgerTexts();
  return {sql.name, kTexts->Get(sql.text, schema)};
}

absl::Status CheckLedgerVersion(absl::StatusOr<data_access::Rows> version, absl::string_view schema) {
  if (!version.ok()) return LedgerMissing(version.status(), schema);
  const std::int64_t found = version->Next() ? version->Int64(0) : 0;
  if (!version->status().ok()) return version->status();
  if (found == 0) return Unusable(kMissing, schema, "its script was cut off");
  if (found >= kLedgerVersion) return absl::OkStatus();
  return Unusable(kOutdated, schema, absl::StrCat("is of version ", found, ", this binary needs ", kLedgerVersion));
}

absl::Status LedgerMissing(const absl::Status& status, absl::string_view schema) {
  if (!IsNotThere(status)) return status;
  return Unusable(kMissing, schema, "is not there, or this account has no rights on its tables");
}

bool IsLedgerError(const absl::Status& status) {
  const auto details = DetailsOf(status);
  return details.has_value() && (details->reason == kMissing || details->reason == kOutdated);
}

}  // namespace bonnie::server
