// The text of one revision file: header, marks, sections.
#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "services/data_access/status_macros.h"
#include "services/schema/lint.h"
#include "services/schema/migration_dir.h"
#include "services/schema/sql_splitter.h"
#include "services/schema/sql_text.h"
#include "services/server/error.h"

namespace bonnie::schema {

namespace {

constexpr size_t kMaxIdLength = 32;

absl::Status InvalidRevision(absl::string_view file_name, absl::string_view line_and_message) {
  return server::Error(absl::StatusCode::kFailedPrecondition,
                       absl::StrCat("versions/", file_name, ":", line_and_message),
                       {.reason = "REVISION_FILE_INVALID", .metadata = {{"file", std::string(file_name)}}});
}

bool IsId(absl::string_view id) {
  return !id.empty() && id.size() <= kMaxIdLength && std::all_of(id.begin(), id.end(), [](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_';
  });
}

// Reads a file line by line: header, then the sections.
class Parser {
 public:
  Parser(absl::string_view file_name, absl::string_view text) : text_(text) {
    revision_.file_name = std::string(file_name);
    revision_.text = std::string(text);
  }

  absl::StatusOr<Revision> Run() {
    size_t at = 0;
    while (at < text_.size()) {
      const size_t end = std::min(text_.find('\n', at), text_.size());
      ++line_;
      BONNIE_RETURN_IF_ERROR(TakeLine(text_.substr(at, end - at), at, std::min(end + 1, text_.size())));
      at = end + 1;
    }
    BONNIE_RETURN_IF_ERROR(EndSection(text_.size()));
    if (seen_.count("revision") == 0) return Bad("no '-- revision:' line", 1);
    if (seen_.count("revises") == 0) return Bad("no '-- revises:' line (empty for a first revision)", 1);
    if (seen_.count("migrate:up") == 0) return Bad("no '-- migrate:up' line", 1);
    return std::move(revision_);
  }

 private:
  absl::Status Bad(absl::string_view what, int line) const {
    return InvalidRevision(revision_.file_name, absl::StrCat(line, ": ", what));
  }

  absl::Status TakeLine(absl::string_view line, size_t begin, size_t next) {
    absl::string_view comment = line;
    const bool is_comment = absl::ConsumePrefix(&comment, "--");
    comment = absl::StripAsciiWhitespace(comment);
    if (is_comment && absl::StartsWith(comment, "migrate:")) {
      BONNIE_RETURN_IF_ERROR(EndSection(begin));
      return BeginSection(comment.substr(8), next);
    }
    if (section_ != nullptr) return absl::OkStatus();
    if (is_comment) return TakeHeader(comment);
    if (absl::StripAsciiWhitespace(line).empty()) return absl::OkStatus();
    return Bad("text before '-- migrate:up'", line_);
  }

  absl::Status TakeHeader(absl::string_view comment) {
    const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(comment, absl::MaxSplits(':', 1));
    const absl::string_view key = absl::StripAsciiWhitespace(parts.first);
    const absl::string_view value = absl::StripAsciiWhitespace(parts.second);
    static const auto* const kKeys =
        new std::set<absl::string_view>{"revision", "revises", "depends-on", "branch-label", "message"};
    if (comment.find(':') == absl::string_view::npos || kKeys->count(key) == 0) return absl::OkStatus();  // prose
    if (!seen_.insert(std::string(key)).second) return Bad(absl::StrCat("a second '-- ", key, ":' line"), line_);
    if (key == "message") {
      revision_.message = std::string(value);
      return absl::OkStatus();
    }
    if (key == "revises" || key == "depends-on") {
      if (key == "revises") revision_.links.where = absl::StrCat("versions/", revision_.file_name, ":", line_);
      return TakeIds(value, key == "revises" ? revision_.links.revises : revision_.links.depends_on);
    }
    if (key == "branch-label" && value.empty()) return absl::OkStatus();
    if (!IsId(value)) return BadId(key);
    (key == "revision" ? revision_.links.id : revision_.links.branch_label) = std::string(value);
    return absl::OkStatus();
  }

