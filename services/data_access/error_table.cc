// One table of error numbers; longer than most files because the table is.
#include "services/data_access/error_table.h"

#include <algorithm>
#include <array>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/data_access/fault.h"

namespace bonnie::data_access {
namespace {

using Code = absl::StatusCode;

// What an error leaves behind.
enum class After {
  kStatement,     // only the statement was undone
  kRollback,      // the transaction must be rolled back; the session is in step
  kRetryUnit,     // the same, and the server says that running the unit again may succeed
  kLost,          // the session is gone or out of step; what was sent last may have been applied
  kLostSite,      // the same for the whole server
  kEvict,         // refused for certain, and this server will go on refusing
  kDiscard,       // refused for certain; the session is of no more use
};

enum class On { kBoth, kMySql, kMariaDb };  // numbers from 3000 on mean other things on the other server
enum class Alarm { kNo, kYes };

// A row of the tables in data-access.md section 1 (code, after, alarm) and records-grpc.md 2.9 (caller, reason).
struct Row {
  std::array<int, 14> numbers;
  On on;
  Code code;
  After after;
  Alarm alarm;
  Code caller;
  const char* reason;
  const char* message;
};

constexpr Row kRows[] = {
    // Connecting.
    {{2002, 2003, 2005}, On::kBoth, Code::kUnavailable, After::kDiscard, Alarm::kNo, Code::kUnavailable,
     "DATABASE_UNAVAILABLE", "the database server cannot be reached"},
    {{1045, 1044, 1130, 1251, 1698, 1820, 1862, 2059, 2061}, On::kBoth, Code::kUnavailable, After::kDiscard, Alarm::kYes,
     Code::kUnavailable, "DATABASE_AUTH", "the database refused our login"},
    {{3118, 3955}, On::kMySql, Code::kUnavailable, After::kDiscard, Alarm::kYes, Code::kUnavailable, "DATABASE_AUTH",
     "the database has locked our account"},
    {{4151}, On::kMariaDb, Code::kUnavailable, After::kDiscard, Alarm::kYes, Code::kUnavailable, "DATABASE_AUTH",
     "the database has locked our account"},
    {{1049}, On::kBoth, Code::kUnavailable, After::kDiscard, Alarm::kYes, Code::kFailedPrecondition, "SCHEMA_MISMATCH",
     "the database (schema) does not exist on the server"},
    {{3159}, On::kMySql, Code::kFailedPrecondition, After::kDiscard, Alarm::kYes, Code::kUnavailable,
     "DATABASE_UNAVAILABLE", "the database server demands TLS, which is not configured"},
    {{1040, 1203, 1226}, On::kBoth, Code::kUnavailable, After::kStatement, Alarm::kNo, Code::kUnavailable,
     "DATABASE_UNAVAILABLE", "the database server accepts no more work from us (a connection or user limit)"},
    {{1129}, On::kBoth, Code::kUnavailable, After::kDiscard, Alarm::kYes, Code::kUnavailable, "DATABASE_UNAVAILABLE",
     "the database server has blocked this host (max_connect_errors)"},
    // Lost sessions.
    {{2026, 2006, 2013, 2055, 1158, 1159, 1160, 1161, 1180}, On::kBoth, Code::kUnavailable, After::kLost, Alarm::kNo,
     Code::kUnavailable, "DATABASE_UNAVAILABLE", "the database session was lost"},
    {{4031, 3032, 3169}, On::kMySql, Code::kUnavailable, After::kLost, Alarm::kNo, Code::kUnavailable,
     "DATABASE_UNAVAILABLE", "the database session was closed by the server"},
    {{1927}, On::kMariaDb, Code::kUnavailable, After::kLost, Alarm::kNo, Code::kUnavailable, "DATABASE_UNAVAILABLE",
     "the database session was closed by the server"},
    {{1053, 1047}, On::kBoth, Code::kUnavailable, After::kLostSite, Alarm::kNo, Code::kUnavailable,
     "DATABASE_UNAVAILABLE", "the database server is shutting down or has lost its cluster"},
    {{2000, 2008, 2014, 2027, 2030, 2057}, On::kBoth, Code::kInternal, After::kLost, Alarm::kNo, Code::kInternal,
     "INTERNAL", "the database driver is out of step"},
    // The whole unit.
    {{1213, 1020, 1412}, On::kBoth, Code::kAborted, After::kRetryUnit, Alarm::kNo, Code::kAborted, "CONTENTION",
     "the transaction met another one"},
    {{3101}, On::kMySql, Code::kAborted, After::kRetryUnit, Alarm::kNo, Code::kAborted, "CONTENTION",
     "the transaction met another one in the cluster"},
    {{1205}, On::kBoth, Code::kAborted, After::kRetryUnit, Alarm::kNo, Code::kAborted, "LOCK_TIMEOUT",
     "a row was locked by another transaction for too long"},
    {{3572}, On::kMySql, Code::kAborted, After::kRetryUnit, Alarm::kNo, Code::kAborted, "LOCK_TIMEOUT",
     "a row was locked by another transaction"},
    {{1792, 1836}, On::kBoth, Code::kUnavailable, After::kEvict, Alarm::kNo, Code::kUnavailable, "DATABASE_READ_ONLY",
     "the database server is read-only"},
    {{3100}, On::kMySql, Code::kUnavailable, After::kEvict, Alarm::kNo, Code::kUnavailable, "DATABASE_READ_ONLY",
     "the database cluster refused the transaction"},
    // The statement alone: data.
    {{1062}, On::kBoth, Code::kAlreadyExists, After::kStatement, Alarm::kNo, Code::kAlreadyExists, "DUPLICATE",
     "a row with this key exists already"},
    {{1451}, On::kBoth, Code::kFailedPrecondition, After::kStatement, Alarm::kNo, Code::kFailedPrecondition,
     "HAS_MEDICAL_RECORDS", "other rows refer to this one"},
    {{1452}, On::kBoth, Code::kFailedPrecondition, After::kStatement, Alarm::kNo, Code::kNotFound, "PATIENT_NOT_FOUND",
     "the row referred to does not exist"},
    {{1048, 1264, 1265, 1292, 1365, 1366, 1367, 1406}, On::kBoth, Code::kInvalidArgument, After::kStatement, Alarm::kNo,
     Code::kInvalidArgument, "INVALID_VALUE", "the database refused a value"},
    {{3819}, On::kMySql, Code::kInvalidArgument, After::kStatement, Alarm::kNo, Code::kInvalidArgument, "INVALID_VALUE",
     "a value violates a rule of its table"},
    {{4025}, On::kMariaDb, Code::kInvalidArgument, After::kStatement, Alarm::kNo, Code::kInvalidArgument,
     "INVALID_VALUE", "a value violates a rule of its table"},
    {{1153, 2020}, On::kBoth, Code::kInvalidArgument, After::kDiscard, Alarm::kNo, Code::kInvalidArgument, "TOO_LARGE",
     "a value is larger than the database server takes (max_allowed_packet)"},
    {{1644}, On::kBoth, Code::kFailedPrecondition, After::kStatement, Alarm::kNo, Code::kFailedPrecondition, "REFUSED",
     "a rule of the database refused the statement"},
    {{1021, 1114}, On::kBoth, Code::kResourceExhausted, After::kStatement, Alarm::kYes, Code::kResourceExhausted,
     "STORAGE_FULL", "the database's storage is full"},
    // The statement alone: time.
    {{3024}, On::kMySql, Code::kDeadlineExceeded, After::kStatement, Alarm::kNo, Code::kDeadlineExceeded, "DB_TIMEOUT",
     "the statement ran out of time"},
    {{1969}, On::kMariaDb, Code::kDeadlineExceeded, After::kStatement, Alarm::kNo, Code::kDeadlineExceeded, "DB_TIMEOUT",
     "the statement ran out of time"},
    {{1317}, On::kBoth, Code::kCancelled, After::kRollback, Alarm::kNo, Code::kCancelled, "DB_INTERRUPTED",
     "the statement was interrupted"},
    {{1461, 1615}, On::kBoth, Code::kUnavailable, After::kStatement, Alarm::kNo, Code::kUnavailable,
     "DATABASE_UNAVAILABLE", "the database server cannot prepare the statement now"},
    // The statement alone: our schema or grants do not fit the program.
    {{1142, 1143, 1227, 1370}, On::kBoth, Code::kInternal, After::kStatement, Alarm::kYes, Code::kUnavailable,
     "DATABASE_AUTH", "the database user lacks a right that the statement needs"},
    {{1054, 1146, 1305, 1364}, On::kBoth, Code::kInternal, After::kStatement, Alarm::kYes, Code::kFailedPrecondition,
     "SCHEMA_MISMATCH", "the database's tables are not those that this program was built for"},
    {{1064, 1149, 1210}, On::kBoth, Code::kInternal, After::kStatement, Alarm::kYes, Code::kInternal, "INTERNAL",
     "the database refused a statement of ours"},
};

constexpr Row kOutOfStep = {{}, On::kBoth, Code::kInternal, After::kLost, Alarm::kNo, Code::kInternal, "INTERNAL",
                            "the database driver is out of step"};
constexpr Row kUnknownNumber = {{}, On::kBoth, Code::kInternal, After::kRollback, Alarm::kNo, Code::kInternal,
                                "INTERNAL", "an unexpected database error"};
constexpr Row kReadOnly = {{}, On::kBoth, Code::kUnavailable, After::kEvict, Alarm::kNo, Code::kUnavailable,
                           "DATABASE_READ_ONLY", "the database server is read-only"};
constexpr Row kTooLarge = {{}, On::kBoth, Code::kInvalidArgument, After::kDiscard, Alarm::kNo, Code::kInvalidArgument,
                           "TOO_LARGE", "a value is larger than the database server takes (max_allowed_packet)"};

// Why TLS to the server was refused. These texts come from the TLS library and hold nothing of any row.
constexpr struct {
  const char* part;
  const char* meaning;
} kTlsRefusals[] = {
    {"SSL is required", "the server offers no TLS"},
    {"expired", "the server's certificate has expired"},
    {"not yet valid", "the server's certificate is not valid yet"},
    {"Validation of SSL server certificate failed", "the server's certificate does not name this host"},
    {"self-signed certificate", "the server's certificate is not signed by our CA"},
    {"issuer certificate", "the server's certificate is not signed by our CA"},
    {"certificate verify failed", "the server's certificate is not signed by our CA, or not valid now"},
    {"certificate", "a certificate was refused"},
    {"No such file", "a certificate file cannot be read"},
    {"not supported by the server", "the server offers no TLS"},
};

const char* TlsRefusal(absl::string_view text) {
  for (const auto& refusal : kTlsRefusals) {
    if (absl::StrContains(text, refusal.part)) return refusal.meaning;
  }
  return nullptr;
}

bool Applies(const Row& row, Flavour flavour, Phase phase, int number) {
  if (std::find(row.numbers.begin(), row.numbers.end(), number) == row.numbers.end()) return false;
  // Before login the flavour is not known, and the login errors of the two do not overlap.
  if (row.on == On::kBoth || phase == Phase::kConnecting) return true;
  return (row.on == On::kMySql) == (flavour == Flavour::kMySql);
}

const Row& Find(Flavour flavour, Phase phase, int number, absl::string_view text) {
  if (number == 0) return kOutOfStep;  // also the filler of `numbers`
  if (number == 1290) return absl::StrContains(text, "read-only") || absl::StrContains(text, "read_only") ? kReadOnly : kUnknownNumber;
  if (number == 1105) return absl::StrContains(text, "max_allowed_packet") ? kTooLarge : kUnknownNumber;
  for (const Row& row : kRows) {
    if (Applies(row, flavour, phase, number)) return row;
  }
  return number >= 2000 && number < 3000 ? kOutOfStep : kUnknownNumber;  // 2xxx: the client library's
}

// A lost session leaves open whether the last thing sent was done, if that could write.
bool MayHaveWritten(Phase phase) { return phase == Phase::kWriting || phase == Phase::kCommitting; }

void SetAftermath(After after, Phase phase, Fault* fault) {
  // COMMIT is either done or certainly not; whatever else it answers leaves the question open.
  if (phase == Phase::kCommitting && (after == After::kStatement || after == After::kRollback)) after = After::kLost;
  switch (after) {
    case After::kStatement:
      fault->fate = SessionFate::kKeep;
      break;
    case After::kRollback:
    case After::kRetryUnit:
      fault->fate = SessionFate::kRollback;
      fault->retry_transaction = after == After::kRetryUnit;
      break;
    case After::kLost:
    case After::kLostSite:
      fault->fate = after == After::kLost ? SessionFate::kDiscard : SessionFate::kDiscardSite;
      fault->effect = MayHaveWritten(phase) ? Effect::kUnknown : Effect::kNone;
      break;
    case After::kEvict:
      fault->fate = SessionFate::kDiscardSite;
      break;
    case After::kDiscard:
      fault->fate = SessionFate::kDiscard;
      break;
  }
}

// An identifier of ours: short and plain, so that no row's value can pass for one.
std::string Identifier(absl::string_view name) {
  if (const size_t dot = name.rfind('.'); dot != absl::string_view::npos) name.remove_prefix(dot + 1);
  while (absl::ConsumePrefix(&name, "`") || absl::ConsumePrefix(&name, "'")) {}
  while (absl::ConsumeSuffix(&name, "`") || absl::ConsumeSuffix(&name, "'")) {}
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) { return absl::ascii_isalnum(c) || c == '_' || c == '$'; });
  return plain && name.size() <= 64 ? std::string(name) : "";
}

