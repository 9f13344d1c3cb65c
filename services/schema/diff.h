#ifndef BONNIE_SERVICES_SCHEMA_DIFF_H_
#define BONNIE_SERVICES_SCHEMA_DIFF_H_

#include <map>
#include <string>
#include <vector>

#include "services/schema/model.h"

namespace bonnie::schema {

// A typed difference between two schemas of one server.
struct Change {
  enum class Kind {
    kAddTable,
    kDropTable,
    kRenameTable,
    kAddColumn,
    kDropColumn,
    kRenameColumn,
    kModifyColumn,
    kMoveColumn,
    kAddIndex,
    kDropIndex,
    kRenameIndex,
    kModifyIndex,
    kAddForeignKey,
    kDropForeignKey,
    kModifyForeignKey,
    kAddCheck,
    kDropCheck,
    kModifyCheck,
    kTableOption,
    kPartitioning,
    kAddObject,
    kDropObject,
    kModifyObject,
    kMoveIndex,
    kMoveCheck,
  } kind = Kind::kAddTable;
  std::string table;   // as it is called afterwards; of a dropped one, before
  std::string object;  // column, index, constraint, option, or the stored object's name
  std::string before, after;  // clauses; empty where there is none. Of a rename: names.
};

// Names that a person said are the same thing, new -> old.
struct RenameHints {
  std::map<std::string, std::string> tables;
  std::map<std::string, std::map<std::string, std::string>> columns;  // by the table's new name
};

// A dropped and an added thing that look alike, with no hint to say whether it is a rename.
struct PossibleRename {
  std::string table;   // empty for tables themselves
  std::string before, after;
};

struct Difference {
  std::vector<Change> changes;  // in a stable order: by table, then kind, then name
  std::vector<PossibleRename> possible_renames;
  bool empty() const { return changes.empty(); }
};

// What has to change for `from` to become `to`. Pure.
//
// Compared clause by clause as the server wrote them, RESTRICT and NO ACTION included. No difference: the
// AUTO_INCREMENT counter, the order of foreign keys and of options. The order of indexes and of MariaDB's checks is
// one, since a server takes the first of equals; it is told only of a table in which nothing but foreign keys and
// partitions changes besides: what changes the table brings its order along. A hint whose old name is gone, or whose
// new name is there already, is ignored. Hints that swap names hold while the clauses still stand crosswise.
Difference Diff(const Schema& from, const Schema& to, const RenameHints& hints = {});

// One line for a person, such as "patients: add column is_deceased varchar(30) NOT NULL".
std::string Describe(const Change& change);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_DIFF_H_
