#include "services/schema/canonical.h"

#include <map>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/data_access/status_macros.h"
#include "services/schema/create_table.h"
#include "services/schema/ddl_session.h"
#include "services/schema/no_default.h"
#include "services/schema/plan.h"
#include "services/schema/server_zone.h"
#include "services/schema/sql_gate/model_gate.h"
#include "services/schema/sql_gate/sql_gate.h"
#include "services/schema/statement_facts.h"
#include "services/server/error.h"

namespace bonnie::schema {

namespace {

using data_access::Flavour;
using data_access::Rows;
using data_access::Sql;
using data_access::Statement;

constexpr size_t kMaxCached = 16;
constexpr size_t kWorthATrial = 4;  // tables: below, making them for real costs no more
constexpr absl::Duration kDeadProcess = absl::Minutes(1);

constexpr char kSetting[] = R"sql(
  SELECT @@character_set_database, @@collation_database, @@lower_case_table_names, @@GLOBAL.sql_mode,
         @@GLOBAL.explicit_defaults_for_timestamp, @@GLOBAL.innodb_strict_mode, @@GLOBAL.default_storage_engine,
         @@GLOBAL.innodb_default_row_format, )sql";
// Those that one flavour alone has, some only in newer versions.
constexpr Sql kMySqlSetting{"canonical.own_setting", R"sql(
  SELECT VARIABLE_NAME, VARIABLE_VALUE FROM performance_schema.global_variables
   WHERE VARIABLE_NAME IN ('default_collation_for_utf8mb4', 'default_table_encryption',
                           'sql_generate_invisible_primary_key') ORDER BY 1)sql"};
constexpr Sql kMariaDbSetting{"canonical.own_setting", R"sql(
  SELECT VARIABLE_NAME, VARIABLE_VALUE FROM information_schema.GLOBAL_VARIABLES
   WHERE VARIABLE_NAME IN ('CHARACTER_SET_COLLATIONS', 'INNODB_COMPRESSION_DEFAULT',
                           'INNODB_DEFAULT_ENCRYPTION_KEY_ID') ORDER BY 1)sql"};

absl::Status InvalidModel(const ModelFile& file, int line, absl::string_view what) {
  return server::Error(absl::StatusCode::kInvalidArgument,
                       absl::StrCat("model/", file.file_name, ":", line, ": ", what),
                       {.reason = "MODEL_FILE_INVALID", .metadata = {{"file", file.file_name}}});
}

// The files in an order in which parents come first, so that the server checks foreign keys as it goes. In a circle one
// has to go before its parent.
class ParentsFirst {
 public:
  struct Item {
    const ModelFile* file;
    bool before_parent;
  };

  ParentsFirst(const std::vector<ModelFile>& files, bool names_have_case) : names_have_case_(names_have_case) {
    for (const ModelFile& file : files) by_table_[Key(file.table)] = &file;
  }

  absl::StatusOr<std::vector<Item>> Sort() {
    for (const auto& [table, file] : by_table_) BONNIE_RETURN_IF_ERROR(Visit(file));
    return std::move(items_);
  }

 private:
  std::string Key(const std::string& table) const { return names_have_case_ ? table : absl::AsciiStrToLower(table); }

  absl::Status Visit(const ModelFile* file) {
    if (!entered_.insert(file).second) return absl::OkStatus();
    bool before_parent = false;
    for (const auto& [parent, line] : file->references) {
      const auto found = by_table_.find(Key(parent));
      if (found == by_table_.end()) {
        return InvalidModel(*file, line, absl::StrCat("refers to table `", parent, "`, which no model file makes"));
      }
      BONNIE_RETURN_IF_ERROR(Visit(found->second));
      before_parent = before_parent || (found->second != file && placed_.count(found->second) == 0);
    }
    placed_.insert(file);
    items_.push_back({file, before_parent});
    return absl::OkStatus();
  }

