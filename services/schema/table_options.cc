#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "services/data_access/status_macros.h"
#include "services/schema/clause_reader.h"
#include "services/schema/create_table_parts.h"

namespace bonnie::schema {

namespace {

// Options that SHOW CREATE writes without '=' before the value.
bool IsWrittenWithoutSign(absl::string_view name) {
  return name == "TABLESPACE" || name == "STORAGE" || name == "ENGINE_ATTRIBUTE" ||
         name == "SECONDARY_ENGINE_ATTRIBUTE";
}

// Reads "NAME=value NAME=value" up to the partitioning or the end.
class OptionReader {
 public:
  OptionReader(absl::string_view text, Table* table) : text_(text), reader_(text), table_(*table) {}

  absl::Status Read() {
    KeepComment();
    while (!reader_.AtEnd() && !AtPartitioning()) {
      BONNIE_RETURN_IF_ERROR(ReadOption());
      KeepComment();
    }
    return absl::OkStatus();
  }

  // Where the partitioning begins.
  size_t end() const { return reader_.next_begin(); }

 private:
  bool AtPartitioning() const { return reader_.AtWord("partition"); }

  // MariaDB writes the options that the engine does not know as plain comments: /* `x`='1' */.
  void KeepComment() {
    absl::string_view gap = absl::StripAsciiWhitespace(reader_.Between(reader_.last_end(), reader_.next_begin()));
    absl::ConsumePrefix(&gap, "*/");
    gap = absl::StripLeadingAsciiWhitespace(gap);
    if (!absl::StartsWith(gap, "/*") || absl::StartsWith(gap, "/*!") || absl::StartsWith(gap, "/*M!")) return;
    table_.options.push_back({std::string(gap.substr(0, gap.find("*/") + 2)), ""});
  }

  absl::Status ReadOption() {
    if (reader_.TakeWords({"with", "system", "versioning"})) {
      table_.options.push_back({"WITH SYSTEM VERSIONING", ""});
      return absl::OkStatus();
    }
    const size_t begin = reader_.next_begin();
    BONNIE_RETURN_IF_ERROR(TakeOptionName());
    std::string name(reader_.Between(begin, reader_.last_end()));
    if (!absl::StartsWith(name, "`")) absl::AsciiStrToUpper(&name);
    if (!reader_.TakeSign("=") && !IsWrittenWithoutSign(name)) return reader_.Expected("'='");
    const size_t value = reader_.next_begin();
    BONNIE_RETURN_IF_ERROR(TakeValue());
    table_.options.push_back({std::move(name), std::string(reader_.Between(value, reader_.last_end()))});
    return absl::OkStatus();
  }

  absl::Status TakeOptionName() {
    BONNIE_RETURN_IF_ERROR(reader_.TakeName().status());
    const absl::string_view first = reader_.Between(0, reader_.last_end());
    if (absl::EndsWithIgnoreCase(first, "default") || absl::EndsWithIgnoreCase(first, "data") ||
        absl::EndsWithIgnoreCase(first, "index")) {
      if (reader_.Peek().kind == Token::Kind::kWord) reader_.Skip();
    }
    return absl::OkStatus();
  }

  absl::Status TakeValue() {
    if (reader_.AtSign("(")) return reader_.TakeGroup().status();
    if (reader_.AtEnd() || reader_.Peek().kind == Token::Kind::kSign) return reader_.Expected("a value");
    reader_.Skip();
    return absl::OkStatus();
  }

  const absl::string_view text_;
  ClauseReader reader_;
  Table& table_;
};

}  // namespace

absl::Status ParseOptions(absl::string_view text, Table* table) {
  OptionReader reader(text, table);
  BONNIE_RETURN_IF_ERROR(reader.Read());
  absl::string_view partitioning = absl::StripAsciiWhitespace(text.substr(reader.end()));
  if (partitioning.empty()) return absl::OkStatus();
  absl::ConsumeSuffix(&partitioning, "*/");  // of MySQL's /*!50100 PARTITION BY … */
  // KEY's own comment ends that one, and another begins after it.
  table->partitioning = absl::StrReplaceAll(absl::StripTrailingAsciiWhitespace(partitioning),
                                            {{"*/ /*!50611 ALGORITHM = 1 */ /*!50100 ", "ALGORITHM = 1 "}});
  return absl::OkStatus();
}

std::string WriteOption(const TableOption& option) {
  if (option.value.empty()) return option.name;
  return absl::StrCat(option.name, IsWrittenWithoutSign(option.name) ? " " : "=", option.value);
}

}  // namespace bonnie::schema
