#include "services/schema/alter.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/schema/alter_columns.h"
#include "services/schema/alter_keys.h"
#include "services/schema/alter_table.h"
#include "services/schema/create_table.h"
#include "services/schema/foreign_key_moves.h"
#include "services/schema/no_default.h"
#include "services/schema/renames.h"
#include "services/schema/table_difference.h"
#include "services/schema/table_order.h"

namespace bonnie::schema {

namespace {

using data_access::Flavour;

std::string DropForeignKey(const ForeignKey& key) { return absl::StrCat("DROP FOREIGN KEY ", QuoteName(key.name)); }

// Writes the script in the order in which it runs: everything that stands in the way goes first, then names change,
// then tables, and what leans on other tables comes last.
class ScriptWriter {
 public:
  ScriptWriter(const Schema& from, const Schema& to, const RenameHints& hints, Direction direction)
      : from_(from),
        to_(to),
        direction_(direction),
        renames_(FindRenames(from, to, hints)),
        before_(AfterRenames(from, renames_)) {
    for (const auto& [old_name, new_name] : renames_.tables) old_tables_[new_name] = old_name;
    for (const auto& [name, after] : to.tables) {
      const auto before = before_.tables.find(name);
      if (before == before_.tables.end()) {
        added_.push_back(&after);
      } else {
        differences_.emplace(name, Compare(before->second, after));
      }
    }
    for (const auto& [name, before] : before_.tables) {
      if (to.tables.count(name) == 0) dropped_.push_back(&from.tables.at(name));
    }
    moves_ = MoveForeignKeys(differences_);
  }

  AlterScript Write() {
    DropForeignKeys();
    DropTables();
    RenameTables();
    FreeCheckNames();
    AlterTables();
    CreateTables();
    AddForeignKeys();
    NameStoredObjects();
    return std::move(script_);
  }

 private:
  void Run(std::string statement) { script_.statements.push_back(std::move(statement)); }

  const Table& TableBefore(const std::string& name) const {
    const auto renamed = old_tables_.find(name);
    return from_.tables.at(renamed == old_tables_.end() ? name : renamed->second);
  }

  // By their names before any table was renamed: that comes later, and changes names such as t_ibfk_1.
  void DropForeignKeys() {
    for (const auto& [name, keys] : moves_.drops) {
      const Table& table = TableBefore(name);
      std::vector<std::string> clauses;
      for (const ForeignKey* key : keys) {
        const size_t place = key - before_.tables.at(name).foreign_keys.data();
        clauses.push_back(DropForeignKey(table.foreign_keys[place]));
      }
      Run(WriteAlterTable(table.name, clauses));
    }
  }

  void DropTables() {
    const TableOrder order = OrderTables(dropped_);
    for (const Table* table : order.parents_first) {
      std::vector<std::string> clauses;
      for (const ForeignKey& key : table->foreign_keys) {
        if (order.closing.count(&key) > 0) clauses.push_back(DropForeignKey(key));
      }
      if (!clauses.empty()) Run(WriteAlterTable(table->name, clauses));
    }
    for (auto table = order.parents_first.rbegin(); table != order.parents_first.rend(); ++table) {
      Run(absl::StrCat("DROP TABLE ", QuoteName((*table)->name)));
    }
  }

  // One at a time, each when its new name is free. Names that swap go through one that nobody has.
  void RenameTables() {
    std::map<std::string, std::string> left = renames_.tables;
    while (!left.empty()) {
      auto next = absl::c_find_if(left, [&](const auto& rename) { return left.count(rename.second) == 0; });
      if (next == left.end()) {
        const auto [old_name, new_name] = *left.begin();
        const std::string passing = NameNobodyHas(old_name);
        Rename(old_name, passing);
        left.erase(old_name);
        left.emplace(passing, new_name);
        continue;
      }
      Rename(next->first, next->second);
      left.erase(next);
    }
  }

  void Rename(const std::string& old_name, const std::string& new_name) {
    Run(absl::StrCat("RENAME TABLE ", QuoteName(old_name), " TO ", QuoteName(new_name)));
  }

  std::string NameNobodyHas(const std::string& name) const {
    std::string free = absl::StrCat(name.substr(0, 50), "_renamed");  // at most 64 characters
    while (from_.tables.count(free) > 0 || to_.tables.count(free) > 0) free += "_";
    return free;
  }