  const bool names_have_case_;
  std::map<std::string, const ModelFile*> by_table_;
  std::set<const ModelFile*> entered_, placed_;
  std::vector<Item> items_;
};

// A foreign key that came before its parent was not looked at: another one like it is tried.
absl::Status CheckForeignKeys(ScratchDatabase& scratch, const ModelFile& file, const Table& table) {
  int tried = 0;
  for (const ForeignKey& key : table.foreign_keys) {
    // A name for each: the index that the server makes for a key stays when the key is dropped.
    const std::string name = absl::StrCat("bonnie_trial_", ++tried);
    std::vector<std::string> columns, referenced;
    for (const std::string& column : key.columns) columns.push_back(QuoteName(column));
    for (const std::string& column : key.referenced_columns) referenced.push_back(QuoteName(column));
    const std::string add =
        absl::StrCat("ALTER TABLE ", QuoteName(table.name), " ADD CONSTRAINT ", name, " FOREIGN KEY (",
                     absl::StrJoin(columns, ", "), ") REFERENCES ", QuoteName(key.referenced_table), " (",
                     absl::StrJoin(referenced, ", "), ")");
    const std::string where = absl::StrCat("model/", file.file_name, ":", file.line, ": foreign key `", key.name, "`");
    BONNIE_RETURN_IF_ERROR(scratch.Run({{add, where}}, /*check_foreign_keys=*/true));
    BONNIE_RETURN_IF_ERROR(scratch.Run(
        {{absl::StrCat("ALTER TABLE ", QuoteName(table.name), " DROP FOREIGN KEY ", name), where}}, true));
  }
  return absl::OkStatus();
}

const Table* FindTable(const Schema& schema, const std::string& name, bool names_have_case) {
  if (const auto found = schema.tables.find(name); found != schema.tables.end()) return &found->second;
  if (names_have_case) return nullptr;
  const auto found = schema.tables.find(absl::AsciiStrToLower(name));
  return found == schema.tables.end() ? nullptr : &found->second;
}

// Sees to it that the server made every table of the model, with its foreign keys.
absl::Status CheckModel(const std::vector<ParentsFirst::Item>& items, ScratchDatabase& scratch, const ToMake& to_make,
                        const DdlSetting& setting, const Schema& schema) {
  for (const auto& item : items) {
    const std::string& name = item.file->table;
    if (to_make.known.count(name) > 0) continue;
    const Table* table = FindTable(schema, name, setting.names_have_case);
    if (table == nullptr) {
      return InvalidModel(*item.file, item.file->line, absl::StrCat("the server made no table `", name, "` of this"));
    }
    if (item.before_parent) BONNIE_RETURN_IF_ERROR(CheckForeignKeys(scratch, *item.file, *table));
  }
  return absl::OkStatus();
}

// Runs statements, as many as are alike at a time.
absl::Status Run(ScratchDatabase& scratch, const std::vector<MakingStatement>& statements) {
  for (size_t at = 0; at < statements.size();) {
    const bool check = statements[at].check_foreign_keys;
    std::vector<ScratchStatement> alike;
    for (; at < statements.size() && statements[at].check_foreign_keys == check; ++at) {
      alike.push_back(statements[at].statement);
      if (statements[at].no_default.empty()) continue;
      alike.push_back(
          {DropDefaults(statements[at].creates, statements[at].no_default), statements[at].statement.where});
    }
    BONNIE_RETURN_IF_ERROR(scratch.Run(alike, check));
  }
  return absl::OkStatus();
}

// What the statements make where nothing has to be asked: `live` tells of server and database.
Schema Nothing(const Schema& live) {
  Schema schema;
  schema.flavour = live.flavour;
  schema.server_version = live.server_version;
  schema.server_in_utc = live.server_in_utc;
  schema.charset = live.charset;
  schema.collation = live.collation;
  return schema;
}

}  // namespace

absl::StatusOr<DdlSetting> ReadDdlSetting(data_access::Session& session) {
  const std::string question = absl::StrCat(kSetting, kHasZeroDates, ", " BONNIE_SERVER_ZONE);
  BONNIE_ASSIGN_OR_RETURN(Rows rows, session.Query(Statement(Sql{"canonical.setting", question.c_str()})));
  DdlSetting setting;
  setting.flavour = session.flavour();
  setting.variables = setting.server_version = session.facts().version;
  if (rows.Next()) {
    setting.charset = std::string(rows.Text(0));
    setting.collation = std::string(rows.Text(1));
    setting.names_have_case = rows.Int64(2) == 0;
    absl::StrAppend(&setting.variables, "\n", setting.charset, "\n", setting.collation, "\n", rows.Int64(2), "\n",
                    rows.Text(3), "\n", rows.Int64(4), "\n", rows.Int64(5), "\n", rows.Text(6), "\n", rows.Text(7),
                    "\n", rows.Int64(8));
    setting.takes_zero_dates = rows.Int64(8) != 0;
    setting.server_in_utc = IsUtc(rows.Text(9));
  }
  BONNIE_RETURN_IF_ERROR(rows.status());
  const Sql& own_setting = setting.flavour == Flavour::kMySql ? kMySqlSetting : kMariaDbSetting;
  BONNIE_ASSIGN_OR_RETURN(Rows own, session.Query(Statement(own_setting)));
  while (own.Next()) absl::StrAppend(&setting.variables, "\n", own.Text(0), "=", own.Text(1));
  BONNIE_RETURN_IF_ERROR(own.status());
  return setting;
}

