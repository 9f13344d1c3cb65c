#include "services/schema/site_facts.h"

#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "services/data_access/status_macros.h"
#include "services/server/ledger.h"

namespace bonnie::schema {

namespace {

using data_access::Flavour;
using data_access::Querier;
using data_access::Rows;
using data_access::Sql;
using data_access::Statement;

constexpr Sql kDatabase{"site.database", "SELECT COALESCE(DATABASE(), '')"};

// The same rows from where each flavour keeps them.
#define BONNIE_DDL_VARIABLES(table)                                                                                \
  "SELECT VARIABLE_NAME, VARIABLE_VALUE FROM " table                                                               \
  " WHERE VARIABLE_NAME IN ('sql_mode', 'lower_case_table_names', 'character_set_server', 'collation_server',"     \
  " 'explicit_defaults_for_timestamp', 'foreign_key_checks', 'sql_require_primary_key', 'default_storage_engine'," \
  " 'sql_generate_invisible_primary_key', 'restrict_fk_on_non_standard_key', 'innodb_default_row_format',"         \
  " 'innodb_strict_mode', 'time_zone', 'read_only', 'default_table_encryption')"
constexpr Sql kMySqlVariables{"site.variables", BONNIE_DDL_VARIABLES("performance_schema.global_variables")};
constexpr Sql kMariaDbVariables{"site.variables", BONNIE_DDL_VARIABLES("information_schema.GLOBAL_VARIABLES")};
#undef BONNIE_DDL_VARIABLES

// The catalogue shows an account its own rights only (others' need SELECT on the mysql schema), but with several
// accounts visible the grantee tells them apart. In schema names `_` and `%` are patterns, and `\_` is a plain `_`.
constexpr Sql kPrivileges{"site.privileges", R"sql(
  SELECT PRIVILEGE_TYPE, '' FROM information_schema.USER_PRIVILEGES
   WHERE REPLACE(GRANTEE, '''', '') = CURRENT_USER()
  UNION SELECT PRIVILEGE_TYPE, '' FROM information_schema.SCHEMA_PRIVILEGES
   WHERE REPLACE(GRANTEE, '''', '') = CURRENT_USER() AND DATABASE() LIKE TABLE_SCHEMA
  UNION SELECT PRIVILEGE_TYPE, TABLE_NAME FROM information_schema.TABLE_PRIVILEGES
   WHERE REPLACE(GRANTEE, '''', '') = CURRENT_USER() AND TABLE_SCHEMA = ?)sql"};

struct Wanted {
  const char* privilege;
  const char* needed_for;
};
constexpr Wanted kOnDatabase[] = {
    {"CREATE", "creating tables"},
    {"ALTER", "changing tables"},
    {"DROP", "dropping tables, and the other half of renaming"},
    {"INDEX", "creating and dropping indexes"},
    {"REFERENCES", "foreign keys"},
    {"TRIGGER", "triggers in revisions"},
    {"EVENT", "events in revisions"},
    {"CREATE VIEW", "views in revisions"},
    {"SHOW VIEW", "reading the text of views"},
};
constexpr Wanted kOnServer = {"PROCESS", "seeing InnoDB's tables and who blocks a statement"};
// As deploy/mysql/ledger.sql grants them.
struct OnLedger {
  const char* privilege;
  std::vector<const char*> tables;
};
const std::vector<OnLedger>& LedgerGrants() {
  static const auto* const kGrants = new std::vector<OnLedger>{
      {"SELECT",
       {"bonnie_revisions", "bonnie_plans", "bonnie_journal", "bonnie_lease", "bonnie_pushes", "bonnie_version"}},
      {"INSERT", {"bonnie_revisions", "bonnie_plans", "bonnie_journal", "bonnie_pushes"}},
      {"UPDATE", {"bonnie_plans", "bonnie_journal", "bonnie_lease"}},
      {"DELETE", {"bonnie_revisions", "bonnie_plans"}}};
  return *kGrants;
}

}  // namespace

absl::StatusOr<std::string> ReadDatabaseName(Querier& querier) {
  BONNIE_ASSIGN_OR_RETURN(Rows rows, querier.Query(Statement(kDatabase)));
  std::string name = rows.Next() ? std::string(rows.Text(0)) : "";
  BONNIE_RETURN_IF_ERROR(rows.status());
  return name;
}

absl::StatusOr<std::map<std::string, std::string>> ReadDdlVariables(Querier& querier) {
  const Sql& sql = querier.flavour() == Flavour::kMySql ? kMySqlVariables : kMariaDbVariables;
  BONNIE_ASSIGN_OR_RETURN(Rows rows, querier.Query(Statement(sql)));
  std::map<std::string, std::string> variables;
  while (rows.Next()) variables[absl::AsciiStrToLower(rows.Text(0))] = rows.OptionalText(1).value_or("");
  BONNIE_RETURN_IF_ERROR(rows.status());
  return variables;
}

absl::StatusOr<std::vector<GrantFact>> ReadGrants(Querier& querier) {
  BONNIE_ASSIGN_OR_RETURN(Rows rows, querier.Query(Statement(kPrivileges, server::LedgerDatabase(querier.schema()))));
  std::set<std::string> everywhere;                        // on the server or the database
  std::set<std::pair<std::string, std::string>> on_table;  // privilege, table
  while (rows.Next()) {
    const std::string privilege(rows.Text(0));
    const std::string table(rows.Text(1));
    if (table.empty()) {
      everywhere.insert(privilege);
    } else {
      on_table.emplace(privilege, table);
    }
  }
  BONNIE_RETURN_IF_ERROR(rows.status());
  std::vector<GrantFact> grants;
  for (const Wanted& wanted : kOnDatabase) {
    grants.push_back({wanted.privilege, wanted.needed_for, everywhere.count(wanted.privilege) > 0});
  }
  for (const OnLedger& wanted : LedgerGrants()) {
    bool present = true;
    for (const char* table : wanted.tables) present = present && on_table.count({wanted.privilege, table}) > 0;
    grants.push_back({wanted.privilege, "the ledger's tables", present});
  }
  grants.push_back({kOnServer.privilege, kOnServer.needed_for, everywhere.count(kOnServer.privilege) > 0});
  return grants;
}

}  // namespace bonnie::schema
