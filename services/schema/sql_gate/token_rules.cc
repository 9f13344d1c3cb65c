#include "services/schema/sql_gate/token_rules.h"

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace bonnie::schema {

namespace {

// Functions of both servers that hold locks, wait for other servers, or reach files and programs of the host. SLEEP and
// BENCHMARK end at the caller's deadline.
constexpr absl::string_view kServerFunctions[] = {"get_lock",
                                                  "is_free_lock",
                                                  "is_used_lock",
                                                  "kill",
                                                  "load_file",
                                                  "master_gtid_wait",
                                                  "master_pos_wait",
                                                  "release_all_locks",
                                                  "release_lock",
                                                  "source_pos_wait",
                                                  "sys_eval",
                                                  "sys_exec",
                                                  "sys_get",
                                                  "sys_set",
                                                  "wait_for_executed_gtid_set",
                                                  "wait_until_sql_thread_after_gtids"};
// These recurse over the content of a string, which no limit on the text bounds: EXTRACTVALUE('…', REPEAT('-', 500000))
// ends MariaDB 10.11, JSON_SCHEMA_VALID with 100,000 parentheses in a pattern ends MySQL 9.7.
constexpr absl::string_view kRecursiveFunctions[] = {"extractvalue", "json_schema_valid",
                                                     "json_schema_validation_report", "updatexml"};

constexpr absl::string_view kServerDatabases[] = {"information_schema", "mysql", "ndbinfo", "performance_schema",
                                                  "sys"};

constexpr int kMaxCommonTables = 8;

bool IsSign(const std::vector<Token>& tokens, size_t at, absl::string_view sign) {
  return at < tokens.size() && tokens[at].kind == Token::Kind::kSign && tokens[at].text == sign;
}

bool IsForeignDatabase(const Token& token) {
  const std::string name = absl::AsciiStrToLower(token.name);
  return absl::c_linear_search(kServerDatabases, name) || absl::EndsWith(name, "_ledger") ||
         absl::StrContains(name, "scratch_");  // their prefix is configured, and ends like this
}

absl::Status CheckWord(const std::vector<Token>& tokens, size_t at) {
  const std::string word = absl::AsciiStrToLower(tokens[at].name);
  if (IsSign(tokens, at + 1, "(") && absl::c_linear_search(kServerFunctions, word)) {
    return absl::InvalidArgumentError(absl::StrCat("the function ", absl::AsciiStrToUpper(word),
                                                   " acts on the server and cannot be in a model or a revision"));
  }
  if (IsSign(tokens, at + 1, "(") && absl::c_linear_search(kRecursiveFunctions, word)) {
    return absl::InvalidArgumentError(absl::StrCat("the function ", absl::AsciiStrToUpper(word),
                                                   " can end the server and cannot be in a model or a revision"));
  }
  if (tokens[at].kind == Token::Kind::kWord && word == "recursive" && at > 0 && tokens[at - 1].text == "with") {
    return absl::InvalidArgumentError("WITH RECURSIVE makes rows without a bound and cannot be in a revision");
  }
  if (IsSign(tokens, at + 1, ".") && IsForeignDatabase(tokens[at])) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", tokens[at].name, ".': a name must not say which schema it is in"));
  }
  if (tokens[at].kind == Token::Kind::kWord && (word == "outfile" || word == "dumpfile" || word == "soname")) {
    return absl::InvalidArgumentError(
        absl::StrCat(absl::AsciiStrToUpper(word), " names a file of the database's host and cannot be in a revision"));
  }
  return absl::OkStatus();
}

// Whether `name AS (query)` has its AS at `at`; the query may stand in more parentheses.
bool BeginsCommonTable(const std::vector<Token>& tokens, size_t at) {
  if (tokens[at].text != "as" || !IsSign(tokens, at + 1, "(")) return false;
  while (IsSign(tokens, at + 1, "(")) ++at;
  constexpr absl::string_view kBeginnings[] = {"select", "table", "values", "with"};
  return at + 1 < tokens.size() && absl::c_linear_search(kBeginnings, tokens[at + 1].text);
}

}  // namespace

absl::Status CheckTokens(const std::vector<Token>& tokens) {
  int common_tables = 0;  // `name AS ( SELECT …`
  for (size_t at = 0; at < tokens.size(); ++at) {
    if (IsSign(tokens, at, "@") && IsSign(tokens, at + 1, "@")) {
      return absl::InvalidArgumentError("'@@': a system variable cannot be in a model or a revision");
    }
    // A client takes `\\!` for a command of its own; `{ oj … }` is ODBC's.
    if (IsSign(tokens, at, "\\") || IsSign(tokens, at, "{") || IsSign(tokens, at, "}")) {
      return absl::InvalidArgumentError(
          absl::StrCat("'", tokens[at].text, "' outside of a string cannot be in a model or a revision"));
    }
    if (tokens[at].name.empty()) continue;
    if (absl::Status word = CheckWord(tokens, at); !word.ok()) return word;
    if (BeginsCommonTable(tokens, at) && ++common_tables > kMaxCommonTables) {
      return absl::InvalidArgumentError(absl::StrCat("a statement may have ", kMaxCommonTables,
                                                     " common table expressions; each may double the memory"));
    }
  }
  return absl::OkStatus();
}

}  // namespace bonnie::schema
