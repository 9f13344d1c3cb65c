#ifndef BONNIE_SERVICES_DATA_ACCESS_STATEMENT_H_
#define BONNIE_SERVICES_DATA_ACCESS_STATEMENT_H_

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"

namespace bonnie::data_access {

// SQL text with a name for metrics and logs: a named constant beside its table's code, e.g.
//   constexpr Sql kGetPatient{"patients.get", "SELECT … WHERE id = ?"};
// The text begins SELECT, INSERT, UPDATE, DELETE, REPLACE or WITH; anything that changes the session cannot be said
// this way.
struct Sql {
  const char* name;
  const char* text;
};

// Bytes that are no text: bound and read as they are (BINARY, VARBINARY, BLOB).
struct Bytes {
  std::string data;
  friend bool operator==(const Bytes&, const Bytes&) = default;
};

// A bound value. No unsigned type on purpose: Connector/C++'s setUInt64 sticks to the parameter for the life of a
// prepared statement, so unsigned columns are bound as int64.
using Value = std::variant<std::monostate, std::int64_t, double, std::string, Bytes>;

Value ToValue(bool value);
Value ToValue(int value);
Value ToValue(std::int64_t value);
Value ToValue(double value);
Value ToValue(absl::string_view value);
Value ToValue(const char* value);
Value ToValue(const std::string& value);
Value ToValue(std::string&& value);
Value ToValue(Bytes value);
Value ToValue(absl::CivilDay value);  // as YYYY-MM-DD
Value ToValue(absl::Time value);      // as YYYY-MM-DD hh:mm:ss.ffffff, UTC
template <class T>
Value ToValue(const absl::optional<T>& value) {
  return value.has_value() ? ToValue(*value) : Value();
}

// SQL text and the values bound to its question marks. A value type; thread-compatible.
class Statement {
 public:
  template <class... In>
  explicit Statement(Sql sql, In&&... parameters) : sql_(sql) {
    parameters_.reserve(sizeof...(parameters));
    (parameters_.push_back(ToValue(std::forward<In>(parameters))), ...);
  }
  // For a number of parameters known at run time only.
  Statement(Sql sql, std::vector<Value> parameters) : sql_(sql), parameters_(std::move(parameters)) {}

  absl::string_view name() const { return sql_.name; }
  absl::string_view text() const { return sql_.text; }
  const std::vector<Value>& parameters() const { return parameters_; }

 private:
  Sql sql_;
  std::vector<Value> parameters_;
};

// The rows of one answer, read whole from the server before the call returned (prepared results always are, and two
// open results of one statement share buffers).
//
// Reading: while (rows.Next()) { … } then check status(): a column of another type, out of range or unexpectedly NULL
// turns it to kInternal and ends the loop; the accessor then answers 0 or "".
//
// A value type, movable; thread-compatible.
class Rows {
 public:
  // One cell: the driver fills them row by row.
  struct Cell {
    enum class Kind : char { kNull, kInteger, kUnsigned, kReal, kText } kind = Kind::kNull;
    std::int64_t integer = 0;  // also the bits of an unsigned
    double real = 0;
    std::uint32_t offset = 0, length = 0;  // of a text within the shared buffer
  };

  Rows() = default;
  explicit Rows(int columns) : columns_(columns) {}

  bool Next();
  bool IsNull(int column) const;
  std::int64_t Int64(int column);
  double Double(int column);
  absl::string_view Text(int column);  // valid while the Rows live
  absl::CivilDay Date(int column);     // from DATE
  absl::Time Time(int column);         // from DATETIME or TIMESTAMP, which sessions keep in UTC
  absl::optional<std::string> OptionalText(int column);
  absl::optional<absl::CivilDay> OptionalDate(int column);
  absl::optional<absl::Time> OptionalTime(int column);

  int size() const { return columns_ == 0 ? 0 : static_cast<int>(cells_.size()) / columns_; }
  int columns() const { return columns_; }
  const absl::Status& status() const { return status_; }

  // For drivers: appends to the row being built.
  void AddNull();
  void AddInteger(std::int64_t value);
  void AddUnsigned(std::uint64_t value);
  void AddReal(double value);
  void AddText(absl::string_view value);

 private:
  const Cell& At(int column) const;
  void Fail(int column, absl::string_view want);

  int columns_ = 0;
  int row_ = -1;
  std::vector<Cell> cells_;
  std::string buffer_;
  absl::Status status_;
};

}  // namespace bonnie::data_access

#endif  // BONNIE_SERVICES_DATA_ACCESS_STATEMENT_H_
