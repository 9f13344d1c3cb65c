#include "services/schema/scratch.h"

#include <algorithm>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "services/data_access/budget.h"
#include "services/data_access/fault.h"
#include "services/data_access/status_macros.h"
#include "services/data_access/watchdog.h"
#include "services/schema/create_table.h"
#include "services/schema/ddl_session.h"
#include "services/schema/inspect.h"
#include "services/schema/sql_gate/normal_sql.h"
#include "services/schema/sql_gate/sql_gate.h"
#include "services/server/error.h"

namespace bonnie::schema {

namespace {

using data_access::Connection;
using data_access::Phase;
using data_access::Rows;
using data_access::Watchdog;

constexpr absl::Duration kLockWait = absl::Seconds(10);  // nobody else is in here
constexpr absl::Duration kAnswerMargin = absl::Seconds(5);
constexpr absl::Duration kDropPatience = absl::Seconds(10);
constexpr absl::Duration kLeftBehind = absl::Minutes(15);  // more than any call may take

// The time of its making is in the name, because the catalogue does not tell it.
std::string NewName(absl::string_view prefix) {
  absl::BitGen random;
  return absl::StrCat(prefix, absl::Hex(absl::ToUnixSeconds(absl::Now()), absl::kZeroPad8), "_",
                      absl::Hex(absl::Uniform<std::uint64_t>(random), absl::kZeroPad16));
}

absl::Time MadeAt(absl::string_view name, absl::string_view prefix) {
  std::int64_t seconds = 0;
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(name.substr(prefix.size()), absl::MaxSplits('_', 1));
  // What is named otherwise is not ours to date: as old as can be.
  return absl::SimpleHexAtoi(parts.first, &seconds) ? absl::FromUnixSeconds(seconds) : absl::InfinitePast();
}

// `prefix` is checked with the configuration: lower-case letters, digits and underscores.
absl::Status Sweep(Connection& connection, absl::Duration age, const std::string& prefix) {
  const std::string unused =
      absl::StrCat("SELECT s.SCHEMA_NAME FROM information_schema.SCHEMATA s WHERE s.SCHEMA_NAME LIKE '",
                   absl::StrReplaceAll(prefix, {{"_", "\\_"}}),
                   "%' AND NOT EXISTS (SELECT 1 FROM information_schema.PROCESSLIST p WHERE p.DB = s.SCHEMA_NAME)");
  BONNIE_ASSIGN_OR_RETURN(Rows rows, connection.QueryText(unused));
  std::vector<std::string> names;
  while (rows.Next()) names.push_back(std::string(rows.Text(0)));
  BONNIE_RETURN_IF_ERROR(rows.status());
  for (const std::string& name : names) {
    if (MadeAt(name, prefix) > absl::Now() - age) continue;
    BONNIE_RETURN_IF_ERROR(
        connection.ExecuteText(absl::StrCat("DROP DATABASE IF EXISTS `", name, "`"), Phase::kWriting));
  }
  return absl::OkStatus();
}

absl::Status NamingAccount(const absl::Status& status) {
  if (status.ok()) return status;
  const std::string message = absl::StrCat("scratch account: ", status.message());
  const absl::optional<data_access::Fault> fault = data_access::FaultOf(status);
  return fault.has_value() ? data_access::FaultStatus(status.code(), message, *fault)
                           : absl::Status(status.code(), message);
}

// Rights that the account lacks on purpose: a statement that wants them reaches out of its database. (1045 is a refused
// login elsewhere; of a statement it says that the account may not read files.)
bool IsEscape(int number) {
  return number == 1044 || number == 1045 || number == 1142 || number == 1143 || number == 1227 || number == 1370 ||
         number == 1410;
}

absl::Status TooLate() {
  return server::Error(absl::StatusCode::kDeadlineExceeded,
                       "the scratch database did not get done in time; give the call a longer timeout",
                       {.reason = "SCRATCH_TIMEOUT"});
}

// What the server said of a statement, and where. It counts a statement's lines from 1 ("… near 'x' at line 3");
// `where` may end with the number of the line in which the statement begins, and then says it all.
struct Complaint {
  std::string where, words;
};

Complaint ComplaintOf(const std::string& where, const std::vector<std::string>& words) {
  constexpr absl::string_view kAtLine = " at line ";
  Complaint complaint = {where, absl::StrJoin(words, "; ")};
  if (words.empty()) return complaint;
  const absl::string_view first = words.front();
  const size_t said = first.rfind(kAtLine), colon = where.rfind(':');
  int begin = 0, line = 0;
  const bool counts = said != absl::string_view::npos && colon != std::string::npos &&
                      absl::SimpleAtoi(first.substr(said + kAtLine.size()), &line) &&
                      absl::SimpleAtoi(where.substr(colon + 1), &begin);
  if (!counts) return complaint;
  complaint.where = absl::StrCat(where.substr(0, colon), ":", begin + line - 1);
  complaint.words.erase(said, first.size() - said);
  return complaint;
}

// Drops a scratch database; one that will not go now is swept later.
void Drop(data_access::Driver& driver, data_access::ConnectOptions options, const std::string& name,
          Connection& connection) {
  const std::string drop = absl::StrCat("DROP DATABASE IF EXISTS `", name, "`");
  if (connection.ExecuteText(drop, Phase::kWriting).ok()) return;
  options.read_timeout = kDropPatience;  // the watchdog may have ended the other one
  const absl::StatusOr<std::unique_ptr<Connection>> anew = driver.Connect(options);
  if (anew.ok()) (void)(*anew)->ExecuteText(drop, Phase::kWriting);
}

class ServerScratch final : public ScratchDatabase {
 public:
  ServerScratch(data_access::Driver& driver, data_access::ConnectOptions options, ScratchDefaults defaults,
                absl::Time deadline, Later later)
      : driver_(driver),
        options_(std::move(options)),
        defaults_(std::move(defaults)),
        name_(NewName(defaults_.prefix)),
        budget_{deadline, nullptr},
        later_(std::move(later)),
        watchdog_(driver, options_) {}

