#include "services/schema/forecast_live.h"

#include <algorithm>
#include <set>

#include "absl/memory/memory.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "services/data_access/fault.h"
#include "services/data_access/status_macros.h"
#include "services/schema/create_table.h"
#include "services/schema/ddl_session.h"

namespace bonnie::schema {

namespace {

using data_access::Flavour;
using data_access::Rows;
using Kind = SchemaObject::Kind;

constexpr absl::Duration kLockWait = absl::Seconds(2);
constexpr absl::Duration kAnswerMargin = absl::Seconds(5);
constexpr int kHeldSeconds = 2;  // a transaction that is open for longer is worth a note

std::string OrEmpty(Rows& rows, int column) { return rows.IsNull(column) ? "" : std::string(rows.Text(column)); }
std::int64_t OrZero(Rows& rows, int column) { return rows.IsNull(column) ? 0 : rows.Int64(column); }

// "('a', 'b')"; never empty.
std::string ListOf(const std::vector<std::string>& names) {
  std::vector<std::string> quoted = {"''"};
  for (const std::string& name : names) quoted.push_back(QuoteText(name));
  return absl::StrCat("(", absl::StrJoin(quoted, ", "), ")");
}

std::vector<std::string> NamesOf(const std::vector<SchemaObject>& objects, std::initializer_list<Kind> kinds) {
  std::vector<std::string> names;
  for (const SchemaObject& object : objects) {
    if (std::find(kinds.begin(), kinds.end(), object.kind) != kinds.end()) names.push_back(object.name);
  }
  return names;
}

// Since 8.0.29; before, columns could be added instantly at the end only, without a limit.
bool CountsRowVersions(const data_access::ServerFacts& facts) {
  if (facts.flavour != Flavour::kMySql) return false;
  const std::vector<std::string> parts = absl::StrSplit(facts.version, absl::ByAnyChar(".-"));
  int major = 0, minor = 0, patch = 0;
  if (parts.size() < 3 || !absl::SimpleAtoi(parts[0], &major) || !absl::SimpleAtoi(parts[1], &minor) ||
      !absl::SimpleAtoi(parts[2], &patch)) {
    return false;
  }
  return major > 8 || minor > 0 || patch >= 29;
}

// A MySQL server tells every metadata lock; MariaDB by a plugin that need not be there.
constexpr char kHoldersMySql[] = R"sql(
  SELECT l.OBJECT_NAME, COUNT(DISTINCT t.THREAD_ID), MAX(TIMESTAMPDIFF(SECOND, x.trx_started, NOW()))
    FROM performance_schema.metadata_locks l
    JOIN performance_schema.threads t ON t.THREAD_ID = l.OWNER_THREAD_ID
    JOIN information_schema.INNODB_TRX x ON x.trx_mysql_thread_id = t.PROCESSLIST_ID
   WHERE l.OBJECT_TYPE = 'TABLE' AND l.OBJECT_SCHEMA = DATABASE() AND l.LOCK_STATUS = 'GRANTED'
     AND l.LOCK_DURATION = 'TRANSACTION' AND t.PROCESSLIST_ID <> CONNECTION_ID()
   GROUP BY l.OBJECT_NAME)sql";
constexpr char kHoldersMariaDb[] = R"sql(
  SELECT l.TABLE_NAME, COUNT(DISTINCT l.THREAD_ID), MAX(p.TIME)
    FROM information_schema.METADATA_LOCK_INFO l JOIN information_schema.PROCESSLIST p ON p.ID = l.THREAD_ID
   WHERE l.TABLE_SCHEMA = DATABASE() AND l.LOCK_TYPE = 'Table metadata lock' AND l.THREAD_ID <> CONNECTION_ID()
   GROUP BY l.TABLE_NAME)sql";

}  // namespace

bool EndsForecast(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) || absl::IsCancelled(status);
}

