#include "services/schema/model_files.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "services/data_access/status_macros.h"
#include "services/schema/alter_columns.h"
#include "services/schema/create_table.h"
#include "services/schema/lint.h"
#include "services/schema/no_default.h"
#include "services/schema/sql_splitter.h"
#include "services/schema/sql_text.h"
#include "services/server/error.h"

namespace bonnie::schema {

namespace {

constexpr char kHint[] = "renamed-from:";
constexpr char kNoDefault[] = "no-default";

absl::Status InvalidModel(absl::string_view file_name, absl::string_view line_and_message) {
  return server::Error(absl::StatusCode::kInvalidArgument, absl::StrCat("model/", file_name, ":", line_and_message),
                       {.reason = "MODEL_FILE_INVALID", .metadata = {{"file", std::string(file_name)}}});
}

// The name in a hint: a word, or a name between backticks.
std::string HintedName(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  if (text.size() >= 2 && text.front() == '`' && text.back() == '`') {
    return absl::StrReplaceAll(text.substr(1, text.size() - 2), {{"``", "`"}});
  }
  return std::string(text);
}

// Number of the first line that holds `part`, from 1.
int LineWith(absl::string_view text, absl::string_view part) {
  return 1 + static_cast<int>(absl::c_count(text.substr(0, text.find(part)), '\n'));
}

// Looks at the tokens of the one statement of a file.
class StatementReader {
 public:
  StatementReader(ModelFile& file) : file_(file), tokens_(Tokenize(file.sql)) {}

  absl::Status Run() {
    BONNIE_RETURN_IF_ERROR(ReadHead());
    BONNIE_RETURN_IF_ERROR(CheckBody());
    ReadHints();
    BONNIE_RETURN_IF_ERROR(CheckMarks());
    if (misplaced_.empty()) return absl::OkStatus();
    return InvalidModel(file_.file_name, absl::StrCat(file_.line + LineWith(file_.sql, misplaced_) - 1,
                                                      ": a nolint belongs on a line before the CREATE TABLE"));
  }

 private:
  bool IsWord(size_t at, absl::string_view word) const {
    return at < tokens_.size() && tokens_[at].kind == Token::Kind::kWord && tokens_[at].text == word;
  }
  bool IsSign(size_t at, char sign) const {
    return at < tokens_.size() && tokens_[at].kind == Token::Kind::kSign && tokens_[at].text[0] == sign;
  }
  bool IsName(size_t at) const {
    return at < tokens_.size() &&
           (tokens_[at].kind == Token::Kind::kWord || tokens_[at].kind == Token::Kind::kQuotedName);
  }
  int LineOf(size_t at) const {
    const size_t end = at < tokens_.size() ? tokens_[at].begin : file_.sql.size();
    return file_.line + static_cast<int>(std::count(file_.sql.begin(), file_.sql.begin() + end, '\n'));
  }
  absl::Status Bad(size_t at, absl::string_view what) const {
    return InvalidModel(file_.file_name, absl::StrCat(LineOf(at), ": ", what));
  }

  // CREATE TABLE [IF NOT EXISTS] name (
  absl::Status ReadHead() {
    const std::string first = tokens_.empty() ? "" : absl::AsciiStrToUpper(tokens_[0].text);
    const std::string second = tokens_.size() < 2 ? "" : absl::AsciiStrToUpper(tokens_[1].text);
    if (!IsWord(0, "create")) {
      return Bad(0, absl::StrCat(first,
                                 " has no place in a model file, which holds one CREATE TABLE and nothing else; "
                                 "remove the statement"));
    }
    if (IsWord(1, "or")) return Bad(1, "OR REPLACE has no place in a model file; write CREATE TABLE alone");
    if (IsWord(1, "temporary")) return Bad(1, "a TEMPORARY table belongs to a session and cannot be in a model");
    if (!IsWord(1, "table")) {
      return Bad(1, absl::StrCat("a model file holds one CREATE TABLE; CREATE ", second, " belongs in a revision"));
    }
    name_ = 2;
    if (IsWord(2, "if") && IsWord(3, "not") && IsWord(4, "exists")) name_ = 5;
    if (!IsName(name_)) return Bad(name_, "want a table's name after CREATE TABLE");
    file_.table = tokens_[name_].name;
    if (IsSign(name_ + 1, '.')) return Qualified(name_ + 1);
    if (IsWord(name_ + 1, "like") || (IsSign(name_ + 1, '(') && IsWord(name_ + 2, "like"))) {
      return Bad(name_ + 1, "CREATE TABLE … LIKE says nothing of its own; write the columns");
    }
    if (!IsSign(name_ + 1, '(')) {
      return Bad(name_ + 1, "want the columns in parentheses after the table's name (no CREATE TABLE … SELECT)");
    }
    return absl::OkStatus();
  }

  absl::Status Qualified(size_t dot) const {
    const std::string before = dot > 0 ? tokens_[dot - 1].name : "";
    const std::string after = dot + 1 < tokens_.size() ? tokens_[dot + 1].name : "";
    return Bad(dot, absl::StrCat("`", before, "`.`", after, "` is a qualified name; a model names no schema: write `",
                                 after, "`"));
  }