  ~ServerScratch() override {
    if (!made_) return;
    const auto drop = [&driver = driver_, options = options_, name = name_,
                       connection = std::shared_ptr<Connection>(std::move(connection_))] {
      Drop(driver, options, name, *connection);
    };
    if (later_ == nullptr || !later_(drop)) drop();
  }

  absl::Status Open() {
    BONNIE_RETURN_IF_ERROR(budget_.Check(absl::Now()));
    absl::StatusOr<std::unique_ptr<Connection>> connection = driver_.Connect(options_);
    BONNIE_RETURN_IF_ERROR(NamingAccount(connection.status()));
    connection_ = *std::move(connection);
    BONNIE_RETURN_IF_ERROR(CheckVersion());
    BONNIE_RETURN_IF_ERROR(SetUpDdl(*connection_, kLockWait, defaults_.takes_zero_dates));
    (void)Sweep(*connection_, kLeftBehind, defaults_.prefix);  // what is left behind now is swept the next time
    made_ = true;
    return Make();
  }

  absl::Status Run(const std::vector<ScratchStatement>& statements, bool check_foreign_keys) override {
    warnings_.clear();
    BONNIE_RETURN_IF_ERROR(Execute(absl::StrCat("SET SESSION foreign_key_checks = ", check_foreign_keys ? 1 : 0)));
    for (const ScratchStatement& statement : statements) {
      BONNIE_ASSIGN_OR_RETURN(const std::string sql, ToSend(statement));
      const absl::Status ran = Execute(sql);
      const std::vector<std::string> words = Words();
      if (!ran.ok()) return Explain(ran, statement, words);
      for (const std::string& word : words) warnings_.push_back(absl::StrCat(statement.where, ": ", word));
    }
    return absl::OkStatus();
  }

  std::vector<absl::StatusOr<std::string>> TryOut(const std::vector<TrialTable>& tables) override {
    std::vector<absl::StatusOr<std::string>> answers(tables.size(), TooLate());
    absl::StatusOr<std::unique_ptr<Connection>> connection = ConnectInside();
    if (!connection.ok()) return answers;
    Watchdog::Watch watch(&watchdog_, (*connection)->facts(), budget_);
    if (!SetUpDdl(**connection, kLockWait, defaults_.takes_zero_dates).ok()) return answers;
    // Temporary tables have a default engine of their own.
    const bool mysql = (*connection)->facts().flavour == data_access::Flavour::kMySql;
    const absl::string_view engine =
        mysql ? "SET SESSION default_tmp_storage_engine = @@default_storage_engine" : "DO 0";
    if (!(*connection)->ExecuteText(engine, Phase::kWriting).ok()) return answers;
    std::vector<std::string> questions;
    std::vector<size_t> asked;  // places in `tables`
    for (size_t i = 0; i < tables.size(); ++i) {
      const absl::StatusOr<std::string> sql = NormalizeSql(tables[i].sql, (*connection)->facts().flavour);
      const absl::Status made = sql.ok() ? (*connection)->ExecuteText(*sql, Phase::kWriting) : sql.status();
      if (!made.ok()) {
        answers[i] = made;
        continue;
      }
      questions.push_back(absl::StrCat("SHOW CREATE TABLE ", QuoteName(tables[i].table)));
      asked.push_back(i);
    }
    // Text as it is stored, as Inspect reads it.
    (void)(*connection)->ExecuteText("SET character_set_results = binary", Phase::kWriting);
    std::vector<absl::StatusOr<Rows>> shown = (*connection)->QueryTexts(questions);
    for (size_t i = 0; i < shown.size(); ++i) {
      if (shown[i].ok() && shown[i]->Next()) answers[asked[i]] = std::string(shown[i]->Text(1));
    }
    if (watch.End() != Watchdog::Outcome::kFinished) answers.assign(tables.size(), TooLate());
    return answers;
  }

