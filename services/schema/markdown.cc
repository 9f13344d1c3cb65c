#include "services/schema/markdown.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"

namespace bonnie::schema {

namespace {

size_t LongestRun(absl::string_view text, char wanted) {
  size_t longest = 0, run = 0;
  for (const char c : text) {
    run = c == wanted ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

bool IsAsciiControl(char c) { return absl::ascii_iscntrl(static_cast<unsigned char>(c)); }

}  // namespace

std::string MarkdownText(absl::string_view text) {
  std::string escaped;
  const auto is_letter = [&](size_t i) {
    return i < text.size() && absl::ascii_isalnum(static_cast<unsigned char>(text[i]));
  };
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (IsAsciiControl(c)) {
      escaped += ' ';
    } else if (c == '<') {
      escaped += "&lt;";
    } else if (c == '>') {
      escaped += "&gt;";
    } else if (c == '&') {
      escaped += "&amp;";
    } else {
      const bool within_word = c == '_' && i > 0 && is_letter(i - 1) && is_letter(i + 1);  // no emphasis there
      if (absl::StrContains("\\`*_[]|~$#", c) && !within_word) escaped += '\\';
      escaped += c;
    }
  }
  return std::string(absl::StripAsciiWhitespace(escaped));
}

std::string MarkdownCode(absl::string_view text) {
  if (text.empty()) return "";
  const std::string fence(LongestRun(text, '`') + 1, '`');
  std::string inner;
  for (const char c : text) {
    if (c == '|') inner += '\\';  // of a table's cells alone; a table's lines are cut before code is looked for
    inner += IsAsciiControl(c) ? ' ' : c;
  }
  // One blank on either side belongs to the fence.
  const bool pad = text.front() == '`' || text.back() == '`' || text.front() == ' ' || text.back() == ' ';
  return absl::StrCat(fence, pad ? " " : "", inner, pad ? " " : "", fence);
}

std::string MarkdownBlock(absl::string_view language, absl::string_view code) {
  const std::string fence(std::max<size_t>(3, LongestRun(code, '`') + 1), '`');
  return absl::StrCat(fence, language, "\n", absl::StripSuffix(code, "\n"), "\n", fence, "\n");
}

std::string MarkdownAnchor(absl::string_view name) {
  std::string anchor = "table-";
  for (const char c : name) {
    if (absl::ascii_islower(static_cast<unsigned char>(c)) || absl::ascii_isdigit(static_cast<unsigned char>(c)) ||
        c == '_') {
      anchor += c;
    } else {
      absl::StrAppend(&anchor, "-", absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad2));
    }
  }
  return anchor;
}

std::string MarkdownRow(const std::vector<std::string>& cells) {
  return absl::StrCat("| ", absl::StrJoin(cells, " | "), " |\n");
}

std::string MarkdownHead(const std::vector<std::string>& cells) {
  return absl::StrCat(MarkdownRow(cells), MarkdownRow(std::vector<std::string>(cells.size(), "---")));
}

}  // namespace bonnie::schema
