#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/schema/lint_rules/rules.h"

namespace bonnie::schema::lint {

namespace {

void CheckCompression(const Table& table, const Schema&, Report& report) {
  for (const TableOption& option : table.options) {
    const std::string name = absl::AsciiStrToUpper(option.name), value = absl::AsciiStrToUpper(option.value);
    const bool pages = name == "COMPRESSION" && value != "'NONE'" && value != "''";
    const bool maria_pages = (name == "`PAGE_COMPRESSED`" || name == "PAGE_COMPRESSED") && value != "0" &&
                             value != "'OFF'" && value != "'NO'";
    const bool odd_size = name == "KEY_BLOCK_SIZE" && value != "4" && value != "8" && value != "0";
    if (pages || maria_pages || odd_size) report.Add(table.name, "", absl::StrCat(option.name, "=", option.value));
  }
}

}  // namespace

Rule Compression() {
  return {{"compression", Severity::kWarning, RuleSubject::kSchema, "unusual compression",
           "Page compression and odd block sizes cost operators speed, and not every managed server offers them."},
          CheckCompression};
}

}  // namespace bonnie::schema::lint