std::string InnodbName(absl::string_view name) {
  std::string encoded;
  for (const char c : name) {
    if (!absl::ascii_isascii(static_cast<unsigned char>(c))) return "";
    if (absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_') {
      encoded += c;
    } else {
      absl::StrAppend(&encoded, "@", absl::Hex(static_cast<unsigned>(c), absl::kZeroPad4));
    }
  }
  return encoded;
}

LiveSchema::LiveSchema(std::unique_ptr<data_access::Connection> connection)
    : connection_(connection.get()), session_(std::move(connection), nullptr) {}

absl::StatusOr<std::unique_ptr<LiveSchema>> LiveSchema::Open(data_access::Driver& driver,
                                                             data_access::ConnectOptions options, absl::Time deadline) {
  options.multi_statements = true;
  options.program_name = "bonnie-schema-forecast";
  options.read_timeout = std::max(deadline - absl::Now(), absl::ZeroDuration()) + kAnswerMargin;
  BONNIE_ASSIGN_OR_RETURN(std::unique_ptr<data_access::Connection> connection, driver.Connect(options));
  BONNIE_RETURN_IF_ERROR(SetUpDdl(*connection, kLockWait));
  if (connection->facts().flavour == Flavour::kMySql) {  // else sizes are those of yesterday
    BONNIE_RETURN_IF_ERROR(
        connection->ExecuteText("SET SESSION information_schema_stats_expiry = 0", data_access::Phase::kWriting));
  }
  auto live = absl::WrapUnique(new LiveSchema(std::move(connection)));
  BONNIE_ASSIGN_OR_RETURN(live->setting_, ReadDdlSetting(live->session_));
  BONNIE_ASSIGN_OR_RETURN(Rows rows, live->connection_->QueryText("SELECT @@innodb_default_row_format, DATABASE(), "
                                                                  "@@innodb_online_alter_log_max_size"));
  if (rows.Next()) {
    live->default_row_format_ = OrEmpty(rows, 0);
    live->database_ = OrEmpty(rows, 1);
    live->online_log_bytes_ = OrZero(rows, 2);
  }
  BONNIE_RETURN_IF_ERROR(rows.status());
  return live;
}

std::string LiveSchema::Key(absl::string_view table) const {
  return setting_.names_have_case ? std::string(table) : absl::AsciiStrToLower(table);
}

const LiveTable* LiveSchema::Find(const std::string& table) const {
  const auto found = tables_.find(Key(table));
  return found == tables_.end() ? nullptr : &found->second;
}

absl::Status LiveSchema::Read(const std::vector<SchemaObject>& objects, const std::vector<std::string>& others) {
  BONNIE_RETURN_IF_ERROR(ReadCatalogue(objects, others));
  BONNIE_RETURN_IF_ERROR(ReadTexts(objects));
  return ReadHolders();
}

