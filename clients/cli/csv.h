#ifndef BONNIE_CLIENTS_CLI_CSV_H_
#define BONNIE_CLIENTS_CLI_CSV_H_

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace bonnie::cli {

// A place in a text file, both from 1; the column counts characters, not bytes.
struct Place {
  int line = 0;
  int column = 0;
};

struct CsvField {
  std::string text;
  Place place;  // where it begins
};

// What a reader is told of: a row, or a line that is no CSV.
struct CsvRow {
  std::vector<CsvField> fields;  // empty for a broken one
  Place place;                   // where it begins, or where it is broken
  std::string error;             // why it is broken; empty for a good one
};

// Reads CSV (RFC 4180, `separator` between fields, LF or CRLF, a byte order mark or none) by libcsv and calls `on_row`
// for each row. A broken one (a quote where none may be, one that never ends) is told of, and reading goes on with the
// next line. Lines without any character are skipped. Pure but for `on_row`; the size of `text` is the memory it takes.
void ReadCsv(absl::string_view text, char separator, absl::FunctionRef<void(const CsvRow&)> on_row);

}  // namespace bonnie::cli

#endif  // BONNIE_CLIENTS_CLI_CSV_H_
