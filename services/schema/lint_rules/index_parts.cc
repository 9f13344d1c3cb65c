#include "services/schema/lint_rules/index_parts.h"

#include "absl/strings/match.h"

namespace bonnie::schema::lint {

bool Covers(const Index& wide, const Index& narrow) {
  const bool ordered = [](Index::Kind kind) {
    return kind == Index::Kind::kPrimary || kind == Index::Kind::kUnique || kind == Index::Kind::kPlain;
  }(narrow.kind);
  const bool same_sort = ordered ? wide.kind == Index::Kind::kPrimary || wide.kind == Index::Kind::kUnique ||
                                       wide.kind == Index::Kind::kPlain
                                 : wide.kind == narrow.kind && wide.parser == narrow.parser;
  if (!same_sort || narrow.parts.size() > wide.parts.size() || (wide.invisible && !narrow.invisible)) return false;
  if (!ordered && narrow.parts.size() != wide.parts.size()) return false;
  for (size_t i = 0; i < narrow.parts.size(); ++i) {
    const IndexPart &a = narrow.parts[i], &b = wide.parts[i];
    const bool same =
        absl::EqualsIgnoreCase(a.column, b.column) && a.expression == b.expression && a.descending == b.descending;
    const bool long_enough = b.prefix == 0 || (a.prefix > 0 && a.prefix <= b.prefix);
    if (!same || !long_enough) return false;
    // Past a prefix the wider index orders by what the narrow one leaves out.
    if (a.prefix != b.prefix && i + 1 < narrow.parts.size()) return false;
  }
  return true;
}

bool IsUnique(const Index& index) { return index.kind == Index::Kind::kPrimary || index.kind == Index::Kind::kUnique; }

bool BeginsWith(const Index& index, const std::vector<std::string>& columns) {
  if (index.parts.size() < columns.size()) return false;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (!absl::EqualsIgnoreCase(index.parts[i].column, columns[i]) || index.parts[i].prefix > 0) return false;
  }
  return true;
}

}  // namespace bonnie::schema::lint
