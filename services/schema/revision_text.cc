#include "services/schema/revision_text.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "services/schema/sql_splitter.h"

namespace bonnie::schema {

namespace {

constexpr size_t kSlugLength = 40;
constexpr size_t kLineLength = 100;

// A note must not read as a header line or a mark, whatever a table is called.
std::string Note(absl::string_view text) {
  return absl::StrCat("-- * ", absl::StrReplaceAll(text, {{"\n", " "}, {"\r", " "}}), "\n");
}

void AppendSection(absl::string_view mark, const std::vector<std::string>& statements, std::string* text) {
  absl::StrAppend(text, "-- migrate:", mark, "\n");
  for (const std::string& statement : statements) absl::StrAppend(text, statement, ";\n");
}

}  // namespace

std::string WriteRevision(const RevisionDraft& draft) {
  std::string text =
      absl::StrCat("-- revision: ", draft.links.id, "\n-- revises:", draft.links.revises.empty() ? "" : " ",
                   absl::StrJoin(draft.links.revises, ", "), "\n");
  if (!draft.links.depends_on.empty()) {
    absl::StrAppend(&text, "-- depends-on: ", absl::StrJoin(draft.links.depends_on, ", "), "\n");
  }
  if (!draft.links.branch_label.empty()) absl::StrAppend(&text, "-- branch-label: ", draft.links.branch_label, "\n");
  absl::StrAppend(&text, "-- message: ", draft.message, "\n");
  for (const std::string& note : draft.notes) absl::StrAppend(&text, Note(note));
  AppendSection("up", draft.up, &text);
  if (draft.down.has_value()) AppendSection("down", *draft.down, &text);
  return text;
}

std::string RevisionFileName(absl::string_view id, absl::string_view message) {
  std::string slug;
  for (const char c : message) {
    if (absl::ascii_isalnum(c)) {
      slug += absl::ascii_tolower(c);
    } else if (!slug.empty() && slug.back() != '_') {
      slug += '_';
    }
  }
  if (slug.size() > kSlugLength) slug.resize(kSlugLength);
  while (!slug.empty() && slug.back() == '_') slug.pop_back();
  return slug.empty() ? absl::StrCat(id, ".sql") : absl::StrCat(id, "_", slug, ".sql");
}

std::string RevisionIdAt(absl::Time time) { return absl::FormatTime("%Y%m%d%H%M%S", time, absl::UTCTimeZone()); }

std::string WrapStatement(absl::string_view sql) {
  const std::vector<Token> tokens = Tokenize(sql);
  const auto is = [&](size_t at, absl::string_view word) { return at < tokens.size() && tokens[at].text == word; };
  if (!is(0, "alter") || !is(1, "table") || tokens.size() < 5) return std::string(sql);
  std::vector<size_t> breaks = {tokens[3].begin};  // after the table's name
  int depth = 0;
  for (size_t at = 3; at < tokens.size(); ++at) {
    if (tokens[at].kind != Token::Kind::kSign) continue;
    if (tokens[at].text == "(") ++depth;
    if (tokens[at].text == ")") --depth;
    if (tokens[at].text == "," && depth == 0 && at + 1 < tokens.size()) breaks.push_back(tokens[at + 1].begin);
  }
  if (breaks.size() == 1 && sql.size() <= kLineLength) return std::string(sql);
  std::string wrapped;
  size_t begin = 0;
  for (const size_t place : breaks) {
    const absl::string_view part = sql.substr(begin, place - begin);
    // A comment between two clauses may be a version comment that begins the next one: such a place stays as it is.
    const absl::string_view trimmed = absl::StripTrailingAsciiWhitespace(part);
    const bool plain = !trimmed.empty() && (begin == 0 ? place == breaks.front() : trimmed.back() == ',');
    absl::StrAppend(&wrapped, plain ? trimmed : part, plain ? "\n  " : "");
    begin = place;
  }
  return absl::StrCat(wrapped, sql.substr(begin));
}

}  // namespace bonnie::schema