// Which of them are there, how big they are, and what foreign keys bind to them.
absl::Status LiveSchema::ReadCatalogue(const std::vector<SchemaObject>& objects,
                                       const std::vector<std::string>& others) {
  std::vector<std::string> names = NamesOf(objects, {Kind::kTable, Kind::kView});
  const std::string touched = ListOf(names);
  names.insert(names.end(), others.begin(), others.end());
  std::vector<std::string> questions = {
      absl::StrCat("SELECT TABLE_NAME, TABLE_TYPE, ROW_FORMAT, TABLE_ROWS, DATA_LENGTH + INDEX_LENGTH "
                   "FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME IN ",
                   ListOf(names)),
      absl::StrCat("SELECT TABLE_NAME, REFERENCED_TABLE_NAME FROM information_schema.REFERENTIAL_CONSTRAINTS "
                   "WHERE CONSTRAINT_SCHEMA = DATABASE() AND UNIQUE_CONSTRAINT_SCHEMA = DATABASE() AND (TABLE_NAME IN ",
                   touched, " OR REFERENCED_TABLE_NAME IN ", touched, ")")};
  const std::pair<Kind, std::string> kinds[] = {
      {Kind::kTrigger,
       "SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE() AND "
       "TRIGGER_NAME IN "},
      {Kind::kEvent,
       "SELECT EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE() AND EVENT_NAME IN "},
      {Kind::kProcedure,
       "SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE() AND "
       "ROUTINE_TYPE = 'PROCEDURE' AND ROUTINE_NAME IN "},
      {Kind::kFunction,
       "SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE() AND "
       "ROUTINE_TYPE = 'FUNCTION' AND ROUTINE_NAME IN "}};
  std::vector<Kind> asked;
  for (const auto& [kind, question] : kinds) {
    const std::vector<std::string> of_kind = NamesOf(objects, {kind});
    if (of_kind.empty()) continue;
    asked.push_back(kind);
    questions.push_back(absl::StrCat(question, ListOf(of_kind)));
  }
  std::vector<absl::StatusOr<Rows>> answers = connection_->QueryTexts(questions);
  for (size_t i = 0; i < answers.size(); ++i) {
    BONNIE_RETURN_IF_ERROR(answers[i].status());
    for (Rows& rows = *answers[i]; rows.Next();) {
      const std::string name = OrEmpty(rows, 0);
      if (i == 1) {
        bonds_.emplace_back(Key(name), Key(OrEmpty(rows, 1)));
        for (const std::string& bound : {name, OrEmpty(rows, 1)})
          present_.emplace(std::pair(Kind::kTable, Key(bound)), bound);
      } else if (i > 1) {
        present_.emplace(std::pair(asked[i - 2], Key(name)), name);
      } else if (OrEmpty(rows, 1) == "VIEW") {
        present_.emplace(std::pair(Kind::kView, Key(name)), name);
      } else {
        present_.emplace(std::pair(Kind::kTable, Key(name)), name);
        LiveTable& table = tables_[Key(name)];
        table.table.row_format = OrEmpty(rows, 2);
        table.rows = OrZero(rows, 3);
        table.bytes = OrZero(rows, 4);
      }
    }
    BONNIE_RETURN_IF_ERROR(answers[i]->status());
  }
  return absl::OkStatus();
}

// SHOW CREATE of everything that is there, in one round trip.
absl::Status LiveSchema::ReadTexts(const std::vector<SchemaObject>& objects) {
  std::vector<std::pair<Kind, std::string>> keys;
  std::vector<std::string> questions;
  for (const auto& [key, name] : present_) {
    keys.push_back(key);
    questions.push_back(ShowCreateOf({key.first, name}).first);
  }
  std::map<std::pair<Kind, std::string>, std::string> texts;
  if (!questions.empty()) {
    std::vector<absl::StatusOr<Rows>> answers = connection_->QueryTexts(questions);
    for (size_t i = 0; i < answers.size(); ++i) {
      if (EndsForecast(answers[i].status())) return answers[i].status();
      if (!answers[i].ok()) continue;  // the account may not see it
      const int column = ShowCreateOf({keys[i].first, ""}).second;
      if (answers[i]->Next()) texts[keys[i]] = OrEmpty(*answers[i], column);
      BONNIE_RETURN_IF_ERROR(answers[i]->status());
    }
  }
  for (const auto& [key, text] : texts) {
    if (key.first != Kind::kTable) continue;
    absl::StatusOr<Table> table = ParseCreateTable(text);
    LiveTable& live = tables_[key.second];
    const std::string row_format = live.table.row_format;
    if (table.ok()) live.table = *std::move(table);
    live.table.name = present_.at(key);
    live.table.row_format = row_format;
    live.table.create_statement = text;
  }
  for (const SchemaObject& object : objects) {
    ObjectState state{.object = object};
    // A view is shown by SHOW CREATE TABLE too, so a table's name may be a view's.
    const std::pair<Kind, std::string> key(object.kind, Key(object.name));
    state.present = present_.count(key) > 0;
    if (const auto text = texts.find(key); text != texts.end()) state.create_statement = text->second;
    if (!state.present) {
      state.fingerprint = Sha256Hex(FingerprintText(object, absl::nullopt));
    } else if (!state.create_statement.empty()) {
      state.fingerprint = Sha256Hex(FingerprintText(object, state.create_statement));
    }
    objects_.push_back(std::move(state));
  }
  return absl::OkStatus();
}

