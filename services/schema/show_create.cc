#include "services/schema/show_create.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace bonnie::schema {

namespace {

bool IsKey(absl::string_view line) {
  for (const absl::string_view begin :
       {"  KEY ", "  UNIQUE KEY ", "  FULLTEXT KEY ", "  SPATIAL KEY ", "  CONSTRAINT "}) {
    if (absl::StartsWith(line, begin)) return true;
  }
  return false;
}

}  // namespace

std::string ComparableText(const Table& table) {
  // Text within quotes has its line breaks escaped, so a line that begins `)` ends the body.
  std::vector<std::string> columns, keys;
  for (absl::string_view line : absl::StrSplit(table.create_statement, '\n')) {
    if (absl::StartsWith(line, ")")) break;
    line = absl::StripSuffix(line, ",");
    (IsKey(line) ? keys : columns).push_back(std::string(line));
  }
  std::sort(keys.begin(), keys.end());
  std::vector<std::string> options;
  for (const TableOption& option : table.options) {
    if (option.name != "AUTO_INCREMENT") options.push_back(absl::StrCat(option.name, "=", option.value));
  }
  std::sort(options.begin(), options.end());
  return absl::StrCat(absl::StrJoin(columns, "\n"), "\n", absl::StrJoin(keys, "\n"), "\n", absl::StrJoin(options, "\n"),
                      "\n", table.partitioning);
}

std::string FirstDifference(const std::string& a, const std::string& b) {
  const std::vector<std::string> before = absl::StrSplit(a, '\n'), after = absl::StrSplit(b, '\n');
  size_t at = 0;
  while (at < before.size() && at < after.size() && before[at] == after[at]) ++at;
  const auto line = [at](const std::vector<std::string>& lines) {
    return at < lines.size() ? std::string(absl::StripAsciiWhitespace(lines[at])) : std::string("nothing");
  };
  return absl::StrCat(line(before), " / ", line(after));
}

}  // namespace bonnie::schema
