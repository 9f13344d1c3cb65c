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
  kStatement,  // only the statement was undone
  kRollback,   // the transaction must be rolled back; the session is in step
  kRetryUnit,  // the same, and the server says that running the unit again may succeed
  kLost,       // the session is gone or out of step; what was sent last may have been applied
  kLostSite,   // the same for the whole server
  kEvict,      // refused for certain, and this server will go on refusing
  kDiscard,    // refused for certain; the session is of no more use
};

// Numbers from 3000 on, and some before, mean other things on the other server.
constexpr int kMySqlOnly = 1 << 16, kMariaDbOnly = 1 << 17;
constexpr int MySql(int number) { return number | kMySqlOnly; }
constexpr int MariaDb(int number) { return number | kMariaDbOnly; }

// A row: what this library does next (code, after, alarm), and what an RPC's caller is told (caller, reason).
struct Row {
  std::array<int, 14> numbers;
  Code code;
  After after;
  bool alarm;
  Code caller;
  const char* reason;
  const char* message;
};

constexpr bool kAlarm = true, kQuiet = false;
constexpr char kDown[] = "DATABASE_UNAVAILABLE";
constexpr char kAuth[] = "DATABASE_AUTH";
constexpr char kSchema[] = "SCHEMA_MISMATCH";

// clang-format off
constexpr Row kRows[] = {
    // Connecting.
    {{2002, 2003, 2005}, Code::kUnavailable, After::kDiscard, kQuiet, Code::kUnavailable, kDown,
     "the database server cannot be reached"},
    {{1045, 1044, 1130, 1251, 1698, 1820, 1862, 2059, 2061}, Code::kUnavailable, After::kDiscard, kAlarm,
     Code::kUnavailable, kAuth, "the database refused our login"},
    {{MySql(3118), MySql(3955), MariaDb(4151)}, Code::kUnavailable, After::kDiscard, kAlarm, Code::kUnavailable, kAuth,
     "the database has locked our account"},
    {{1049}, Code::kUnavailable, After::kDiscard, kAlarm, Code::kFailedPrecondition, kSchema,
     "the database (schema) does not exist on the server"},
    {{MySql(3159)}, Code::kFailedPrecondition, After::kDiscard, kAlarm, Code::kUnavailable, kDown,
     "the database server demands TLS, which is not configured"},
    {{1040, 1203, 1226}, Code::kUnavailable, After::kStatement, kQuiet, Code::kUnavailable, kDown,
     "the database server accepts no more work from us (a connection or user limit)"},
    {{1129}, Code::kUnavailable, After::kDiscard, kAlarm, Code::kUnavailable, kDown,
     "the database server has blocked this host (max_connect_errors)"},
    // Lost sessions.
    {{2026, 2006, 2013, 2055, 1158, 1159, 1160, 1161, 1180, MySql(4031), MySql(3032), MySql(3169), MariaDb(1927)},
     Code::kUnavailable, After::kLost, kQuiet, Code::kUnavailable, kDown, "the database session was lost"},
    {{1053, 1047}, Code::kUnavailable, After::kLostSite, kQuiet, Code::kUnavailable, kDown,
     "the database server is shutting down or has lost its cluster"},
    // The whole unit.
    {{1213, 1020, 1412, MySql(3101)}, Code::kAborted, After::kRetryUnit, kQuiet, Code::kAborted, "CONTENTION",
     "the transaction met another one"},
    {{1205, MySql(3572)}, Code::kAborted, After::kRetryUnit, kQuiet, Code::kAborted, "LOCK_TIMEOUT",
     "a row was locked by another transaction for too long"},
    {{1792, 1836, MySql(3100)}, Code::kUnavailable, After::kEvict, kQuiet, Code::kUnavailable, "DATABASE_READ_ONLY",
     "the database server is read-only"},
    // The statement alone: data.
    {{1062}, Code::kAlreadyExists, After::kStatement, kQuiet, Code::kAlreadyExists, "DUPLICATE",
     "a row with this key exists already"},
    {{1451}, Code::kFailedPrecondition, After::kStatement, kQuiet, Code::kFailedPrecondition, "HAS_MEDICAL_RECORDS",
     "other rows refer to this one"},
    {{1452}, Code::kFailedPrecondition, After::kStatement, kQuiet, Code::kNotFound, "PATIENT_NOT_FOUND",
     "the row referred to does not exist"},
    {{1048, 1264, 1265, 1292, 1365, 1366, 1367, 1406, MySql(3819), MariaDb(4025)}, Code::kInvalidArgument,
     After::kStatement, kQuiet, Code::kInvalidArgument, "INVALID_VALUE", "the database refused a value"},
    {{1153, 2020}, Code::kInvalidArgument, After::kDiscard, kQuiet, Code::kInvalidArgument, "TOO_LARGE",
     "a value is larger than the database server takes (max_allowed_packet)"},
    {{1644}, Code::kFailedPrecondition, After::kStatement, kQuiet, Code::kFailedPrecondition, "REFUSED",
     "a rule of the database refused the statement"},
    {{1021, 1114}, Code::kResourceExhausted, After::kStatement, kAlarm, Code::kResourceExhausted, "STORAGE_FULL",
     "the database's storage is full"},
    // The statement alone: time.
    {{MySql(3024), MariaDb(1969)}, Code::kDeadlineExceeded, After::kStatement, kQuiet,
     Code::kDeadlineExceeded, "DB_TIMEOUT", "the statement ran out of time"},
    {{1317}, Code::kCancelled, After::kRollback, kQuiet, Code::kCancelled, "DB_INTERRUPTED",
     "the statement was interrupted"},
    {{1461, 1615}, Code::kUnavailable, After::kStatement, kQuiet, Code::kUnavailable, kDown,
     "the database server cannot prepare the statement now"},
    // The statement alone: our schema or grants do not fit the program.
    {{1142, 1143, 1227, 1370}, Code::kInternal, After::kStatement, kAlarm, Code::kUnavailable, kAuth,
     "the database user lacks a right that the statement needs"},
    {{1054, 1146, 1305, 1364}, Code::kInternal, After::kStatement, kAlarm, Code::kFailedPrecondition, kSchema,
     "the database's tables are not those that this program was built for"},
    {{1064, 1149, 1210}, Code::kInternal, After::kStatement, kAlarm, Code::kInternal, "INTERNAL",
     "the database refused a statement of ours"},
};
// 0 (the driver's own exceptions), 2014, 2027, 2030, 2057 and every other number of the client library.
constexpr Row kOutOfStep = {{}, Code::kInternal, After::kLost, kQuiet, Code::kInternal, "INTERNAL",
                            "the database driver is out of step"};
