#include "absl/strings/str_cat.h"
#include "services/schema/lint_rules/index_parts.h"
#include "services/schema/lint_rules/rules.h"

namespace bonnie::schema::lint {

namespace {

enum class Sort { kSame, kNarrower };

// Every index is named once: of two that are the same, the later one.
void Find(const Table& table, Sort sort, Report& report) {
  for (size_t i = 0; i < table.indexes.size(); ++i) {
    const Index& index = table.indexes[i];
    for (size_t j = 0; j < table.indexes.size(); ++j) {
      const Index& other = table.indexes[j];
      if (i == j || !Covers(other, index) || (IsUnique(index) && !IsUnique(other))) continue;
      const bool same = Covers(index, other);
      if (IsUnique(index) && !same) continue;  // it forbids more than the wider one does
      // Of two that are the same the one that forbids less, else the later one, can go.
      if (same && IsUnique(index) == IsUnique(other) && (i < j || index.kind == Index::Kind::kPrimary)) continue;
      if ((sort == Sort::kSame) != same) break;
      report.Add(table.name, index.name,
                 same ? absl::StrCat("has the columns of index ", other.name)
                      : absl::StrCat("index ", other.name, " begins with the same columns"));
      break;
    }
  }
}

void CheckSame(const Table& table, const Schema&, Report& report) { Find(table, Sort::kSame, report); }
void CheckNarrower(const Table& table, const Schema&, Report& report) { Find(table, Sort::kNarrower, report); }

}  // namespace

Rule DuplicateIndex() {
  return {{"dupe-index", Severity::kWarning, RuleSubject::kSchema, "two indexes on the same columns",
           "Every write of a row pays for an index that no reader needs."},
          CheckSame};
}

Rule RedundantIndex() {
  return {{"redundant-index", Severity::kWarning, RuleSubject::kSchema, "index that a wider one replaces",
           "Every write of a row pays for an index whose work the wider one does."},
          CheckNarrower};
}

}  // namespace bonnie::schema::lint
