// A revision file: its parser, and the splitter of statements on any text.
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "services/schema/migration_dir.h"
#include "services/schema/sql_splitter.h"
#include "services/server/error.h"
#include "tests/fuzz/check.h"

namespace bonnie::schema {
namespace {

// What stands between statements is space, comments that no server executes, delimiters and DELIMITER lines.
// `at_line_begin`: whether the gap begins a line.
void CheckGap(absl::string_view gap, bool at_line_begin, std::string& delimiter) {
  while (!gap.empty()) {
    const size_t line = std::min(gap.find('\n'), gap.size());
    size_t length = 1;
    if (at_line_begin && absl::StartsWithIgnoreCase(gap, "delimiter ") &&
        !absl::StripAsciiWhitespace(gap.substr(10, line - 10)).empty()) {
      const absl::string_view word = absl::StripAsciiWhitespace(gap.substr(10, line - 10));
      delimiter = std::string(word.substr(0, word.find_first_of(" \t\v\f\r")));
      length = line;
    } else if (absl::StartsWith(gap, delimiter)) {
      length = delimiter.size();
    } else if (gap[0] == '#' || absl::StartsWith(gap, "--")) {
      length = line;
    } else if (absl::StartsWith(gap, "/*")) {
      FUZZ_CHECK(!absl::StartsWith(gap, "/*!") && !absl::StartsWith(gap, "/*M!"));
      FUZZ_CHECK(gap.find("*/", 2) != absl::string_view::npos);
      length = gap.find("*/", 2) + 2;
    } else {
      FUZZ_CHECK(absl::ascii_isspace(gap[0]));
    }
    at_line_begin = gap[length - 1] == '\n';
    gap.remove_prefix(length);
  }
}

// Statements and what stands between them, put together again, are the text: nothing is lost, changed or said twice.
void CheckParts(absl::string_view text, const std::vector<SplitStatement>& statements) {
  std::string delimiter = ";";
  size_t at = 0;
  for (const SplitStatement& statement : statements) {
    FUZZ_CHECK(statement.begin >= at && !statement.sql.empty());
    FUZZ_CHECK(text.substr(statement.begin, statement.sql.size()) == statement.sql);
    FUZZ_CHECK(absl::StripAsciiWhitespace(statement.sql) == statement.sql);
    CheckGap(text.substr(at, statement.begin - at), at == 0 || text[at - 1] == '\n', delimiter);
    FUZZ_CHECK(statement.line == 1 + std::count(text.begin(), text.begin() + statement.begin, '\n'));
    at = statement.begin + statement.sql.size();
  }
  CheckGap(text.substr(at), at == 0 || text[at - 1] == '\n', delimiter);
}

// A statement that was split off is one: by itself, under a delimiter that it does not hold, it stays as it is.
void CheckEach(const std::vector<SplitStatement>& statements) {
  for (const SplitStatement& statement : statements) {
    if (absl::EndsWith(statement.sql, "--")) continue;  // begins a comment where a line ends after it
    std::string delimiter = "//";
    while (absl::StrContains(statement.sql, delimiter)) delimiter += "$";
    const auto again =
        SplitStatements(absl::StrCat("DELIMITER ", delimiter, "\n ", statement.sql, "\n", delimiter, "\n"), 1);
    FUZZ_CHECK(again.ok() && again->size() == 1 && again->front().sql == statement.sql);
  }
}

void Split(absl::string_view text) {
  Tokenize(text);
  const auto statements = SplitStatements(text, 1);
  if (!statements.ok()) {
    FUZZ_CHECK(!statements.status().message().empty());
    return;
  }
  CheckParts(text, *statements);
  CheckEach(*statements);
}

void Parse(absl::string_view text) {
  const auto revision = ParseRevision("f.sql", text);
  if (!revision.ok()) {
    FUZZ_CHECK(absl::StartsWith(revision.status().message(), "versions/f.sql:"));
    FUZZ_CHECK(server::DetailsOf(revision.status())->reason == "REVISION_FILE_INVALID");
    return;
  }
  FUZZ_CHECK(!revision->links.id.empty() && revision->links.id.size() <= 32);
  FUZZ_CHECK(revision->text == text);
  for (const RevisionStatement& statement : revision->up) {
    FUZZ_CHECK(absl::StrContains(text, statement.sql) && statement.line > 0);
  }
}

}  // namespace
}  // namespace bonnie::schema

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  bonnie::schema::Split(text);
  bonnie::schema::Parse(text);
  return 0;
}
