#include "services/data_access/error_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/data_access/fault.h"
#include "tests/support/status_matchers.h"

namespace bonnie::data_access {
namespace {

using absl::StatusCode;
using test_support::StatusIs;
using testing::HasSubstr;
using testing::Not;

struct Case {
  const char* name;
  Flavour flavour;
  Phase phase;
  int number;
  const char* text;
  StatusCode code;
  Effect effect;
  SessionFate fate;
  bool retry;
  StatusCode caller_code;
  const char* reason;
};

constexpr Flavour kMy = Flavour::kMySql;
constexpr Flavour kMa = Flavour::kMariaDb;
constexpr Effect kNone = Effect::kNone;
constexpr Effect kUnknown = Effect::kUnknown;
constexpr SessionFate kKeep = SessionFate::kKeep;
constexpr SessionFate kRollback = SessionFate::kRollback;
constexpr SessionFate kDiscard = SessionFate::kDiscard;
constexpr SessionFate kSite = SessionFate::kDiscardSite;

const Case kCases[] = {
    {"RefusedConnection", kMy, Phase::kConnecting, 2002, "", StatusCode::kUnavailable, kNone, kDiscard, false,
     StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"},
    {"UnknownHost", kMy, Phase::kConnecting, 2005, "", StatusCode::kUnavailable, kNone, kDiscard, false,
     StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"},
    {"WrongPassword", kMa, Phase::kConnecting, 1045, "Access denied for user", StatusCode::kUnavailable, kNone,
     kDiscard, false, StatusCode::kUnavailable, "DATABASE_AUTH"},
    {"LockedOnMySql", kMy, Phase::kConnecting, 3118, "", StatusCode::kUnavailable, kNone, kDiscard, false,
     StatusCode::kUnavailable, "DATABASE_AUTH"},
    {"LockedOnMariaDb", kMa, Phase::kConnecting, 4151, "", StatusCode::kUnavailable, kNone, kDiscard, false,
     StatusCode::kUnavailable, "DATABASE_AUTH"},
    {"LockedBeforeTheFlavourIsKnown", kMy, Phase::kConnecting, 4151, "", StatusCode::kUnavailable, kNone, kDiscard,
     false, StatusCode::kUnavailable, "DATABASE_AUTH"},
    {"UnknownDatabase", kMy, Phase::kConnecting, 1049, "", StatusCode::kUnavailable, kNone, kDiscard, false,
     StatusCode::kFailedPrecondition, "SCHEMA_MISMATCH"},
    {"TlsDemanded", kMy, Phase::kConnecting, 3159, "", StatusCode::kFailedPrecondition, kNone, kDiscard, false,
     StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"},
    {"TooManyConnections", kMy, Phase::kConnecting, 1040, "", StatusCode::kUnavailable, kNone, kKeep, false,
     StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"},
    {"LostReading", kMy, Phase::kReading, 2026, "unexpected eof", StatusCode::kUnavailable, kNone, kDiscard, false,
     StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"},
    {"LostWriting", kMy, Phase::kWriting, 2026, "unexpected eof", StatusCode::kUnavailable, kUnknown, kDiscard, false,
     StatusCode::kUnknown, "COMMIT_OUTCOME_UNKNOWN"},
    {"LostInTransaction", kMy, Phase::kInTransaction, 2013, "", StatusCode::kUnavailable, kNone, kDiscard, false,
     StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"},
    {"LostCommitting", kMy, Phase::kCommitting, 2006, "", StatusCode::kUnavailable, kUnknown, kDiscard, false,
     StatusCode::kUnknown, "COMMIT_OUTCOME_UNKNOWN"},
    {"IdleTooLongOnMySql", kMy, Phase::kReading, 4031, "", StatusCode::kUnavailable, kNone, kDiscard, false,
     StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"},
    {"AnotherMeaningOf4031OnMariaDb", kMa, Phase::kReading, 4031, "", StatusCode::kInternal, kNone, kRollback, false,
     StatusCode::kInternal, "INTERNAL"},
    {"KilledOnMariaDb", kMa, Phase::kCommitting, 1927, "", StatusCode::kUnavailable, kUnknown, kDiscard, false,
     StatusCode::kUnknown, "COMMIT_OUTCOME_UNKNOWN"},
    {"Shutdown", kMy, Phase::kReading, 1053, "", StatusCode::kUnavailable, kNone, kSite, false,
     StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"},
    {"NoQuorum", kMa, Phase::kReading, 1047, "", StatusCode::kUnavailable, kNone, kSite, false,
     StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"},
    {"NoQuorumAtCommit", kMa, Phase::kCommitting, 1180, "", StatusCode::kUnavailable, kUnknown, kDiscard, false,
     StatusCode::kUnknown, "COMMIT_OUTCOME_UNKNOWN"},
    {"OutOfSync", kMy, Phase::kWriting, 2014, "", StatusCode::kInternal, kUnknown, kDiscard, false,
     StatusCode::kUnknown, "COMMIT_OUTCOME_UNKNOWN"},
    {"ColumnsChanged", kMy, Phase::kReading, 2057, "", StatusCode::kInternal, kNone, kDiscard, false,
     StatusCode::kInternal, "INTERNAL"},
    {"DriverFault", kMy, Phase::kReading, 0, "", StatusCode::kInternal, kNone, kDiscard, false, StatusCode::kInternal,
     "INTERNAL"},
    {"UnknownClientError", kMy, Phase::kReading, 2099, "", StatusCode::kInternal, kNone, kDiscard, false,
     StatusCode::kInternal, "INTERNAL"},
    {"Deadlock", kMy, Phase::kInTransaction, 1213, "", StatusCode::kAborted, kNone, kRollback, true,
     StatusCode::kAborted, "CONTENTION"},
    {"DeadlockAtCommit", kMa, Phase::kCommitting, 1213, "", StatusCode::kAborted, kNone, kRollback, true,
     StatusCode::kAborted, "CONTENTION"},
    {"Certification", kMy, Phase::kCommitting, 3101, "", StatusCode::kAborted, kNone, kRollback, true,
     StatusCode::kAborted, "CONTENTION"},
    {"LockWait", kMa, Phase::kInTransaction, 1205, "", StatusCode::kAborted, kNone, kRollback, true,
     StatusCode::kAborted, "LOCK_TIMEOUT"},
    {"NoWait", kMy, Phase::kInTransaction, 3572, "", StatusCode::kAborted, kNone, kRollback, true, StatusCode::kAborted,
     "LOCK_TIMEOUT"},
    {"ReadOnly", kMy, Phase::kWriting, 1290, "running with the --super-read-only option", StatusCode::kUnavailable,
     kNone, kSite, false, StatusCode::kUnavailable, "DATABASE_READ_ONLY"},
    {"ReadOnlyAtCommit", kMa, Phase::kCommitting, 1290, "running with the --read-only option", StatusCode::kUnavailable,
     kNone, kSite, false, StatusCode::kUnavailable, "DATABASE_READ_ONLY"},
    {"AnotherMeaningOf1290", kMy, Phase::kReading, 1290, "running with the --secure-file-priv option",
     StatusCode::kInternal, kNone, kRollback, false, StatusCode::kInternal, "INTERNAL"},
    {"ReadOnlyTransaction", kMy, Phase::kInTransaction, 1792, "", StatusCode::kUnavailable, kNone, kSite, false,
     StatusCode::kUnavailable, "DATABASE_READ_ONLY"},
    {"ReplicationHook", kMy, Phase::kCommitting, 3100, "", StatusCode::kUnavailable, kNone, kSite, false,
     StatusCode::kUnavailable, "DATABASE_READ_ONLY"},
    {"Duplicate", kMy, Phase::kWriting, 1062, "Duplicate entry '1' for key 't.PRIMARY'", StatusCode::kAlreadyExists,
     kNone, kKeep, false, StatusCode::kAlreadyExists, "DUPLICATE"},
    {"ChildrenExist", kMy, Phase::kWriting, 1451, "", StatusCode::kFailedPrecondition, kNone, kKeep, false,
     StatusCode::kFailedPrecondition, "HAS_MEDICAL_RECORDS"},
    {"ParentMissing", kMy, Phase::kWriting, 1452, "", StatusCode::kFailedPrecondition, kNone, kKeep, false,
     StatusCode::kNotFound, "PATIENT_NOT_FOUND"},
    {"CheckOnMySql", kMy, Phase::kWriting, 3819, "", StatusCode::kInvalidArgument, kNone, kKeep, false,
     StatusCode::kInvalidArgument, "INVALID_VALUE"},
    {"CheckOnMariaDb", kMa, Phase::kWriting, 4025, "", StatusCode::kInvalidArgument, kNone, kKeep, false,
     StatusCode::kInvalidArgument, "INVALID_VALUE"},
    {"TooLong", kMy, Phase::kWriting, 1406, "", StatusCode::kInvalidArgument, kNone, kKeep, false,
     StatusCode::kInvalidArgument, "INVALID_VALUE"},
    {"TimeLimitOnMySql", kMy, Phase::kReading, 3024, "", StatusCode::kDeadlineExceeded, kNone, kKeep, false,
     StatusCode::kDeadlineExceeded, "DB_TIMEOUT"},
    {"TimeLimitOnMariaDb", kMa, Phase::kWriting, 1969, "", StatusCode::kDeadlineExceeded, kNone, kKeep, false,
     StatusCode::kDeadlineExceeded, "DB_TIMEOUT"},
    {"TimeLimitAtCommit", kMa, Phase::kCommitting, 1969, "", StatusCode::kDeadlineExceeded, kUnknown, kDiscard, false,
     StatusCode::kUnknown, "COMMIT_OUTCOME_UNKNOWN"},
    {"Interrupted", kMy, Phase::kReading, 1317, "", StatusCode::kCancelled, kNone, kRollback, false,
     StatusCode::kCancelled, "DB_INTERRUPTED"},
    {"NoPreparedStatementLeft", kMy, Phase::kReading, 1461, "", StatusCode::kUnavailable, kNone, kKeep, false,
     StatusCode::kUnavailable, "DATABASE_UNAVAILABLE"},
    {"TooLarge", kMy, Phase::kWriting, 1105, "longer than 'max_allowed_packet' bytes", StatusCode::kInvalidArgument,
     kNone, kDiscard, false, StatusCode::kInvalidArgument, "TOO_LARGE"},
    {"AnotherMeaningOf1105", kMy, Phase::kWriting, 1105, "something", StatusCode::kInternal, kNone, kRollback, false,
     StatusCode::kInternal, "INTERNAL"},
    {"NoTable", kMy, Phase::kReading, 1146, "", StatusCode::kInternal, kNone, kKeep, false,
     StatusCode::kFailedPrecondition, "SCHEMA_MISMATCH"},
    {"NoRight", kMy, Phase::kReading, 1142, "", StatusCode::kInternal, kNone, kKeep, false, StatusCode::kUnavailable,
     "DATABASE_AUTH"},
    {"NoDefault", kMy, Phase::kWriting, 1364, "Field 'x' doesn't have a default value", StatusCode::kInternal, kNone,
     kKeep, false, StatusCode::kFailedPrecondition, "SCHEMA_MISMATCH"},
    {"DiskFull", kMy, Phase::kWriting, 1114, "", StatusCode::kResourceExhausted, kNone, kKeep, false,
     StatusCode::kResourceExhausted, "STORAGE_FULL"},
    {"Signal", kMy, Phase::kWriting, 1644, "", StatusCode::kFailedPrecondition, kNone, kKeep, false,
     StatusCode::kFailedPrecondition, "REFUSED"},
    {"UnknownNumber", kMy, Phase::kWriting, 1999, "", StatusCode::kInternal, kNone, kRollback, false,
     StatusCode::kInternal, "INTERNAL"},
};

class ClassifyTest : public testing::TestWithParam<Case> {};

TEST_P(ClassifyTest, SaysWhatComesNext) {
  const Case& c = GetParam();
  const absl::Status status = Classify(c.flavour, c.phase, c.number, c.text);
  ASSERT_TRUE(FaultOf(status).has_value());
  const Fault fault = *FaultOf(status);
  EXPECT_EQ(status.code(), c.code) << status;
  EXPECT_EQ(fault.number, c.number);
  EXPECT_EQ(fault.effect, c.effect);
  EXPECT_EQ(fault.fate, c.fate);
  EXPECT_EQ(fault.retry_transaction, c.retry);
  EXPECT_EQ(fault.caller_code, c.caller_code);
  EXPECT_EQ(fault.reason, c.reason);
}

INSTANTIATE_TEST_SUITE_P(Numbers, ClassifyTest, testing::ValuesIn(kCases),
                         [](const testing::TestParamInfo<Case>& info) { return info.param.name; });

struct NameCase {
  const char* name;
  int number;
  const char* text;
  const char* constraint;
  const char* column;
};

const NameCase kNames[] = {
    {"KeyOnMySql", 1062, "Duplicate entry 'alice@example.com' for key 'patients.source_key'", "source_key", ""},
    {"KeyOnMariaDb", 1062, "Duplicate entry 'alice@example.com' for key 'source_key'", "source_key", ""},
    {"ValueThatLooksLikeAKey", 1062, "Duplicate entry 'x' for key 'ssn-123'' for key 'PRIMARY'", "PRIMARY", ""},
    {"CutText", 1062, "Duplicate entry 'x' for key 'alice", "", ""},
    {"NameThatIsNone", 1062, "Duplicate entry 'x' for key 'alice smith'", "", ""},
    {"ForeignKey", 1452,
     "Cannot add or update a child row: a foreign key constraint fails (`b`.`r`, CONSTRAINT `r_patient` FOREIGN KEY "
     "(`p`) REFERENCES `p` (`id`))",
     "r_patient", ""},
    {"CheckOnMySql", 3819, "Check constraint 'patients_gender' is violated.", "patients_gender", ""},
    {"CheckOnMariaDb", 4025, "CONSTRAINT `patients_gender` failed for `bonnie`.`patients`", "patients_gender", ""},
    {"CheckOfAColumnOnMariaDb", 4025, "CONSTRAINT `patients.gender` failed for `bonnie`.`patients`", "gender", ""},
    {"TooLong", 1406, "Data too long for column 'first_name' at row 1", "", "first_name"},
    {"Null", 1048, "Column 'last_name' cannot be null", "", "last_name"},
    {"NoDefault", 1364, "Field 'gender' doesn't have a default value", "", "gender"},
    {"WrongValue", 1366, "Incorrect integer value: 'alice for column 'bob' at row 1' for column `b`.`t`.`age` at row 1",
     "", "age"},
    {"ValueThatLooksLikeAColumn", 1292, "Truncated incorrect DOUBLE value: 'x for column 'bob''", "", ""},
};

class NamesTest : public testing::TestWithParam<NameCase> {};

TEST_P(NamesTest, NamesKeysAndColumnsAndNeverAValue) {
  const NameCase& c = GetParam();
  const absl::Status status = Classify(c.number == 3819 ? kMy : kMa, Phase::kWriting, c.number, c.text);
  const Fault fault = *FaultOf(status);
  EXPECT_EQ(fault.constraint, c.constraint);
  EXPECT_EQ(fault.column, c.column);
  for (const char* value : {"alice", "bob", "ssn-123"}) EXPECT_THAT(status.ToString(), Not(HasSubstr(value)));
}

INSTANTIATE_TEST_SUITE_P(Texts, NamesTest, testing::ValuesIn(kNames),
                         [](const testing::TestParamInfo<NameCase>& info) { return info.param.name; });

TEST(ErrorTableTest, KeepsTheServersWordsOfNamesBesideTheMessage) {
  const absl::Status dropped = Classify(kMy, Phase::kWriting, 1091, "Can't DROP 'a'; check that column/key exists");
  EXPECT_EQ(dropped.message(), "an unexpected database error [1091]");
  EXPECT_EQ(FaultOf(dropped)->words, "Can't DROP 'a'; check that column/key exists");
  EXPECT_EQ(FaultOf(Classify(kMy, Phase::kWriting, 3780, "Referencing column 'a'"))->words, "Referencing column 'a'");
  // Another error of the other server, and words that quote a value or SQL.
  EXPECT_EQ(FaultOf(Classify(kMa, Phase::kWriting, 3780, "Smith"))->words, "");
  for (const int number : {1062, 1064, 1166, 1366, 1292, 1406, 1425, 1644}) {
    EXPECT_EQ(FaultOf(Classify(kMy, Phase::kWriting, number, "Smith"))->words, "") << number;
  }
}

TEST(ErrorTableTest, SaysWhyTlsWasRefused) {
  const auto connect = [](const char* text) { return Classify(kMy, Phase::kConnecting, 2026, text); };
  EXPECT_THAT(connect("SSL is required, but the server does not support it"),
              StatusIs(StatusCode::kUnavailable, HasSubstr("offers no TLS")));
  EXPECT_THAT(connect("TLS/SSL error: certificate verify failed"),
              StatusIs(StatusCode::kUnavailable, HasSubstr("not signed by our CA")));
  EXPECT_THAT(connect("TLS/SSL error: Validation of SSL server certificate failed"),
              StatusIs(StatusCode::kUnavailable, HasSubstr("does not name this host")));
  EXPECT_TRUE(FaultOf(connect("certificate has expired"))->alarm);
  EXPECT_FALSE(FaultOf(connect("unexpected eof while reading"))->alarm);
}

TEST(ErrorTableTest, RaisesAnAlarmForWhatAnOperatorMustMend) {
  for (const int number : {1045, 1044, 1049, 1142, 1146})
    EXPECT_TRUE(FaultOf(Classify(kMy, Phase::kConnecting, number, ""))->alarm) << number;
  for (const int number : {2002, 1040, 1213, 1062})
    EXPECT_FALSE(FaultOf(Classify(kMy, Phase::kConnecting, number, ""))->alarm) << number;
}

}  // namespace
}  // namespace bonnie::data_access
