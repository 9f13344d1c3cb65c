#include "services/schema/lint_rules/rule.h"

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace bonnie::schema::lint {

namespace {

const Table* Find(const Schema& schema, const std::string& table) {
  const auto found = schema.tables.find(table);
  return found == schema.tables.end() ? nullptr : &found->second;
}

}  // namespace

void Report::Add(const std::string& table, const std::string& object, absl::string_view what) {
  Add(table, object, what, rule_.drops_data);
}

void Report::AddLoss(const std::string& table, const std::string& object, absl::string_view what) {
  Add(table, object, what, /*drops_data=*/true);
}

void Report::Add(const std::string& table, const std::string& object, absl::string_view what, bool drops_data) {
  const auto nolint = options_.nolint.find(table);
  if (nolint != options_.nolint.end() &&
      (nolint->second.count(rule_.code) > 0 || (drops_data && nolint->second.count(kDataLossCode) > 0))) {
    return;
  }
  const absl::string_view point = table.empty() || object.empty() ? "" : ".";
  findings_.push_back({rule_.code, severity_, table, object, absl::StrCat(table, point, object, ": ", what), drops_data,
                       rule_.blocks_writes});
}

bool Report::Allows(absl::string_view value) const {
  const auto allowed = options_.allowed.find(rule_.code);
  return allowed != options_.allowed.end() && absl::c_any_of(allowed->second, [value](const std::string& one) {
           return absl::EqualsIgnoreCase(one, value);
         });
}

ChangedSchema::ChangedSchema(const Schema& from, const Schema& to, const Difference& difference)
    : from_(from), to_(to), difference_(difference) {
  for (const Change& change : difference.changes) {
    if (change.kind == Change::Kind::kRenameTable) old_tables_[change.after] = change.before;
    if (change.kind == Change::Kind::kRenameColumn) old_columns_[{change.table, change.after}] = change.before;
  }
}

std::string ChangedSchema::OldTable(const std::string& table) const {
  const auto found = old_tables_.find(table);
  return found == old_tables_.end() ? table : found->second;
}

std::string ChangedSchema::OldColumn(const std::string& table, const std::string& column) const {
  const auto found = old_columns_.find({table, column});
  return found == old_columns_.end() ? column : found->second;
}

const Table* ChangedSchema::TableBefore(const Change& change) const { return Find(from_, OldTable(change.table)); }
const Table* ChangedSchema::TableAfter(const Change& change) const { return Find(to_, change.table); }

const Column* ChangedSchema::ColumnBefore(const Change& change) const {
  const Table* table = TableBefore(change);
  // A dropped column's name may be another's new one.
  const bool dropped = change.kind == Change::Kind::kDropColumn;
  return table == nullptr ? nullptr
                          : table->FindColumn(dropped ? change.object : OldColumn(change.table, change.object));
}

const Column* ChangedSchema::ColumnAfter(const Change& change) const {
  const Table* table = TableAfter(change);
  return table == nullptr ? nullptr : table->FindColumn(change.object);
}

const Index* ChangedSchema::IndexBefore(const Change& change) const {
  const Table* table = TableBefore(change);
  return table == nullptr ? nullptr : table->FindIndex(change.object);
}

const Index* ChangedSchema::IndexAfter(const Change& change) const {
  const Table* table = TableAfter(change);
  return table == nullptr ? nullptr : table->FindIndex(change.object);
}

bool ChangedSchema::Has(Change::Kind kind, const std::string& table, const std::string& object) const {
  return absl::c_any_of(difference_.changes, [&](const Change& change) {
    return change.kind == kind && change.table == table && change.object == object;
  });
}

}  // namespace bonnie::schema::lint