// What stands between the last `before` and the first `after` that follows; "" without either.
absl::string_view Between(absl::string_view text, absl::string_view before, absl::string_view after) {
  const size_t start = text.rfind(before);
  if (start == absl::string_view::npos) return "";
  text.remove_prefix(start + before.size());
  return text.substr(0, text.find(after));
}

// The texts end with the name: a value quoted before it cannot be mistaken for it.
std::string ConstraintName(int number, absl::string_view text) {
  switch (number) {
    case 1062:
      return absl::EndsWith(text, "'") ? Identifier(Between(text, "for key '", "'")) : "";
    case 1451:
    case 1452:
    case 4025:
      return Identifier(Between(text, "CONSTRAINT `", "`"));
    case 3819:
      return Identifier(Between(text, "constraint '", "'"));
    default:
      return "";
  }
}

std::string ColumnName(int number, absl::string_view text) {
  if (number == 1048 || number == 1364) return Identifier(Between(text, number == 1048 ? "Column '" : "Field '", "'"));
  while (!text.empty() && absl::ascii_isdigit(text.back())) text.remove_suffix(1);
  if (!absl::ConsumeSuffix(&text, " at row ")) return "";
  return Identifier(Between(text, " for column ", " "));
}

}  // namespace

absl::Status Classify(Flavour flavour, Phase phase, int number, absl::string_view text) {
  const Row& row = Find(flavour, phase, number, text);
  Fault fault;
  fault.number = number;
  fault.alarm = row.alarm == Alarm::kYes;
  fault.caller_code = row.caller;
  fault.reason = row.reason;
  SetAftermath(row.after, phase, &fault);
  if (fault.effect == Effect::kUnknown) {
    fault.caller_code = Code::kUnknown;
    fault.reason = "COMMIT_OUTCOME_UNKNOWN";
  }
  fault.constraint = ConstraintName(number, text);
  fault.column = ColumnName(number, text);
  std::string message = absl::StrCat(row.message, " [", number, "]");
  if (phase == Phase::kConnecting && number == 2026) {
    const char* const refusal = TlsRefusal(text);
    fault.alarm = refusal != nullptr;
    message = refusal == nullptr ? "the TLS connection broke while it was made [2026]" : absl::StrCat("TLS: ", refusal, " [2026]");
  }
  if (!fault.constraint.empty()) absl::StrAppend(&message, " (constraint ", fault.constraint, ")");
  if (!fault.column.empty()) absl::StrAppend(&message, " (column ", fault.column, ")");
  return FaultStatus(row.code, message, fault);
}

absl::string_view FlavourName(Flavour flavour) { return flavour == Flavour::kMySql ? "MySQL" : "MariaDB"; }

}  // namespace bonnie::data_access
