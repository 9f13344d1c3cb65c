#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/schema/lint_rules/column_type.h"
#include "services/schema/lint_rules/rules.h"

namespace bonnie::schema::lint {

namespace {

// The members before and after of a column that stays an ENUM, or a SET.
struct Members {
  std::vector<std::string> before, after;

  std::vector<std::string> Removed() const { return Without(before, after); }
  std::vector<std::string> Added() const { return Without(after, before); }
  // Those that stay, in their order before and after.
  bool AreReordered() const { return Without(before, Removed()) != Without(after, Added()); }

  static std::vector<std::string> Without(const std::vector<std::string>& all, const std::vector<std::string>& some) {
    std::vector<std::string> left;
    for (const std::string& one : all) {
      if (!absl::c_linear_search(some, one)) left.push_back(one);
    }
    return left;
  }
};

absl::optional<Members> MembersOf(absl::string_view word, const Change& change, const ChangedSchema& schemas) {
  if (change.kind != Change::Kind::kModifyColumn) return absl::nullopt;
  const Column *before = schemas.ColumnBefore(change), *after = schemas.ColumnAfter(change);
  if (before == nullptr || after == nullptr || !after->generated.empty()) return absl::nullopt;
  ColumnType was = ReadType(*before), is = ReadType(*after);
  if (was.word != word || is.word != word) return absl::nullopt;
  return Members{std::move(was.arguments), std::move(is.arguments)};
}

// Bytes that a value takes.
int Bytes(bool set, size_t members) {
  if (!set) return members > 255 ? 2 : 1;
  const int bytes = static_cast<int>((members + 7) / 8);
  return bytes > 4 ? 8 : std::max(bytes, 1);
}

template <bool kSet>
absl::optional<Members> Changed(const Change& change, const ChangedSchema& schemas) {
  return MembersOf(kSet ? "set" : "enum", change, schemas);
}

template <bool kSet>
void CheckRemoved(const Change& change, const ChangedSchema& schemas, Report& report) {
  const auto members = Changed<kSet>(change, schemas);
  if (!members.has_value() || members->Removed().empty()) return;
  report.Add(change.table, change.object,
             absl::StrCat("values go ('", absl::StrJoin(members->Removed(), "', '"),
                          "'): a row that holds one stops the statement"));
}

template <bool kSet>
void CheckReordered(const Change& change, const ChangedSchema& schemas, Report& report) {
  const auto members = Changed<kSet>(change, schemas);
  if (!members.has_value() || !members->AreReordered()) return;
  report.Add(change.table, change.object, "values change places: their numbers and their order change with them");
}

template <bool kSet>
void CheckInserted(const Change& change, const ChangedSchema& schemas, Report& report) {
  const auto members = Changed<kSet>(change, schemas);
  if (!members.has_value() || members->AreReordered() || !members->Removed().empty()) return;
  const bool at_end = std::equal(members->before.begin(), members->before.end(), members->after.begin());
  if (!at_end) {
    report.Add(change.table, change.object,
               "a value comes in between: the table is copied; at the end it would not be");
  }
}

template <bool kSet>
void CheckWider(const Change& change, const ChangedSchema& schemas, Report& report) {
  const auto members = Changed<kSet>(change, schemas);
  if (!members.has_value()) return;
  const int before = Bytes(kSet, members->before.size()), after = Bytes(kSet, members->after.size());
  if (before == after) return;
  report.Add(change.table, change.object,
             absl::StrCat(members->after.size(), " values take ", after, " bytes a row instead of ", before,
                          ": the table is copied"));
}

constexpr char kRemoved[] =
    "Rows that hold such a value make the migration fail, and programs that write it get errors.";
constexpr char kReordered[] =
    "Programs that keep or compare the numbers of values read other ones; rows sort otherwise.";
constexpr char kInserted[] = "Writers wait while the table is copied, which they would not if it were added last.";
constexpr char kWider[] = "Writers wait while the table is copied into rows of another size.";

Rule Of(const char* code, Severity severity, const char* name, const char* harm,
        void (*check)(const Change&, const ChangedSchema&, Report&)) {
  return {{code, severity, RuleSubject::kChange, name, harm}, nullptr, nullptr, check};
}

}  // namespace

Rule EnumRemoved() { return Of("MY110", Severity::kWarning, "ENUM values removed", kRemoved, CheckRemoved<false>); }
Rule EnumReordered() {
  return Of("MY111", Severity::kWarning, "ENUM values reordered", kReordered, CheckReordered<false>);
}
Rule EnumInserted() {
  return Of("MY112", Severity::kNotice, "ENUM value not added last", kInserted, CheckInserted<false>);
}
Rule EnumWider() { return Of("MY113", Severity::kNotice, "ENUM past 255 values", kWider, CheckWider<false>); }
Rule SetRemoved() { return Of("MY120", Severity::kWarning, "SET values removed", kRemoved, CheckRemoved<true>); }
Rule SetReordered() {
  return Of("MY121", Severity::kWarning, "SET values reordered", kReordered, CheckReordered<true>);
}
Rule SetInserted() {
  return Of("MY122", Severity::kNotice, "SET value not added last", kInserted, CheckInserted<true>);
}
Rule SetWider() { return Of("MY123", Severity::kNotice, "SET of another size", kWider, CheckWider<true>); }

}  // namespace bonnie::schema::lint
