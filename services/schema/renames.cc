#include "services/schema/renames.h"

#include <functional>
#include <set>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/schema/create_table.h"
#include "services/schema/quoted_names.h"

namespace bonnie::schema {

namespace {

using Names = std::map<std::string, std::string>;

// What hints are judged by; names of columns come in lower case.
struct Sides {
  std::function<bool(const std::string&)> before_has, after_has;
  // Whether what was `before` has the clauses of what is `after`.
  std::function<bool(const std::string& before, const std::string& after)> same;
};

bool IsOldName(const Names& hints, const std::string& name) {
  return absl::c_any_of(hints, [&](const auto& hint) { return hint.second == name; });
}

// Leaves out hints (new -> old) whose new name is taken or whose old name stays. A name is free when another hint that
// holds moves it away, so chains hold as a whole or not at all.
void LeaveOutBlocked(const Sides& sides, Names* hints) {
  for (size_t before = hints->size() + 1; before > hints->size();) {
    before = hints->size();
    for (auto hint = hints->begin(); hint != hints->end();) {
      const auto& [new_name, old_name] = *hint;
      const bool taken = sides.before_has(new_name) && !IsOldName(*hints, new_name);
      const bool stays = sides.after_has(old_name) && hints->count(old_name) == 0;
      hint = taken || stays ? hints->erase(hint) : std::next(hint);
    }
  }
}

// The names that follow each other back to `start`; empty when they do not.
std::vector<std::string> CycleFrom(const Names& hints, const std::string& start) {
  std::vector<std::string> cycle;
  for (auto hint = hints.find(start); hint != hints.end() && cycle.size() < hints.size();
       hint = hints.find(hint->second)) {
    cycle.push_back(hint->first);
    if (hint->second == start) return cycle;
  }
  return {};
}

// Names that swap are the same set before and after: only the clauses can tell whether it is done already.
void LeaveOutDoneSwaps(const Sides& sides, Names* hints) {
  const Names all = *hints;
  for (const auto& [start, old_name] : all) {
    const std::vector<std::string> cycle = CycleFrom(*hints, start);
    const bool to_do = absl::c_all_of(cycle, [&](const std::string& name) {
      return sides.same(all.at(name), name) && !sides.same(name, name);
    });
    if (to_do) continue;
    for (const std::string& name : cycle) hints->erase(name);
  }
}

Names HintsThatHold(const Names& hints, const Sides& sides) {
  Names held;
  std::set<std::string> old_names;
  for (const auto& [new_name, old_name] : hints) {
    if (new_name != old_name && sides.before_has(old_name) && sides.after_has(new_name) &&
        old_names.insert(old_name).second) {
      held.emplace(new_name, old_name);
    }
  }
  LeaveOutBlocked(sides, &held);
  LeaveOutDoneSwaps(sides, &held);
  LeaveOutBlocked(sides, &held);
  return held;
}

bool HaveSameColumns(const Table& a, const Table& b) {
  return absl::c_equal(a.columns, b.columns, [](const Column& x, const Column& y) {
    return x.name == y.name && x.definition == y.definition;
  });
}

Sides TableSides(const Schema& from, const Schema& to) {
  return {
      [&](const std::string& name) { return from.tables.count(name) > 0; },
      [&](const std::string& name) { return to.tables.count(name) > 0; },
      [&](const std::string& before, const std::string& after) {
        return HaveSameColumns(from.tables.at(before), to.tables.at(after));
      },
  };
}

Sides ColumnSides(const Table& before, const Table& after) {
  return {
      [&](const std::string& name) { return before.FindColumn(name) != nullptr; },
      [&](const std::string& name) { return after.FindColumn(name) != nullptr; },
      [&](const std::string& b, const std::string& a) {
        return before.FindColumn(b)->definition == after.FindColumn(a)->definition;
      },
  };
}

Names InLowerCase(const Names& hints) {
  Names lower;
  for (const auto& [new_name, old_name] : hints) {
    lower.emplace(absl::AsciiStrToLower(new_name), absl::AsciiStrToLower(old_name));
  }
  return lower;
}

Names FindTableRenames(const Schema& from, const Schema& to, const RenameHints& hints) {
  Names renames;
  for (const auto& [new_name, old_name] : HintsThatHold(hints.tables, TableSides(from, to))) {
    renames[old_name] = new_name;
  }
  return renames;
}

// Old -> new, as the columns are written.
Names FindColumnRenames(const Table& before, const Table& after, const Names& hints) {
  Names renames;
  const Names held = HintsThatHold(InLowerCase(hints), ColumnSides(before, after));
  for (const auto& [new_name, old_name] : held) {
    renames[before.FindColumn(old_name)->name] = after.FindColumn(new_name)->name;
  }
  for (const Column& column : before.columns) {
    const Column* same = after.FindColumn(column.name);
    const std::string key = absl::AsciiStrToLower(column.name);
    if (same == nullptr || same->name == column.name || held.count(key) > 0 || IsOldName(held, key)) continue;
    renames[column.name] = same->name;
  }
  return renames;
}

std::string Renamed(const Names& renames, const std::string& name) {
  const auto found =
      absl::c_find_if(renames, [&](const auto& rename) { return absl::EqualsIgnoreCase(rename.first, name); });
  return found == renames.end() ? name : found->second;
}

void RenameAll(const Names& renames, std::vector<std::string>* names) {
  for (std::string& name : *names) name = Renamed(renames, name);
}

// The server keeps the names that it made itself like the table's: t_ibfk_1 becomes u_ibfk_1.
std::string FollowingTable(absl::string_view name, absl::string_view old_table, absl::string_view new_table,
                           absl::string_view infix) {
  absl::string_view number = name;
  if (!absl::ConsumePrefix(&number, old_table) || !absl::ConsumePrefix(&number, infix) || number.empty() ||
      !absl::c_all_of(number, absl::ascii_isdigit)) {
    return std::string(name);
  }
  return absl::StrCat(new_table, infix, number);
}

// Puts `name` in the place of the first name of a clause that begins CONSTRAINT.
void NameConstraint(const std::string& name, std::string* definition) {
  bool first = true;
  *definition = ReplaceNames(*definition, [&](const std::string& old_name) {
    return std::exchange(first, false) ? name : old_name;
  });
}

void RenameInColumns(const Names& renames, Table* table) {
  const auto replace = [&](const std::string& name) { return Renamed(renames, name); };
  for (Column& column : table->columns) {
    column.name = replace(column.name);
    for (std::string* text : {&column.definition, &column.generated, &column.check}) {
      *text = ReplaceNames(*text, replace);
    }
    if (column.default_value.has_value()) column.default_value = ReplaceNames(*column.default_value, replace);
  }
}

// `index`'s own name stays, even where a column is called like it.
void RenameInIndex(const Names& renames, Index* index) {
  bool own_name = index->kind != Index::Kind::kPrimary;
  index->definition = ReplaceNames(index->definition, [&](const std::string& name) {
    return std::exchange(own_name, false) ? name : Renamed(renames, name);
  });
  for (IndexPart& part : index->parts) {
    part.column = Renamed(renames, part.column);
    part.expression = ReplaceNames(part.expression, [&](const std::string& name) { return Renamed(renames, name); });
  }
}

void RenameInCheck(const Names& renames, Check* check) {
  bool own_name = true;
  check->definition = ReplaceNames(check->definition, [&](const std::string& name) {
    return std::exchange(own_name, false) ? name : Renamed(renames, name);
  });
  check->expression = ReplaceNames(check->expression, [&](const std::string& name) { return Renamed(renames, name); });
}

void RenameColumns(const Names& renames, Table* table) {
  if (renames.empty()) return;
  RenameInColumns(renames, table);
  for (Index& index : table->indexes) RenameInIndex(renames, &index);
  for (Check& check : table->checks) RenameInCheck(renames, &check);
  for (std::string& period : table->periods) {
    bool own_name = period.find("SYSTEM_TIME") == std::string::npos;
    period = ReplaceNames(period, [&](const std::string& name) {
      return std::exchange(own_name, false) ? name : Renamed(renames, name);
    });
  }
  table->partitioning =
      ReplaceNames(table->partitioning, [&](const std::string& name) { return Renamed(renames, name); });
}

// In a foreign key the constraint's name comes first, then the columns, then the other table, then its columns.
void RenameInForeignKey(const Renames& renames, const std::string& table, ForeignKey* key) {
  static const Names* const kNone = new Names();
  const auto columns_of = [&](const std::string& name) -> const Names& {
    const auto found = renames.columns.find(name);
    return found == renames.columns.end() ? *kNone : found->second;
  };
  if (!key->referenced_schema.empty()) {
    RenameAll(columns_of(table), &key->columns);
    return;
  }
  const size_t columns = key->columns.size();
  const auto moved = renames.tables.find(key->referenced_table);
  if (moved != renames.tables.end()) key->referenced_table = moved->second;
  RenameAll(columns_of(table), &key->columns);
  RenameAll(columns_of(key->referenced_table), &key->referenced_columns);
  size_t at = 0;
  key->definition = ReplaceNames(key->definition, [&](const std::string& name) {
    const size_t place = at++;
    if (place == 0) return key->name;
    if (place <= columns) return key->columns[place - 1];
    if (place == columns + 1) return key->referenced_table;
    return place - columns - 2 < key->referenced_columns.size() ? key->referenced_columns[place - columns - 2] : name;
  });
}

// Of hints new -> old, all of one kind. `place` begins each sentence.
void CheckHints(const Names& hints, const Sides& sides, const std::string& place, std::vector<std::string>* troubles) {
  Names open;  // hints that were not followed yet
  for (const auto& [new_name, old_name] : hints) {
    const bool is_open = new_name != old_name && sides.before_has(old_name) && sides.after_has(new_name);
    if (is_open) open.emplace(new_name, old_name);
  }
  std::map<std::string, std::string> claims;  // old -> new
  for (const auto& [new_name, old_name] : open) {
    if (sides.before_has(new_name) && !IsOldName(open, new_name)) continue;
    const auto [claim, is_first] = claims.emplace(old_name, new_name);
    if (!is_first) {
      troubles->push_back(absl::StrCat(place, claim->second, " and ", new_name, " are both renamed from ", old_name,
                                       ", and only one can have its values: leave one of the hints out"));
    } else if (sides.after_has(old_name) && open.count(old_name) == 0) {
      troubles->push_back(absl::StrCat(place, new_name, " is renamed from ", old_name, ", and there is another ",
                                       old_name, " now: make two revisions, first the rename, then the new ",
                                       old_name));
    }
  }
}

}  // namespace

Renames FindRenames(const Schema& from, const Schema& to, const RenameHints& hints) {
  Renames renames;
  renames.tables = FindTableRenames(from, to, hints);
  Names old_names;
  for (const auto& [old_name, new_name] : renames.tables) old_names[new_name] = old_name;
  for (const auto& [name, after] : to.tables) {
    const auto old_name = old_names.find(name);
    const bool moved_away = renames.tables.count(name) > 0 && old_name == old_names.end();
    const auto before = from.tables.find(old_name == old_names.end() ? name : old_name->second);
    if (before == from.tables.end() || moved_away) continue;
    const auto hinted = hints.columns.find(name);
    Names columns = FindColumnRenames(before->second, after, hinted == hints.columns.end() ? Names() : hinted->second);
    if (!columns.empty()) renames.columns[name] = std::move(columns);
  }
  return renames;
}

Schema AfterRenames(const Schema& from, const Renames& renames) {
  Schema renamed = from;
  if (renames.tables.empty() && renames.columns.empty()) return renamed;
  renamed.tables.clear();
  for (const auto& [old_name, before] : from.tables) {
    const auto moved = renames.tables.find(old_name);
    const std::string name = moved == renames.tables.end() ? old_name : moved->second;
    Table table = before;
    table.name = name;
    for (ForeignKey& key : table.foreign_keys) key.name = FollowingTable(key.name, old_name, name, "_ibfk_");
    if (from.flavour == data_access::Flavour::kMySql) {
      for (Check& check : table.checks) {
        check.name = FollowingTable(check.name, old_name, name, "_chk_");
        NameConstraint(check.name, &check.definition);
      }
    }
    for (ForeignKey& key : table.foreign_keys) RenameInForeignKey(renames, name, &key);
    const auto columns = renames.columns.find(name);
    if (columns != renames.columns.end()) RenameColumns(columns->second, &table);
    renamed.tables.emplace(name, std::move(table));
  }
  return renamed;
}

std::vector<std::string> HintTroubles(const Schema& from, const Schema& to, const RenameHints& hints) {
  std::vector<std::string> troubles;
  CheckHints(hints.tables, TableSides(from, to), "table ", &troubles);
  for (const auto& [table, columns] : hints.columns) {
    const auto renamed = hints.tables.find(table);
    auto before = from.tables.find(table);
    if (before == from.tables.end() && renamed != hints.tables.end()) before = from.tables.find(renamed->second);
    const auto after = to.tables.find(table);
    if (before == from.tables.end() || after == to.tables.end()) continue;
    CheckHints(InLowerCase(columns), ColumnSides(before->second, after->second), absl::StrCat(table, ": column "),
               &troubles);
  }
  return troubles;
}

}  // namespace bonnie::schema
