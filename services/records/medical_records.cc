#include "services/records/medical_records.h"

#include <utility>

#include "services/data_access/status_macros.h"
#include "services/records/errors.h"

namespace bonnie::records {
namespace {

using data_access::Querier;
using data_access::Rows;
using data_access::Statement;

constexpr char kByPatient[] = "records_by_patient";  // (patient_id, admission_date, id)

// What ReadMedicalRecord reads, by position.
#define BONNIE_COLUMNS                                                                                     \
  "SELECT id, patient_id, diagnosis, treatment, admission_date, discharge_date, source_key, row_version, " \
  "create_time, update_time, delete_time FROM medical_records"
// The cursor is spelled out because (admission_date, id) > (?, ?) would use the index's first column only:
// MySQL 8.0 Reference Manual, "Row Constructor Expression Optimization".
#define BONNIE_AFTER "patient_id = ? AND (admission_date > ? OR (admission_date = ? AND id > ?))"

constexpr IndexedSql kGet{{"medical_records.get", BONNIE_COLUMNS " WHERE id = ?"}, kPrimary};
constexpr IndexedSql kLock{{"medical_records.lock", BONNIE_COLUMNS " WHERE id = ? FOR UPDATE"}, kPrimary};
constexpr IndexedSql kListLiveOf{
    {"medical_records.list_live_of",
     BONNIE_COLUMNS " WHERE " BONNIE_AFTER " AND delete_time IS NULL ORDER BY admission_date, id LIMIT ?"},
    kByPatient};
constexpr IndexedSql kListAllOf{
    {"medical_records.list_all_of", BONNIE_COLUMNS " WHERE " BONNIE_AFTER " ORDER BY admission_date, id LIMIT ?"},
    kByPatient};
constexpr IndexedSql kListLive{
    {"medical_records.list_live", BONNIE_COLUMNS " WHERE id > ? AND delete_time IS NULL ORDER BY id LIMIT ?"},
    kPrimary};
constexpr IndexedSql kListAll{{"medical_records.list_all", BONNIE_COLUMNS " WHERE id > ? ORDER BY id LIMIT ?"},
                              kPrimary};
constexpr IndexedSql kCountLiveOf{{"medical_records.count_live_of",
                                   "SELECT COUNT(*) FROM medical_records WHERE patient_id = ? AND delete_time IS NULL"},
                                  kByPatient};
constexpr IndexedSql kCountAllOf{
    {"medical_records.count_all_of", "SELECT COUNT(*) FROM medical_records WHERE patient_id = ?"}, kByPatient};
constexpr IndexedSql kCountLive{
    {"medical_records.count_live", "SELECT COUNT(*) FROM medical_records WHERE delete_time IS NULL"}, kWholeTable};
constexpr IndexedSql kCountAll{{"medical_records.count_all", "SELECT COUNT(*) FROM medical_records"}, kWholeTable};
constexpr IndexedSql kFindBySourceKey{
    {"medical_records.find_by_source_key", "SELECT id FROM medical_records WHERE source_key = ?"},
    "records_by_source_key"};
constexpr IndexedSql kFirstAdmission{
    {"medical_records.first_admission",
     "SELECT admission_date FROM medical_records WHERE patient_id = ? AND delete_time IS NULL "
     "ORDER BY admission_date, id LIMIT 1"},
    kByPatient};
constexpr IndexedSql kInsert{
    {"medical_records.insert",
     "INSERT INTO medical_records (patient_id, diagnosis, treatment, admission_date, discharge_date, source_key) "
     "VALUES (?, ?, ?, ?, ?, ?)"},
    kNone};
constexpr IndexedSql kGetInserted{{"medical_records.get_inserted", BONNIE_COLUMNS " WHERE id = LAST_INSERT_ID()"},
                                  kPrimary};
constexpr IndexedSql kUpdate{
    {"medical_records.update",
     "UPDATE medical_records SET diagnosis = ?, treatment = ?, admission_date = ?, discharge_date = ?, "
     "row_version = row_version + 1 WHERE id = ? AND row_version = ?"},
    kPrimary};
// One statement has one CURRENT_TIMESTAMP, so update_time (moved by the server) equals delete_time.
constexpr IndexedSql kDelete{
    {"medical_records.delete",
     "UPDATE medical_records SET delete_time = CURRENT_TIMESTAMP(6), row_version = row_version + 1 "
     "WHERE id = ? AND row_version = ?"},
    kPrimary};
constexpr IndexedSql kDeleteOf{{"medical_records.delete_of",
                                "UPDATE medical_records SET delete_time = ?, row_version = row_version + 1 "
                                "WHERE patient_id = ? AND delete_time IS NULL"},
                               kByPatient};
constexpr IndexedSql kCountDeletedAt{{"medical_records.count_deleted_at",
                                      "SELECT COUNT(*) FROM medical_records WHERE patient_id = ? AND delete_time = ?"},
                                     kByPatient};

MedicalRecord ReadMedicalRecord(Rows& rows) {
  MedicalRecord record;
  record.id = rows.Int64(0);
  record.patient_id = rows.Int64(1);
  record.diagnosis = std::string(rows.Text(2));
  record.treatment = rows.OptionalText(3);
  record.admission_date = rows.Date(4);
  record.discharge_date = rows.OptionalDate(5);
  record.source_key = rows.OptionalText(6);
  record.row_version = rows.Int64(7);
  record.create_time = rows.Time(8);
  record.update_time = rows.Time(9);
  record.delete_time = rows.OptionalTime(10);
  return record;
}

absl::StatusOr<absl::optional<MedicalRecord>> ReadAtMostOne(Querier& db, const Statement& statement) {
  BONNIE_ASSIGN_OR_RETURN(Rows rows, db.Query(statement));
  absl::optional<MedicalRecord> record;
  if (rows.Next()) record = ReadMedicalRecord(rows);
  BONNIE_RETURN_IF_ERROR(rows.status());
  return record;
}

absl::StatusOr<MedicalRecord> ReadOne(Querier& db, const Statement& statement) {
  BONNIE_ASSIGN_OR_RETURN(absl::optional<MedicalRecord> record, ReadAtMostOne(db, statement));
  if (!record.has_value()) return absl::InternalError("a row just written is not there");
  return *std::move(record);
}

absl::StatusOr<std::vector<MedicalRecord>> ReadAll(Querier& db, const Statement& statement) {
  BONNIE_ASSIGN_OR_RETURN(Rows rows, db.Query(statement));
  std::vector<MedicalRecord> records;
  records.reserve(static_cast<std::size_t>(rows.size()));
  while (rows.Next()) records.push_back(ReadMedicalRecord(rows));
  BONNIE_RETURN_IF_ERROR(rows.status());
  return records;
}

absl::StatusOr<std::int64_t> ReadCount(Querier& db, const Statement& statement) {
  BONNIE_ASSIGN_OR_RETURN(Rows rows, db.Query(statement));
  const std::int64_t count = rows.Next() ? rows.Int64(0) : 0;
  BONNIE_RETURN_IF_ERROR(rows.status());
  return count;
}

absl::StatusOr<MedicalRecord> ChangeOne(Querier& db, const Statement& change, std::int64_t id) {
  BONNIE_ASSIGN_OR_RETURN(const std::int64_t matched, db.Execute(change));
  if (matched == 0) return EtagMismatch(Kind::kMedicalRecord, id);
  return ReadOne(db, Statement(kGet.sql, id));
}

}  // namespace

const SizedSql& MedicalRecordsByIds() {
  static const auto* const statements =
      new SizedSql("medical_records.by_ids", BONNIE_COLUMNS " WHERE id IN ", kPrimary);
  return *statements;
}

absl::Status ReadMedicalRecords(Querier& db, absl::Span<const std::int64_t> ids,
                                std::vector<std::pair<std::int64_t, MedicalRecord>>* rows) {
  BONNIE_ASSIGN_OR_RETURN(Rows answer, db.Query(MedicalRecordsByIds().For(ids)));
  rows->reserve(rows->size() + static_cast<std::size_t>(answer.size()));
  while (answer.Next()) {
    MedicalRecord row = ReadMedicalRecord(answer);
    rows->emplace_back(row.id, std::move(row));
  }
  return answer.status();
}

absl::StatusOr<absl::optional<MedicalRecord>> GetMedicalRecord(Querier& db, std::int64_t id) {
  return ReadAtMostOne(db, Statement(kGet.sql, id));
}

absl::StatusOr<absl::optional<MedicalRecord>> LockMedicalRecord(Querier& db, std::int64_t id) {
  return ReadAtMostOne(db, Statement(kLock.sql, id));
}

absl::StatusOr<std::vector<MedicalRecord>> GetMedicalRecords(Querier& db, absl::Span<const std::int64_t> ids) {
  return ReadAll(db, MedicalRecordsByIds().For(ids));
}

absl::StatusOr<std::vector<MedicalRecord>> ListMedicalRecords(Querier& db, std::int64_t patient_id, const Cursor& after,
                                                              int limit, bool show_deleted) {
  if (patient_id == 0) {
    return ReadAll(db, Statement(show_deleted ? kListAll.sql : kListLive.sql, after.id, limit));
  }
  return ReadAll(db, Statement(show_deleted ? kListAllOf.sql : kListLiveOf.sql, patient_id, after.date, after.date,
                               after.id, limit));
}

absl::StatusOr<std::int64_t> CountMedicalRecords(Querier& db, std::int64_t patient_id, bool show_deleted) {
  if (patient_id == 0) return ReadCount(db, Statement(show_deleted ? kCountAll.sql : kCountLive.sql));
  return ReadCount(db, Statement(show_deleted ? kCountAllOf.sql : kCountLiveOf.sql, patient_id));
}

absl::StatusOr<absl::optional<std::int64_t>> FindMedicalRecordBySourceKey(Querier& db, absl::string_view source_key) {
  BONNIE_ASSIGN_OR_RETURN(Rows rows, db.Query(Statement(kFindBySourceKey.sql, source_key)));
  absl::optional<std::int64_t> id;
  if (rows.Next()) id = rows.Int64(0);
  BONNIE_RETURN_IF_ERROR(rows.status());
  return id;
}

absl::StatusOr<absl::optional<absl::CivilDay>> FirstAdmission(Querier& db, std::int64_t patient_id) {
  BONNIE_ASSIGN_OR_RETURN(Rows rows, db.Query(Statement(kFirstAdmission.sql, patient_id)));
  absl::optional<absl::CivilDay> day;
  if (rows.Next()) day = rows.Date(0);
  BONNIE_RETURN_IF_ERROR(rows.status());
  return day;
}

absl::StatusOr<MedicalRecord> InsertMedicalRecord(Querier& db, const MedicalRecord& record) {
  BONNIE_RETURN_IF_ERROR(db.Execute(Statement(kInsert.sql, record.patient_id, record.diagnosis, record.treatment,
                                              record.admission_date, record.discharge_date, record.source_key))
                             .status());
  return ReadOne(db, Statement(kGetInserted.sql));
}

absl::StatusOr<MedicalRecord> UpdateMedicalRecord(Querier& db, const MedicalRecord& record) {
  return ChangeOne(db,
                   Statement(kUpdate.sql, record.diagnosis, record.treatment, record.admission_date,
                             record.discharge_date, record.id, record.row_version),
                   record.id);
}

absl::StatusOr<MedicalRecord> DeleteMedicalRecord(Querier& db, const MedicalRecord& record) {
  return ChangeOne(db, Statement(kDelete.sql, record.id, record.row_version), record.id);
}

absl::StatusOr<std::int64_t> DeleteMedicalRecordsOf(Querier& db, std::int64_t patient_id, absl::Time delete_time) {
  return db.Execute(Statement(kDeleteOf.sql, delete_time, patient_id));
}

absl::StatusOr<std::int64_t> CountMedicalRecordsDeletedAt(Querier& db, std::int64_t patient_id,
                                                          absl::Time delete_time) {
  return ReadCount(db, Statement(kCountDeletedAt.sql, patient_id, delete_time));
}

std::vector<IndexedSql> MedicalRecordStatements() {
  std::vector<IndexedSql> all = MedicalRecordsByIds().all();
  all.insert(all.end(), {kGet, kLock, kListLiveOf, kListAllOf, kListLive, kListAll, kCountLiveOf, kCountAllOf,
                         kCountLive, kCountAll, kFindBySourceKey, kFirstAdmission, kInsert, kGetInserted, kUpdate,
                         kDelete, kDeleteOf, kCountDeletedAt});
  return all;
}

#undef BONNIE_AFTER
#undef BONNIE_COLUMNS

}  // namespace bonnie::records
