#ifndef BONNIE_SERVICES_RECORDS_MEDICAL_RECORDS_H_
#define BONNIE_SERVICES_RECORDS_MEDICAL_RECORDS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "services/data_access/session.h"
#include "services/records/indexed_sql.h"
#include "services/records/page_token.h"

// All SQL of table `medical_records`. Every function blocks for its statement and fails as Querier does
// (error_table.h).
namespace bonnie::records {

// A row of `medical_records`. Only the server writes the last five.
struct MedicalRecord {
  std::int64_t patient_id = 0;
  std::string diagnosis;
  absl::optional<std::string> treatment;
  absl::CivilDay admission_date;
  absl::optional<absl::CivilDay> discharge_date;
  absl::optional<std::string> source_key;

  std::int64_t id = 0;
  std::int64_t row_version = 0;
  absl::Time create_time;
  absl::Time update_time;
  absl::optional<absl::Time> delete_time;
};

// Reads by primary key; the statements are of 1 to 200 ids.
const SizedSql& MedicalRecordsByIds();
// The same for PointReader: adds those of `ids` (a power of two of them) that exist to `rows`.
absl::Status ReadMedicalRecords(data_access::Querier& db, absl::Span<const std::int64_t> ids,
                                std::vector<std::pair<std::int64_t, MedicalRecord>>* rows);

// nullopt: no such row. Soft-deleted rows are rows.
absl::StatusOr<absl::optional<MedicalRecord>> GetMedicalRecord(data_access::Querier& db, std::int64_t id);
// The same, and nobody else changes the row until the transaction ends.
absl::StatusOr<absl::optional<MedicalRecord>> LockMedicalRecord(data_access::Querier& db, std::int64_t id);
// Those of up to 200 ids that exist, in any order.
absl::StatusOr<std::vector<MedicalRecord>> GetMedicalRecords(data_access::Querier& db,
                                                             absl::Span<const std::int64_t> ids);
// Those after `after`: of one patient by (admission_date, id), across patients (patient_id 0) by id.
absl::StatusOr<std::vector<MedicalRecord>> ListMedicalRecords(data_access::Querier& db, std::int64_t patient_id,
                                                              const Cursor& after, int limit, bool show_deleted);
// Of one patient, or of all (patient_id 0).
absl::StatusOr<std::int64_t> CountMedicalRecords(data_access::Querier& db, std::int64_t patient_id, bool show_deleted);
absl::StatusOr<absl::optional<std::int64_t>> FindMedicalRecordBySourceKey(data_access::Querier& db,
                                                                          absl::string_view source_key);
// The first admission of the patient's live records.
absl::StatusOr<absl::optional<absl::CivilDay>> FirstAdmission(data_access::Querier& db, std::int64_t patient_id);

// These answer the row as it is stored now; they want a transaction.
// kAlreadyExists: another row has the source key.
absl::StatusOr<MedicalRecord> InsertMedicalRecord(data_access::Querier& db, const MedicalRecord& record);
// Of the version in `record`. kAborted `ETAG_MISMATCH`: that version is gone.
absl::StatusOr<MedicalRecord> UpdateMedicalRecord(data_access::Querier& db, const MedicalRecord& record);
// Soft. kAborted: as UpdateMedicalRecord.
absl::StatusOr<MedicalRecord> DeleteMedicalRecord(data_access::Querier& db, const MedicalRecord& record);

// Deletes the patient's live records softly, as of `delete_time`, and answers how many. Wants a transaction.
absl::StatusOr<std::int64_t> DeleteMedicalRecordsOf(data_access::Querier& db, std::int64_t patient_id,
                                                    absl::Time delete_time);
// How many of the patient's records were deleted at exactly `delete_time`: those deleted with the patient.
absl::StatusOr<std::int64_t> CountMedicalRecordsDeletedAt(data_access::Querier& db, std::int64_t patient_id,
                                                          absl::Time delete_time);

// Every statement above, for the test that asks EXPLAIN.
std::vector<IndexedSql> MedicalRecordStatements();

}  // namespace bonnie::records

#endif  // BONNIE_SERVICES_RECORDS_MEDICAL_RECORDS_H_