  absl::Status CheckBody() {
    int depth = 0;
    for (size_t at = name_ + 1; at < tokens_.size(); ++at) {
      if (IsSign(at, '(')) ++depth;
      if (IsSign(at, ')')) --depth;
      // A name's point has a name before and after it; a number's has digits after it.
      if (IsSign(at, '.') && IsName(at + 1) && !absl::ascii_isdigit(tokens_[at + 1].name.c_str()[0]))
        return Qualified(at);
      if (IsSign(at, '.') && IsQuotedName(at + 1)) return Qualified(at);
      // Reserved words: unquoted they can be nothing else.
      if (IsWord(at, "select") || (depth == 0 && (IsWord(at, "as") || IsWord(at, "table") || IsWord(at, "values")))) {
        return Bad(at,
                   "a table made from a query (CREATE TABLE … SELECT) cannot be in a model; write the columns only");
      }
      if (IsWord(at, "references") && IsName(at + 1)) {
        file_.references.emplace_back(tokens_[at + 1].name, LineOf(at + 1));
      }
    }
    return absl::OkStatus();
  }

  bool IsQuotedName(size_t at) const { return at < tokens_.size() && tokens_[at].kind == Token::Kind::kQuotedName; }

  // Whether a definition that begins at `at` is a column's.
  bool BeginsColumn(size_t at) const {
    if (IsQuotedName(at)) return true;
    static const auto* const kOthers = new std::set<std::string>{
        "primary", "key", "index", "unique", "constraint", "foreign", "check", "fulltext", "spatial", "period"};
    return at < tokens_.size() && tokens_[at].kind == Token::Kind::kWord && kOthers->count(tokens_[at].text) == 0;
  }

  // Comments are what lies between tokens. A hint belongs to the column whose definition began last before it.
  void ReadHints() {
    int depth = 0;
    std::string column;
    for (size_t at = name_ + 1; at < tokens_.size(); ++at) {
      if (IsSign(at, '(') && ++depth == 1) column = BeginsColumn(at + 1) ? tokens_[at + 1].name : "";
      if (IsSign(at, ')')) --depth;
      const bool speaks = (IsWord(at, "default") && !IsWord(at + 1, "null")) || IsWord(at, "as") ||
                          (IsWord(at, "not") && IsWord(at + 1, "null"));
      if (depth == 1 && speaks && !column.empty()) says_default_.emplace(column, at);
      const size_t end = at + 1 < tokens_.size() ? tokens_[at + 1].begin : file_.sql.size();
      ReadComments(absl::string_view(file_.sql).substr(tokens_[at].end, end - tokens_[at].end), column);
      if (IsSign(at, ',') && depth == 1) column = BeginsColumn(at + 1) ? tokens_[at + 1].name : "";
    }
  }

  void ReadComments(absl::string_view between, const std::string& column) {
    for (absl::string_view line : absl::StrSplit(between, '\n')) {
      line = absl::StripAsciiWhitespace(line);
      if (line.empty() || line == "*/" || absl::StartsWith(line, "/*!") || absl::StartsWith(line, "/*M!")) continue;
      if (!absl::ConsumePrefix(&line, "--")) {
        file_.has_inner_comments = true;
        continue;
      }
      for (const absl::string_view mark : absl::StrSplit(line, " -- ")) {
        if (!ReadMark(absl::StripAsciiWhitespace(mark), column)) file_.has_inner_comments = true;
      }
    }
  }

  // A mark that the column's own words gainsay would win in silence.
  absl::Status CheckMarks() const {
    for (const std::string& column : file_.no_default) {
      const auto said = says_default_.find(column);
      if (said == says_default_.end()) continue;
      return Bad(said->second, absl::StrCat("column `", column,
                                            "` is marked no-default, and is NOT NULL, has a DEFAULT or is "
                                            "generated; take one of the two away"));
    }
    return absl::OkStatus();
  }

  // Whether a comment is a mark of its column.
  bool ReadMark(absl::string_view mark, const std::string& column) {
    if (absl::StartsWith(mark, "nolint:")) misplaced_ = mark;
    if (column.empty()) return false;
    if (mark == kNoDefault) return file_.no_default.insert(column), true;
    if (!absl::ConsumePrefix(&mark, kHint)) return false;
    file_.renamed_from[column] = HintedName(mark);
    return true;
  }

