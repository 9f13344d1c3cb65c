#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/schema/lint_rules/rules.h"
#include "services/schema/partitioning.h"

namespace bonnie::schema::lint {

namespace {

// Partitions that no other takes the rows of go by DROP PARTITION; any other change moves the rows to where they belong
// (alter_partitions.h).
void CheckDropPartition(const Change& change, const ChangedSchema&, Report& report) {
  if (change.kind == Change::Kind::kTableOption && change.object == "WITH SYSTEM VERSIONING" && change.after.empty()) {
    return report.Add(change.table, "", "system versioning ends, and the history of the rows goes");
  }
  if (change.kind != Change::Kind::kPartitioning) return;
  const Partitioning before = ReadPartitioning(change.before), after = ReadPartitioning(change.after);
  if (before.head != after.head || !before.IsByRangeOrList()) return;
  const std::vector<Partition> gone = PartitionsThatGo(before, after);
  if (gone.empty() || !CanDropAndAdd(before, after) || OthersTakeRows(before, after)) return;
  std::vector<std::string> names;
  for (const Partition& partition : gone) names.push_back(partition.name);
  report.Add(change.table, "", absl::StrCat("rows of partition ", absl::StrJoin(names, ", "), " go with it"));
}

}  // namespace

Rule DropPartition() {
  return {{"drop-partition", Severity::kError, RuleSubject::kChange, "partition or history dropped",
           "The rows that are in it are gone.", /*drops_data=*/true},
          nullptr,
          nullptr,
          CheckDropPartition};
}

}  // namespace bonnie::schema::lint