absl::StatusOr<std::vector<ScratchStatement>> StatementsUp(const MigrationFolder& folder,
                                                           const std::vector<std::string>& heads, Flavour flavour) {
  const std::set<std::string> wanted = folder.graph().Ancestors(heads);
  std::vector<ScratchStatement> statements;
  for (const std::string& id : folder.graph().order()) {
    if (wanted.count(id) == 0) continue;
    const Revision& revision = folder.at(id);
    for (const RevisionStatement& statement : revision.up) {
      if (!RunsOn(statement, flavour)) continue;
      const std::string where = absl::StrCat("versions/", revision.file_name, ":", statement.line);
      absl::StatusOr<GatedSql> gated = GateSql(statement.sql, flavour);
      if (!gated.ok()) {
        return server::Error(absl::StatusCode::kFailedPrecondition, absl::StrCat(where, ": ", gated.status().message()),
                             {.reason = "REVISION_FILE_INVALID", .metadata = {{"file", revision.file_name}}});
      }
      statements.push_back({std::move(gated->text), where});
    }
  }
  return statements;
}

absl::StatusOr<std::unique_ptr<ScratchDatabase>> Canonical::OpenScratch(const DdlSetting& setting,
                                                                        absl::Time deadline) {
  const ScratchDefaults defaults = {setting.charset, setting.collation, setting.takes_zero_dates, prefix_,
                                    setting.server_version};
  return ScratchDatabase::Open(driver_, scratch_, defaults, deadline, later_);
}

absl::Status Canonical::Sweep() {
  if (scratch_.credentials == nullptr) return absl::OkStatus();
  return SweepScratch(driver_, scratch_, kDeadProcess, prefix_);
}

absl::StatusOr<Schema> Canonical::Make(const std::vector<MakingStatement>& statements, const DdlSetting& setting,
                                       absl::Time deadline, const Verify& verify) {
  std::unique_ptr<ScratchDatabase> scratch;  // made when it is wanted
  if (setting.live != nullptr) {
    const absl::StatusOr<SchemaPtr> live = setting.live();
    if (live.ok()) {  // else the server is asked about all
      for (const Children children : {Children::kLeftOut, Children::kMade}) {
        BONNIE_ASSIGN_OR_RETURN(const ToMake some,
                                FindSomeToMake(statements, **live, setting, children, deadline, &scratch));
        Schema schema = Nothing(**live);
        if (!some.run.empty()) {
          BONNIE_ASSIGN_OR_RETURN(schema, MakeInScratch(some, setting, deadline, verify, &scratch));
        }
        const bool whole = children == Children::kMade || ChildrenStay(some, **live, schema);
        if (whole && AddKnown(some, &schema)) return schema;
        if (scratch != nullptr) BONNIE_RETURN_IF_ERROR(scratch->Clear());
        if (whole) break;
      }
    }
  }
  return MakeInScratch(ToMake{.run = statements}, setting, deadline, verify, &scratch);
}

absl::StatusOr<ToMake> Canonical::FindSomeToMake(const std::vector<MakingStatement>& statements, const Schema& live,
                                                 const DdlSetting& setting, Children children, absl::Time deadline,
                                                 std::unique_ptr<ScratchDatabase>* scratch) {
  ToMake some = FindToMake(statements, live, setting.names_have_case, children);
  std::vector<TrialTable> trials;
  for (const MakingStatement& statement : some.run) {
    if (live.tables.count(statement.creates) == 0 || some.given.count(statement.creates) > 0) continue;
    // Its CREATE alone does not make it.
    if (!statement.no_default.empty() && live.flavour == Flavour::kMySql) continue;
    absl::optional<TrialTable> trial = ToTrial(statement.statement.sql);
    if (trial.has_value()) trials.push_back(*std::move(trial));
  }
  if (trials.size() < kWorthATrial) return some;
  if (*scratch == nullptr) {
    BONNIE_ASSIGN_OR_RETURN(*scratch, OpenScratch(setting, deadline));
  }
  const std::vector<absl::StatusOr<std::string>> shown = (*scratch)->TryOut(trials);
  std::set<std::string> told;
  for (size_t i = 0; i < trials.size(); ++i) {
    if (shown[i].ok() && MakesTable(trials[i], *shown[i], live.tables.at(trials[i].table)))
      told.insert(trials[i].table);
  }
  return told.empty() ? some : FindToMake(statements, live, setting.names_have_case, children, told);
}