  ModelFile& file_;
  const std::vector<Token> tokens_;
  size_t name_ = 0;                             // of the table
  std::map<std::string, size_t> says_default_;  // columns with words about a default, and where
  absl::string_view misplaced_;                 // a nolint within the statement
};

// Offset of the line with that number, from 1.
size_t BeginOfLine(absl::string_view text, int line) {
  size_t at = 0;
  while (--line > 0) at = text.find('\n', at) + 1;
  return at;
}

// Puts a mark at the end of a column's line.
void AddMark(const std::string& column, absl::string_view mark, std::string* text) {
  const size_t begin = text->find(absl::StrCat("\n  ", QuoteName(column), " "));
  if (begin != std::string::npos) text->insert(text->find('\n', begin + 1), absl::StrCat(" -- ", mark));
}

// Whether it is one statement without the DELIMITER lines before it, too.
bool EndsAtSemicolon(const std::string& sql) {
  const absl::StatusOr<std::vector<SplitStatement>> statements = SplitStatements(sql, 1);
  return statements.ok() && statements->size() == 1 && statements->front().sql == sql;
}

}  // namespace

absl::StatusOr<ModelFile> ParseModelFile(absl::string_view file_name, absl::string_view text) {
  if (absl::Status bytes = CheckSqlText(text); !bytes.ok()) return InvalidModel(file_name, bytes.message());
  absl::StatusOr<std::vector<SplitStatement>> statements = SplitStatements(text, 1);
  if (!statements.ok()) return InvalidModel(file_name, statements.status().message());
  if (statements->empty()) return InvalidModel(file_name, "1: holds no statement; want one CREATE TABLE");
  ModelFile file;
  // Each is read: what does not belong is named by its own line, rather than "the second statement".
  for (size_t i = 0; i < statements->size(); ++i) {
    ModelFile one;
    one.file_name = std::string(file_name);
    one.sql = (*statements)[i].sql;
    one.line = (*statements)[i].line;
    if (!EndsAtSemicolon(one.sql)) {
      return InvalidModel(file_name,
                          absl::StrCat(one.line, ": a model wants no DELIMITER: end its CREATE TABLE with ;"));
    }
    BONNIE_RETURN_IF_ERROR(StatementReader(one).Run());
    if (i > 0) {
      return InvalidModel(file_name, absl::StrCat(one.line, ": a second CREATE TABLE, of `", one.table, "` after `",
                                                  file.table, "`; give it a file of its own"));
    }
    for (absl::string_view comment : (*statements)[i].comments) {
      absl::StatusOr<absl::optional<std::string>> nolint = NolintCode(comment);
      if (!nolint.ok())
        return InvalidModel(file_name, absl::StrCat(LineWith(text, comment), ": ", nolint.status().message()));
      if (nolint->has_value()) one.nolint.insert(**nolint);
      if (absl::ConsumePrefix(&comment, kHint)) one.renamed_from[""] = HintedName(comment);
    }
    file = std::move(one);
  }
  const size_t begin = text.find(file.sql, BeginOfLine(text, file.line));
  file.preamble = std::string(text.substr(0, begin));
  const absl::string_view rest = absl::StripAsciiWhitespace(text.substr(begin + file.sql.size()));
  file.has_inner_comments = file.has_inner_comments || (!rest.empty() && rest != ";");
  return file;
}

absl::StatusOr<std::vector<ModelFile>> ParseModel(const std::vector<std::pair<std::string, std::string>>& files) {
  std::vector<ModelFile> model;
  std::map<std::string, std::string> file_of;  // by table
  for (const auto& [name, text] : files) {
    BONNIE_ASSIGN_OR_RETURN(ModelFile file, ParseModelFile(name, text));
    const auto [other, added] = file_of.emplace(file.table, name);
    if (!added) {
      return InvalidModel(name,
                          absl::StrCat(file.line, ": table `", file.table, "` is already in model/", other->second));
    }
    model.push_back(std::move(file));
  }
  return model;
}

std::string FormatModelFile(const Table& table, const ModelFile* before) {
  Table formatted = table;
  auto& options = formatted.options;
  options.erase(std::remove_if(options.begin(), options.end(),
                               [](const TableOption& option) { return option.name == "AUTO_INCREMENT"; }),
                options.end());
  for (Column& column : formatted.columns) column.definition = WriteColumn(column);
  std::string text = absl::StrCat(WriteCreateTable(formatted, /*with_foreign_keys=*/true), ";\n");
  std::set<std::string> no_default = ColumnsWithoutDefault(table);
  const auto may_lack_it = [&](const std::string& name) {
    const Column* column = table.FindColumn(name);
    return column != nullptr && column->default_value == "NULL";
  };
  if (before != nullptr) absl::c_copy_if(before->no_default, std::inserter(no_default, no_default.end()), may_lack_it);
  for (const std::string& column : no_default) AddMark(column, kNoDefault, &text);
  if (before == nullptr) return text;
  for (const auto& [column, old_name] : before->renamed_from) {
    if (!column.empty())
      AddMark(column, absl::StrCat(kHint, " ", old_name), &text);  // the empty one's is in the preamble
  }
  return absl::StrCat(before->preamble, text);
}

std::string ModelFileName(absl::string_view table) {
  std::string name;
  for (const char c : table) {
    const bool is_option = c == '-' && name.empty();  // `-rf.sql` is one to most programs
    if (absl::ascii_isalnum(c) || c == '_' || c == '$' || (c == '-' && !is_option)) {
      name += c;
    } else {
      absl::StrAppendFormat(&name, "%%%02X", static_cast<unsigned char>(c));
    }
  }
  return name + ".sql";
}

}  // namespace bonnie::schema
