#include "services/schema/alter_table.h"

#include <iterator>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/schema/alter_columns.h"
#include "services/schema/alter_keys.h"
#include "services/schema/alter_options.h"
#include "services/schema/alter_partitions.h"
#include "services/schema/create_table.h"

namespace bonnie::schema {

namespace {

void Append(const std::vector<std::string>& clauses, std::vector<std::string>* all) {
  absl::c_copy(clauses, std::back_inserter(*all));
}

// An engine stands in every partition's clause, so another one needs the partitioning said again; so do columns that
// it speaks of when they are called otherwise (3855).
bool IsPartitionedAnew(const TableDifference& difference, const ColumnUpheaval& upheaval) {
  if (difference.after->partitioning.empty()) return false;
  return difference.before->option("ENGINE") != difference.after->option("ENGINE") ||
         upheaval.Touches(difference.after->partitioning);
}

}  // namespace

std::vector<std::string> AlterTable(const TableAlteration& alteration, data_access::Flavour flavour,
                                    std::vector<Unsupported>* unsupported) {
  const TableDifference& difference = *alteration.difference;
  const ColumnUpheaval upheaval = FindUpheaval(difference, alteration.old_column_names);
  const KeyClauses indexes = IndexClauses(difference, upheaval, flavour, alteration.new_foreign_keys);
  const KeyClauses checks = CheckClauses(difference, upheaval, flavour);
  const KeyClauses periods = PeriodClauses(difference);
  const PartitionChange partitions =
      ChangePartitions(difference, IsPartitionedAnew(difference, upheaval), alteration.direction);

  std::vector<std::string> clauses;
  for (const KeyClauses* keys : {&checks, &indexes, &periods}) Append(keys->drops, &clauses);
  for (const KeyClauses* keys : {&checks, &indexes}) Append(keys->changes, &clauses);
  Append(ColumnClauses(difference, upheaval, alteration.old_column_names), &clauses);
  for (const KeyClauses* keys : {&periods, &indexes, &checks}) Append(keys->adds, &clauses);
  Append(OptionClauses(difference, unsupported), &clauses);

  const std::string& name = difference.after->name;
  std::vector<std::string> statements;
  if (!indexes.earlier.empty()) statements.push_back(WriteAlterTable(name, indexes.earlier));
  if (!clauses.empty() || !partitions.ending.empty()) {
    statements.push_back(WriteAlterTable(name, clauses, partitions.ending));
  }
  for (const std::vector<std::string>& one : indexes.later) statements.push_back(WriteAlterTable(name, one));
  Append(partitions.statements, &statements);
  return statements;
}

std::string WriteAlterTable(const std::string& table, const std::vector<std::string>& clauses,
                            const std::string& ending) {
  const size_t lines = clauses.size() + (ending.empty() ? 0 : 1);
  const absl::string_view space = lines > 1 ? "\n  " : " ";
  return absl::StrCat("ALTER TABLE ", QuoteName(table), clauses.empty() ? "" : space, absl::StrJoin(clauses, ",\n  "),
                      ending.empty() ? "" : space, ending);
}

}  // namespace bonnie::schema
