#ifndef BONNIE_CLIENTS_CLI_SYNTHEA_H_
#define BONNIE_CLIENTS_CLI_SYNTHEA_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "bonnie/records/v1/resources.pb.h"
#include "clients/cli/csv.h"

namespace bonnie::cli {

// A row of an export that cannot be taken: where, which column, and what it should be. No value of the row is in it.
struct RefusedRow {
  std::string file;
  Place place;
  std::string column;  // its heading; empty for the whole row
  std::string message;

  // "patients.csv:17:42: BIRTHDATE: want M/D/YYYY".
  std::string Text() const;
};

// Where a row came from, to say so when the service refuses it.
struct SourceRow {
  std::string file;
  Place place;
  // By the path of the field that the column became, such as patient.first_name.
  struct Column {
    std::string name;
    Place place;
  };
  std::map<std::string, Column> columns;

  // What the service said about `field`, as a refusal of this row.
  RefusedRow Refuse(absl::string_view field, std::string message) const;
};

struct SyntheaPatient {
  records::v1::Patient patient;  // source_key synthea:<Id>
  SourceRow source;
};

struct SyntheaRecord {
  records::v1::MedicalRecord record;  // without patient_id; source_key synthea:<40 hex digits>
  std::string patient_key;            // source_key of its patient
  SourceRow source;
};

// A Synthea CSV export as Bonnie's resources.
struct SyntheaExport {
  std::vector<SyntheaPatient> patients;
  std::vector<SyntheaRecord> records;
  std::vector<RefusedRow> refused;  // in the order of files and rows
};

// The texts of the three files that are read.
struct SyntheaFiles {
  std::string patients;    // patients.csv
  std::string conditions;  // conditions.csv: the medical records
  std::string careplans;   // careplans.csv: their treatments; may be empty
  // What is to be told of a file that is not there and may be missing; "" when all are.
  std::string warning;
};

// Reads patients.csv, conditions.csv and careplans.csv (which may be missing) of `folder`. Blocks for the files.
// kNotFound, kPermissionDenied: one that is needed cannot be read; names it.
absl::StatusOr<SyntheaFiles> ReadSyntheaFiles(const std::string& folder);

// The order of a date that is written with `/`.
enum class SlashDates {
  kByFile,      // as each file shows: a first number above 12 is a day, a second one too
  kMonthFirst,  // M/D/YYYY
  kDayFirst,    // D/M/YYYY
};

// Parses them. Each file may be separated by `,` or `;`, as its first line shows; dates are YYYY-MM-DD, or as `dates`
// says. A condition's treatment is the DESCRIPTION of a care plan of the same PATIENT whose REASONCODE is the
// condition's CODE: of several the one of the same ENCOUNTER, else the one with the earliest START, then the smallest Id. Pure.
// kInvalidArgument: a file lacks columns that are needed, or has one twice; its dates show no order, or both. Names
// file and columns. Single rows are refused in the export.
absl::StatusOr<SyntheaExport> ParseSynthea(const SyntheaFiles& files, SlashDates dates = SlashDates::kByFile);

}  // namespace bonnie::cli

#endif  // BONNIE_CLIENTS_CLI_SYNTHEA_H_
