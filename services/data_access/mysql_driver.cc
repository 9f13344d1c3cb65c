// The only file that knows Connector/C++; as long as its traps are many.
#include "services/data_access/mysql_driver.h"

#include <cppconn/connection.h>
#include <cppconn/datatype.h>
#include <cppconn/driver.h>
#include <cppconn/exception.h>
#include <cppconn/parameter_metadata.h>
#include <cppconn/prepared_statement.h>
#include <cppconn/resultset.h>
#include <cppconn/resultset_metadata.h>
#include <cppconn/statement.h>
#include <mysql_driver.h>

#include <algorithm>
#include <map>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/data_access/fault.h"
#include "services/data_access/statement_cache.h"
#include "services/data_access/statement_text.h"
#include "services/data_access/status_macros.h"

namespace bonnie::data_access {
namespace {

constexpr int kTooManyPreparedStatements = 1461;
constexpr int kPacketTooLarge = 1153;
constexpr int kSessionGone = 2006;

// Runs `run`, and turns whatever it throws into a status: no exception crosses the seam.
template <class Run>
auto Caught(Flavour flavour, Phase phase, Run run) -> decltype(run()) {
  try {
    return run();
  } catch (const sql::SQLException& error) {
    return Classify(flavour, phase, error.getErrorCode(), error.what());
  } catch (...) {  // std::bad_alloc and others: the driver's state is unknown
    return Classify(flavour, phase, 0, "");
  }
}

// Destroys a driver's object; some destructors talk to the server, and a lost one makes them throw.
template <class Object>
void Destroy(std::unique_ptr<Object>& object) {
  try {
    object.reset();
  } catch (...) {
    (void)object.release();
  }
}

void CopyCell(const sql::ResultSet& result, int type, bool is_signed, unsigned column, Rows* rows) {
  if (result.isNull(column)) return rows->AddNull();
  switch (type) {
    case sql::DataType::BIT:
    case sql::DataType::TINYINT:
    case sql::DataType::SMALLINT:
    case sql::DataType::MEDIUMINT:
    case sql::DataType::INTEGER:
    case sql::DataType::BIGINT:
    case sql::DataType::YEAR:
      if (is_signed) return rows->AddInteger(result.getInt64(column));
      return rows->AddUnsigned(result.getUInt64(column));
    case sql::DataType::REAL:
    case sql::DataType::DOUBLE:  // getString would print it with %f
      return rows->AddReal(static_cast<double>(result.getDouble(column)));
    default: {
      const sql::SQLString text = result.getString(column);
      return rows->AddText(absl::string_view(text.c_str(), text.length()));
    }
  }
}

// Reads the whole answer: a result must not outlive the next execution of its statement.
Rows Copy(sql::ResultSet& result) {
  sql::ResultSetMetaData* const columns = result.getMetaData();
  const unsigned count = columns->getColumnCount();
  absl::InlinedVector<std::pair<int, bool>, 16> types;
  for (unsigned column = 1; column <= count; ++column) {
    types.emplace_back(columns->getColumnType(column), columns->isSigned(column));
  }
  Rows rows(static_cast<int>(count));
  while (result.next()) {
    for (unsigned column = 1; column <= count; ++column) {
      CopyCell(result, types[column - 1].first, types[column - 1].second, column, &rows);
    }
  }
  return rows;
}

// Binds one value. Text goes by setString: a blob stream would be empty at the second execution.
struct Bind {
  sql::PreparedStatement& statement;
  unsigned parameter;
  void operator()(std::monostate) const { statement.setNull(parameter, sql::DataType::SQLNULL); }
  void operator()(std::int64_t value) const { statement.setInt64(parameter, value); }
  void operator()(double value) const { statement.setDouble(parameter, value); }
  void operator()(const std::string& value) const { statement.setString(parameter, value); }
  void operator()(const Bytes& value) const { statement.setString(parameter, value.data); }
};

std::int64_t LargestParameter(const Statement& statement) {
  size_t largest = 0;
  for (const Value& value : statement.parameters()) {
    if (const auto* text = std::get_if<std::string>(&value)) largest = std::max(largest, text->size());
    if (const auto* bytes = std::get_if<Bytes>(&value)) largest = std::max(largest, bytes->data.size());
  }
  return static_cast<std::int64_t>(largest);
}

struct Discard {
  void operator()(sql::PreparedStatement* statement) const {
    std::unique_ptr<sql::PreparedStatement> owned(statement);
    Destroy(owned);
  }
};

struct PreparedSql {
  std::unique_ptr<sql::PreparedStatement, Discard> handle;
  size_t parameters;
};

class MySqlConnection final : public Connection {
 public:
  MySqlConnection(std::unique_ptr<sql::Connection> connection, const ConnectOptions& options)
      : connection_(std::move(connection)), statements_(options.statement_cache) {
    facts_.schema = options.schema;
  }