  // On MySQL a check's name is the schema's: one that moves to another table has to leave the first before.
  void FreeCheckNames() {
    if (to_.flavour != Flavour::kMySql) return;
    std::map<std::string, std::set<std::string>> wanted;  // name -> tables that get it
    for (const auto& [table, difference] : differences_) {
      for (const Pair<Check>& pair : difference.checks) {
        if (pair.before == nullptr) wanted[pair.after->name].insert(table);
      }
    }
    for (const auto& [table, difference] : differences_) {
      std::vector<std::string> clauses;
      std::vector<Pair<Check>> left;
      for (const Pair<Check>& pair : difference.checks) {
        const bool is_wanted = pair.after == nullptr && wanted.count(pair.before->name) > 0;
        if (is_wanted) {
          clauses.push_back(DropCheck(*pair.before, to_.flavour));
        } else {
          left.push_back(pair);
        }
      }
      if (clauses.empty()) continue;
      Run(WriteAlterTable(table, clauses));
      differences_.at(table).checks = std::move(left);
    }
  }

  void AlterTables() {
    for (const auto& [name, difference] : differences_) {
      TableAlteration alteration = {&difference, direction_, {}, {}};
      const auto columns = renames_.columns.find(name);
      if (columns != renames_.columns.end()) {
        for (const auto& [old_name, new_name] : columns->second) alteration.old_column_names[new_name] = old_name;
      }
      const auto keys = moves_.adds.find(name);
      if (keys != moves_.adds.end()) alteration.new_foreign_keys = keys->second;
      absl::c_move(AlterTable(alteration, to_.flavour, &script_.unsupported), std::back_inserter(script_.statements));
    }
  }

  // With their foreign keys, but for those that close a cycle.
  void CreateTables() {
    const TableOrder order = OrderTables(added_);
    for (const Table* table : order.parents_first) {
      Table created = *table;
      created.foreign_keys.clear();
      for (const ForeignKey& key : table->foreign_keys) {
        if (order.closing.count(&key) > 0) {
          moves_.adds[table->name].push_back(&key);
        } else {
          created.foreign_keys.push_back(key);
        }
      }
      for (Column& column : created.columns) column.definition = WriteColumn(column);
      created.options.erase(std::remove_if(created.options.begin(), created.options.end(),
                                           [](const TableOption& option) { return option.name == "AUTO_INCREMENT"; }),
                            created.options.end());
      Run(WriteCreateTable(created, /*with_foreign_keys=*/true));
      const std::set<std::string> no_default = ColumnsWithoutDefault(created);
      if (!no_default.empty()) Run(DropDefaults(created.name, no_default));
    }
  }

  void AddForeignKeys() {
    for (const auto& [table, keys] : moves_.adds) {
      std::vector<std::string> clauses;
      for (const ForeignKey* key : keys) clauses.push_back(absl::StrCat("ADD ", key->definition));
      Run(WriteAlterTable(table, clauses));
    }
  }

  // A trigger goes with its table; all else of their kind is somebody's to write.
  void NameStoredObjects() {
    for (const Change& change : Diff(from_, to_).changes) {
      const bool is_object = change.kind == Change::Kind::kAddObject || change.kind == Change::Kind::kDropObject ||
                             change.kind == Change::Kind::kModifyObject;
      const bool goes_with_table =
          change.kind == Change::Kind::kDropObject && !change.table.empty() && to_.tables.count(change.table) == 0;
      if (!is_object || goes_with_table) continue;
      script_.unsupported.push_back({change.object, "", "views, triggers, routines and events are not generated"});
    }
  }

  const Schema& from_;
  const Schema& to_;
  const Direction direction_;
  const Renames renames_;
  const Schema before_;                            // `from_` as it is once renamed
  std::map<std::string, std::string> old_tables_;  // new name -> old
  std::vector<const Table*> added_, dropped_;
  std::map<std::string, TableDifference> differences_;  // of tables there before and after
  ForeignKeyMoves moves_;
  AlterScript script_;
};

}  // namespace

AlterScript WriteAlter(const Schema& from, const Schema& to, const RenameHints& hints, Direction direction) {
  return ScriptWriter(from, to, hints, direction).Write();
}

}  // namespace bonnie::schema
