#include "services/schema/statement_facts.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/optional.h"
#include "services/data_access/status_macros.h"
#include "services/schema/clause_reader.h"
#include "services/schema/sql_gate/alter_grammar.h"
#include "services/schema/sql_gate/body_grammar.h"
#include "services/schema/sql_gate/sql_limits.h"
#include "services/schema/sql_gate/table_grammar.h"
#include "services/schema/sql_gate/token_rules.h"
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

// The schema in which a statement names a table of the ledger (deploy/mysql/ledger.sql), anywhere; empty for none. What
// changes the ledger in the schema account's name could approve a plan: a trigger's or an event's body too.
std::string LedgerNamedIn(const std::vector<Token>& tokens) {
  constexpr absl::string_view kTables[] = {"bonnie_revisions", "bonnie_plans",   "bonnie_journal",
                                           "bonnie_lease",     "bonnie_version", "bonnie_pushes"};
  for (size_t i = 0; i + 2 < tokens.size(); ++i) {
    if (tokens[i].name.empty() || tokens[i + 1].text != ".") continue;
    if (absl::c_linear_search(kTables, absl::AsciiStrToLower(tokens[i + 2].name))) return tokens[i].name;
  }
  return "";
}

// Reads a statement from its first word. Token rules and limits were checked.
class Reader {
 public:
  explicit Reader(absl::string_view sql) : reader_(sql), tokens_(Tokenize(sql)) {}

  absl::StatusOr<StatementFacts> Read() {
    if (const std::string ledger = LedgerNamedIn(tokens_); !ledger.empty()) return Refuse(OtherSchema(ledger));
    if (reader_.AtAnyWord({"insert", "update", "replace", "delete"})) return ReadRowChange();
    StatementFacts facts{.is_ddl = true};
    absl::Status read;
    if (reader_.TakeWord("create")) {
      read = ReadCreate(facts);
    } else if (reader_.TakeWord("alter")) {
      read = ReadAlter(facts);
    } else if (reader_.TakeWord("drop")) {
      read = ReadDrop(facts);
    } else if (reader_.TakeWord("rename")) {
      read = ReadRename(facts);
    } else if (reader_.AtWord("truncate")) {
      return Refuse("TRUNCATE leaves nothing to see afterwards, so a crash could make it run twice; write DELETE FROM");
    } else {
      return Refuse(absl::StrCat(
          "'", absl::AsciiStrToUpper(reader_.Peek().text.substr(0, 32)),
          "' cannot be in a revision; want CREATE, ALTER, DROP, RENAME, INSERT, UPDATE, REPLACE or DELETE"));
    }
    BONNIE_RETURN_IF_ERROR(read);
    return facts;
  }

  // A client or a connection that takes several statements at once would run what stands behind it.
  absl::Status CheckOneStatement(const StatementFacts& facts) const {
    const bool has_body = absl::c_any_of(facts.objects, [](const SchemaObject& object) {
      return object.kind != Kind::kTable && object.kind != Kind::kView;
    });
    const auto ends = [](const Token& token) { return token.kind == Token::Kind::kSign && token.text == ";"; };
    const bool goes_on = std::any_of(tokens_.begin(), tokens_.end() - 1, ends);
    return goes_on && !has_body ? Refuse("a ';' within a statement that has no body") : absl::OkStatus();
  }

 private:
  static absl::Status Refuse(absl::string_view why) { return absl::InvalidArgumentError(why); }

  // Up to the end: what may follow a statement's subject without touching rows.
  absl::Status Finish() {
    while (!reader_.AtEnd()) {
      if (!reader_.TakeAnyWord({"algorithm", "cascade", "copy", "default", "exclusive", "inplace", "instant", "lock",
                                "none", "nocopy", "nowait", "restrict", "shared", "wait"}) &&
          !reader_.TakeSign("=") && !reader_.TakeNumber().ok()) {
        return Refuse(absl::StrCat("'", reader_.Peek().text.substr(0, 32), "' is not expected at the end"));
      }
    }
    return absl::OkStatus();
  }

  void SkipIfExists() {
    if (reader_.TakeWord("if")) {
      reader_.TakeWord("not");
      reader_.TakeWord("exists");
    }
  }

  absl::StatusOr<std::string> TakeName() {
    if (reader_.Peek().name.empty()) return Refuse("no name where one is wanted");
    BONNIE_ASSIGN_OR_RETURN(std::string name, reader_.TakeName());
    if (reader_.AtSign(".")) return Refuse(OtherSchema(name));
    return name;
  }

