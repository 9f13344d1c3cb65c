#include "services/records/patients.h"

#include <array>
#include <utility>

#include "services/data_access/status_macros.h"
#include "services/records/errors.h"

namespace bonnie::records {
namespace {

using data_access::Querier;
using data_access::Rows;
using data_access::Statement;

// What ReadPatient reads, by position.
#define BONNIE_COLUMNS                                                                                              \
  "SELECT id, first_name, last_name, date_of_birth, gender, contact_number, is_deceased, source_key, row_version, " \
  "create_time, update_time, delete_time"

constexpr IndexedSql kGet{{"patients.get", BONNIE_COLUMNS " FROM patients WHERE id = ?"}, kPrimary};
constexpr IndexedSql kGetAndTime{
    {"patients.get_and_time", BONNIE_COLUMNS ", CURRENT_TIMESTAMP(6) FROM patients WHERE id = ?"}, kPrimary};
constexpr IndexedSql kLock{{"patients.lock", BONNIE_COLUMNS " FROM patients WHERE id = ? FOR UPDATE"}, kPrimary};
// FOR SHARE is MySQL's alone; this form is understood by both.
constexpr IndexedSql kShare{{"patients.share", BONNIE_COLUMNS " FROM patients WHERE id = ? LOCK IN SHARE MODE"},
                            kPrimary};
constexpr IndexedSql kListLive{
    {"patients.list_live", BONNIE_COLUMNS " FROM patients WHERE id > ? AND delete_time IS NULL ORDER BY id LIMIT ?"},
    kPrimary};
constexpr IndexedSql kListAll{{"patients.list_all", BONNIE_COLUMNS " FROM patients WHERE id > ? ORDER BY id LIMIT ?"},
                              kPrimary};
constexpr IndexedSql kCountLive{{"patients.count_live", "SELECT COUNT(*) FROM patients WHERE delete_time IS NULL"},
                                kWholeTable};
constexpr IndexedSql kCountAll{{"patients.count_all", "SELECT COUNT(*) FROM patients"}, kWholeTable};
constexpr IndexedSql kFindBySourceKey{{"patients.find_by_source_key", "SELECT id FROM patients WHERE source_key = ?"},
                                      "patients_by_source_key"};
constexpr IndexedSql kInsert{
    {"patients.insert",
     "INSERT INTO patients (first_name, last_name, date_of_birth, gender, contact_number, is_deceased, source_key) "
     "VALUES (?, ?, ?, ?, ?, ?, ?)"},
    kNone};
constexpr IndexedSql kGetInserted{
    {"patients.get_inserted", BONNIE_COLUMNS " FROM patients WHERE id = LAST_INSERT_ID()"}, kPrimary};
constexpr IndexedSql kUpdate{
    {"patients.update",
     "UPDATE patients SET first_name = ?, last_name = ?, date_of_birth = ?, gender = ?, contact_number = ?, "
     "is_deceased = ?, row_version = row_version + 1 WHERE id = ? AND row_version = ?"},
    kPrimary};
// One statement has one CURRENT_TIMESTAMP, so update_time (moved by the server) equals delete_time.
constexpr IndexedSql kDelete{{"patients.delete",
                              "UPDATE patients SET delete_time = CURRENT_TIMESTAMP(6), row_version = row_version + 1 "
                              "WHERE id = ? AND row_version = ?"},
                             kPrimary};

constexpr std::array<const char*, 5> kGenderWords = {"", "female", "male", "other", "unknown"};

const char* Word(Gender gender) { return kGenderWords[static_cast<std::size_t>(gender)]; }

Gender ReadGender(absl::string_view word) {
  for (std::size_t i = 1; i < kGenderWords.size(); ++i) {
    if (word == kGenderWords[i]) return static_cast<Gender>(i);
  }
  return Gender::kUnspecified;
}

Patient ReadPatient(Rows& rows) {
  Patient patient;
  patient.id = rows.Int64(0);
  patient.first_name = std::string(rows.Text(1));
  patient.last_name = std::string(rows.Text(2));
  patient.date_of_birth = rows.Date(3);
  patient.gender = ReadGender(rows.Text(4));
  patient.contact_number = rows.OptionalText(5);
  patient.is_deceased = rows.Int64(6) != 0;
  patient.source_key = rows.OptionalText(7);
  patient.row_version = rows.Int64(8);
  patient.create_time = rows.Time(9);
  patient.update_time = rows.Time(10);
  patient.delete_time = rows.OptionalTime(11);
  return patient;
}

absl::StatusOr<absl::optional<Patient>> ReadAtMostOne(Querier& db, const Statement& statement) {
  BONNIE_ASSIGN_OR_RETURN(Rows rows, db.Query(statement));
  absl::optional<Patient> patient;
  if (rows.Next()) patient = ReadPatient(rows);
  BONNIE_RETURN_IF_ERROR(rows.status());
  return patient;
}

absl::StatusOr<Patient> ReadOne(Querier& db, const Statement& statement) {
  BONNIE_ASSIGN_OR_RETURN(absl::optional<Patient> patient, ReadAtMostOne(db, statement));
  if (!patient.has_value()) return absl::InternalError("a row just written is not there");
  return *std::move(patient);
}

absl::StatusOr<std::vector<Patient>> ReadAll(Querier& db, const Statement& statement) {
  BONNIE_ASSIGN_OR_RETURN(Rows rows, db.Query(statement));
  std::vector<Patient> patients;
  patients.reserve(static_cast<std::size_t>(rows.size()));
  while (rows.Next()) patients.push_back(ReadPatient(rows));
  BONNIE_RETURN_IF_ERROR(rows.status());
  return patients;
}

absl::StatusOr<Patient> ChangeOne(Querier& db, const Statement& change, std::int64_t id) {
  BONNIE_ASSIGN_OR_RETURN(const std::int64_t matched, db.Execute(change));
  if (matched == 0) return EtagMismatch(Kind::kPatient, id);
  return ReadOne(db, Statement(kGet.sql, id));
}

}  // namespace

const SizedSql& PatientsByIds() {
  static const auto* const statements =
      new SizedSql("patients.by_ids", BONNIE_COLUMNS " FROM patients WHERE id IN ", kPrimary);
  return *statements;
}

absl::Status ReadPatients(Querier& db, absl::Span<const std::int64_t> ids,
                          std::vector<std::pair<std::int64_t, Patient>>* rows) {
  BONNIE_ASSIGN_OR_RETURN(Rows answer, db.Query(PatientsByIds().For(ids)));
  rows->reserve(rows->size() + static_cast<std::size_t>(answer.size()));
  while (answer.Next()) {
    Patient row = ReadPatient(answer);
    rows->emplace_back(row.id, std::move(row));
  }
  return answer.status();
}

absl::StatusOr<absl::optional<Patient>> GetPatient(Querier& db, std::int64_t id) {
  return ReadAtMostOne(db, Statement(kGet.sql, id));
}

absl::StatusOr<absl::optional<Patient>> LockPatient(Querier& db, std::int64_t id) {
  return ReadAtMostOne(db, Statement(kLock.sql, id));
}

absl::StatusOr<absl::optional<Patient>> SharePatient(Querier& db, std::int64_t id) {
  return ReadAtMostOne(db, Statement(kShare.sql, id));
}

absl::StatusOr<std::vector<Patient>> GetPatients(Querier& db, absl::Span<const std::int64_t> ids) {
  return ReadAll(db, PatientsByIds().For(ids));
}

absl::StatusOr<std::vector<Patient>> ListPatients(Querier& db, std::int64_t after, int limit, bool show_deleted) {
  return ReadAll(db, Statement(show_deleted ? kListAll.sql : kListLive.sql, after, limit));
}

absl::StatusOr<std::int64_t> CountPatients(Querier& db, bool show_deleted) {
  BONNIE_ASSIGN_OR_RETURN(Rows rows, db.Query(Statement(show_deleted ? kCountAll.sql : kCountLive.sql)));
  const std::int64_t count = rows.Next() ? rows.Int64(0) : 0;
  BONNIE_RETURN_IF_ERROR(rows.status());
  return count;
}

absl::StatusOr<absl::optional<std::int64_t>> FindPatientBySourceKey(Querier& db, absl::string_view source_key) {
  BONNIE_ASSIGN_OR_RETURN(Rows rows, db.Query(Statement(kFindBySourceKey.sql, source_key)));
  absl::optional<std::int64_t> id;
  if (rows.Next()) id = rows.Int64(0);
  BONNIE_RETURN_IF_ERROR(rows.status());
  return id;
}

absl::StatusOr<Patient> InsertPatient(Querier& db, const Patient& patient) {
  BONNIE_RETURN_IF_ERROR(
      db.Execute(Statement(kInsert.sql, patient.first_name, patient.last_name, patient.date_of_birth,
                           Word(patient.gender), patient.contact_number, patient.is_deceased, patient.source_key))
          .status());
  return ReadOne(db, Statement(kGetInserted.sql));
}

absl::StatusOr<Patient> UpdatePatient(Querier& db, const Patient& patient) {
  return ChangeOne(
      db,
      Statement(kUpdate.sql, patient.first_name, patient.last_name, patient.date_of_birth, Word(patient.gender),
                patient.contact_number, patient.is_deceased, patient.id, patient.row_version),
      patient.id);
}

absl::StatusOr<Patient> DeletePatient(Querier& db, const Patient& patient) {
  return ChangeOne(db, Statement(kDelete.sql, patient.id, patient.row_version), patient.id);
}

absl::StatusOr<absl::optional<PatientAtTime>> GetPatientAndTime(Querier& db, std::int64_t id) {
  BONNIE_ASSIGN_OR_RETURN(Rows rows, db.Query(Statement(kGetAndTime.sql, id)));
  absl::optional<PatientAtTime> found;
  if (rows.Next()) found = PatientAtTime{ReadPatient(rows), rows.Time(12)};
  BONNIE_RETURN_IF_ERROR(rows.status());
  return found;
}

std::vector<IndexedSql> PatientStatements() {
  std::vector<IndexedSql> all = PatientsByIds().all();
  all.insert(all.end(), {kGet, kGetAndTime, kLock, kShare, kListLive, kListAll, kCountLive, kCountAll, kFindBySourceKey,
                         kInsert, kGetInserted, kUpdate, kDelete});
  return all;
}

#undef BONNIE_COLUMNS

}  // namespace bonnie::records
