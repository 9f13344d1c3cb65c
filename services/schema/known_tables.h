#ifndef BONNIE_SERVICES_SCHEMA_KNOWN_TABLES_H_
#define BONNIE_SERVICES_SCHEMA_KNOWN_TABLES_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "services/schema/model.h"
#include "services/schema/model_files.h"
#include "services/schema/scratch.h"

namespace bonnie::schema {

// Which statements need not run in scratch, because what they make can be seen in the live database.
//
// A CREATE costs 5 ms on MariaDB and 25 on MySQL, so a model of 500 tables costs seconds, of which nearly all goes into
// tables that have not changed. A statement that is, word by word, what `fmt` would write for a live table makes that
// table: SHOW CREATE's text is a fixpoint. What differs is run, with the parents of its foreign keys, and with its
// children where what they refer to differs.

// One statement of those that make a schema, and the tables that it is about.
struct MakingStatement {
  ScratchStatement statement;
  std::string creates;                  // the table, of one plain CREATE TABLE; else empty
  std::vector<std::string> tables;      // that it makes, changes or drops
  std::vector<std::string> references;  // that its REFERENCES clauses name
  std::set<std::string> no_default;     // columns of `creates` that lose their default once it is made
  bool check_foreign_keys = true;       // off for one that comes before its parent
};

// Of a model's file. `check_foreign_keys` is for the caller to set.
MakingStatement OfModelFile(const ModelFile& file);
// Of a script of CREATE TABLE, ALTER TABLE, DROP TABLE and statements on indexes; nullopt where it holds another, or
// one that renames a table: then all of it has to run.
absl::optional<std::vector<MakingStatement>> OfScript(const std::vector<ScratchStatement>& script);

// Whether `sql` is what FormatModelFile writes for `table`, but for white space, comments (marks included) and the case
// of keywords.
bool IsFormattedText(absl::string_view sql, const Table& table);

// What of a schema has to be made.
struct ToMake {
  std::vector<MakingStatement> run;    // in their order
  std::set<std::string> given;         // known tables among what runs: others' foreign keys refer to them
  std::map<std::string, Table> known;  // what the other statements make, without counters
};

// Of tables whose foreign keys refer to one that changes: whether they are made. A parent seldom changes in what they
// are about, so they are left out first (ChildrenStay).
enum class Children { kLeftOut, kMade };

// `run` are the statements of tables that `live` does not hold just so, of tables whose foreign keys refer to what no
// earlier statement makes or (`children`) to those, and (`given`, their foreign keys unchecked) of tables to which any
// of these refer. `told`: tables of which it is known otherwise that their one statement makes what is live. Pure.
ToMake FindToMake(const std::vector<MakingStatement>& statements, const Schema& live, bool names_have_case,
                  Children children, const std::set<std::string>& told = {});

// Whether the foreign keys of the known tables find in `made` what they found in `live`: the columns and indexes to
// which they refer are the same. If not, the server has to be asked about them, too. Pure.
bool ChildrenStay(const ToMake& to_make, const Schema& live, const Schema& made);

// Puts the tables that are known to those that scratch made: `made` loses what was given. False: a constraint's name
// stands twice, which nobody would have seen; make all.
bool AddKnown(const ToMake& to_make, Schema* made);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_KNOWN_TABLES_H_
