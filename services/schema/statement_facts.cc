#include "services/schema/statement_facts.h"

#include <initializer_list>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/optional.h"
#include "services/data_access/status_macros.h"
#include "services/schema/sql_splitter.h"

namespace bonnie::schema {

namespace {

using Kind = SchemaObject::Kind;

constexpr absl::string_view kFunctionsWithFrom[] = {"extract", "trim", "substring", "substr", "mid"};

absl::optional<Kind> KindOf(absl::string_view word) {
  if (word == "table") return Kind::kTable;
  if (word == "view") return Kind::kView;
  if (word == "trigger") return Kind::kTrigger;
  if (word == "event") return Kind::kEvent;
  if (word == "procedure") return Kind::kProcedure;
  if (word == "function") return Kind::kFunction;
  return absl::nullopt;
}

std::string OtherSchema(absl::string_view schema) {
  return absl::StrCat("'", schema, ".': a name must not say which schema it is in");
}

// The schema that a table's name in a statement that changes rows says it is in; empty when none does. Only where
// tables are named a dot means that: elsewhere it stands between a table and a column.
std::string SchemaNamedIn(const std::vector<Token>& tokens) {
  struct Level {               // of parentheses
    bool of_function = false;  // such as TRIM(x FROM y), where FROM names no table
    bool in_tables = false;    // whether a comma leads to another table
    bool table_next = false;
  };
  std::vector<Level> levels = {{.in_tables = true, .table_next = true}};
  for (size_t i = 1; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    Level& level = levels.back();
    const bool is_word = token.kind == Token::Kind::kWord;
    const auto is_one_of = [&](std::initializer_list<absl::string_view> words) {
      return is_word && absl::c_linear_search(words, token.text);
    };
    if (token.text == "(" && token.kind == Token::Kind::kSign) {
      const absl::string_view before = tokens[i - 1].text;
      levels.push_back({.of_function = absl::c_linear_search(kFunctionsWithFrom, before),
                        .in_tables = level.table_next,
                        .table_next = level.table_next});
      levels[levels.size() - 2].table_next = false;
    } else if (token.text == ")" && token.kind == Token::Kind::kSign) {
      if (levels.size() > 1) levels.pop_back();
    } else if (token.text == "," && token.kind == Token::Kind::kSign) {
      level.table_next = level.in_tables;
    } else if (is_one_of({"from", "into", "join", "straight_join", "table", "using"}) && !level.of_function) {
      level.in_tables = level.table_next = true;
    } else if (is_one_of(
                   {"select", "set", "value", "values", "where", "group", "order", "limit", "having", "window"})) {
      level.in_tables = level.table_next = false;
    } else if (level.table_next && !token.name.empty() &&
               !is_one_of({"low_priority", "high_priority", "delayed", "quick", "ignore", "lateral"})) {
      level.table_next = false;
      const bool qualified = i + 2 < tokens.size() && tokens[i + 1].text == "." && tokens[i + 2].text != "*";
      if (qualified) return token.name;
    }
  }
  return "";
}

// Reads a statement's tokens from left to right.
class Reader {
 public:
  explicit Reader(absl::string_view sql) : tokens_(Tokenize(sql)) {}

  absl::StatusOr<StatementFacts> Read() {
    if (TakeAnyWord({"insert", "update", "replace", "delete"})) return ReadRowChange();
    StatementFacts facts{.is_ddl = true};
    absl::Status read;
    if (TakeWord("create")) {
      read = ReadCreate(facts);
    } else if (TakeWord("alter")) {
      read = ReadAlter(facts);
    } else if (TakeWord("drop")) {
      read = ReadDrop(facts);
    } else if (TakeWord("rename")) {
      read = ReadRename(facts);
    } else if (TakeWord("truncate")) {
      return Refuse("TRUNCATE leaves nothing to see afterwards, so a crash could make it run twice; write DELETE FROM");
    } else {
      return Refuse(absl::StrCat(
          "'", absl::AsciiStrToUpper(Peek().text),
          "' cannot be in a revision; want CREATE, ALTER, DROP, RENAME, INSERT, UPDATE, REPLACE or DELETE"));
    }
    BONNIE_RETURN_IF_ERROR(read);
    return facts;
  }