  ~MySqlConnection() override {
    statements_.Clear();  // a statement must not outlive its connection
    Destroy(connection_);
  }

  absl::StatusOr<Rows> Query(const Statement& statement, Phase phase) override {
    return Prepared<Rows>(statement, phase, [this, &statement](sql::PreparedStatement* prepared) {
      if (prepared == nullptr) return QueryAnyText(AsText(statement));
      const std::unique_ptr<sql::ResultSet> result(prepared->executeQuery());
      return Copy(*result);
    });
  }

  absl::StatusOr<std::int64_t> Execute(const Statement& statement, Phase phase) override {
    return Prepared<std::int64_t>(statement, phase, [this, &statement](sql::PreparedStatement* prepared) {
      if (prepared != nullptr) return std::int64_t{prepared->executeUpdate()};
      const std::unique_ptr<sql::Statement> text(connection_->createStatement());
      return std::int64_t{text->executeUpdate(AsText(statement))};
    });
  }

  absl::Status ExecuteText(absl::string_view sql, Phase phase) override {
    return Caught(facts_.flavour, phase, [this, sql] {
      const std::unique_ptr<sql::Statement> statement(connection_->createStatement());
      // A result that is not read blocks the session for good (2014).
      for (bool more = statement->execute(std::string(sql)); more; more = statement->getMoreResults()) {
        const std::unique_ptr<sql::ResultSet> unread(statement->getResultSet());
      }
      return absl::OkStatus();
    });
  }

  absl::StatusOr<Rows> QueryText(absl::string_view sql) override {
    return Caught(facts_.flavour, Phase::kReading,
                  [this, sql]() -> absl::StatusOr<Rows> { return QueryAnyText(std::string(sql)); });
  }

  std::vector<absl::StatusOr<Rows>> QueryTexts(const std::vector<std::string>& texts) override {
    std::vector<absl::StatusOr<Rows>> answers;
    while (answers.size() < texts.size()) {
      // The server stops at the first statement that it refuses: the rest is sent again.
      const absl::Status failed = Caught(facts_.flavour, Phase::kReading, [&] {
        const std::string batch =
            absl::StrJoin(texts.begin() + static_cast<std::ptrdiff_t>(answers.size()), texts.end(), ";");
        const std::unique_ptr<sql::Statement> statement(connection_->createStatement());
        for (bool more = statement->execute(batch); more; more = statement->getMoreResults()) {
          const std::unique_ptr<sql::ResultSet> result(statement->getResultSet());
          answers.emplace_back(Copy(*result));
        }
        return absl::OkStatus();
      });
      if (answers.size() < texts.size()) {
        answers.emplace_back(failed.ok() ? absl::InternalError("a statement of a batch answered no rows") : failed);
      }
    }
    return answers;
  }

  absl::Status Ping() override {
    return Caught(facts_.flavour, Phase::kReading, [this] {
      if (connection_->isValid()) return absl::OkStatus();
      return Classify(facts_.flavour, Phase::kReading, kSessionGone, "");
    });
  }

  const ServerFacts& facts() const override { return facts_; }

  // Sets up what postInit cannot, and asks who the server is.
  absl::Status Greet() {
    // @@transaction_isolation does not exist on MariaDB 10.11, and the driver has set REPEATABLE READ.
    BONNIE_RETURN_IF_ERROR(
        ExecuteText("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED", Phase::kConnecting));
    BONNIE_ASSIGN_OR_RETURN(Rows facts,
                            QueryText("SELECT VERSION(), CONNECTION_ID(), @@global.read_only + 0, "
                                      "@@innodb_rollback_on_timeout + 0, @@max_allowed_packet, @@wait_timeout"));
    if (!facts.Next()) return Classify(facts_.flavour, Phase::kConnecting, 0, "");
    facts_.version = std::string(facts.Text(0));
    facts_.flavour = absl::StrContains(facts_.version, "MariaDB") ? Flavour::kMariaDb : Flavour::kMySql;
    facts_.connection_id = static_cast<std::uint64_t>(facts.Int64(1));
    facts_.read_only = facts.Int64(2) != 0;
    facts_.rollback_on_timeout = facts.Int64(3) != 0;
    facts_.max_allowed_packet = facts.Int64(4);
    facts_.wait_timeout = absl::Seconds(facts.Int64(5));
    BONNIE_RETURN_IF_ERROR(facts.status());
    return AskStatusVariables();
  }

