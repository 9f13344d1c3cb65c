#include "services/schema/sql_gate/body_grammar.h"

#include <set>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/data_access/status_macros.h"
#include "services/schema/sql_gate/sql_limits.h"

namespace bonnie::schema {

namespace {

// Statements that neither define anything nor act on the server.
constexpr absl::string_view kPlainStatements[] = {"call",  "close", "do",       "fetch",  "get",    "insert", "iterate",
                                                  "leave", "open",  "resignal", "return", "select", "signal", "update"};
// Reserved words that begin statements which define something or act on the server. Unquoted they can be nothing else,
// so a body that holds one holds such a statement, wherever a reader believes to be.
constexpr absl::string_view kForeignStatements[] = {"alter", "create", "drop",   "grant",  "kill",  "load",
                                                    "lock",  "purge",  "rename", "revoke", "unlock"};
// The same, not reserved: a column may be called so, and before another word it must be quoted.
constexpr absl::string_view kForeignVerbs[] = {"execute", "flush",    "install",  "prepare",
                                               "reset",   "shutdown", "truncate", "uninstall"};
// Words with which SET begins to be about the session, the account or the server.
constexpr absl::string_view kFormsOfSet[] = {"character", "charset",  "default",   "global",       "local",
                                             "names",     "password", "persist",   "persist_only", "resource",
                                             "role",      "session",  "statement", "transaction"};
// The words of an event's schedule and attributes; expressions of it are made of literals and these.
constexpr absl::string_view kScheduleWords[] = {"at",          "comment",
                                                "completion",  "current_timestamp",
                                                "day",         "day_hour",
                                                "day_minute",  "day_second",
                                                "disable",     "enable",
                                                "ends",        "every",
                                                "hour",        "hour_minute",
                                                "hour_second", "interval",
                                                "minute",      "minute_second",
                                                "month",       "not",
                                                "now",         "on",
                                                "preserve",    "quarter",
                                                "rename",      "schedule",
                                                "second",      "starts",
                                                "to",          "week",
                                                "year",        "year_month"};
// Words between a routine's parameters and its body: types and characteristics.
constexpr absl::string_view kRoutineHead[] = {"ascii",
                                              "bigint",
                                              "binary",
                                              "bit",
                                              "blob",
                                              "bool",
                                              "boolean",
                                              "byte",
                                              "char",
                                              "contains",
                                              "data",
                                              "date",
                                              "datetime",
                                              "dec",
                                              "decimal",
                                              "definer",
                                              "deterministic",
                                              "double",
                                              "enum",
                                              "fixed",
                                              "float",
                                              "geometry",
                                              "geometrycollection",
                                              "inet4",
                                              "inet6",
                                              "int",
                                              "integer",
                                              "invoker",
                                              "json",
                                              "linestring",
                                              "long",
                                              "longblob",
                                              "longtext",
                                              "mediumblob",
                                              "mediumint",
                                              "mediumtext",
                                              "modifies",
                                              "multilinestring",
                                              "multipoint",
                                              "multipolygon",
                                              "national",
                                              "nchar",
                                              "no",
                                              "not",
                                              "numeric",
                                              "nvarchar",
                                              "point",
                                              "polygon",
                                              "precision",
                                              "reads",
                                              "real",
                                              "returns",
                                              "security",
                                              "serial",
                                              "signed",
                                              "smallint",
                                              "sql",
                                              "text",
                                              "time",
                                              "timestamp",
                                              "tinyblob",
                                              "tinyint",
                                              "tinytext",
                                              "unicode",
                                              "unsigned",
                                              "uuid",
                                              "varbinary",
                                              "varchar",
                                              "varying",
                                              "vector",
                                              "year",
                                              "zerofill"};

// Reads the statements of a body, each from its first word.
class BodyReader {
 public:
  // `variables`: the names that SET may assign to at the beginning, such as a routine's parameters; in lower case.
  explicit BodyReader(ClauseReader& reader, std::set<std::string> variables = {})
      : reader_(reader), scopes_{std::move(variables)} {}

  absl::StatusOr<std::vector<std::string>> Read() {
    while (!reader_.AtEnd()) {
      const bool ends = reader_.AtSign(";") && scopes_.size() == 1;
      BONNIE_RETURN_IF_ERROR(ReadStatement());
      if (ends && !reader_.AtEnd()) {
        return absl::InvalidArgumentError("a body is one statement; put several between BEGIN and END");
      }
    }
    return std::move(losses_);
  }

