#ifndef BONNIE_SERVICES_SCHEMA_ERD_H_
#define BONNIE_SERVICES_SCHEMA_ERD_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/schema/diff.h"
#include "services/schema/model.h"

namespace bonnie::schema {

// What became of a part between two schemas; kNone everywhere when only one is drawn.
enum class ErdMark { kNone, kAdded, kRemoved, kChanged };

// "+", "−", "~", or nothing: colour is never the only sign.
absl::string_view MarkText(ErdMark mark);

// How much of each table is drawn. kAutomatic: by the number of tables.
enum class ErdDetail { kAutomatic, kAll, kKeys, kNames };

// A line in a table's box: a column, or (of two schemas) another part that differs, such as an index.
struct ErdRow {
  std::string name;
  std::string type;
  std::string change;  // of a changed column, instead of its type: "varchar(50) → varchar(100), NOT NULL → NULL"
  bool is_note = false;
  bool primary = false, foreign = false, unique = false;  // of keys; unique: by itself
  bool not_null = false;
  ErdMark mark = ErdMark::kNone;
};

struct ErdTable {
  std::string name;
  std::string was;            // its name before; empty when it has not been renamed
  std::string comment;        // unquoted
  bool is_elsewhere = false;  // in another database, or missing: known from a foreign key only
  ErdMark mark = ErdMark::kNone;
  std::vector<ErdRow> rows;
  int hidden_columns = 0;  // left out by the detail
};

// A foreign key: from the table that is referred to (one) to the one that refers (many).
struct ErdEdge {
  size_t parent = 0, child = 0;         // places in `tables`
  int parent_row = -1, child_row = -1;  // -1: the box's head
  bool parent_optional = false;         // a child may refer to none: one of its columns may be NULL
  bool child_unique = false;            // at most one child for a parent: a unique key covers the columns
  std::string name;
  std::string label;  // "medical_records (patient_id) → patients (id), ON DELETE CASCADE"
  ErdMark mark = ErdMark::kNone;
};

// What an entity-relationship diagram shows, whatever draws it.
struct ErdGraph {
  bool is_diff = false;
  std::vector<ErdTable> tables;  // by name
  std::vector<ErdEdge> edges;    // by child, then name
};

struct ErdOptions {
  std::vector<std::string> tables;  // names, `*` for any characters, compared without case; none: all
  bool exact = false;               // whether `tables` are names as they are, all of which are there
  int distance = 0;                 // with them, the tables this many foreign keys away
  ErdDetail detail = ErdDetail::kAutomatic;
  RenameHints hints;  // between the two schemas
};

// Works out the diagram of `schema`, or with `before` of the way from that to `schema`: what is in either is shown.
// Pure. kInvalidArgument TABLE_UNKNOWN: some of options.tables match nothing; all those are named.
absl::StatusOr<ErdGraph> MakeErd(const Schema& schema, const Schema* before, const ErdOptions& options);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_ERD_H_
