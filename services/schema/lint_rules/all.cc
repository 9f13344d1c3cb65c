#include <algorithm>
#include <tuple>

#include "services/schema/lint_rules/rules.h"

namespace bonnie::schema::lint {

const std::vector<Rule>& AllRules() {
  static const auto* const kRules = [] {
    auto* rules = new std::vector<Rule>{
        AutoIncrementCapacity(), AutoIncrementType(), Charset(), Compression(), Definer(), DisplayWidth(),
        DuplicateIndex(), Engine(), ForeignKeyIndex(), ForeignKeyParent(), HasEnum(), HasFloat(), HasForeignKey(),
        HasRoutine(), HasTime(), HasTimestamp(), NameCase(), Nullable(), PrimaryKey(), PrimaryKeyType(),
        RedundantIndex(), ReservedWord(), TypePedantic(), ZeroDate(),
        //
        CharsetChange(), CheckDropped(), CollationChange(), ColumnRenamed(), DropColumn(), DropPartition(),
        DropSchema(), DropTable(), EnumInserted(), EnumRemoved(), EnumReordered(), EnumWider(), ForeignKeyDropped(),
        ImplicitValue(), IndexMadeUnique(), InvisibleIndexBeforeDrop(), Narrowing(), NotNullColumnAdded(),
        NullForbidden(), PrimaryKeyDropped(), RenameRight(), RowsChecked(), SetInserted(), SetRemoved(), SetReordered(),
        SetWider(), TableRenamed(), UniqueIndexAdded(), ValueChanged(),
        //
        InlineReferences()};
    for (Rule& rule : ForecastRules()) rules->push_back(std::move(rule));
    std::sort(rules->begin(), rules->end(), [](const Rule& a, const Rule& b) {
      return std::tie(a.info.subject, a.info.code) < std::tie(b.info.subject, b.info.code);
    });
    return rules;
  }();
  return *kRules;
}

}  // namespace bonnie::schema::lint