 private:
  absl::Status ReadStatement() {
    if (reader_.TakeSign(";")) return absl::OkStatus();
    if (!reader_.Peek().name.empty() && reader_.Peek(1).kind == Token::Kind::kSign && reader_.Peek(1).text == ":") {
      reader_.Skip();  // a label
      reader_.Skip();
      return absl::OkStatus();
    }
    if (reader_.Peek().kind != Token::Kind::kWord) return Refuse();
    if (reader_.TakeAnyWord({"begin", "loop", "repeat"})) return Enter();
    if (reader_.TakeWord("while")) return Enter("do");
    if (reader_.TakeAnyWord({"if", "case"})) return Enter("then");
    if (reader_.TakeWord("else")) return absl::OkStatus();
    if (reader_.TakeAnyWord({"elseif", "when"})) return SkipTo("then");
    if (reader_.TakeAnyWord({"end", "until"})) return Leave();
    if (reader_.TakeWord("declare")) return ReadDeclare();
    if (reader_.TakeWord("delete")) return ReadLoss("deletes rows of ", "from");
    if (reader_.TakeWord("replace")) return ReadLoss("replaces rows of ", "into");
    if (reader_.TakeWord("set")) return ReadSet();
    if (!absl::c_linear_search(kPlainStatements, reader_.Peek().text)) return Refuse();
    return SkipStatement();
  }

  absl::Status Refuse() const {
    return absl::InvalidArgumentError(absl::StrCat("a body may not hold the statement '",
                                                   absl::AsciiStrToUpper(reader_.Peek().text.substr(0, 32)),
                                                   "'; it may read and change rows"));
  }

  // Into a block. With `opens`: its condition ends with that word.
  absl::Status Enter(absl::string_view opens = "") {
    if (scopes_.size() > kMaxSqlNesting) {
      return absl::InvalidArgumentError(
          absl::StrCat("blocks are nested deeper than the ", kMaxSqlNesting, " levels that are allowed"));
    }
    scopes_.emplace_back();
    return opens.empty() ? absl::OkStatus() : SkipTo(opens);
  }

  // Out of a block; the words after END, or the condition after UNTIL, go up to the semicolon.
  absl::Status Leave() {
    if (scopes_.size() > 1) scopes_.pop_back();
    return SkipStatement();
  }

  // DECLARE … HANDLER FOR condition, … statement, or a condition or cursor, or variables: name, name type.
  absl::Status ReadDeclare() {
    const bool is_handler = reader_.Peek(1).text == "handler";
    if (!is_handler) {
      std::set<std::string> names;
      do {
        BONNIE_ASSIGN_OR_RETURN(const std::string name, reader_.TakeName());
        names.insert(absl::AsciiStrToLower(name));
      } while (reader_.TakeSign(","));
      const bool is_variable = !reader_.AtAnyWord({"condition", "cursor"});
      if (is_variable) scopes_.back().merge(names);
      return SkipStatement();
    }
    reader_.Skip();
    if (!reader_.TakeWords({"handler", "for"})) return reader_.Expected("HANDLER FOR");
    do {
      if (reader_.TakeWord("sqlstate")) {
        reader_.TakeWord("value");
      } else {
        reader_.TakeWord("not");
      }
      reader_.Skip();
    } while (reader_.TakeSign(","));
    return absl::OkStatus();  // the handler's statement comes next
  }

  absl::Status ReadLoss(absl::string_view what, absl::string_view before_table) {
    while (reader_.AtAnyWord({"low_priority", "quick", "delayed", before_table})) reader_.Skip();
    losses_.push_back(absl::StrCat(what, reader_.Peek().name.substr(0, 64)));
    return SkipStatement();
  }

  // SET target = value, …: a target is a column of the new row, a user variable, or a variable of the body. Any other
  // name is a variable of the server, which the session keeps after the body has ended.
  absl::Status ReadSet() {
    do {
      BONNIE_RETURN_IF_ERROR(TakeTarget());
      reader_.TakeSign(":");
      if (!reader_.TakeSign("=")) return reader_.Expected("'=' after the variable of SET");
      BONNIE_RETURN_IF_ERROR(SkipValue());
    } while (reader_.TakeSign(","));
    return absl::OkStatus();
  }

  absl::Status TakeTarget() {
    const bool is_row = reader_.AtWord("new") && reader_.Peek(1).text == ".";
    if (is_row) {
      reader_.Skip();
      reader_.Skip();
    } else if (!reader_.TakeSign("@") && !AtVariable()) {
      return absl::InvalidArgumentError(absl::StrCat("a body may not hold SET ",
                                                     absl::AsciiStrToUpper(reader_.Peek().text.substr(0, 32)),
                                                     "; it may set NEW.column, @name and variables that it declares"));
    }
    reader_.Skip();
    return absl::OkStatus();
  }

  // Whether a variable of this block or of one around it comes next. An unquoted word that begins a form of SET counts
  // as that form, whatever is declared: the servers read `SET password = 'x'` so.
  bool AtVariable() const {
    const Token& token = reader_.Peek();
    if (token.kind == Token::Kind::kWord && absl::c_linear_search(kFormsOfSet, token.text)) return false;
    const std::string name = absl::AsciiStrToLower(token.name);
    return absl::c_any_of(scopes_, [&](const std::set<std::string>& scope) { return scope.count(name) > 0; });
  }

