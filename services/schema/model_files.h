#ifndef BONNIE_SERVICES_SCHEMA_MODEL_FILES_H_
#define BONNIE_SERVICES_SCHEMA_MODEL_FILES_H_

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/schema/model.h"

namespace bonnie::schema {

// One file of model/: one CREATE TABLE.
struct ModelFile {
  std::string file_name;
  std::string table;
  std::string sql;                  // the statement, without comments around it and without a delimiter
  int line = 0;                     // where it begins
  std::string preamble;             // what stands before it, byte for byte: the comments that `fmt` keeps
  bool has_inner_comments = false;  // comments within the statement or after it, other than hints
  // Of `-- renamed-from: old` at the end of a column's line: column -> its name before. Under the empty name, of such
  // a line before the statement: the table's name before.
  std::map<std::string, std::string> renamed_from;
  // Columns with `-- no-default` at the end of their line (no_default.h).
  std::set<std::string> no_default;
  // Codes of `-- nolint: CODE why` before the statement, each of which is a rule's or data-loss.
  std::set<std::string> nolint;
  // Tables that its REFERENCES clauses name, each with its line.
  std::vector<std::pair<std::string, int>> references;
};

// Reads one model file. Pure.
// kInvalidArgument MODEL_FILE_INVALID, the message begins `model/file:line:`: not exactly one CREATE TABLE; a qualified
// name; CREATE TABLE … LIKE, AS SELECT, TEMPORARY, OR REPLACE; a `nolint` of no rule; a byte order mark, carriage
// returns, bytes that are no UTF-8, an unending string; a mark that the column's words gainsay. It says what to do.
absl::StatusOr<ModelFile> ParseModelFile(absl::string_view file_name, absl::string_view text);

// Texts of several: name and text each. Pure. Errors likewise, and two files with one table (both are named).
absl::StatusOr<std::vector<ModelFile>> ParseModel(const std::vector<std::pair<std::string, std::string>>& files);

// What `fmt` and `pull` write for a table: the server's canonical text, ending in `;` and a line feed, without the
// AUTO_INCREMENT counter, with its marks. With the file that there was before: its comments before the statement, its
// hints, and its marks of columns that might be so (MariaDB has no such).
std::string FormatModelFile(const Table& table, const ModelFile* before = nullptr);
// The file's name for a table: its name where that is a plain word, else with other bytes, and a `-` at the
// beginning, as %XX; always ends in .sql.
std::string ModelFileName(absl::string_view table);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_MODEL_FILES_H_
