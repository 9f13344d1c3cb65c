#include "clients/cli/output.h"

#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "clients/cli/text_width.h"

namespace bonnie::cli {
namespace {

constexpr std::size_t kWidestCell = 60;  // of a table; a diagnosis may have 2,000 characters

std::string Heading(absl::string_view name) { return absl::AsciiStrToUpper(absl::StrReplaceAll(name, {{"_", " "}})); }

std::string Padded(const std::string& text, std::size_t width, bool right) {
  const std::string padding(width - std::min(width, Width(text)), ' ');
  return right ? padding + text : text + padding;
}

void WriteCsvRow(std::ostream& out, const std::vector<std::string>& cells) {
  out << absl::StrJoin(cells, ",", [](std::string* line, const std::string& cell) {
    absl::StrAppend(line, CsvCell(cell));
  }) << "\n";
}

}  // namespace

std::string ToJson(const google::protobuf::Message& message) {
  std::string json;
  // Fails for an Any of an unknown type only, and no message here holds one.
  (void)google::protobuf::util::MessageToJsonString(message, &json);
  return json;
}

std::string CsvCell(absl::string_view text) {
  if (text.find_first_of(",\"\r\n") == absl::string_view::npos) return std::string(text);
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
}

void Output::BeginList(std::vector<Column> columns) {
  if (begun_) return;
  begun_ = true;
  if (with_site_) columns.insert(columns.begin(), Column{"site"});
  columns_ = std::move(columns);
  if (format_ == Format::kCsv) {
    std::vector<std::string> names;
    for (const Column& column : columns_) names.push_back(column.name);
    WriteCsvRow(out_, names);
  }
}

void Output::Row(absl::string_view site, const std::vector<std::string>& cells,
                 const google::protobuf::Message& message) {
  if (format_ == Format::kJson) {
    JsonLine(site, ToJson(message));
  } else {
    Cells(site, cells);
  }
}

void Output::Cells(absl::string_view site, const std::vector<std::string>& cells) {
  if (format_ == Format::kJson) return;
  std::vector<std::string> row;
  if (with_site_) row.push_back(std::string(site));
  row.insert(row.end(), cells.begin(), cells.end());
  if (format_ == Format::kCsv) {
    WriteCsvRow(out_, row);
  } else {
    rows_.push_back(std::move(row));
  }
}

void Output::Card(absl::string_view site, const std::vector<Column>& columns, const std::vector<std::string>& cells,
                  const google::protobuf::Message& message) {
  if (format_ != Format::kTable) {
    BeginList(columns);
    return Row(site, cells, message);
  }
  std::size_t width = 0;
  for (const Column& column : columns) width = std::max(width, column.name.size());
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (!cells[i].empty()) out_ << Padded(columns[i].name, width, false) << "  " << Printable(cells[i]) << "\n";
  }
}

void Output::JsonLine(absl::string_view site, absl::string_view object) {
  if (with_site_) {
    const absl::string_view members = object.substr(1);
    out_ << "{\"site\":\"" << site << "\"" << (members == "}" ? "" : ",") << members << "\n";
  } else {
    out_ << object << "\n";
  }
  out_.flush();  // whoever reads a pipe sees each object when it is there
}

void Output::EndList() {
  if (begun_ && format_ == Format::kTable) WriteTable();
  begun_ = false;
  rows_.clear();
}

void Output::WriteTable() {
  std::vector<std::size_t> shown;
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i].shown == Column::Shown::kNotInTables) continue;
    shown.push_back(i);
    std::size_t width = columns_[i].name.size();
    for (std::vector<std::string>& row : rows_) {
      row[i] = Printable(row[i]);
      if (!columns_[i].whole) row[i] = Clip(row[i], kWidestCell);
      width = std::max(width, Width(row[i]));
    }
    widths.push_back(width);
  }
  const auto write = [&](auto cell) {
    std::string line;
    for (std::size_t i = 0; i < shown.size(); ++i) {
      absl::StrAppend(&line, i == 0 ? "" : "  ", Padded(cell(shown[i]), widths[i], columns_[shown[i]].right));
    }
    out_ << absl::StripTrailingAsciiWhitespace(line) << "\n";
  };
  write([&](std::size_t i) { return Heading(columns_[i].name); });
  for (const std::vector<std::string>& row : rows_) write([&](std::size_t i) { return row[i]; });
}

}  // namespace bonnie::cli
