#include "services/schema/alter_keys.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "services/schema/create_table.h"
#include "services/schema/index_order.h"

namespace bonnie::schema {

namespace {

using data_access::Flavour;
using Kind = Index::Kind;

std::string DropIndex(const Index& index) {
  return index.kind == Kind::kPrimary ? "DROP PRIMARY KEY" : absl::StrCat("DROP INDEX ", QuoteName(index.name));
}

std::string AddIndex(const Index& index) { return absl::StrCat("ADD ", index.definition); }

std::vector<std::string> ColumnsOf(const Index& index) {
  std::vector<std::string> columns;
  for (const IndexPart& part : index.parts) columns.push_back(part.column);
  return columns;
}

bool IsPrefixOf(const std::vector<std::string>& prefix, const std::vector<std::string>& columns) {
  return prefix.size() <= columns.size() &&
         std::equal(prefix.begin(), prefix.end(), columns.begin(), absl::EqualsIgnoreCase);
}

std::string WithoutVisibility(const std::string& definition) {
  for (const absl::string_view word : {" /*!80000 INVISIBLE */", " IGNORED"}) {
    if (absl::EndsWith(definition, word)) return definition.substr(0, definition.size() - word.size());
  }
  return definition;
}

// Writes the clauses of one table's indexes.
class IndexWriter {
 public:
  IndexWriter(const TableDifference& difference, const ColumnUpheaval& upheaval, Flavour flavour,
              const std::vector<const ForeignKey*>& new_foreign_keys)
      : difference_(difference), upheaval_(upheaval), flavour_(flavour) {
    for (const ForeignKey* key : new_foreign_keys) arriving_.push_back(key->columns);
    for (const Pair<Index>& pair : difference.indexes) {
      if (pair.after != nullptr && pair.after->kind != Kind::kFulltext && pair.after->kind != Kind::kSpatial &&
          (pair.before == nullptr || IsMadeAnew(pair))) {
        arriving_.push_back(ColumnsOf(*pair.after));
      }
    }
    const auto anew = [this](const Pair<Index>& pair) { return IsMadeAnew(pair) || IsHiddenKey(pair); };
    moved_ = MovedIndexes(difference, flavour, anew);
    others_change_ = absl::c_any_of(difference.indexes, [&](const Pair<Index>& pair) {
      return pair.before == nullptr || pair.after == nullptr || anew(pair);
    });
  }

  KeyClauses Write() {
    for (const Pair<Index>& pair : difference_.indexes) WritePair(pair);
    WriteOwnMoves();
    if (!clauses_.adds.empty() && !DiffersBesideOrder(difference_)) clauses_.adds.push_back(SameComment());
    return std::move(clauses_);
  }

 private:
  void WritePair(const Pair<Index>& pair) {
    if (pair.after == nullptr) {
      Drop(*pair.before);
    } else if (pair.before == nullptr) {
      Add(*pair.after);
    } else if (moved_.count(pair.before) > 0) {
      Move(*pair.after);  // the same clause as before
    } else if (IsMadeAnew(pair) || IsHiddenKey(pair)) {
      Drop(*pair.before);
      Add(*pair.after);
    } else if (pair.before->name != pair.after->name) {
      clauses_.changes.push_back(
          absl::StrCat("RENAME INDEX ", QuoteName(pair.before->name), " TO ", QuoteName(pair.after->name)));
    } else if (!Same(pair)) {
      clauses_.changes.push_back(
          absl::StrCat("ALTER INDEX ", QuoteName(pair.after->name), " ", Visibility(*pair.after)));
    }
  }

  // At its place among those that are added. Where none are, all that move have a statement of their own: a column that
  // comes in an instant would not in one that drops and adds indexes.
  void Move(const Index& index) {
    if (index.kind == Kind::kFulltext) {
      clauses_.later.push_back({DropIndex(index), AddIndex(index), SameComment()});
      fulltext_is_later_ = true;
    } else if (others_change_) {
      Drop(index);
      Add(index);
    } else {
      own_drops_.push_back(DropIndex(index));
      own_adds_.push_back(AddIndex(index));
    }
  }

