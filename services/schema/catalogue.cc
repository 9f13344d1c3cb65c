#include "services/schema/catalogue.h"
#include "services/schema/server_zone.h"

#include <algorithm>
#include <set>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/data_access/status_macros.h"

namespace bonnie::schema {

namespace {

using data_access::Rows;
using Kind = SchemaObject::Kind;

// Filtered by schema, so that each costs the same whatever else is on the server. Each begins with names.
enum Question { kSchema, kTables, kColumns, kViews, kTriggers, kRoutines, kEvents, kPrivileges };
const char* const kQuestions[] = {
    "SELECT SCHEMA_NAME, DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME, " BONNIE_SERVER_ZONE
    R"sql(  FROM information_schema.SCHEMATA
           WHERE SCHEMA_NAME = DATABASE())sql",
    R"sql(SELECT TABLE_NAME, TABLE_TYPE, ROW_FORMAT, ENGINE, TABLE_COLLATION, CREATE_OPTIONS, TABLE_COMMENT,
                 CAST(CREATE_TIME AS CHAR)
            FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE <> 'VIEW'
           ORDER BY TABLE_NAME)sql",
    R"sql(SELECT TABLE_NAME, COLUMN_NAME, CHARACTER_SET_NAME, COLLATION_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_DEFAULT,
                 COLUMN_KEY, EXTRA, COLUMN_COMMENT, GENERATION_EXPRESSION
            FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() ORDER BY TABLE_NAME, ORDINAL_POSITION)sql",
    R"sql(SELECT TABLE_NAME, VIEW_DEFINITION FROM information_schema.VIEWS WHERE TABLE_SCHEMA = DATABASE()
           ORDER BY TABLE_NAME)sql",
    R"sql(SELECT TRIGGER_NAME, EVENT_OBJECT_TABLE, CAST(CREATED AS CHAR) FROM information_schema.TRIGGERS
           WHERE TRIGGER_SCHEMA = DATABASE() ORDER BY TRIGGER_NAME)sql",
    R"sql(SELECT ROUTINE_NAME, ROUTINE_TYPE, CAST(LAST_ALTERED AS CHAR) FROM information_schema.ROUTINES
           WHERE ROUTINE_SCHEMA = DATABASE() ORDER BY ROUTINE_TYPE, ROUTINE_NAME)sql",
    R"sql(SELECT EVENT_NAME, CAST(LAST_ALTERED AS CHAR) FROM information_schema.EVENTS
           WHERE EVENT_SCHEMA = DATABASE() ORDER BY EVENT_NAME)sql",
    R"sql(SELECT PRIVILEGE_TYPE FROM information_schema.USER_PRIVILEGES
           WHERE GRANTEE = CONCAT("'", REPLACE(CURRENT_USER(), '@', "'@'"), "'")
           UNION SELECT PRIVILEGE_TYPE FROM information_schema.SCHEMA_PRIVILEGES
           WHERE GRANTEE = CONCAT("'", REPLACE(CURRENT_USER(), '@', "'@'"), "'") AND DATABASE() LIKE TABLE_SCHEMA
           UNION SELECT 'SELECT on mysql.proc' FROM information_schema.TABLE_PRIVILEGES
           WHERE GRANTEE = CONCAT("'", REPLACE(CURRENT_USER(), '@', "'@'"), "'") AND PRIVILEGE_TYPE = 'SELECT' AND
                 TABLE_SCHEMA = 'mysql' AND TABLE_NAME = 'proc'
           UNION SELECT 'SELECT on mysql.proc' FROM information_schema.USER_PRIVILEGES
           WHERE GRANTEE = CONCAT("'", REPLACE(CURRENT_USER(), '@', "'@'"), "'") AND PRIVILEGE_TYPE = 'SELECT')sql"};

std::string OrEmpty(Rows& rows, int column) { return rows.IsNull(column) ? "" : std::string(rows.Text(column)); }

// Every value of the row that Next() went to, so that two readings can be compared.
void Mark(Rows& rows, Catalogue* catalogue) {
  for (int column = 0; column < rows.columns(); ++column) {
    const std::string value = OrEmpty(rows, column);
    absl::StrAppend(&catalogue->marker, value.size(), ":", value);
  }
}

