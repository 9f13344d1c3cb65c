#include "services/schema/diff.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "services/schema/create_table_parts.h"
#include "services/schema/index_order.h"
#include "services/schema/possible_renames.h"
#include "services/schema/renames.h"
#include "services/schema/table_difference.h"

namespace bonnie::schema {

namespace {

using Kind = Change::Kind;

// The three ways in which a part of a table can differ.
struct Kinds {
  Kind add, drop, modify;
};

// Reports what differs between two states of one table.
class TableReporter {
 public:
  TableReporter(const TableDifference& difference, data_access::Flavour flavour, std::vector<Change>* changes)
      : difference_(difference), flavour_(flavour), changes_(*changes) {}

  void Report() {
    ReportColumns();
    ReportIndexes();
    ReportAll(difference_.foreign_keys, {Kind::kAddForeignKey, Kind::kDropForeignKey, Kind::kModifyForeignKey});
    ReportAll(difference_.checks, {Kind::kAddCheck, Kind::kDropCheck, Kind::kModifyCheck});
    for (const Pair<TableOption>& pair : difference_.options) {
      if (Same(pair)) continue;
      Add(Kind::kTableOption, (pair.after != nullptr ? pair.after : pair.before)->name, OptionText(pair.before),
          OptionText(pair.after));
    }
    ReportPeriods();
    if (difference_.partitioning_differs()) {
      Add(Kind::kPartitioning, "", difference_.before->partitioning, difference_.after->partitioning);
    }
    if (!DiffersBesideOrder(difference_)) ReportOrder();
  }

 private:
  void Add(Kind kind, const std::string& object, std::string before, std::string after) {
    changes_.push_back({kind, difference_.after->name, object, std::move(before), std::move(after)});
  }

  static std::string OptionText(const TableOption* option) { return option == nullptr ? "" : WriteOption(*option); }

  template <typename T>
  void ReportAll(const std::vector<Pair<T>>& pairs, const Kinds& kinds) {
    for (const Pair<T>& pair : pairs) {
      if (pair.before == nullptr) {
        Add(kinds.add, pair.after->name, "", pair.after->definition);
      } else if (pair.after == nullptr) {
        Add(kinds.drop, pair.before->name, pair.before->definition, "");
      } else if (!Same(pair)) {
        Add(kinds.modify, pair.after->name, pair.before->definition, pair.after->definition);
      }
    }
  }

  void ReportColumns() {
    ReportAll(difference_.columns, {Kind::kAddColumn, Kind::kDropColumn, Kind::kModifyColumn});
    for (const std::string& name : MovedColumns(difference_)) Add(Kind::kMoveColumn, name, "", "");
  }

  void ReportIndexes() {
    std::vector<Pair<Index>> others;
    for (const Pair<Index>& pair : difference_.indexes) {
      const bool renamed = pair.before != nullptr && pair.after != nullptr && pair.before->name != pair.after->name;
      if (!renamed) {
        others.push_back(pair);
        continue;
      }
      Add(Kind::kRenameIndex, pair.after->name, pair.before->name, pair.after->name);
    }
    ReportAll(others, {Kind::kAddIndex, Kind::kDropIndex, Kind::kModifyIndex});
  }

  // A PERIOD FOR stands among the options: it is neither a column nor a key.
  void ReportPeriods() {
    const std::vector<std::string>&before = difference_.before->periods, &after = difference_.after->periods;
    for (const std::string& period : before) {
      if (!absl::c_linear_search(after, period)) Add(Kind::kTableOption, "PERIOD", period, "");
    }
    for (const std::string& period : after) {
      if (!absl::c_linear_search(before, period)) Add(Kind::kTableOption, "PERIOD", "", period);
    }
  }

  void ReportOrder() {
    const auto never = [](const auto&) { return false; };
    for (const Index* index : MovedIndexes(difference_, flavour_, never)) Add(Kind::kMoveIndex, index->name, "", "");
    if (flavour_ != data_access::Flavour::kMariaDb) return;
    for (const Check* check : MovedChecks(difference_, never)) Add(Kind::kMoveCheck, check->name, "", "");
  }

  const TableDifference& difference_;
  const data_access::Flavour flavour_;
  std::vector<Change>& changes_;
};

void ReportRenames(const Renames& renames, std::vector<Change>* changes) {
  for (const auto& [old_name, new_name] : renames.tables) {
    changes->push_back({Kind::kRenameTable, new_name, "", old_name, new_name});
  }
  for (const auto& [table, columns] : renames.columns) {
    for (const auto& [old_name, new_name] : columns) {
      changes->push_back({Kind::kRenameColumn, table, new_name, old_name, new_name});
    }
  }
}

void ReportTables(const Schema& before, const Schema& to, Difference* result) {
  for (const auto& [name, table] : before.tables) {
    if (to.tables.count(name) == 0) result->changes.push_back({Kind::kDropTable, name, "", table.create_statement, ""});
  }
  for (const auto& [name, table] : to.tables) {
    const auto same = before.tables.find(name);
    if (same == before.tables.end()) {
      result->changes.push_back({Kind::kAddTable, name, "", "", table.create_statement});
      continue;
    }
    const TableDifference difference = Compare(same->second, table);
    TableReporter(difference, to.flavour, &result->changes).Report();
    absl::c_move(PossibleColumnRenames(difference), std::back_inserter(result->possible_renames));
  }
}

void ReportObjects(const Schema& from, const Schema& to, std::vector<Change>* changes) {
  const auto find = [](const Schema& schema, const SchemaObject& object) {
    return absl::c_find_if(schema.objects, [&](const StoredObject& stored) { return stored.object == object; });
  };
  for (const StoredObject& stored : from.objects) {
    const auto after = find(to, stored.object);
    if (after == to.objects.end()) {
      changes->push_back({Kind::kDropObject, stored.table, stored.object.name, stored.create_statement, ""});
    } else if (after->create_statement != stored.create_statement) {
      changes->push_back({Kind::kModifyObject, stored.table, stored.object.name, stored.create_statement,
                          after->create_statement});
    }
  }
  for (const StoredObject& stored : to.objects) {
    if (find(from, stored.object) == from.objects.end()) {
      changes->push_back({Kind::kAddObject, stored.table, stored.object.name, "", stored.create_statement});
    }
  }
}

}  // namespace

Difference Diff(const Schema& from, const Schema& to, const RenameHints& hints) {
  const Renames renames = FindRenames(from, to, hints);
  const Schema before = AfterRenames(from, renames);
  Difference result;
  ReportRenames(renames, &result.changes);
  ReportTables(before, to, &result);
  ReportObjects(from, to, &result.changes);
  absl::c_move(PossibleTableRenames(before, to), std::back_inserter(result.possible_renames));
  absl::c_stable_sort(result.changes, [](const Change& a, const Change& b) {
    return std::tie(a.table, a.kind, a.object) < std::tie(b.table, b.kind, b.object);
  });
  return result;
}

}  // namespace bonnie::schema
