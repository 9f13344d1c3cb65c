#include "services/schema/ddl_session.h"

#include <algorithm>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "services/data_access/status_macros.h"
#include "services/schema/plan.h"

namespace bonnie::schema {

namespace {

using data_access::Rows;
using data_access::Sql;
using data_access::Statement;
using Kind = SchemaObject::Kind;

// How a kind of object is looked for and shown.
struct Showing {
  Kind kind;
  const char* word;
  int column;  // of SHOW CREATE's answer that holds the statement
  Sql exists;
};

constexpr Showing kShowings[] = {
    {Kind::kTable,
     "TABLE",
     1,
     {"show.table",
      "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?"}},
    {Kind::kView,
     "VIEW",
     1,
     {"show.view",
      "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?"}},
    {Kind::kTrigger,
     "TRIGGER",
     2,
     {"show.trigger",
      "SELECT COUNT(*) FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE() AND TRIGGER_NAME = ?"}},
    {Kind::kEvent,
     "EVENT",
     3,
     {"show.event",
      "SELECT COUNT(*) FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE() AND EVENT_NAME = ?"}},
    {Kind::kProcedure, "PROCEDURE", 2, {"show.procedure", R"sql(SELECT COUNT(*) FROM information_schema.ROUTINES
       WHERE ROUTINE_SCHEMA = DATABASE() AND ROUTINE_TYPE = 'PROCEDURE' AND ROUTINE_NAME = ?)sql"}},
    {Kind::kFunction, "FUNCTION", 2, {"show.function", R"sql(SELECT COUNT(*) FROM information_schema.ROUTINES
       WHERE ROUTINE_SCHEMA = DATABASE() AND ROUTINE_TYPE = 'FUNCTION' AND ROUTINE_NAME = ?)sql"}},
};

const Showing& ShowingOf(Kind kind) {
  return *std::find_if(std::begin(kShowings), std::end(kShowings),
                       [&](const Showing& showing) { return showing.kind == kind; });
}

std::string Quoted(absl::string_view name) { return absl::StrCat("`", absl::StrReplaceAll(name, {{"`", "``"}}), "`"); }

// The counter stands among the table's options, after the last parenthesis that begins a line.
std::string WithoutCounter(absl::string_view create) {
  constexpr absl::string_view kCounter = " AUTO_INCREMENT=";
  const size_t options = create.rfind("\n)");
  const size_t begin = options == absl::string_view::npos ? options : create.find(kCounter, options);
  if (begin == absl::string_view::npos) return std::string(create);
  size_t end = begin + kCounter.size();
  while (end < create.size() && absl::ascii_isdigit(create[end])) ++end;
  return absl::StrCat(create.substr(0, begin), create.substr(end));
}

}  // namespace

absl::Status SetUpDdl(data_access::Connection& connection, absl::Duration lock_wait, bool takes_zero_dates) {
  const bool mysql = connection.facts().flavour == data_access::Flavour::kMySql;
  const auto run = [&](absl::string_view sql) { return connection.ExecuteText(sql, data_access::Phase::kWriting); };
  // A system-versioned table refuses to be altered unless its history is said to stay (4119).
  // A cloud's default time limit must not cut an ALTER, and both servers must quote names in SHOW CREATE. A table with
  // a zero date among its defaults cannot be altered at all where zero dates are refused.
  const std::string zero_dates = takes_zero_dates ? "1" : kHasZeroDates;
  BONNIE_RETURN_IF_ERROR(run(absl::StrCat(
      "SET SESSION lock_wait_timeout = ", absl::ToInt64Seconds(lock_wait),
      ", sql_quote_show_create = 1, foreign_key_checks = 1, ",
      mysql ? "max_execution_time = 0" : "max_statement_time = 0, system_versioning_alter_history = KEEP",
      ", sql_mode = CONCAT('ONLY_FULL_GROUP_BY,STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION',"
      " IF(",
      zero_dates,
      ", '', CONCAT(IF(FIND_IN_SET('NO_ZERO_DATE', @@GLOBAL.sql_mode), ',NO_ZERO_DATE', ''),"
      " IF(FIND_IN_SET('NO_ZERO_IN_DATE', @@GLOBAL.sql_mode), ',NO_ZERO_IN_DATE', ''))))")));
  if (mysql) {
    // On by default on Azure only; where the account may not switch it off, tables get their key inside CREATE anyway.
    (void)run("SET SESSION sql_generate_invisible_primary_key = OFF");
  }
  return absl::OkStatus();
}

std::string FingerprintText(const SchemaObject& object, const absl::optional<std::string>& create_statement) {
  const std::string name = absl::StrCat(ShowingOf(object.kind).word, " ", Quoted(object.name), "\n");
  if (!create_statement.has_value()) return absl::StrCat(name, "is not there\n");
  return absl::StrCat(name, WithoutCounter(*create_statement), "\n");
}

std::pair<std::string, int> ShowCreateOf(const SchemaObject& object) {
  const Showing& showing = ShowingOf(object.kind);
  return {absl::StrCat("SHOW CREATE ", showing.word, " ", Quoted(object.name)), showing.column};
}

DdlSession::DdlSession(std::unique_ptr<data_access::Connection> connection, absl::Duration lock_wait)
    : connection_(connection.get()), session_(std::move(connection), nullptr), lock_wait_(lock_wait) {}

absl::StatusOr<std::unique_ptr<DdlSession>> DdlSession::Open(data_access::Driver& driver,
                                                             data_access::ConnectOptions options,
                                                             absl::Duration lock_wait, bool takes_zero_dates) {
  options.read_timeout = absl::InfiniteDuration();
  options.lock_wait_timeout = lock_wait;
  options.program_name = "bonnie-schema-ddl";
  BONNIE_ASSIGN_OR_RETURN(std::unique_ptr<data_access::Connection> connection, driver.Connect(options));
  BONNIE_RETURN_IF_ERROR(SetUpDdl(*connection, lock_wait, takes_zero_dates));
  return absl::WrapUnique(new DdlSession(std::move(connection), lock_wait));
}

absl::Status DdlSession::Run(absl::string_view sql) {
  return connection_->ExecuteText(sql, data_access::Phase::kWriting);
}

absl::Status DdlSession::SetLockWait(absl::Duration lock_wait) {
  if (lock_wait == lock_wait_) return absl::OkStatus();
  BONNIE_RETURN_IF_ERROR(Run(absl::StrCat("SET SESSION lock_wait_timeout = ", absl::ToInt64Seconds(lock_wait))));
  lock_wait_ = lock_wait;
  return absl::OkStatus();
}

absl::Status DdlSession::SetKeepsZeros(bool keeps) {
  if (keeps == keeps_zeros_) return absl::OkStatus();
  BONNIE_RETURN_IF_ERROR(Run(keeps ? "SET SESSION sql_mode = CONCAT(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO')"
                                   : "SET SESSION sql_mode = REPLACE(@@sql_mode, 'NO_AUTO_VALUE_ON_ZERO', '')"));
  keeps_zeros_ = keeps;
  return absl::OkStatus();
}

absl::StatusOr<bool> DdlSession::Exists(const SchemaObject& object) {
  BONNIE_ASSIGN_OR_RETURN(Rows rows, session_.Query(Statement(ShowingOf(object.kind).exists, object.name)));
  const bool exists = rows.Next() && rows.Int64(0) > 0;
  BONNIE_RETURN_IF_ERROR(rows.status());
  return exists;
}

absl::StatusOr<absl::optional<std::string>> DdlSession::ShowCreate(const SchemaObject& object) {
  BONNIE_ASSIGN_OR_RETURN(const bool exists, Exists(object));
  if (!exists) return absl::optional<std::string>();
  const auto [show, column] = ShowCreateOf(object);
  BONNIE_ASSIGN_OR_RETURN(Rows rows, connection_->QueryText(show));
  absl::optional<std::string> text(rows.Next() ? std::string(rows.Text(column)) : std::string());
  BONNIE_RETURN_IF_ERROR(rows.status());
  return text;
}

absl::StatusOr<std::string> DdlSession::Fingerprint(const std::vector<SchemaObject>& objects) {
  std::string text;
  for (const SchemaObject& object : objects) {
    BONNIE_ASSIGN_OR_RETURN(const absl::optional<std::string> create, ShowCreate(object));
    text += FingerprintText(object, create);
  }
  return Sha256Hex(text);
}

}  // namespace bonnie::schema