 private:
  absl::Status AskStatusVariables() {
    BONNIE_ASSIGN_OR_RETURN(Rows variables,
                            QueryText("SHOW SESSION STATUS WHERE Variable_name IN ('Ssl_version', 'Uptime')"));
    while (variables.Next()) {
      const absl::string_view value = variables.Text(1);
      if (std::int64_t seconds = 0; variables.Text(0) != "Uptime") {
        facts_.tls_version = std::string(value);
      } else if (absl::SimpleAtoi(value, &seconds)) {
        facts_.started = absl::Now() - absl::Seconds(seconds);
      }
    }
    return variables.status();
  }

  Rows QueryAnyText(const std::string& sql) {
    const std::unique_ptr<sql::Statement> statement(connection_->createStatement());
    const std::unique_ptr<sql::ResultSet> result(statement->executeQuery(sql));
    return Copy(*result);
  }

  // Runs `run` with the statement prepared and bound, or with null where the server prepares no more for us.
  template <class Answer, class Run>
  absl::StatusOr<Answer> Prepared(const Statement& statement, Phase phase, Run run) {
    if (LargestParameter(statement) >= facts_.max_allowed_packet) {
      return Classify(facts_.flavour, phase, kPacketTooLarge, "");
    }
    absl::StatusOr<Answer> answer = Caught(facts_.flavour, phase, [&]() -> absl::StatusOr<Answer> {
      PreparedSql* const prepared = Prepare(statement.text());
      if (prepared == nullptr) return run(nullptr);
      // A parameter that is not bound keeps its value of the execution before.
      if (prepared->parameters != statement.parameters().size()) {
        return absl::InternalError(absl::StrCat("statement ", statement.name(), ": ", statement.parameters().size(),
                                                " values, want ", prepared->parameters));
      }
      for (unsigned i = 0; i < statement.parameters().size(); ++i) {
        std::visit(Bind{*prepared->handle, i + 1}, statement.parameters()[i]);
      }
      return run(prepared->handle.get());
    });
    if (!answer.ok()) statements_.Forget(statement.text());  // one that failed is not trusted again
    return answer;
  }

  // Null when the server's limit on prepared statements is reached and dropping our own did not help.
  PreparedSql* Prepare(absl::string_view text) {
    if (PreparedSql* found = statements_.Find(text)) return found;
    for (const bool last_try : {false, true}) {
      try {
        PreparedSql prepared{{connection_->prepareStatement(std::string(text)), Discard()}, 0};
        prepared.parameters = prepared.handle->getParameterMetaData()->getParameterCount();
        return statements_.Add(text, std::move(prepared));
      } catch (const sql::SQLException& error) {
        if (error.getErrorCode() != kTooManyPreparedStatements) throw;
        if (!last_try) statements_.Clear();
      }
    }
    return nullptr;
  }