  void WriteOwnMoves() {
    if (own_drops_.empty()) return;
    std::vector<std::string> clauses = std::move(own_drops_);
    absl::c_move(own_adds_, std::back_inserter(clauses));
    clauses.push_back(SameComment());
    clauses_.later.push_back(std::move(clauses));
  }

  std::string Visibility(const Index& index) const {
    if (flavour_ == Flavour::kMariaDb) return index.invisible ? "IGNORED" : "NOT IGNORED";
    return index.invisible ? "INVISIBLE" : "VISIBLE";
  }

  void Drop(const Index& index) { (IsInTheWay(index) ? clauses_.earlier : clauses_.drops).push_back(DropIndex(index)); }

  bool IsInTheWay(const Index& index) const {
    return index.kind == Kind::kSpatial && absl::c_any_of(difference_.columns, [&](const Pair<Column>& pair) {
             return Changed(pair) && absl::EqualsIgnoreCase(pair.after->name, index.parts[0].column);
           });
  }

  void Add(const Index& index) {
    const std::string clause = AddIndex(index);
    const bool is_fulltext = index.kind == Kind::kFulltext;
    if (is_fulltext && fulltext_is_later_) {
      clauses_.later.push_back({clause});
    } else {
      clauses_.adds.push_back(clause);
    }
    const bool one_at_a_time = is_fulltext && difference_.after->option("ENGINE") == "InnoDB";
    fulltext_is_later_ = fulltext_is_later_ || one_at_a_time;
  }

  // Changes nothing, and keeps the server from skipping the statement.
  std::string SameComment() const {
    const std::string comment = difference_.after->option("COMMENT");
    return absl::StrCat("COMMENT=", comment.empty() ? "''" : comment);
  }

  // Whether it differs in more than name and visibility, or its columns do not outlive the statement.
  bool IsMadeAnew(const Pair<Index>& pair) const {
    const bool same_name = absl::EqualsIgnoreCase(pair.before->name, pair.after->name);
    const bool same_clause = WithoutVisibility(pair.before->definition) == WithoutVisibility(pair.after->definition);
    const bool only_renamed = !same_name || pair.before->name != pair.after->name;
    if ((!same_clause && !(only_renamed && SameButName(pair))) || IsInTheWay(*pair.before)) return true;
    // MariaDB keeps the table's KEY_BLOCK_SIZE in each index, and writes it there once the table's is another.
    if (flavour_ == Flavour::kMariaDb &&
        difference_.before->option("KEY_BLOCK_SIZE") != difference_.after->option("KEY_BLOCK_SIZE")) {
      return true;
    }
    return absl::c_any_of(pair.after->parts, [&](const IndexPart& part) {
      return upheaval_.recreated.count(part.column) > 0 || upheaval_.Touches(part.expression);
    });
  }

  static bool SameButName(const Pair<Index>& pair) {
    const std::string renamed =
        absl::StrReplaceAll(pair.before->definition, {{absl::StrCat("KEY ", QuoteName(pair.before->name), " ("),
                                                       absl::StrCat("KEY ", QuoteName(pair.after->name), " (")}});
    return renamed == pair.after->definition;
  }

  // An index that the server made for a foreign key vanishes by itself once another that begins with its columns
  // arrives, or takes the name of a foreign key that arrives: also long after its own foreign key is gone. SHOW CREATE
  // does not tell it from an index that somebody asked for. Dropped and added in one statement it is surely one of
  // those; where nothing changes, that costs no rebuild.
  bool IsHiddenKey(const Pair<Index>& pair) const {
    if (!MayBeGenerated(*pair.before, *difference_.before)) return false;
    const std::vector<std::string> columns = ColumnsOf(*pair.after);
    return absl::c_any_of(arriving_,
                          [&](const std::vector<std::string>& arriving) { return IsPrefixOf(columns, arriving); });
  }

