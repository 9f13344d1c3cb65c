#include "services/schema/forecast_clone.h"

#include <algorithm>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/data_access/status_macros.h"
#include "services/schema/alter_columns.h"
#include "services/schema/create_table.h"
#include "services/schema/ddl_session.h"

namespace bonnie::schema {

namespace {

using Kind = Index::Kind;

bool IsText(const Column& column) {
  const bool has_text = absl::StartsWith(column.type, "char") || absl::StartsWith(column.type, "varchar") ||
                        absl::EndsWith(column.type, "text");
  return has_text && column.generated.empty();
}

bool RefersElsewhere(const Table& table) {
  return absl::c_any_of(table.foreign_keys, [](const ForeignKey& key) { return !key.referenced_schema.empty(); });
}

// A CREATE TABLE that makes the same. Not SHOW CREATE itself: MySQL takes a collation that it writes there at a column
// for one that the column does not inherit, and shows it otherwise ever after.
std::string WriteTable(Table table) {
  for (Column& column : table.columns) column.definition = WriteColumn(column);
  return WriteCreateTable(table, /*with_foreign_keys=*/true);
}

// A table's row format is the server's default of the day it was made, unless somebody wrote one.
std::string CreateStatement(const LiveTable& live, const std::string& default_row_format) {
  Table table = live.table;
  if (table.columns.empty()) return table.create_statement;  // not understood, so as it is
  const bool as_default = absl::EqualsIgnoreCase(table.row_format, default_row_format);
  const bool written = !table.option("ROW_FORMAT").empty() || !table.option("KEY_BLOCK_SIZE").empty();
  if (!as_default && !written && table.option("ENGINE") == "InnoDB") {
    table.options.push_back({"ROW_FORMAT", absl::AsciiStrToUpper(table.row_format)});
  }
  return WriteTable(std::move(table));
}

}  // namespace

Clone* Clones::Find(const std::string& key) {
  const auto found = clones_.find(key);
  return found == clones_.end() ? nullptr : &found->second;
}

absl::Status Clones::Make(const std::set<std::string>& touched) {
  for (const auto& [key, live] : live_.tables()) {
    if (touched.count(key) == 0) {
      BONNIE_RETURN_IF_ERROR(MakeLean(key, live, touched));
    } else {
      BONNIE_RETURN_IF_ERROR(MakeOne(key, live, &clones_[key]));
    }
  }
  return CompareInside();
}

absl::Status Clones::MakeOne(const std::string& key, const LiveTable& live, Clone* clone) {
  if (live.table.create_statement.empty()) {
    clone->trouble = absl::StrCat("the schema account may not see ", key);
    return absl::OkStatus();
  }
  const std::string where = absl::StrCat("no clone of ", live.table.name, " could be made");
  absl::Status made = scratch_.Run({{CreateStatement(live, live_.default_row_format()), where, /*of_live=*/true}},
                                   /*check_foreign_keys=*/false);
  if (!made.ok() && !EndsForecast(made) && RefersElsewhere(live.table)) {  // where the scratch account may not look
    Table within = live.table;
    std::erase_if(within.foreign_keys, [](const ForeignKey& key) { return !key.referenced_schema.empty(); });
    made = scratch_.Run({{WriteTable(within), where, /*of_live=*/true}}, false);
  }
  if (EndsForecast(made)) return made;
  if (!made.ok()) {
    clone->trouble = std::string(made.message());
    return absl::OkStatus();
  }
  BONNIE_ASSIGN_OR_RETURN(const absl::optional<std::string> text, scratch_.ShowCreate(live.table.name));
  const SchemaObject object{SchemaObject::Kind::kTable, live.table.name};
  clone->reads_the_same = FingerprintText(object, text) == FingerprintText(object, live.table.create_statement);
  return absl::OkStatus();
}

// What a foreign key needs of the table at its other end: columns and keys, and the way back to the tables of the plan.
absl::Status Clones::MakeLean(const std::string& key, const LiveTable& live, const std::set<std::string>& touched) {
  if (live.table.columns.empty()) return absl::OkStatus();
  Table lean = live.table;
  std::erase_if(lean.foreign_keys, [&](const ForeignKey& foreign) {
    return !foreign.referenced_schema.empty() || touched.count(live_.Key(foreign.referenced_table)) == 0;
  });
  std::erase_if(lean.indexes, [](const Index& index) {
    return index.kind == Kind::kFulltext || index.kind == Kind::kSpatial || index.kind == Kind::kVector;
  });
  if (lean.foreign_keys.empty()) lean.checks.clear();
  lean.partitioning.clear();
  const absl::Status made = scratch_.Run({{WriteTable(lean), key, /*of_live=*/true}}, false);
  return EndsForecast(made) ? made : absl::OkStatus();  // whatever needs it will say so
}

absl::StatusOr<absl::optional<InnodbFacts>> Clones::Inside(const std::string& table) {
  BONNIE_ASSIGN_OR_RETURN(const auto all, live_.ReadInnodb(scratch_.name()));
  if (!all.has_value()) return absl::optional<InnodbFacts>();
  const auto found = all->find(InnodbName(table));
  return found == all->end() ? absl::nullopt : absl::make_optional(found->second);
}

// A FULLTEXT index that was dropped leaves a hidden column, which keeps other changes from being instant.
absl::Status Clones::CompareInside() {
  BONNIE_ASSIGN_OR_RETURN(const auto lives, live_.ReadInnodb(""));
  BONNIE_ASSIGN_OR_RETURN(const auto doubles, live_.ReadInnodb(scratch_.name()));
  if (!lives.has_value() || !doubles.has_value()) return absl::OkStatus();
  for (auto& [key, clone] : clones_) {
    if (!clone.trouble.empty()) continue;
    const Table& table = live_.tables().at(key).table;
    const auto live = lives->find(InnodbName(table.name)), twin = doubles->find(InnodbName(table.name));
    if (live == lives->end() || twin == doubles->end()) continue;  // another engine, or another server
    clone.looked_inside = true;
    clone.live_columns = live->second.columns;
    clone.row_versions = live->second.row_versions;
    if (live->second.columns == twin->second.columns) continue;
    BONNIE_ASSIGN_OR_RETURN(const bool given, GivePast(table));
    BONNIE_ASSIGN_OR_RETURN(const absl::optional<InnodbFacts> now, Inside(table.name));
    clone.has_unknown_past = !given || !now.has_value() || now->columns != live->second.columns;
  }
  return absl::OkStatus();
}

// Makes a FULLTEXT index and drops it again. Answers whether that worked.
absl::StatusOr<bool> Clones::GivePast(const Table& table) {
  const auto text = absl::c_find_if(table.columns, IsText);
  if (text == table.columns.end()) return false;
  const std::string alter = absl::StrCat("ALTER TABLE ", QuoteName(table.name));
  const absl::Status ran =
      scratch_.Run({{absl::StrCat(alter, " ADD FULLTEXT INDEX bonnie_past (", QuoteName(text->name), ")"), "past"},
                    {absl::StrCat(alter, " DROP INDEX bonnie_past"), "past"}},
                   /*check_foreign_keys=*/true);
  if (EndsForecast(ran)) return ran;
  return ran.ok();
}

}  // namespace bonnie::schema
