#include "services/schema/alter_columns.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/schema/create_table.h"
#include "services/schema/quoted_names.h"
#include "services/schema/no_default.h"

namespace bonnie::schema {

namespace {

bool IsVirtual(const Column& column) { return !column.generated.empty() && !column.stored; }

// Both servers refuse to MODIFY this (1907, 3106); all else they do, a stored column that becomes a plain one included,
// which keeps its values.
bool MustBeRecreated(const Pair<Column>& pair) {
  if (pair.before == nullptr || pair.after == nullptr) return false;
  const bool generation_changes = pair.before->generated.empty() != pair.after->generated.empty() ||
                                  pair.before->stored != pair.after->stored;
  return generation_changes && (IsVirtual(*pair.before) || IsVirtual(*pair.after));
}

// Writes the clauses of one table's columns from left to right.
class ColumnWriter {
 public:
  ColumnWriter(const TableDifference& difference, const ColumnUpheaval& upheaval,
               const std::map<std::string, std::string>& old_names)
      : difference_(difference), upheaval_(upheaval), old_names_(old_names) {
    const std::vector<std::string> moved = MovedColumns(difference);
    moved_.insert(moved.begin(), moved.end());
    stay_left_ = absl::c_count_if(difference.columns, [&](const Pair<Column>& pair) { return Stays(pair); });
  }

  std::vector<std::string> Write() {
    for (const Pair<Column>& pair : difference_.columns) {
      if (pair.before != nullptr && !IsKept(pair)) {
        clauses_.push_back(absl::StrCat("DROP COLUMN ", QuoteName(OldName(*pair.before))));
      }
    }
    for (const Pair<Column>& pair : difference_.columns) {
      if (pair.after == nullptr) continue;
      if (IsKept(pair)) {
        WriteKept(pair);
      } else {
        // The last place is where a column goes by itself, once all that stay are before it.
        const std::string place = stay_left_ == 0 && previous_ != nullptr ? "" : Place();
        clauses_.push_back(
            absl::StrCat("ADD COLUMN ", QuoteName(pair.after->name), " ", WriteColumn(*pair.after), place));
      }
      previous_ = pair.after;
    }
    return std::move(clauses_);
  }

 private:
  bool IsKept(const Pair<Column>& pair) const {
    return pair.before != nullptr && pair.after != nullptr && upheaval_.recreated.count(pair.after->name) == 0;
  }

  bool Stays(const Pair<Column>& pair) const { return IsKept(pair) && moved_.count(pair.after->name) == 0; }

  std::string OldName(const Column& column) const {
    const auto found = old_names_.find(column.name);
    return found == old_names_.end() ? column.name : found->second;
  }

  std::string Place() const {
    return previous_ == nullptr ? " FIRST" : absl::StrCat(" AFTER ", QuoteName(previous_->name));
  }

  // What a column inherits may change while its clause does not, so a new character set says all of them again.
  bool IsSaidAgain(const Pair<Column>& pair) const {
    return !Same(pair) || upheaval_.Touches(pair.after->definition) ||
           (difference_.charset_differs() && !pair.after->charset.empty());
  }

  // Whether nothing differs but that the default NULL goes, which no column's clause can say. It wants a statement
  // after the one that makes the column.
  bool LosesNullDefault(const Pair<Column>& pair) const {
    constexpr absl::string_view kNull = " DEFAULT NULL";
    const Column &before = *pair.before, &after = *pair.after;
    const size_t begin = before.definition.find(std::string(kNull), before.type.size());
    if (!LacksDefault(after) || before.default_value != "NULL" || begin == std::string::npos) return false;
    Column without = before;
    without.definition.erase(begin, kNull.size());
    return Same(without, after);
  }

  void WriteKept(const Pair<Column>& pair) {
    const Column& column = *pair.after;
    const bool stays = Stays(pair);
    if (stays) --stay_left_;
    if (stays && upheaval_.renamed.count(column.name) == 0 && LosesNullDefault(pair)) {
      clauses_.push_back(absl::StrCat("ALTER COLUMN ", QuoteName(column.name), " DROP DEFAULT"));
      return;
    }
    const std::string clause = absl::StrCat(QuoteName(column.name), " ", WriteColumn(column), stays ? "" : Place());
    if (upheaval_.renamed.count(column.name) > 0) {
      clauses_.push_back(absl::StrCat("CHANGE COLUMN ", QuoteName(OldName(column)), " ", clause));
    } else if (!stays || IsSaidAgain(pair)) {
      clauses_.push_back(absl::StrCat("MODIFY COLUMN ", clause));
    }
  }

  const TableDifference& difference_;
  const ColumnUpheaval& upheaval_;
  const std::map<std::string, std::string>& old_names_;
  std::set<std::string> moved_;
  size_t stay_left_ = 0;  // columns that stay and are still to come
  const Column* previous_ = nullptr;
  std::vector<std::string> clauses_;
};

}  // namespace

bool ColumnUpheaval::Touches(const std::string& expression) const {
  if (recreated.empty() && renamed.empty()) return false;
  const auto is_mentioned = [&](const std::string& name) { return Mentions(expression, name); };
  return absl::c_any_of(recreated, is_mentioned) || absl::c_any_of(renamed, is_mentioned);
}

ColumnUpheaval FindUpheaval(const TableDifference& difference, const std::map<std::string, std::string>& old_names) {
  ColumnUpheaval upheaval;
  for (const auto& [new_name, old_name] : old_names) upheaval.renamed.insert(new_name);
  for (const Pair<Column>& pair : difference.columns) {
    if (MustBeRecreated(pair)) upheaval.recreated.insert(pair.after->name);
  }
  return upheaval;
}

std::vector<std::string> ColumnClauses(const TableDifference& difference, const ColumnUpheaval& upheaval,
                                       const std::map<std::string, std::string>& old_names) {
  return ColumnWriter(difference, upheaval, old_names).Write();
}

std::string WriteColumn(const Column& column) {
  std::string clause = column.definition;
  // MySQL writes a collation alone where the column inherits it from its table, and takes the same clause for one that
  // does not inherit (SHOW CREATE then says CHARACTER SET too). So what is inherited is left out.
  const std::string inherited = absl::StrCat(column.type, " COLLATE ");
  if (absl::StartsWith(clause, inherited)) {
    const size_t name = clause.find_first_not_of(' ', inherited.size());
    const size_t end = std::min(clause.find(' ', name), clause.size());
    clause.erase(column.type.size(), end - column.type.size());
  }
  if (column.default_bytes.empty() || !column.default_value.has_value()) return clause;
  const std::string written = absl::StrCat(" DEFAULT ", *column.default_value);
  const size_t begin = clause.find(written);
  if (begin == std::string::npos) return clause;
  return absl::StrCat(clause.substr(0, begin), " DEFAULT X'", column.default_bytes, "'",
                      clause.substr(begin + written.size()));
}

}  // namespace bonnie::schema
