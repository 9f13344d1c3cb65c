#include "services/schema/sql_gate/body_grammar.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/data_access/status_macros.h"
#include "services/schema/sql_gate/sql_limits.h"

namespace bonnie::schema {

namespace {

// Statements that neither define anything nor act on the server.
constexpr absl::string_view kPlainStatements[] = {"call",   "close",   "do",     "fetch",  "get",
                                                  "insert", "iterate", "leave",  "open",   "resignal",
                                                  "return", "select",  "signal", "update", "with"};
// What SET may not begin with: it would change the session or the server instead of a variable of the body.
constexpr absl::string_view kServerSettings[] = {"character", "charset",  "default",   "global",       "local",
                                                 "names",     "password", "persist",   "persist_only", "resource",
                                                 "role",      "session",  "statement", "transaction"};
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
  explicit BodyReader(ClauseReader& reader) : reader_(reader) {}

  absl::StatusOr<std::vector<std::string>> Read() {
    while (!reader_.AtEnd()) BONNIE_RETURN_IF_ERROR(ReadStatement());
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
    if (++depth_ > kMaxSqlNesting) {
      return absl::InvalidArgumentError(
          absl::StrCat("blocks are nested deeper than the ", kMaxSqlNesting, " levels that are allowed"));
    }
    return opens.empty() ? absl::OkStatus() : SkipTo(opens);
  }

  // Out of a block; the words after END, or the condition after UNTIL, go up to the semicolon.
  absl::Status Leave() {
    if (depth_ > 0) --depth_;
    return SkipStatement();
  }

  // DECLARE … HANDLER FOR condition, … statement, or a variable, condition or cursor.
  absl::Status ReadDeclare() {
    reader_.Skip();
    if (!reader_.TakeWords({"handler", "for"})) return SkipStatement();
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

  absl::Status ReadSet() {
    if (reader_.Peek().kind == Token::Kind::kWord && absl::c_linear_search(kServerSettings, reader_.Peek().text)) {
      return absl::InvalidArgumentError(
          absl::StrCat("a body may not hold SET ", absl::AsciiStrToUpper(reader_.Peek().text)));
    }
    return SkipStatement();
  }

  absl::Status SkipStatement() {
    for (; !reader_.AtEnd() && !reader_.AtSign(";"); reader_.Skip()) {
      if (reader_.AtWord("ignore")) return RefuseIgnore();
    }
    return absl::OkStatus();
  }

  // Just after `word`, which is not within a CASE expression.
  absl::Status SkipTo(absl::string_view word) {
    for (int cases = 0; !reader_.AtEnd() && !reader_.AtSign(";"); reader_.Skip()) {
      if (cases == 0 && reader_.TakeWord(word)) return absl::OkStatus();
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
  std::vector<std::string> losses_;
  size_t depth_ = 0;
};

}  // namespace

absl::StatusOr<std::vector<std::string>> CheckTriggerBody(ClauseReader& reader) {
  while (!reader.AtEnd() && !reader.TakeWords({"for", "each", "row"})) reader.Skip();
  if (reader.TakeAnyWord({"follows", "precedes"})) BONNIE_RETURN_IF_ERROR(reader.TakeName().status());
  return BodyReader(reader).Read();
}

absl::StatusOr<std::vector<std::string>> CheckEventBody(ClauseReader& reader) {
  while (!reader.AtEnd() && !reader.TakeWord("do")) reader.Skip();
  return BodyReader(reader).Read();
}

absl::StatusOr<std::vector<std::string>> CheckRoutineBody(ClauseReader& reader) {
  BONNIE_RETURN_IF_ERROR(reader.TakeGroup().status());
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
  return BodyReader(reader).Read();
}

}  // namespace bonnie::schema
