#ifndef BONNIE_SERVICES_SCHEMA_LINT_RULES_RULES_H_
#define BONNIE_SERVICES_SCHEMA_LINT_RULES_RULES_H_

#include <vector>

#include "services/schema/lint_rules/rule.h"

namespace bonnie::schema::lint {

// Every rule, each made in the file of its name or its family's. A new one is declared here and listed in all.cc.

// About one schema.
Rule AutoIncrementCapacity();
Rule AutoIncrementType();
Rule Charset();
Rule Compression();
Rule Definer();
Rule DisplayWidth();
Rule DuplicateIndex();
Rule Engine();
Rule ForeignKeyIndex();
Rule ForeignKeyParent();
Rule HasEnum();
Rule HasFloat();
Rule HasForeignKey();
Rule HasRoutine();
Rule HasTime();
Rule HasTimestamp();
Rule NameCase();
Rule Nullable();
Rule PrimaryKey();
Rule PrimaryKeyType();
Rule RedundantIndex();
Rule ReservedWord();
Rule TypePedantic();
Rule ZeroDate();

// About a change.
Rule CharsetChange();
Rule CheckDropped();
Rule CollationChange();
Rule ColumnRenamed();
Rule DropColumn();
Rule DropPartition();
Rule DropSchema();
Rule DropTable();
Rule EnumInserted();
Rule EnumRemoved();
Rule EnumReordered();
Rule EnumWider();
Rule ForeignKeyDropped();
Rule ImplicitValue();
Rule IndexMadeUnique();
Rule InvisibleIndexBeforeDrop();
Rule Narrowing();
Rule NotNullColumnAdded();
Rule NullForbidden();
Rule PrimaryKeyDropped();
Rule RenameRight();
Rule RowsChecked();
Rule SetInserted();
Rule SetRemoved();
Rule SetReordered();
Rule SetWider();
Rule TableRenamed();
Rule UniqueIndexAdded();
Rule ValueChanged();

// About a text.
Rule InlineReferences();

// About a statement of which a forecast says that it makes writes wait.
std::vector<Rule> ForecastRules();

// All of them, in the order of schema::Rules().
const std::vector<Rule>& AllRules();

}  // namespace bonnie::schema::lint

#endif  // BONNIE_SERVICES_SCHEMA_LINT_RULES_RULES_H_