  const TableDifference& difference_;
  const ColumnUpheaval& upheaval_;
  const Flavour flavour_;
  std::vector<std::vector<std::string>> arriving_;  // columns of indexes and foreign keys that are added
  std::set<const Index*> moved_;
  bool others_change_ = false;  // whether any index is added or dropped besides those
  std::vector<std::string> own_drops_, own_adds_;
  KeyClauses clauses_;
  bool fulltext_is_later_ = false;  // what follows comes in later statements: one is being added, or has moved
};

bool OnlyEnforcementDiffers(const Pair<Check>& pair) {
  return Changed(pair) && pair.before->name == pair.after->name && pair.before->expression == pair.after->expression &&
         pair.before->enforced != pair.after->enforced;
}

}  // namespace

bool MayBeGenerated(const Index& index, const Table& table) {
  const bool plain = index.kind == Kind::kPlain && !index.invisible && index.comment.empty() &&
                     absl::c_all_of(index.parts, [](const IndexPart& part) {
                       return !part.column.empty() && part.prefix == 0 && !part.descending;
                     });
  if (!plain) return false;
  return absl::StartsWithIgnoreCase(index.name, index.parts[0].column) ||
         absl::c_any_of(table.foreign_keys,
                        [&](const ForeignKey& key) { return absl::EqualsIgnoreCase(key.name, index.name); });
}

KeyClauses IndexClauses(const TableDifference& difference, const ColumnUpheaval& upheaval, Flavour flavour,
                        const std::vector<const ForeignKey*>& new_foreign_keys) {
  return IndexWriter(difference, upheaval, flavour, new_foreign_keys).Write();
}

KeyClauses CheckClauses(const TableDifference& difference, const ColumnUpheaval& upheaval, Flavour flavour) {
  const auto is_made_anew = [&](const Pair<Check>& pair) {
    return upheaval.Touches(pair.after->expression) || (!Same(pair) && !OnlyEnforcementDiffers(pair));
  };
  std::set<const Check*> moved;
  if (flavour == Flavour::kMariaDb) moved = MovedChecks(difference, is_made_anew);
  KeyClauses clauses;
  for (const Pair<Check>& pair : difference.checks) {
    const bool stays = pair.before != nullptr && pair.after != nullptr && !is_made_anew(pair) &&
                       moved.count(pair.before) == 0;
    if (stays) {
      if (Same(pair)) continue;
      clauses.changes.push_back(absl::StrCat("ALTER CHECK ", QuoteName(pair.after->name),
                                             pair.after->enforced ? " ENFORCED" : " NOT ENFORCED"));
      continue;
    }
    if (pair.before != nullptr) clauses.drops.push_back(DropCheck(*pair.before, flavour));
    if (pair.after != nullptr) clauses.adds.push_back(absl::StrCat("ADD ", pair.after->definition));
  }
  return clauses;
}

KeyClauses PeriodClauses(const TableDifference& difference) {
  KeyClauses clauses;
  const std::vector<std::string>&before = difference.before->periods, &after = difference.after->periods;
  for (const std::string& period : before) {
    if (absl::c_linear_search(after, period)) continue;
    clauses.drops.push_back(absl::StrCat("DROP ", period.substr(0, period.find(" ("))));
  }
  for (const std::string& period : after) {
    if (!absl::c_linear_search(before, period)) clauses.adds.push_back(absl::StrCat("ADD ", period));
  }
  return clauses;
}

std::string DropCheck(const Check& check, Flavour flavour) {
  return absl::StrCat(flavour == Flavour::kMariaDb ? "DROP CONSTRAINT " : "DROP CHECK ", QuoteName(check.name));
}

}  // namespace bonnie::schema
