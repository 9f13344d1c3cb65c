#include "services/schema/alter_options.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/schema/create_table_parts.h"

namespace bonnie::schema {

namespace {

struct Default {
  const char* option;
  const char* clause;  // that makes it vanish from SHOW CREATE
};

constexpr Default kDefaults[] = {
    {"AUTOEXTEND_SIZE", "AUTOEXTEND_SIZE=0"},
    {"AVG_ROW_LENGTH", "AVG_ROW_LENGTH=0"},
    {"CHECKSUM", "CHECKSUM=0"},
    {"COMMENT", "COMMENT=''"},
    {"COMPRESSION", "COMPRESSION=''"},
    {"CONNECTION", "CONNECTION=''"},
    {"DELAY_KEY_WRITE", "DELAY_KEY_WRITE=0"},
    {"ENCRYPTION", "ENCRYPTION='N'"},
    {"ENGINE_ATTRIBUTE", "ENGINE_ATTRIBUTE=''"},
    {"INSERT_METHOD", "INSERT_METHOD=NO"},
    {"KEY_BLOCK_SIZE", "KEY_BLOCK_SIZE=0"},
    {"MAX_ROWS", "MAX_ROWS=0"},
    {"MIN_ROWS", "MIN_ROWS=0"},
    {"PACK_KEYS", "PACK_KEYS=DEFAULT"},
    {"ROW_FORMAT", "ROW_FORMAT=DEFAULT"},
    {"SECONDARY_ENGINE", "SECONDARY_ENGINE=NULL"},
    {"SECONDARY_ENGINE_ATTRIBUTE", "SECONDARY_ENGINE_ATTRIBUTE=''"},
    {"STATS_AUTO_RECALC", "STATS_AUTO_RECALC=DEFAULT"},
    {"STATS_PERSISTENT", "STATS_PERSISTENT=DEFAULT"},
    {"STATS_SAMPLE_PAGES", "STATS_SAMPLE_PAGES=DEFAULT"},
    {"TRANSACTIONAL", "TRANSACTIONAL=DEFAULT"},
    {"UNION", "UNION=()"},
    {"WITH SYSTEM VERSIONING", "DROP SYSTEM VERSIONING"},
};

bool IsFixedAtCreation(const TableOption& option) {
  return option.name == "DATA DIRECTORY" || option.name == "INDEX DIRECTORY" || absl::StartsWith(option.name, "/*");
}

// The clause that takes `option` away; empty when there is none.
std::string ClauseWithout(const TableOption& option) {
  for (const Default& known : kDefaults) {
    if (option.name == known.option) return known.clause;
  }
  if (absl::StartsWith(option.name, "`")) return absl::StrCat(option.name, "=DEFAULT");  // of a MariaDB engine
  return "";
}

std::string ClauseWith(const TableOption& option) {
  if (option.name == "WITH SYSTEM VERSIONING") return "ADD SYSTEM VERSIONING";
  return WriteOption(option);
}

// Both in one clause: without COLLATE the character set would bring its own default.
std::string CharsetClause(const Table& after) {
  const std::string collation = after.option("COLLATE");
  return absl::StrCat("DEFAULT CHARSET=", after.option("DEFAULT CHARSET"),
                      collation.empty() ? "" : absl::StrCat(" COLLATE=", collation));
}

}  // namespace

std::vector<std::string> OptionClauses(const TableDifference& difference, std::vector<Unsupported>* unsupported) {
  std::vector<std::string> clauses;
  for (const Pair<TableOption>& pair : difference.options) {
    const TableOption& option = pair.after != nullptr ? *pair.after : *pair.before;
    if (Same(pair) || option.name == "DEFAULT CHARSET" || option.name == "COLLATE") continue;
    const std::string clause =
        IsFixedAtCreation(option) ? "" : pair.after != nullptr ? ClauseWith(option) : ClauseWithout(option);
    if (clause.empty()) {
      unsupported->push_back({difference.after->name, absl::StrCat("table option ", option.name),
                              "no ALTER TABLE brings it to what it is to be"});
    } else {
      clauses.push_back(clause);
    }
  }
  if (difference.charset_differs()) clauses.push_back(CharsetClause(*difference.after));
  return clauses;
}

}  // namespace bonnie::schema
