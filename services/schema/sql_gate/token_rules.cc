#include "services/schema/sql_gate/token_rules.h"

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace bonnie::schema {

namespace {

// Functions of both servers that hold locks, wait for other servers, or reach files and programs of the
// host. SLEEP and BENCHMARK end at the caller's deadline.
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

constexpr absl::string_view kServerDatabases[] = {"information_schema", "mysql", "ndbinfo", "performance_schema",
                                                  "sys"};

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

}  // namespace

absl::Status CheckTokens(const std::vector<Token>& tokens) {
  for (size_t at = 0; at < tokens.size(); ++at) {
    if (IsSign(tokens, at, "@") && IsSign(tokens, at + 1, "@")) {
      return absl::InvalidArgumentError("'@@': a system variable cannot be in a model or a revision");
    }
    if (tokens[at].name.empty()) continue;
    if (absl::Status word = CheckWord(tokens, at); !word.ok()) return word;
  }
  return absl::OkStatus();
}

}  // namespace bonnie::schema
