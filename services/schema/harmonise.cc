#include "services/schema/harmonise.h"

#include <map>
#include <string>
#include <vector>

#include "services/schema/portable.h"
#include "services/schema/portable_diff.h"

namespace bonnie::schema {

namespace {

using Kind = PortablePart::Kind;
using Parts = std::map<std::string, PortablePart>;

// Takes over what means the same, part by part.
class Harmony {
 public:
  Harmony(const Schema& schema, const Schema& like) : ours_(PartsByKey(schema)), theirs_(PartsByKey(like)) {}

  void Apply(const Table& like, Table* table) const {
    const bool same_checks = HaveTheSameChecks(table->name);
    for (Column& column : table->columns) {
      const Column* const other = like.FindColumn(column.name);
      if (other != nullptr && same_checks && IsSame(Kind::kColumn, *table, column.name)) column = *other;
    }
    // A check of a column on one server is the table's on the other.
    if (same_checks) table->checks = like.checks;
    TakeOver(Kind::kIndex, like.indexes, *table, &table->indexes);
    TakeOver(Kind::kForeignKey, like.foreign_keys, *table, &table->foreign_keys);
    if (AllAreSame(Kind::kTableOption, table->name)) table->options = like.options;
    if (IsSame(Kind::kPartitioning, *table, "")) table->partitioning = like.partitioning;
  }

 private:
  template <class Part>
  void TakeOver(Kind kind, const std::vector<Part>& from, const Table& table, std::vector<Part>* to) const {
    for (Part& part : *to) {
      for (const Part& other : from) {
        const std::string name = NameOf(table.name, part);
        if (NameOf(table.name, other) == name && IsSame(kind, table, name)) part = other;
      }
    }
  }

  static std::string NameOf(const std::string&, const Index& index) { return index.name; }
  static std::string NameOf(const std::string& table, const ForeignKey& key) { return PortableName(table, key); }

  bool IsSame(Kind kind, const Table& table, const std::string& name) const {
    const std::string key = PortablePart{kind, table.name, name, "", ""}.Key();
    const auto ours = ours_.find(key), theirs = theirs_.find(key);
    return ours != ours_.end() && theirs != theirs_.end() && ours->second.plain == theirs->second.plain;
  }

  // Plain texts of one kind of a table, by key.
  static std::map<std::string, std::string> Of(Kind kind, const std::string& table, const Parts& parts) {
    std::map<std::string, std::string> found;
    for (const auto& [key, part] : parts) {
      if (part.kind == kind && part.table == table) found[key] = part.plain;
    }
    return found;
  }
  bool AllAreSame(Kind kind, const std::string& table) const {
    return Of(kind, table, ours_) == Of(kind, table, theirs_);
  }
  bool HaveTheSameChecks(const std::string& table) const { return AllAreSame(Kind::kCheck, table); }

  const Parts ours_, theirs_;
};

}  // namespace

Schema Harmonised(Schema schema, const Schema& like) {
  if (AreOfOneSeries(schema, like)) return schema;
  const Harmony harmony(schema, like);
  for (auto& [name, table] : schema.tables) {
    const auto other = like.tables.find(name);
    if (other != like.tables.end()) harmony.Apply(other->second, &table);
  }
  return schema;
}

}  // namespace bonnie::schema