absl::StatusOr<Schema> Canonical::MakeInScratch(const ToMake& to_make, const DdlSetting& setting, absl::Time deadline,
                                                const Verify& verify, std::unique_ptr<ScratchDatabase>* scratch) {
  if (*scratch == nullptr) {
    BONNIE_ASSIGN_OR_RETURN(*scratch, OpenScratch(setting, deadline));
  }
  BONNIE_RETURN_IF_ERROR(Run(**scratch, to_make.run));
  BONNIE_ASSIGN_OR_RETURN(Schema schema, (*scratch)->Inspect());
  if (verify != nullptr) BONNIE_RETURN_IF_ERROR(verify(**scratch, to_make, schema));
  return schema;
}

absl::StatusOr<Canonical::SchemaPtr> Canonical::OfModel(const std::vector<ModelFile>& written,
                                                        const DdlSetting& setting, absl::Time deadline) {
  BONNIE_ASSIGN_OR_RETURN(const std::vector<ModelFile> files, GateModel(written, setting.flavour));
  std::string content = absl::StrCat("model\n", setting.variables, "\n");
  for (const ModelFile& file : files) absl::StrAppend(&content, file.sql, absl::string_view("\0", 1));
  return Cached(content, [&]() -> absl::StatusOr<Schema> {
    BONNIE_ASSIGN_OR_RETURN(const auto items, ParentsFirst(files, setting.names_have_case).Sort());
    std::vector<MakingStatement> statements;
    for (const auto& item : items) {
      statements.push_back(OfModelFile(*item.file));
      statements.back().check_foreign_keys = !item.before_parent;
    }
    const auto verify = [&](ScratchDatabase& scratch, const ToMake& to_make, const Schema& schema) {
      return CheckModel(items, scratch, to_make, setting, schema);
    };
    return Make(statements, setting, deadline, verify);
  });
}

absl::StatusOr<Canonical::SchemaPtr> Canonical::OfRevisions(const MigrationFolder& folder,
                                                            const std::vector<std::string>& heads,
                                                            const DdlSetting& setting, absl::Time deadline) {
  std::string content = absl::StrCat("revisions\n", setting.variables, "\n");
  for (const std::string& id : folder.graph().Ancestors(heads)) absl::StrAppend(&content, folder.at(id).hash, "\n");
  return Cached(content, [&]() -> absl::StatusOr<Schema> {
    BONNIE_ASSIGN_OR_RETURN(auto script, StatementsUp(folder, heads, setting.flavour));
    DdlSetting past = setting;
    past.takes_zero_dates = true;  // a later revision may have got rid of those that an earlier one made
    if (const auto statements = OfScript(script); statements.has_value()) {
      return Make(*statements, past, deadline, nullptr);
    }
    BONNIE_ASSIGN_OR_RETURN(auto scratch, OpenScratch(past, deadline));
    BONNIE_RETURN_IF_ERROR(scratch->Run(script, /*check_foreign_keys=*/true));
    return scratch->Inspect();
  });
}

absl::StatusOr<Canonical::SchemaPtr> Canonical::Cached(const std::string& content,
                                                       const std::function<absl::StatusOr<Schema>()>& make) {
  const std::string key = Sha256Hex(content);
  {
    absl::MutexLock lock(&mu_);
    for (auto entry = cache_.begin(); entry != cache_.end(); ++entry) {
      if (entry->first != key) continue;
      cache_.splice(cache_.begin(), cache_, entry);
      return entry->second;
    }
  }
  BONNIE_ASSIGN_OR_RETURN(Schema schema, make());  // two at once make it twice
  auto made = std::make_shared<const Schema>(std::move(schema));
  absl::MutexLock lock(&mu_);
  cache_.emplace_front(key, made);
  if (cache_.size() > kMaxCached) cache_.pop_back();
  return made;
}

}  // namespace bonnie::schema