  absl::Status TakeObject(Kind kind, StatementFacts& facts) {
    SkipIfExists();
    BONNIE_ASSIGN_OR_RETURN(std::string name, TakeName());
    facts.objects.push_back({kind, std::move(name)});
    return absl::OkStatus();
  }

  // user, 'user'@'host', CURRENT_USER or CURRENT_USER(), after DEFINER =.
  absl::Status TakeAccount() {
    reader_.Skip();
    if (reader_.TakeSign("(")) return reader_.TakeSign(")") ? absl::OkStatus() : reader_.Expected("')'");
    if (reader_.TakeSign("@")) reader_.Skip();
    return absl::OkStatus();
  }

  // The words between CREATE, ALTER or DROP and what it is about, and that. Others than these are refused.
  absl::StatusOr<std::string> TakeSubject() {
    while (!reader_.AtEnd()) {
      if (reader_.AtWord("temporary")) return Refuse("a TEMPORARY table ends with its session");
      if (reader_.AtWord("ignore")) {
        return Refuse("ALTER IGNORE loses rows and cuts values in silence; leave IGNORE out");
      }
      const std::string word = reader_.Peek().text;
      if (reader_.AtWord("index") || (reader_.AtWord(word) && KindOf(word).has_value())) {
        reader_.Skip();
        return word;
      }
      if (reader_.TakeWord("definer")) {
        if (!reader_.TakeSign("=")) return reader_.Expected("'=' after DEFINER");
        BONNIE_RETURN_IF_ERROR(TakeAccount());
      } else if (reader_.TakeWord("algorithm")) {
        if (!reader_.TakeSign("=")) return reader_.Expected("'=' after ALGORITHM");
        reader_.Skip();
      } else if (!reader_.TakeWords({"or", "replace"}) && !reader_.TakeWords({"sql", "security", "definer"}) &&
                 !reader_.TakeWords({"sql", "security", "invoker"}) &&
                 !reader_.TakeAnyWord({"unique", "fulltext", "spatial", "vector", "online"})) {
        break;
      }
    }
    return Refuse("want TABLE, INDEX, VIEW, TRIGGER, EVENT, PROCEDURE or FUNCTION after CREATE, ALTER or DROP");
  }

  // [IF NOT EXISTS] name [USING …] ON table, of CREATE INDEX and DROP INDEX.
  absl::Status TakeIndexedTable(StatementFacts& facts) {
    SkipIfExists();
    BONNIE_RETURN_IF_ERROR(TakeName().status());
    if (reader_.TakeAnyWord({"using", "type"})) reader_.Skip();
    if (!reader_.TakeWord("on")) return Refuse("no ON <table>");
    return TakeObject(Kind::kTable, facts);
  }

  absl::Status ReadCreate(StatementFacts& facts) {
    const bool replaces = reader_.AtWord("or");
    BONNIE_ASSIGN_OR_RETURN(const std::string subject, TakeSubject());
    if (subject == "index") {
      BONNIE_RETURN_IF_ERROR(TakeIndexedTable(facts));
      BONNIE_RETURN_IF_ERROR(reader_.TakeGroup().status());
      return CheckIndexOptions(reader_);
    }
    if (replaces && subject == "table") {
      return Refuse("CREATE OR REPLACE TABLE may leave nothing to see afterwards; write DROP TABLE and CREATE TABLE");
    }
    BONNIE_RETURN_IF_ERROR(TakeObject(*KindOf(subject), facts));
    if (subject == "table") return CheckTableBody(reader_).status();
    return ReadBody(subject, facts);
  }

  // What a trigger, event, routine or view does when it runs.
  absl::Status ReadBody(absl::string_view subject, StatementFacts& facts) {
    absl::StatusOr<std::vector<std::string>> losses = std::vector<std::string>();
    if (subject == "trigger") losses = CheckTriggerBody(reader_);
    if (subject == "event") losses = CheckEventBody(reader_);
    if (subject == "procedure" || subject == "function") losses = CheckRoutineBody(reader_);
    BONNIE_RETURN_IF_ERROR(losses.status());
    if (!losses->empty()) {
      facts.loss =
          absl::StrCat("makes ", subject, " ", facts.objects[0].name, ", which ", absl::StrJoin(*losses, ", "));
    }
    return absl::OkStatus();
  }

  absl::Status ReadDrop(StatementFacts& facts) {
    BONNIE_ASSIGN_OR_RETURN(const std::string subject, TakeSubject());
    if (subject == "index") {
      BONNIE_RETURN_IF_ERROR(TakeIndexedTable(facts));
      return Finish();
    }
    BONNIE_RETURN_IF_ERROR(TakeObject(*KindOf(subject), facts));
    facts.objects[0].there_afterwards = false;
    if (reader_.AtSign(",")) {
      return Refuse("one DROP may drop one thing: a crash in between could not be told from an end");
    }
    if (subject == "table") facts.loss = absl::StrCat("drops table ", facts.objects[0].name);
    return Finish();
  }