void ReadSchemaRow(Rows& rows, Catalogue* catalogue) {
  catalogue->schema = OrEmpty(rows, 0);
  catalogue->charset = OrEmpty(rows, 1);
  catalogue->collation = OrEmpty(rows, 2);
  catalogue->server_in_utc = IsUtc(OrEmpty(rows, 3));
}

void ReadTableRow(Rows& rows, Catalogue* catalogue) {
  std::string name = OrEmpty(rows, 0);
  if (OrEmpty(rows, 1) == "SEQUENCE") {
    catalogue->sequences.push_back(std::move(name));
  } else {
    catalogue->row_formats.emplace(std::move(name), OrEmpty(rows, 2));
  }
}

void AddObject(Kind kind, Rows& rows, std::string table, Catalogue* catalogue) {
  StoredObject object;
  object.object = {kind, OrEmpty(rows, 0)};
  object.table = std::move(table);
  catalogue->objects.push_back(std::move(object));
}

void ReadRow(int question, Rows& rows, std::set<std::string>* privileges, Catalogue* catalogue) {
  switch (question) {
    case kSchema:
      return ReadSchemaRow(rows, catalogue);
    case kTables:
      return ReadTableRow(rows, catalogue);
    case kColumns:
      if (!rows.IsNull(2)) {
        catalogue->charsets[{OrEmpty(rows, 0), OrEmpty(rows, 1)}] = {OrEmpty(rows, 2), OrEmpty(rows, 3)};
      }
      return;
    case kViews:
      return AddObject(Kind::kView, rows, "", catalogue);
    case kTriggers:
      return AddObject(Kind::kTrigger, rows, OrEmpty(rows, 1), catalogue);
    case kRoutines:
      return AddObject(OrEmpty(rows, 1) == "FUNCTION" ? Kind::kFunction : Kind::kProcedure, rows, "", catalogue);
    case kEvents:
      return AddObject(Kind::kEvent, rows, "", catalogue);
    case kPrivileges:
      privileges->insert(OrEmpty(rows, 0));
      return;
  }
}

// Without these rights the catalogue is empty where it should say something. The first of each is the one to grant.
void AddHidden(data_access::Flavour flavour, const std::set<std::string>& privileges, Catalogue* catalogue) {
  struct Sight {
    const char* objects;
    std::vector<const char*> any_of;
  };
  const Sight sights[] = {{"triggers", {"TRIGGER"}},
                          {"events", {"EVENT"}},
                          {"views", {"SHOW VIEW"}},
                          {"routines",
                           {flavour == data_access::Flavour::kMySql ? "SHOW_ROUTINE" : "SELECT on mysql.proc",
                            "SHOW CREATE ROUTINE", "ALTER ROUTINE", "CREATE ROUTINE", "EXECUTE"}}};
  for (const Sight& sight : sights) {
    if (absl::c_any_of(sight.any_of, [&](const char* one) { return privileges.count(one) > 0; })) continue;
    catalogue->hidden.push_back(
        {sight.objects, "",
         absl::StrCat("the account lacks ", sight.any_of.front(), ", so it may not see all of them")});
  }
}

}  // namespace

absl::StatusOr<Catalogue> ReadCatalogue(data_access::Connection& connection) {
  std::vector<absl::StatusOr<Rows>> answers =
      connection.QueryTexts(std::vector<std::string>(std::begin(kQuestions), std::end(kQuestions)));
  Catalogue catalogue;
  std::set<std::string> privileges;
  for (int question = 0; question < static_cast<int>(answers.size()); ++question) {
    absl::StatusOr<Rows>& answer = answers[static_cast<size_t>(question)];
    if (!answer.ok()) return answer.status();
    Rows& rows = *answer;
    while (rows.Next()) {
      Mark(rows, &catalogue);
      ReadRow(question, rows, &privileges, &catalogue);
    }
    BONNIE_RETURN_IF_ERROR(rows.status());
  }
  absl::c_stable_sort(catalogue.objects, [](const StoredObject& a, const StoredObject& b) {
    return std::pair(a.object.kind, a.object.name) < std::pair(b.object.kind, b.object.name);
  });
  AddHidden(connection.facts().flavour, privileges, &catalogue);
  return catalogue;
}

}  // namespace bonnie::schema