  absl::StatusOr<Schema> Inspect() override {
    absl::StatusOr<std::unique_ptr<Connection>> connection = ConnectInside();
    BONNIE_RETURN_IF_ERROR(NamingAccount(connection.status()));
    Watchdog::Watch watch(&watchdog_, (*connection)->facts(), budget_);
    absl::StatusOr<Schema> schema = schema::Inspect(**connection);
    if (watch.End() != Watchdog::Outcome::kFinished) return TooLate();
    if (schema.ok()) schema->server_in_utc = false;  // scratch may be on another server than the site's database
    return schema;
  }

  absl::StatusOr<absl::optional<std::string>> ShowCreate(const std::string& table) override {
    constexpr int kNoSuchTable = 1146;
    if (!budget_.Check(absl::Now()).ok()) return TooLate();
    const auto [show, column] = ShowCreateOf({SchemaObject::Kind::kTable, table});
    absl::StatusOr<Rows> rows = connection_->QueryText(show);
    const absl::optional<data_access::Fault> fault = data_access::FaultOf(rows.status());
    if (fault.has_value() && fault->number == kNoSuchTable) return absl::optional<std::string>();
    BONNIE_RETURN_IF_ERROR(NamingAccount(rows.status()));
    absl::optional<std::string> create;
    if (rows->Next()) create.emplace(rows->Text(column));
    BONNIE_RETURN_IF_ERROR(rows->status());
    return create;
  }

  const std::string& name() const override { return name_; }

  absl::Status Clear() override {
    BONNIE_RETURN_IF_ERROR(Execute(absl::StrCat("DROP DATABASE IF EXISTS `", name_, "`")));
    return Make();
  }

  const std::vector<std::string>& warnings() const override { return warnings_; }

 private:
  // One more connection, for questions in batches.
  absl::StatusOr<std::unique_ptr<Connection>> ConnectInside() {
    data_access::ConnectOptions options = options_;
    options.schema = name_;
    options.multi_statements = true;
    return driver_.Connect(options);
  }

  absl::Status Make() {
    BONNIE_RETURN_IF_ERROR(NamingAccount(Execute(absl::StrCat("CREATE DATABASE `", name_, "` CHARACTER SET ",
                                                              defaults_.charset, " COLLATE ", defaults_.collation))));
    return Execute(absl::StrCat("USE `", name_, "`"));
  }

  // What another version makes of a statement proves nothing about this one.
  absl::Status CheckVersion() const {
    const std::string& version = connection_->facts().version;
    if (defaults_.server_version.empty() || defaults_.server_version == version) return absl::OkStatus();
    return server::FailedPrecondition(
        "SCRATCH_SERVER_DIFFERS",
        absl::StrCat("scratch_server: its version is ", version, ", and the site's server is ",
                     defaults_.server_version, "; both must be of the same version"));
  }

  absl::StatusOr<std::string> ToSend(const ScratchStatement& statement) const {
    const data_access::Flavour flavour = connection_->facts().flavour;
    absl::StatusOr<std::string> text;
    if (statement.of_live) {
      text = NormalizeSql(statement.sql, flavour);
    } else {
      absl::StatusOr<GatedSql> gated = GateSql(statement.sql, flavour);
      text = gated.ok() ? absl::StatusOr<std::string>(std::move(gated->text)) : gated.status();
    }
    if (text.ok()) return text;
    return server::Error(absl::StatusCode::kInvalidArgument, "STATEMENT_REFUSED",
                         absl::StrCat(statement.where, ": ", text.status().message()), {{"where", statement.where}});
  }