  absl::Status ReadRename(StatementFacts& facts) {
    if (!reader_.TakeAnyWord({"table", "tables"})) return Refuse("only RENAME TABLE can be in a revision");
    BONNIE_RETURN_IF_ERROR(TakeObject(Kind::kTable, facts));
    if (reader_.TakeWord("wait")) BONNIE_RETURN_IF_ERROR(reader_.TakeNumber().status());
    reader_.TakeWord("nowait");
    if (!reader_.TakeWord("to")) return Refuse("RENAME TABLE: no TO");
    facts.objects[0].there_afterwards = false;
    BONNIE_RETURN_IF_ERROR(TakeObject(Kind::kTable, facts));
    if (reader_.AtEnd()) return absl::OkStatus();
    return Refuse(
        "one RENAME TABLE may rename one table: with several, what a crash left could not be told (two tables of one "
        "form that swap names look the same afterwards); write a statement for each, and to swap a and b: RENAME TABLE "
        "a TO a_old; RENAME TABLE b TO a; RENAME TABLE a_old TO b");
  }

  absl::Status ReadAlter(StatementFacts& facts) {
    BONNIE_ASSIGN_OR_RETURN(const std::string subject, TakeSubject());
    if (subject == "index") return Refuse("ALTER INDEX is not a statement of these servers");
    BONNIE_RETURN_IF_ERROR(TakeObject(*KindOf(subject), facts));
    if (subject == "event") return ReadBody(subject, facts);
    if (subject != "table") return absl::OkStatus();
    BONNIE_ASSIGN_OR_RETURN(const AlterEffects effects, CheckAlterClauses(reader_));
    const std::string table = facts.objects[0].name;
    if (!effects.renamed_to.empty()) {
      facts.objects[0].there_afterwards = effects.renamed_to == table;
      facts.objects.push_back({Kind::kTable, effects.renamed_to});
    }
    if (!effects.losses.empty()) {
      facts.loss = absl::StrCat("drops ", absl::StrJoin(effects.losses, ", "), " of ", table);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<StatementFacts> ReadRowChange() {
    if (const std::string schema = SchemaNamedIn(tokens_); !schema.empty()) return Refuse(OtherSchema(schema));
    const std::string verb = reader_.Peek().text;
    reader_.Skip();
    bool ignores = false;  // among the words before the table
    while (reader_.AtAnyWord({"low_priority", "high_priority", "delayed", "quick", "ignore"})) {
      ignores |= reader_.AtWord("ignore");
      reader_.Skip();
    }
    if (ignores) return Refuse("IGNORE makes a statement lose rows and cut values in silence; leave it out");
    if (verb == "replace") {
      reader_.TakeWord("into");
      BONNIE_ASSIGN_OR_RETURN(const std::string table, TakeName());
      return StatementFacts{.loss = absl::StrCat("replaces rows of ", table)};
    }
    if (verb != "delete") return StatementFacts{};
    while (!reader_.AtEnd() && !reader_.AtWord("from")) reader_.Skip();
    reader_.TakeWord("from");
    BONNIE_ASSIGN_OR_RETURN(const std::string table, TakeName());
    return StatementFacts{.loss = absl::StrCat("deletes rows of ", table)};
  }

  ClauseReader reader_;
  const std::vector<Token> tokens_;
};

}  // namespace

absl::StatusOr<StatementFacts> LookAt(absl::string_view sql) {
  const std::vector<Token> tokens = Tokenize(sql);
  BONNIE_RETURN_IF_ERROR(CheckTokens(tokens));
  BONNIE_RETURN_IF_ERROR(CheckSqlLimits(tokens));
  Reader reader(sql);
  BONNIE_ASSIGN_OR_RETURN(StatementFacts facts, reader.Read());
  BONNIE_RETURN_IF_ERROR(reader.CheckOneStatement(facts));
  if (facts.is_ddl && sql.size() > kMaxDdlBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("the statement has ", sql.size(), " bytes; at most ", kMaxDdlBytes, " are allowed"));
  }
  return facts;
}

bool OnlyTables(const StatementFacts& facts) {
  return absl::c_all_of(facts.objects,
                        [](const SchemaObject& object) { return object.kind == SchemaObject::Kind::kTable; });
}

}  // namespace bonnie::schema