// Whoever has a table open keeps an ALTER waiting at its beginning. Where nothing tells that, nothing is said.
absl::Status LiveSchema::ReadHolders() {
  const bool mysql = connection_->facts().flavour == Flavour::kMySql;
  absl::StatusOr<Rows> rows = connection_->QueryText(mysql ? kHoldersMySql : kHoldersMariaDb);
  if (!rows.ok()) return EndsForecast(rows.status()) ? rows.status() : absl::OkStatus();
  while (rows->Next()) {
    const auto found = tables_.find(Key(OrEmpty(*rows, 0)));
    const std::int64_t seconds = OrZero(*rows, 2);
    if (found == tables_.end() || seconds < kHeldSeconds) continue;
    found->second.holders =
        absl::StrCat(rows->Int64(1), " open transactions hold ", found->second.table.name, " now, the oldest for ",
                     seconds, " s: the statement waits for them, and others wait behind it");
  }
  return rows->status();
}

absl::StatusOr<absl::optional<std::map<std::string, InnodbFacts>>> LiveSchema::ReadInnodb(const std::string& database) {
  const bool mysql = connection_->facts().flavour == Flavour::kMySql;
  const std::string select = absl::StrCat(
      "SELECT SUBSTRING_INDEX(NAME, '/', -1), TABLE_ID, N_COLS, ",
      CountsRowVersions(connection_->facts()) ? "TOTAL_ROW_VERSIONS" : "0", " FROM information_schema.",
      mysql ? "INNODB_TABLES" : "INNODB_SYS_TABLES",
      " WHERE SUBSTRING_INDEX(NAME, '/', 1) = ", QuoteText(InnodbName(database.empty() ? database_ : database)));
  absl::StatusOr<Rows> rows = connection_->QueryText(select);
  if (!rows.ok()) {
    if (EndsForecast(rows.status())) return rows.status();
    return absl::optional<std::map<std::string, InnodbFacts>>();
  }
  std::map<std::string, InnodbFacts> facts;
  while (rows->Next()) {
    // "t", "t#P#p0", "t#p#p0#sp#p0sp0"; MySQL's are in lower case after the table's name.
    const std::string name = OrEmpty(*rows, 0);
    const size_t partition = name.find('#');
    InnodbFacts& of_table = facts[name.substr(0, partition)];
    of_table.ids[partition == std::string::npos ? "" : name.substr(partition)] = rows->Int64(1);
    of_table.columns = rows->Int64(2);
    of_table.row_versions = std::max(of_table.row_versions, rows->Int64(3));
  }
  BONNIE_RETURN_IF_ERROR(rows->status());
  return absl::make_optional(std::move(facts));
}

absl::StatusOr<bool> LiveSchema::FindsRow(absl::string_view select) {
  constexpr int kDenied[] = {1142, 1143};
  const bool mysql = connection_->facts().flavour == Flavour::kMySql;
  absl::StatusOr<Rows> rows = connection_->QueryText(
      mysql ? absl::StrCat("SELECT /*+ MAX_EXECUTION_TIME(1000) */ 1 ", select, " LIMIT 1")
            : absl::StrCat("SET STATEMENT max_statement_time = 1 FOR SELECT 1 ", select, " LIMIT 1"));
  if (!rows.ok()) {
    const absl::optional<data_access::Fault> fault = data_access::FaultOf(rows.status());
    if (fault.has_value() && std::find(std::begin(kDenied), std::end(kDenied), fault->number) != std::end(kDenied)) {
      return absl::PermissionDeniedError("the account may not read it");
    }
    // Its own second is over, or the server takes no such question: neither ends the forecast.
    if (absl::IsUnavailable(rows.status())) return rows.status();
    return absl::ResourceExhaustedError("not answered within a second");
  }
  const bool found = rows->Next();
  BONNIE_RETURN_IF_ERROR(rows->status());
  return found;
}

}  // namespace bonnie::schema
