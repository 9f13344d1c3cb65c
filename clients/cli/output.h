#ifndef BONNIE_CLIENTS_CLI_OUTPUT_H_
#define BONNIE_CLIENTS_CLI_OUTPUT_H_

#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace google::protobuf {
class Message;
}

namespace bonnie::cli {

enum class Format { kTable, kJson, kCsv };

// One column of a list. Its name is the field's, such as first_name; a table writes FIRST NAME.
struct Column {
  enum class Shown { kAlways, kNotInTables };  // kNotInTables: in CSV and on cards only

  std::string name;
  Shown shown = Shown::kAlways;
  bool right = false;  // numbers
  bool whole = false;  // in tables too: what the row is for is not cut to a width
};

// `message` by proto3's JSON mapping, in one line.
std::string ToJson(const google::protobuf::Message& message);

// A cell as CSV wants it: quoted where it holds a comma, a quote or a line break.
std::string CsvCell(absl::string_view text);

// Writes results: tables for people, one JSON object per line, or CSV.
//
// JSON and CSV rows are written as they come; a table when it is complete, because its widths depend on every row. With
// `with_site` each row says its site: a first column `site`, a first member `site`.
// Used by one thread at a time; `out` outlives it.
class Output {
 public:
  Output(Format format, bool with_site, std::ostream& out) : format_(format), with_site_(with_site), out_(out) {}

  Format format() const { return format_; }

  // Begins a list. Called again for the next site: goes on with the same one.
  void BeginList(std::vector<Column> columns);
  // `cells` as many as columns; `message` is what JSON shows.
  void Row(absl::string_view site, const std::vector<std::string>& cells, const google::protobuf::Message& message);
  // A row of what is no message: nothing in JSON, where JsonLine says it.
  void Cells(absl::string_view site, const std::vector<std::string>& cells);
  // One thing by itself: in a table a line per field, else as a list of one.
  void Card(absl::string_view site, const std::vector<Column>& columns, const std::vector<std::string>& cells,
            const google::protobuf::Message& message);
  // A JSON object that is no message of the protos. Written in every format.
  void JsonLine(absl::string_view site, absl::string_view object);
  // Writes the table, if one was begun.
  void EndList();

 private:
  void WriteTable();

  const Format format_;
  const bool with_site_;
  std::ostream& out_;

  bool begun_ = false;
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;  // of a table; the site first when with_site_
};

}  // namespace bonnie::cli

#endif  // BONNIE_CLIENTS_CLI_OUTPUT_H_
