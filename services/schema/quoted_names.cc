#include "services/schema/quoted_names.h"

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/schema/create_table.h"

namespace bonnie::schema {

namespace {

// The place after the quoted text that begins at `begin`.
size_t EndOfQuotes(absl::string_view text, size_t begin) {
  const char quote = text[begin];
  for (size_t at = begin + 1; at < text.size(); ++at) {
    if (text[at] == '\\' && quote != '`') {
      ++at;
    } else if (text[at] == quote) {
      if (at + 1 == text.size() || text[at + 1] != quote) return at + 1;
      ++at;
    }
  }
  return text.size();
}

std::string Unquoted(absl::string_view quoted) {
  std::string name;
  for (size_t at = 1; at + 1 < quoted.size(); ++at) {
    name += quoted[at];
    if (quoted[at] == '`') ++at;
  }
  return name;
}

}  // namespace

std::string ReplaceNames(absl::string_view clause, const std::function<std::string(const std::string&)>& replace) {
  std::string result;
  for (size_t at = 0; at < clause.size();) {
    const char c = clause[at];
    if (c != '`' && c != '\'' && c != '"') {
      result += c;
      ++at;
      continue;
    }
    const size_t end = EndOfQuotes(clause, at);
    const absl::string_view quoted = clause.substr(at, end - at);
    absl::StrAppend(&result, c == '`' ? QuoteName(replace(Unquoted(quoted))) : std::string(quoted));
    at = end;
  }
  return result;
}

std::vector<std::string> NamesIn(absl::string_view clause) {
  std::vector<std::string> names;
  ReplaceNames(clause, [&](const std::string& name) {
    names.push_back(name);
    return name;
  });
  return names;
}

bool Mentions(absl::string_view clause, absl::string_view name) {
  return absl::c_any_of(NamesIn(clause), [&](const std::string& n) { return absl::EqualsIgnoreCase(n, name); });
}

}  // namespace bonnie::schema
