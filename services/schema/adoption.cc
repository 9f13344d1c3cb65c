#include "services/schema/adoption.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/data_access/fault.h"
#include "services/data_access/status_macros.h"
#include "services/schema/create_table.h"
#include "services/schema/ledger_statement.h"
#include "services/server/error.h"

namespace bonnie::schema {

namespace {

using data_access::Rows;
using data_access::Session;
using data_access::Sql;
using data_access::Statement;

constexpr Sql kTable{"adoption.alembic_table", R"sql(
  SELECT DATABASE(), CURRENT_USER(), (SELECT COUNT(*) FROM information_schema.TABLES
   WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'alembic_version'))sql"};
constexpr Sql kVersions{"adoption.alembic_versions", "SELECT version_num FROM alembic_version ORDER BY version_num"};
// What an administrator copied there: see CopyStatements.
constexpr Sql kCopiedVersions{"adoption.alembic_copy",
                              "SELECT version_num FROM ledger.bonnie_alembic_version ORDER BY version_num"};

constexpr size_t kNamedDifferences = 20;
constexpr int kNoRight = 1142;

absl::Status Refused(absl::string_view reason, const std::string& message) {
  return server::Error(absl::StatusCode::kFailedPrecondition, message, {.reason = std::string(reason)});
}

// "bonnie_schema@%" as GRANT wants it.
std::string Grantee(const std::string& user) {
  const size_t at = user.rfind('@');
  return absl::StrCat(QuoteText(user.substr(0, at)), "@",
                      QuoteText(at == std::string::npos ? "%" : user.substr(at + 1)));
}

// What lets the schema account read the versions. A copy, because with a right on a name in the site's database the
// account could rename another table to that name and read it.
std::string CopyStatements(absl::string_view schema, const std::string& grantee) {
  const std::string copy = absl::StrCat(QuoteName(server::LedgerDatabase(schema)), ".`bonnie_alembic_version`");
  return absl::StrCat("CREATE TABLE ", copy, " AS SELECT version_num FROM ", QuoteName(schema),
                      ".`alembic_version`; GRANT SELECT ON ", copy, " TO ", grantee, ";");
}

bool IsDenied(const absl::Status& status) {
  const auto fault = data_access::FaultOf(status);
  return fault.has_value() && fault->number == kNoRight;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ReadAlembicVersions(Session& session) {
  BONNIE_ASSIGN_OR_RETURN(Rows facts, session.Query(Statement(kTable)));
  if (!facts.Next()) return facts.status();
  if (facts.Int64(2) == 0) {
    return Refused("TOOL_TABLE_MISSING",
                   "the database has no table alembic_version: nothing says that Alembic has managed it; stamp without "
                   "--from to say where it is");
  }
  absl::StatusOr<Rows> rows = session.Query(Statement(kVersions));
  if (IsDenied(rows.status())) rows = session.Query(OfLedger(session, kCopiedVersions));
  if (IsDenied(rows.status())) {
    return Refused("GRANT_MISSING",
                   absl::StrCat("the schema account may not read alembic_version; let an administrator run: ",
                                CopyStatements(facts.Text(0), Grantee(std::string(facts.Text(1))))));
  }
  BONNIE_RETURN_IF_ERROR(rows.status());
  std::vector<std::string> versions;
  while (rows->Next()) versions.push_back(std::string(rows->Text(0)));
  BONNIE_RETURN_IF_ERROR(rows->status());
  return versions;
}

absl::Status SchemaDiffers(const std::vector<std::string>& heads, const std::vector<Change>& changes) {
  std::vector<std::string> lines;
  for (const Change& change : changes) {
    if (lines.size() == kNamedDifferences) break;
    lines.push_back(Describe(change));
  }
  const size_t more = changes.size() - lines.size();
  return Refused("SCHEMA_DIFFERS",
                 absl::StrCat("the database is not what ", heads.empty() ? "base" : absl::StrJoin(heads, ", "),
                              " makes; from there to it: ", absl::StrJoin(lines, "; "),
                              more > 0 ? absl::StrCat("; and ", more, " more") : ""));
}

}  // namespace bonnie::schema