constexpr Row kUnknownNumber = {{}, Code::kInternal, After::kRollback, kQuiet, Code::kInternal, "INTERNAL",
                                "an unexpected database error"};
// Their texts name tables, columns, keys and the like (Fault::words).
constexpr int kNamesOnly[] = {
    1050, 1051, 1054, 1060, 1061, 1063, 1067, 1068, 1069, 1070, 1071, 1072, 1073, 1074, 1075, 1089, 1090, 1091, 1101,
    1103, 1113, 1115, 1117, 1118, 1121, 1138, 1146, 1170, 1171, 1176, 1178, 1214, 1215, 1217, 1239, 1253, 1273,
    1280, 1283, 1286, 1304, 1305, 1359, 1360, 1439, 1503, 1506, 1507, 1508, 1517, 1537, 1539, 1553,
    1659, 1709, 1795, 1822, 1824, 1825, 1826, 1828, 1829, 1830, 1831, 1832, 1833, 1834, 1845, 1846,
    MySql(3108), MySql(3730), MySql(3733), MySql(3734), MySql(3780), MySql(3813), MySql(3821), MySql(3822),
    MySql(3837), MySql(3855), MySql(3959)};
// clang-format on

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

bool Applies(int entry, Flavour flavour, Phase phase, int number) {
  // Before login the flavour is not known, and the login errors of the two do not overlap.
  const bool known = phase != Phase::kConnecting;
  if (known && entry == MySql(number)) return flavour == Flavour::kMySql;
  if (known && entry == MariaDb(number)) return flavour == Flavour::kMariaDb;
  return (entry & ~(kMySqlOnly | kMariaDbOnly)) == number;
}

const Row* FindNumber(Flavour flavour, Phase phase, int number) {
  for (const Row& row : kRows) {
    for (const int entry : row.numbers) {
      if (entry != 0 && Applies(entry, flavour, phase, number)) return &row;
    }
  }
  return nullptr;
}

const Row& Find(Flavour flavour, Phase phase, int number, absl::string_view text) {
  // Two numbers that mean many things: what their text says is another number's meaning.
  if (number == 1290 && (absl::StrContains(text, "read-only") || absl::StrContains(text, "read_only"))) number = 1836;
  if (number == 1105 && absl::StrContains(text, "max_allowed_packet")) number = 1153;
  if (const Row* row = FindNumber(flavour, phase, number); row != nullptr) return *row;
  return number == 0 || (number >= 2000 && number < 3000) ? kOutOfStep : kUnknownNumber;
}

std::string Words(Flavour flavour, Phase phase, int number, absl::string_view text) {
  const bool names_only =
      phase != Phase::kConnecting && std::any_of(std::begin(kNamesOnly), std::end(kNamesOnly),
                                                 [&](int entry) { return Applies(entry, flavour, phase, number); });
  return names_only ? std::string(text) : "";
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
  while (absl::ConsumePrefix(&name, "`") || absl::ConsumePrefix(&name, "'")) {
  }
  while (absl::ConsumeSuffix(&name, "`") || absl::ConsumeSuffix(&name, "'")) {
  }
  const bool plain =
      std::all_of(name.begin(), name.end(), [](char c) { return absl::ascii_isalnum(c) || c == '_' || c == '$'; });
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
  fault.alarm = row.alarm;
  fault.caller_code = row.caller;
  fault.reason = row.reason;
  SetAftermath(row.after, phase, &fault);
  if (fault.effect == Effect::kUnknown) {
    fault.caller_code = Code::kUnknown;
    fault.reason = "COMMIT_OUTCOME_UNKNOWN";
  }
  fault.constraint = ConstraintName(number, text);
  fault.column = ColumnName(number, text);
  fault.words = Words(flavour, phase, number, text);
  std::string message = absl::StrCat(row.message, " [", number, "]");
  if (phase == Phase::kConnecting && number == 2026) {
    const char* const refusal = TlsRefusal(text);
    fault.alarm = refusal != nullptr;
    message = refusal == nullptr ? "the TLS connection broke while it was made [2026]"
                                 : absl::StrCat("TLS: ", refusal, " [2026]");
  }
  if (!fault.constraint.empty()) absl::StrAppend(&message, " (constraint ", fault.constraint, ")");
  if (!fault.column.empty()) absl::StrAppend(&message, " (column ", fault.column, ")");
  return FaultStatus(row.code, message, fault);
}

absl::string_view FlavourName(Flavour flavour) { return flavour == Flavour::kMySql ? "MySQL" : "MariaDB"; }

}  // namespace bonnie::data_access
