#include "services/schema/inspect.h"

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/data_access/fault.h"
#include "services/data_access/status_macros.h"
#include "services/schema/aside.h"
#include "services/schema/catalogue.h"
#include "services/schema/create_table.h"
#include "services/schema/lost_defaults.h"
#include "services/server/error.h"

namespace bonnie::schema {

namespace {

using data_access::Connection;
using data_access::Flavour;
using data_access::Phase;
using data_access::Rows;
using Kind = SchemaObject::Kind;

constexpr int kTries = 5;
constexpr size_t kBatch = 1000;  // statements of one round trip: well below max_allowed_packet

// Variables that change what SHOW CREATE says. Text is sent as it is stored, because the server cannot convert all of
// it.
absl::Status SetUp(Connection& connection) {
  const bool mysql = connection.facts().flavour == Flavour::kMySql;
  BONNIE_RETURN_IF_ERROR(connection.ExecuteText(
      absl::StrCat(
          "SET sql_mode = '', sql_quote_show_create = 1, character_set_results = binary, lock_wait_timeout = 10",
          mysql ? ", information_schema_stats_expiry = 0" : ""),
      Phase::kWriting));
  if (!mysql) return absl::OkStatus();
  // Before 8.0.30 there is no such variable, and no such key.
  (void)connection.ExecuteText("SET show_gipk_in_create_table_and_information_schema = 1", Phase::kWriting);
  return absl::OkStatus();
}

// What SHOW CREATE calls a kind, and the column with the text.
std::pair<const char*, int> Shown(Kind kind) {
  switch (kind) {
    case Kind::kTable: return {"TABLE", 1};
    case Kind::kView: return {"VIEW", 1};
    case Kind::kTrigger: return {"TRIGGER", 2};
    case Kind::kEvent: return {"EVENT", 3};
    case Kind::kProcedure: return {"PROCEDURE", 2};
    case Kind::kFunction: return {"FUNCTION", 2};
  }
  return {"TABLE", 1};
}

// The text of each, in batches. An object without text may not be seen, or is gone.
std::vector<absl::StatusOr<std::string>> ShowCreate(Connection& connection, const std::vector<SchemaObject>& objects) {
  std::vector<absl::StatusOr<std::string>> texts;
  for (size_t begin = 0; begin < objects.size(); begin += kBatch) {
    const size_t end = std::min(begin + kBatch, objects.size());
    std::vector<std::string> questions;
    for (size_t i = begin; i < end; ++i) {
      questions.push_back(absl::StrCat("SHOW CREATE ", Shown(objects[i].kind).first, " ", QuoteName(objects[i].name)));
    }
    std::vector<absl::StatusOr<Rows>> answers = connection.QueryTexts(questions);
    for (size_t i = begin; i < end; ++i) {
      absl::StatusOr<Rows>& rows = answers[i - begin];
      const int column = Shown(objects[i].kind).second;
      if (!rows.ok()) {
        texts.emplace_back(rows.status());
      } else if (!rows->Next() || rows->IsNull(column)) {
        texts.emplace_back(absl::PermissionDeniedError("the account may not see its text"));
      } else {
        texts.emplace_back(std::string(rows->Text(column)));
      }
    }
  }
  return texts;
}

// Attributes that name their own database: made elsewhere, they would still mean this one.
void ReportSequences(const Table& table, Schema* schema) {
  for (const Column& column : table.columns) {
    const std::string text = column.default_value.value_or("");
    if (!absl::StrContains(text, "nextval(") && !absl::StrContains(text, "lastval(")) continue;
    schema->unsupported.push_back(
        {table.name, absl::StrCat("column ", column.name, ": default"), "it uses a sequence"});
  }
}

void AddTable(const Catalogue& catalogue, const std::string& name, const std::string& text, Schema* schema) {
  absl::StatusOr<Table> table = ParseCreateTable(text);
  if (!table.ok()) {
    schema->unsupported.push_back({name, "", std::string(table.status().message())});
    return;
  }
  table->row_format = catalogue.row_formats.at(name);
  for (Column& column : table->columns) {
    const auto found = catalogue.charsets.find({name, column.name});
    if (found == catalogue.charsets.end()) continue;
    std::tie(column.charset, column.collation) = found->second;
  }
  for (const TableOption& option : table->options) {
    if (!absl::StartsWith(option.name, "/*")) continue;
    schema->unsupported.push_back({name, absl::StrCat("option ", option.name), "its engine does not know it"});
  }
  ReportSequences(*table, schema);
  schema->tables.emplace(name, *std::move(table));
}

bool IsConnectionLost(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status);
}

// What the server shows of a catalogue's tables and objects, in their order.
struct Texts {
  std::vector<absl::StatusOr<std::string>> tables, objects;
};

Texts ShowAll(Connection& connection, const Catalogue& catalogue) {
  std::vector<SchemaObject> tables, objects;
  for (const auto& [name, row_format] : catalogue.row_formats) tables.push_back({Kind::kTable, name});
  for (const StoredObject& object : catalogue.objects) objects.push_back(object.object);
  return {ShowCreate(connection, tables), ShowCreate(connection, objects)};
}

// Notes that there is no text of `name`; an error where that is because the connection is gone.
absl::Status Miss(const std::string& name, const absl::Status& why, Schema* schema) {
  if (IsConnectionLost(why)) return why;
  schema->unsupported.push_back({name, "", std::string(why.message())});
  return absl::OkStatus();
}

// Makes a schema of what was asked. Pure.
absl::StatusOr<Schema> Read(const data_access::ServerFacts& facts, const Catalogue& catalogue, const Texts& texts) {
  Schema schema;
  schema.flavour = facts.flavour;
  schema.server_version = facts.version;
  schema.server_in_utc = catalogue.server_in_utc;
  schema.charset = catalogue.charset;
  schema.collation = catalogue.collation;
  schema.unsupported = catalogue.hidden;
  for (const std::string& sequence : catalogue.sequences) {
    schema.unsupported.push_back({sequence, "", "sequences are not read"});
  }
  auto text = texts.tables.begin();
  for (const auto& [name, row_format] : catalogue.row_formats) {
    if (text->ok()) {
      AddTable(catalogue, name, **text, &schema);
    } else {
      BONNIE_RETURN_IF_ERROR(Miss(name, text->status(), &schema));
    }
    ++text;
  }
  schema.objects = catalogue.objects;
  text = texts.objects.begin();
  for (StoredObject& object : schema.objects) {
    if (text->ok()) {
      object.create_statement = **text;
    } else {
      BONNIE_RETURN_IF_ERROR(Miss(object.object.name, text->status(), &schema));
    }
    ++text;
  }
  return schema;
}

}  // namespace

absl::StatusOr<Schema> Inspect(Connection& connection) {
  BONNIE_RETURN_IF_ERROR(SetUp(connection));
  BONNIE_ASSIGN_OR_RETURN(Catalogue before, ReadCatalogue(connection));
  const data_access::ServerFacts facts = connection.facts();
  for (int tries = 0; tries < kTries; ++tries) {
    const Texts texts = ShowAll(connection, before);
    auto reading = Aside([&] { return Read(facts, before, texts); });  // while the server answers
    absl::StatusOr<Catalogue> after = ReadCatalogue(connection);
    absl::StatusOr<Schema> schema = reading.get();
    if (schema.ok() && after.ok() && before.marker == after->marker) {
      BONNIE_ASSIGN_OR_RETURN(const bool asked, RecoverLostText(connection, &*schema));
      if (asked) after = ReadCatalogue(connection);
    }
    BONNIE_RETURN_IF_ERROR(after.status());
    if (before.marker == after->marker) return schema;
    before = *std::move(after);
  }
  return server::Error(absl::StatusCode::kAborted,
                       "the schema changed while it was read, each time; try again when nobody changes it",
                       {.reason = "SCHEMA_CHANGED"});
}

}  // namespace bonnie::schema
