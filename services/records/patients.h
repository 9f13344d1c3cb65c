#ifndef BONNIE_SERVICES_RECORDS_PATIENTS_H_
#define BONNIE_SERVICES_RECORDS_PATIENTS_H_

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

// All SQL of table `patients`. Every function blocks for its statement and fails as Querier does (error_table.h).
namespace bonnie::records {

// As in the API (proto: Gender), by the same numbers.
enum class Gender { kUnspecified = 0, kFemale = 1, kMale = 2, kOther = 3, kUnknown = 4 };

// A row of `patients`. Only the server writes the last five.
struct Patient {
  std::string first_name;
  std::string last_name;
  absl::CivilDay date_of_birth;
  Gender gender = Gender::kUnspecified;
  absl::optional<std::string> contact_number;
  bool is_deceased = false;
  absl::optional<std::string> source_key;

  std::int64_t id = 0;
  std::int64_t row_version = 0;
  absl::Time create_time;
  absl::Time update_time;
  absl::optional<absl::Time> delete_time;
};

// Reads by primary key; the statements are of 1 to 200 ids.
const SizedSql& PatientsByIds();
// The same for PointReader: adds those of `ids` (a power of two of them) that exist to `rows`.
absl::Status ReadPatients(data_access::Querier& db, absl::Span<const std::int64_t> ids,
                          std::vector<std::pair<std::int64_t, Patient>>* rows);

// nullopt: no such row. Soft-deleted rows are rows.
absl::StatusOr<absl::optional<Patient>> GetPatient(data_access::Querier& db, std::int64_t id);
// The same, and nobody else changes the row until the transaction ends.
absl::StatusOr<absl::optional<Patient>> LockPatient(data_access::Querier& db, std::int64_t id);
// The same, but others may share: nobody deletes the patient meanwhile.
absl::StatusOr<absl::optional<Patient>> SharePatient(data_access::Querier& db, std::int64_t id);
// Those of up to 200 ids that exist, in any order.
absl::StatusOr<std::vector<Patient>> GetPatients(data_access::Querier& db, absl::Span<const std::int64_t> ids);
// By id, those after `after`.
absl::StatusOr<std::vector<Patient>> ListPatients(data_access::Querier& db, std::int64_t after, int limit,
                                                  bool show_deleted);
absl::StatusOr<std::int64_t> CountPatients(data_access::Querier& db, bool show_deleted);
absl::StatusOr<absl::optional<std::int64_t>> FindPatientBySourceKey(data_access::Querier& db,
                                                                    absl::string_view source_key);

// These answer the row as it is stored now; they want a transaction.
// kAlreadyExists: another row has the source key.
absl::StatusOr<Patient> InsertPatient(data_access::Querier& db, const Patient& patient);
// Of the version in `patient`. kAborted `ETAG_MISMATCH`: that version is gone.
absl::StatusOr<Patient> UpdatePatient(data_access::Querier& db, const Patient& patient);
// Soft. kAborted: as UpdatePatient.
absl::StatusOr<Patient> DeletePatient(data_access::Querier& db, const Patient& patient);

// A patient and the database's clock at that statement: a snapshot's first read, which fixes the snapshot.
struct PatientAtTime {
  Patient patient;
  absl::Time time;
};
absl::StatusOr<absl::optional<PatientAtTime>> GetPatientAndTime(data_access::Querier& db, std::int64_t id);

// Every statement above, for the test that asks EXPLAIN.
std::vector<IndexedSql> PatientStatements();

}  // namespace bonnie::records

#endif  // BONNIE_SERVICES_RECORDS_PATIENTS_H_