  // Up to the next comma or semicolon outside parentheses.
  absl::Status SkipValue() {
    while (!reader_.AtEnd() && !reader_.AtSign(";") && !reader_.AtSign(",")) {
      if (IsForeign()) return Refuse();
      if (reader_.AtSign("(")) {
        BONNIE_ASSIGN_OR_RETURN(const absl::string_view group, reader_.TakeGroup());
        BONNIE_RETURN_IF_ERROR(CheckGroup(group));
      } else {
        reader_.Skip();
      }
    }
    return absl::OkStatus();
  }

  static absl::Status CheckGroup(absl::string_view group) {
    ClauseReader inner(group);
    BodyReader body(inner);
    return body.SkipStatement();
  }

  bool IsForeign() const {
    const auto at = [this](absl::string_view word) { return reader_.AtWord(word); };
    return absl::c_any_of(kForeignStatements, at) ||
           (reader_.Peek(1).kind == Token::Kind::kWord && absl::c_any_of(kForeignVerbs, at));
  }

  absl::Status SkipStatement() {
    for (; !reader_.AtEnd() && !reader_.AtSign(";"); reader_.Skip()) {
      if (reader_.AtWord("ignore")) return RefuseIgnore();
      if (IsForeign()) return Refuse();
    }
    return absl::OkStatus();
  }

  // Just after `word`, which is not within a CASE expression.
  absl::Status SkipTo(absl::string_view word) {
    for (int cases = 0; !reader_.AtEnd() && !reader_.AtSign(";"); reader_.Skip()) {
      if (cases == 0 && reader_.TakeWord(word)) return absl::OkStatus();
      if (IsForeign()) return Refuse();
      if (reader_.AtWord("case")) ++cases;
      if (reader_.AtWord("end") && cases > 0) --cases;
    }
    return absl::InvalidArgumentError(
        absl::StrCat("a body holds no ", absl::AsciiStrToUpper(word), " where one is expected"));
  }

  static absl::Status RefuseIgnore() {
    return absl::InvalidArgumentError("IGNORE makes a statement lose rows and cut values in silence; leave it out");
  }

  ClauseReader& reader_;
  std::vector<std::set<std::string>> scopes_;  // variables by block, the outermost first
  std::vector<std::string> losses_;
};

// The names in "IN a INT, OUT b INT", in lower case.
std::set<std::string> ParameterNames(absl::string_view parameters) {
  std::set<std::string> names;
  ClauseReader reader(parameters);
  while (!reader.AtEnd()) {
    reader.TakeAnyWord({"in", "out", "inout"});
    names.insert(absl::AsciiStrToLower(reader.Peek().name));
    while (!reader.AtEnd() && !reader.AtSign(",")) {
      if (!reader.AtSign("(") || !reader.TakeGroup().ok()) reader.Skip();
    }
    reader.TakeSign(",");
  }
  return names;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> CheckTriggerBody(ClauseReader& reader) {
  while (!reader.AtEnd() && !reader.TakeWords({"for", "each", "row"})) reader.Skip();
  if (reader.TakeAnyWord({"follows", "precedes"})) BONNIE_RETURN_IF_ERROR(reader.TakeName().status());
  return BodyReader(reader).Read();
}

absl::StatusOr<std::vector<std::string>> CheckEventBody(ClauseReader& reader) {
  while (!reader.AtEnd() && !reader.TakeWord("do")) {
    const Token& token = reader.Peek();
    const bool names_event = token.kind == Token::Kind::kQuotedName;  // after RENAME TO
    const bool known = token.kind != Token::Kind::kWord || absl::c_linear_search(kScheduleWords, token.text);
    const bool sign = token.kind == Token::Kind::kSign && !absl::StrContains("()+-.:", token.text);
    if (names_event || !known || sign) {
      return absl::InvalidArgumentError(absl::StrCat(
          "'", token.text.substr(0, 32), "' is not allowed in an event's schedule, which is made of literals"));
    }
    reader.Skip();
  }
  return BodyReader(reader).Read();
}

absl::StatusOr<std::vector<std::string>> CheckRoutineBody(ClauseReader& reader) {
  BONNIE_ASSIGN_OR_RETURN(const absl::string_view parameters, reader.TakeGroup());
  while (!reader.AtEnd()) {
    if (reader.TakeWords({"character", "set"}) || reader.TakeAnyWord({"charset", "collate"})) {
      reader.Skip();
    } else if (reader.TakeWords({"returns", "set"}) || reader.TakeWord("comment")) {
      if (!reader.AtSign("(")) reader.Skip();
    } else if (reader.TakeWord("language")) {
      if (!reader.TakeWord("sql")) return absl::InvalidArgumentError("a routine's LANGUAGE must be SQL");
    } else if (reader.AtSign("(")) {
      BONNIE_RETURN_IF_ERROR(reader.TakeGroup().status());
    } else if (reader.Peek().kind == Token::Kind::kWord && absl::c_linear_search(kRoutineHead, reader.Peek().text)) {
      reader.Skip();
    } else {
      break;
    }
  }
  return BodyReader(reader, ParameterNames(parameters)).Read();
}

}  // namespace bonnie::schema