  absl::Status TakeIds(absl::string_view value, std::vector<std::string>& ids) {
    for (absl::string_view id : absl::StrSplit(value, ',', absl::SkipWhitespace())) {
      id = absl::StripAsciiWhitespace(id);
      if (!IsId(id)) return BadId("id");
      if (std::find(ids.begin(), ids.end(), id) != ids.end()) return Bad(absl::StrCat(id, " is named twice"), line_);
      ids.push_back(std::string(id));
    }
    return absl::OkStatus();
  }

  absl::Status BadId(absl::string_view key) const {
    return Bad(absl::StrCat(key, ": want 1 to 32 of a-z, 0-9 and _"), line_);
  }

  absl::Status BeginSection(absl::string_view mark, size_t begin) {
    const std::vector<absl::string_view> words = absl::StrSplit(mark, ' ', absl::SkipWhitespace());
    for (size_t i = 1; i < words.size();
         ++i) {  // dbmate's; MySQL's DDL knows no transactions, so it means nothing here
      if (!absl::StartsWith(words[i], "transaction:"))
        return Bad(absl::StrCat("'", words[i], "' is not known here"), line_);
    }
    if (words.empty() || (words[0] != "up" && words[0] != "down"))
      return Bad("want '-- migrate:up' or '-- migrate:down'", line_);
    if (!seen_.insert(absl::StrCat("migrate:", words[0])).second) {
      return Bad(absl::StrCat("a second '-- migrate:", words[0], "' line"), line_);
    }
    if (words[0] == "down") {
      if (seen_.count("migrate:up") == 0) return Bad("'-- migrate:down' before '-- migrate:up'", line_);
      section_ = &revision_.down.emplace();
    } else {
      section_ = &revision_.up;
    }
    section_begin_ = begin;
    section_line_ = line_ + 1;
    return absl::OkStatus();
  }

  absl::Status EndSection(size_t end) {
    if (section_ == nullptr || section_begin_ > end) return absl::OkStatus();
    auto split = SplitStatements(text_.substr(section_begin_, end - section_begin_), section_line_);
    if (!split.ok()) return InvalidRevision(revision_.file_name, split.status().message());
    for (SplitStatement& part : *split) {
      RevisionStatement statement;
      statement.sql = std::move(part.sql);
      statement.line = part.line;
      statement.ordinal = static_cast<int>(section_->size()) + 1;
      for (absl::string_view comment : part.comments) {
        if (absl::ConsumePrefix(&comment, "keeps:")) statement.keeps = std::string(absl::StripAsciiWhitespace(comment));
        if (absl::ConsumePrefix(&comment, "only:")) statement.only = std::string(absl::StripAsciiWhitespace(comment));
        absl::StatusOr<absl::optional<std::string>> nolint = NolintCode(comment);
        if (!nolint.ok()) return Bad(nolint.status().message(), statement.line);
        if (nolint->has_value()) statement.nolint.insert(**nolint);
      }
      if (!statement.only.empty() && statement.only != "mysql" && statement.only != "mariadb") {
        return Bad("only: want mysql or mariadb", statement.line);
      }
      section_->push_back(std::move(statement));
    }
    return absl::OkStatus();
  }

  const absl::string_view text_;
  Revision revision_;
  std::set<std::string> seen_;  // keys and marks
  int line_ = 0;
  std::vector<RevisionStatement>* section_ = nullptr;  // null in the header
  size_t section_begin_ = 0;
  int section_line_ = 0;
};

}  // namespace

absl::StatusOr<Revision> ParseRevision(absl::string_view file_name, absl::string_view text) {
  if (absl::Status bytes = CheckSqlText(text); !bytes.ok()) return InvalidRevision(file_name, bytes.message());
  return Parser(file_name, text).Run();
}

}  // namespace bonnie::schema