  std::unique_ptr<sql::Connection> connection_;
  StatementCache<PreparedSql> statements_;
  ServerFacts facts_;
};

int WholeSeconds(absl::Duration duration) {
  return static_cast<int>(absl::ToInt64Seconds(absl::Ceil(duration, absl::Seconds(1))));
}

std::string Address(const ConnectOptions& options) {
  if (!options.unix_socket.empty()) return absl::StrCat("unix://", options.unix_socket);
  // Brackets for IPv6; the scheme keeps "localhost" from meaning a unix socket.
  const bool ipv6 = absl::StrContains(options.host, ":");
  return absl::StrCat("tcp://", ipv6 ? "[" : "", options.host, ipv6 ? "]" : "", ":", options.port);
}

// The three together, or the client goes on in plain text with a server that offers no TLS and hands it the password.
void AddTls(const TlsOptions& tls, sql::ConnectOptionsMap* map) {
  (*map)["sslEnforce"] = true;
  (*map)["sslVerify"] = true;
  (*map)["sslCA"] = sql::SQLString(tls.ca_file);
  if (!tls.cert_file.empty()) {
    (*map)["sslCert"] = sql::SQLString(tls.cert_file);
    (*map)["sslKey"] = sql::SQLString(tls.key_file);
  }
  if (!tls.plugin_dir.empty()) (*map)["pluginDir"] = sql::SQLString(tls.plugin_dir);
}

// The driver ignores names that it does not know and says nothing: each of these was seen to work.
sql::ConnectOptionsMap DriverOptions(const ConnectOptions& options, const Credentials& credentials) {
  sql::ConnectOptionsMap map;
  map["hostName"] = sql::SQLString(Address(options));
  map["userName"] = sql::SQLString(credentials.user);
  map["password"] = sql::SQLString(credentials.password);
  if (!options.schema.empty()) map["schema"] = sql::SQLString(options.schema);
  if (options.tls.has_value()) AddTls(*options.tls, &map);
  map["OPT_CHARSET_NAME"] = sql::SQLString("utf8mb4");
  map["OPT_CONNECT_TIMEOUT"] = WholeSeconds(options.connect_timeout);  // without it: for ever
  if (options.read_timeout < absl::InfiniteDuration()) {
    map["OPT_READ_TIMEOUT"] = WholeSeconds(options.read_timeout);
    map["OPT_WRITE_TIMEOUT"] = WholeSeconds(options.read_timeout);
  }
  map["OPT_LOCAL_INFILE"] = 0;
  map["CLIENT_FOUND_ROWS"] = true;
  map["CLIENT_MULTI_STATEMENTS"] = options.multi_statements;
  map["OPT_CONNECT_ATTR_ADD"] = std::map<sql::SQLString, sql::SQLString>{{"program_name", options.program_name}};
  map["postInit"] = sql::SQLString(absl::StrCat(
      "SET time_zone = '+00:00', innodb_lock_wait_timeout = ", std::max(1, WholeSeconds(options.lock_wait_timeout)),
      ", sql_mode = 'ONLY_FULL_GROUP_BY,STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,"
      "NO_ENGINE_SUBSTITUTION'"));
  return map;
}

absl::Status CheckOptions(const ConnectOptions& options) {
  if (options.credentials == nullptr) return absl::FailedPreconditionError("no credentials for the database");
  if (options.host.empty() == options.unix_socket.empty()) {
    return absl::FailedPreconditionError("database address: want either a host or a unix socket");
  }
  if (!options.host.empty() && !options.tls.has_value()) {
    return absl::FailedPreconditionError(
        absl::StrCat("database ", options.host, ": want TLS, or a unix socket instead"));
  }
  return options.tls.has_value() ? CheckTlsOptions(*options.tls) : absl::OkStatus();
}

// Says where, and against which CA, so that an operator can act on it.
absl::Status WithAddress(const absl::Status& status, const ConnectOptions& options) {
  if (status.ok()) return status;
  std::string message = absl::StrCat(Address(options), ": ", status.message());
  if (options.tls.has_value()) absl::StrAppend(&message, " (CA file ", options.tls->ca_file, ")");
  const absl::optional<Fault> fault = FaultOf(status);
  return fault.has_value() ? FaultStatus(status.code(), message, *fault) : absl::Status(status.code(), message);
}

class MySqlDriver final : public Driver {
 public:
  explicit MySqlDriver(sql::Driver* driver) : driver_(driver) {}

  absl::StatusOr<std::unique_ptr<Connection>> Connect(const ConnectOptions& options) override {
    BONNIE_RETURN_IF_ERROR(CheckOptions(options));
    BONNIE_ASSIGN_OR_RETURN(const Credentials credentials, options.credentials());
    std::unique_ptr<MySqlConnection> connection;
    const absl::Status opened = Caught(Flavour::kMySql, Phase::kConnecting, [&] {
      sql::ConnectOptionsMap map = DriverOptions(options, credentials);
      connection = std::make_unique<MySqlConnection>(std::unique_ptr<sql::Connection>(driver_->connect(map)), options);
      return connection->Greet();
    });
    BONNIE_RETURN_IF_ERROR(WithAddress(opened, options));
    return connection;
  }

 private:
  sql::Driver* const driver_;  // the connector's singleton
};

}  // namespace

std::unique_ptr<Driver> MakeMySqlDriver() {
  return std::make_unique<MySqlDriver>(sql::mysql::get_mysql_driver_instance());
}

std::string DriverVersion() {
  sql::Driver& driver = *sql::mysql::get_mysql_driver_instance();
  // Its own name would say libmysql, whatever it was linked with.
  return absl::StrCat("MySQL Connector/C++ ", driver.getMajorVersion(), ".", driver.getMinorVersion(), ".",
                      driver.getPatchVersion());
}

}  // namespace bonnie::data_access
