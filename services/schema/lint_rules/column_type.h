#ifndef BONNIE_SERVICES_SCHEMA_LINT_RULES_COLUMN_TYPE_H_
#define BONNIE_SERVICES_SCHEMA_LINT_RULES_COLUMN_TYPE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "services/schema/model.h"

namespace bonnie::schema::lint {

// A column's type taken apart: "varchar(50)" is {"varchar", {"50"}}.
struct ColumnType {
  std::string word;                    // in lower case
  std::vector<std::string> arguments;  // numbers, or the values of an ENUM or SET
  bool is_unsigned = false;
  bool zerofill = false;

  // The argument at `at`; `otherwise` where there is none, or no number.
  int Number(size_t at, int otherwise) const;
  bool IsInteger() const;      // tinyint … bigint
  bool IsEnumeration() const;  // enum, set
  bool IsText() const;         // tinytext … longtext
  bool IsTemporal() const;     // date, time, datetime, timestamp, year
  bool IsSpatial() const;
};

ColumnType ReadType(const Column& column);

// Bytes that a TINYTEXT … LONGTEXT, or a TINYBLOB … LONGBLOB, has room for; 0 for other types.
double TextBytes(const ColumnType& type);
double BlobBytes(const ColumnType& type);

// What rows get that are there when a NOT NULL column without a default is added: "''", "0"; empty where the statement
// fails instead. A strict session of that flavour with its own default sql_mode.
std::string FilledWith(const ColumnType& type, data_access::Flavour flavour);

// Bytes that one character of the character set may take.
int MaxBytes(absl::string_view charset);
// Whether `after` has every character that `before` has.
bool Holds(absl::string_view after, absl::string_view before);

// The largest value of an integer type; 0 for other types.
double MaxInteger(const ColumnType& type);

}  // namespace bonnie::schema::lint

#endif  // BONNIE_SERVICES_SCHEMA_LINT_RULES_COLUMN_TYPE_H_