 private:
  static absl::Status Refuse(absl::string_view why) { return absl::InvalidArgumentError(why); }

  const Token& Peek(size_t ahead = 0) const {
    static const Token* const kEnd = new Token();
    return at_ + ahead < tokens_.size() ? tokens_[at_ + ahead] : *kEnd;
  }
  bool AtWord(absl::string_view word) const { return Peek().kind == Token::Kind::kWord && Peek().text == word; }
  bool AtSign(absl::string_view sign) const { return Peek().kind == Token::Kind::kSign && Peek().text == sign; }
  bool AtEnd() const { return at_ >= tokens_.size(); }
  bool TakeWord(absl::string_view word) {
    if (!AtWord(word)) return false;
    ++at_;
    return true;
  }
  bool TakeAnyWord(std::initializer_list<absl::string_view> words) {
    return absl::c_any_of(words, [this](absl::string_view word) { return TakeWord(word); });
  }
  void SkipIfExists() {
    if (TakeWord("if")) {
      TakeWord("not");
      TakeWord("exists");
    }
  }

  absl::StatusOr<std::string> TakeName() {
    if (Peek().name.empty()) return Refuse("no name where one is wanted");
    std::string name = Peek().name;
    ++at_;
    if (AtSign(".")) return Refuse(OtherSchema(name));
    return name;
  }

  absl::Status TakeObject(Kind kind, StatementFacts& facts) {
    SkipIfExists();
    BONNIE_ASSIGN_OR_RETURN(std::string name, TakeName());
    facts.objects.push_back({kind, std::move(name)});
    return absl::OkStatus();
  }

  // The words between CREATE or ALTER and what it is about, such as DEFINER = … or UNIQUE.
  absl::StatusOr<std::string> SkipToSubject() {
    for (; !AtEnd(); ++at_) {
      if (AtWord("temporary")) return Refuse("a TEMPORARY table ends with its session");
      if (AtWord("index") || (Peek().kind == Token::Kind::kWord && KindOf(Peek().text).has_value())) {
        return tokens_[at_++].text;
      }
    }
    return Refuse("want TABLE, INDEX, VIEW, TRIGGER, EVENT, PROCEDURE or FUNCTION after CREATE, ALTER or DROP");
  }

  absl::Status TakeIndexedTable(StatementFacts& facts) {
    while (!AtEnd() && !AtWord("on")) ++at_;
    if (!TakeWord("on")) return Refuse("no ON <table>");
    return TakeObject(Kind::kTable, facts);
  }

  absl::Status ReadCreate(StatementFacts& facts) {
    const bool replaces = AtWord("or") && Peek(1).text == "replace";
    BONNIE_ASSIGN_OR_RETURN(std::string subject, SkipToSubject());
    if (subject == "index") return TakeIndexedTable(facts);
    if (replaces && subject == "table") {
      return Refuse("CREATE OR REPLACE TABLE may leave nothing to see afterwards; write DROP TABLE and CREATE TABLE");
    }
    return TakeObject(*KindOf(subject), facts);
  }

  absl::Status ReadDrop(StatementFacts& facts) {
    BONNIE_ASSIGN_OR_RETURN(std::string subject, SkipToSubject());
    if (subject == "index") return TakeIndexedTable(facts);
    BONNIE_RETURN_IF_ERROR(TakeObject(*KindOf(subject), facts));
    facts.objects[0].there_afterwards = false;
    if (AtSign(",")) return Refuse("one DROP may drop one thing: a crash in between could not be told from an end");
    if (subject == "table") facts.loss = absl::StrCat("drops table ", facts.objects[0].name);
    return absl::OkStatus();
  }