  absl::Status Execute(absl::string_view sql) {
    if (!budget_.Check(absl::Now()).ok()) return TooLate();
    Watchdog::Watch watch(&watchdog_, connection_->facts(), budget_);
    const absl::Status ran = connection_->ExecuteText(sql, Phase::kWriting);
    if (watch.End() != Watchdog::Outcome::kFinished) return TooLate();  // a killed SLEEP answers OK
    return ran;
  }

  // What the server says about the statement before, without the name of this database.
  std::vector<std::string> Words() {
    std::vector<std::string> words;
    absl::StatusOr<Rows> rows = connection_->QueryText("SHOW WARNINGS");
    while (rows.ok() && rows->Next()) {
      const std::string level(rows->Text(0));
      const std::int64_t number = rows->Int64(1);
      words.push_back(absl::StrCat(level, " ", number, " ",
                                   absl::StrReplaceAll(rows->Text(2), {{absl::StrCat("`", name_, "`."), ""},
                                                                       {absl::StrCat(name_, "."), ""},
                                                                       {absl::StrCat(name_, "/"), ""},
                                                                       {name_, "scratch"}})));
    }
    // What was refused first: notes on the way to it hide it.
    std::stable_partition(words.begin(), words.end(),
                          [](const std::string& word) { return absl::StartsWith(word, "Error "); });
    return words;
  }

  absl::Status Explain(const absl::Status& status, const ScratchStatement& statement,
                       const std::vector<std::string>& words) const {
    const absl::optional<data_access::Fault> fault = data_access::FaultOf(status);
    if (!fault.has_value()) return status;  // TooLate
    const bool escape = IsEscape(fault->number);
    const bool other = status.code() == absl::StatusCode::kUnavailable || status.code() == absl::StatusCode::kAborted ||
                       status.code() == absl::StatusCode::kResourceExhausted ||
                       status.code() == absl::StatusCode::kCancelled;
    if (other && !escape) return NamingAccount(status);
    const Complaint complaint = ComplaintOf(statement.where, words);
    return server::Error(
        absl::StatusCode::kInvalidArgument,
        absl::StrCat(
            complaint.where, ": ",
            escape ? "the statement reaches out of the scratch database, which no revision or model may: " : "",
            words.empty() ? std::string(status.message()) : complaint.words),
        {.reason = "STATEMENT_REFUSED",
         .metadata = {{"where", complaint.where}, {"server_error", absl::StrCat(fault->number)}}});
  }

  data_access::Driver& driver_;
  const data_access::ConnectOptions options_;
  const ScratchDefaults defaults_;
  const std::string name_;
  const data_access::Budget budget_;
  const Later later_;
  Watchdog watchdog_;
  std::unique_ptr<Connection> connection_;
  bool made_ = false;
  std::vector<std::string> warnings_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ScratchDatabase>> ScratchDatabase::Open(data_access::Driver& driver,
                                                                       const data_access::ConnectOptions& options,
                                                                       const ScratchDefaults& defaults,
                                                                       absl::Time deadline, Later later) {
  if (options.credentials == nullptr) {
    return server::Error(
        absl::StatusCode::kFailedPrecondition,
        "this site has no scratch account: name one in its configuration (scratch { user, password_file })",
        {.reason = "SCRATCH_NOT_CONFIGURED"});
  }
  data_access::ConnectOptions connect = options;
  connect.schema.clear();
  connect.program_name = "bonnie-schema-scratch";
  // The watchdog ends what takes too long; this is for a network that swallows its answer.
  connect.read_timeout = std::max(deadline - absl::Now(), absl::ZeroDuration()) + kAnswerMargin;
  auto scratch = std::make_unique<ServerScratch>(driver, connect, defaults, deadline, std::move(later));
  BONNIE_RETURN_IF_ERROR(scratch->Open());
  return scratch;
}

absl::Status SweepScratch(data_access::Driver& driver, const data_access::ConnectOptions& options, absl::Duration age,
                          const std::string& prefix) {
  data_access::ConnectOptions connect = options;
  connect.schema.clear();
  absl::StatusOr<std::unique_ptr<Connection>> connection = driver.Connect(connect);
  BONNIE_RETURN_IF_ERROR(NamingAccount(connection.status()));
  return Sweep(**connection, age, prefix);
}

}  // namespace bonnie::schema