  absl::Status ReadRename(StatementFacts& facts) {
    if (!TakeAnyWord({"table", "tables"})) return Refuse("only RENAME TABLE can be in a revision");
    BONNIE_RETURN_IF_ERROR(TakeObject(Kind::kTable, facts));
    if (!TakeWord("to")) return Refuse("RENAME TABLE: no TO");
    facts.objects[0].there_afterwards = false;
    BONNIE_RETURN_IF_ERROR(TakeObject(Kind::kTable, facts));
    if (!AtSign(",")) return absl::OkStatus();
    return Refuse(
        "one RENAME TABLE may rename one table: with several, what a crash left could not be told (two tables of one "
        "form that swap names look the same afterwards); write a statement for each, and to swap a and b: RENAME TABLE "
        "a TO a_old; RENAME TABLE b TO a; RENAME TABLE a_old TO b");
  }

  absl::Status ReadAlter(StatementFacts& facts) {
    BONNIE_ASSIGN_OR_RETURN(std::string subject, SkipToSubject());
    if (subject == "index") return Refuse("ALTER INDEX is not a statement of these servers");
    BONNIE_RETURN_IF_ERROR(TakeObject(*KindOf(subject), facts));
    if (subject != "table") return absl::OkStatus();
    std::vector<std::string> losses;
    while (!AtEnd()) {
      BONNIE_RETURN_IF_ERROR(ReadClause(facts, losses));
      SkipClause();
    }
    if (!losses.empty())
      facts.loss = absl::StrCat("drops ", absl::StrJoin(losses, ", "), " of ", facts.objects[0].name);
    return absl::OkStatus();
  }

  // One clause of an ALTER TABLE: up to the next comma outside parentheses.
  absl::Status ReadClause(StatementFacts& facts, std::vector<std::string>& losses) {
    if (TakeWord("rename")) {
      if (AtWord("column") || AtWord("index") || AtWord("key")) return absl::OkStatus();
      if (!TakeWord("to")) TakeWord("as");
      BONNIE_RETURN_IF_ERROR(TakeObject(Kind::kTable, facts));
      facts.objects[0].there_afterwards = facts.objects.back().name == facts.objects[0].name;
      return absl::OkStatus();
    }
    if (AtWord("truncate") || AtWord("exchange") || AtWord("discard") || AtWord("import")) {
      return Refuse(absl::StrCat(absl::AsciiStrToUpper(Peek().text),
                                 " PARTITION and TABLESPACE leave nothing to see "
                                 "afterwards, so a crash could make them run twice"));
    }
    if (!TakeWord("drop")) return absl::OkStatus();
    if (AtWord("partition")) {
      losses.push_back("a partition");
    } else if (AtWord("system")) {
      losses.push_back("the history");
    } else if (!(AtWord("index") || AtWord("key") || AtWord("primary") || AtWord("foreign") || AtWord("constraint") ||
                 AtWord("check") || AtWord("period"))) {
      TakeWord("column");
      SkipIfExists();
      BONNIE_ASSIGN_OR_RETURN(std::string name, TakeName());
      losses.push_back(absl::StrCat("column ", name));
    }
    return absl::OkStatus();
  }

  void SkipClause() {
    for (int depth = 0; !AtEnd(); ++at_) {
      if (AtSign("(")) ++depth;
      if (AtSign(")")) --depth;
      if (AtSign(",") && depth == 0) {
        ++at_;
        return;
      }
    }
  }

  absl::StatusOr<StatementFacts> ReadRowChange() {
    if (const std::string schema = SchemaNamedIn(tokens_); !schema.empty()) return Refuse(OtherSchema(schema));
    if (tokens_[0].text != "delete") return StatementFacts{};
    while (!AtEnd() && !AtWord("from")) ++at_;
    TakeWord("from");
    BONNIE_ASSIGN_OR_RETURN(std::string table, TakeName());
    return StatementFacts{.loss = absl::StrCat("deletes rows of ", table)};
  }

  const std::vector<Token> tokens_;
  size_t at_ = 0;
};

}  // namespace

absl::StatusOr<StatementFacts> LookAt(absl::string_view sql) { return Reader(sql).Read(); }

bool OnlyTables(const StatementFacts& facts) {
  return absl::c_all_of(facts.objects,
                        [](const SchemaObject& object) { return object.kind == SchemaObject::Kind::kTable; });
}

}  // namespace bonnie::schema
