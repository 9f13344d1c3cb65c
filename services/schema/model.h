#ifndef BONNIE_SERVICES_SCHEMA_MODEL_H_
#define BONNIE_SERVICES_SCHEMA_MODEL_H_

#include <map>
#include <string>
#include <vector>

#include "absl/types/optional.h"
#include "services/data_access/error_table.h"
#include "services/schema/statement_facts.h"

namespace bonnie::schema {

// Tables and what belongs to them as plain comparable structs, as one server stored them.
//
// Each part keeps two things: its clause as the server's own SHOW CREATE writes it, byte for byte (`definition`; only a
// default of which that text loses characters stands as 0x…), and what was read from it. Statements are made of
// clauses, so nothing that the server knows is lost on the way; whoever draws, lints or reports uses what was read. Two
// schemas are comparable clause by clause only when the same server stored both.

struct Column {
  std::string name;
  std::string definition;  // all after the name: "varchar(50) NOT NULL DEFAULT 'x' COMMENT '…'"
  std::string type;        // "varchar(50)", "int(10) unsigned", "enum('a','b')"
  bool nullable = true;
  absl::optional<std::string> default_value;  // SQL text, as written: "'x'", "NULL", "current_timestamp()", "(uuid())"
  std::string on_update;                      // SQL text; empty for none
  std::string generated;                      // the expression without its outer parentheses; empty for a plain column
  bool stored = false;                        // of a generated column
  bool auto_increment = false;
  bool invisible = false;
  std::string charset, collation;  // in force, whether written or inherited; empty where the type has none
  std::string check;               // MariaDB's column-level CHECK: its expression; empty for none
  std::string comment;             // unquoted
  std::string default_bytes;       // hexadecimal, where `definition` shows the default with characters lost; else empty
};

struct IndexPart {
  std::string column;      // empty for an expression
  std::string expression;  // without its outer parentheses
  int prefix = 0;          // characters (bytes for binary); 0 for the whole
  bool descending = false;
};

struct Index {
  enum class Kind { kPrimary, kUnique, kPlain, kFulltext, kSpatial, kVector } kind = Kind::kPlain;
  std::string name;  // "PRIMARY" for the primary key
  std::vector<IndexPart> parts;
  bool invisible = false;  // MySQL: INVISIBLE; MariaDB: IGNORED
  std::string parser;      // of a FULLTEXT index; empty for the built-in one
  std::string comment;
  std::string definition;  // the whole clause: "UNIQUE KEY `a` (`b`(10) DESC) USING BTREE"
};

struct ForeignKey {
  std::string name;
  std::vector<std::string> columns;
  std::string referenced_schema;  // empty for the same one
  std::string referenced_table;
  std::vector<std::string> referenced_columns;
  std::string on_delete, on_update;  // "CASCADE", "SET NULL", "NO ACTION", …; empty where not written (RESTRICT)
  std::string definition;            // the whole clause, beginning CONSTRAINT
};

struct Check {
  std::string name;
  std::string expression;  // without its outer parentheses
  bool enforced = true;
  std::string definition;  // the whole clause, beginning CONSTRAINT
};

// A table option as SHOW CREATE writes it, such as {"ENGINE", "InnoDB"} or {"COMMENT", "'…'"}; names in upper case,
// with "DEFAULT CHARSET" and "COLLATE" for the character set. Names of MariaDB's engines are as written, with their
// backticks; what IGNORE_BAD_TABLE_OPTIONS let through is one plain comment, a name without value.
struct TableOption {
  std::string name, value;
  friend bool operator==(const TableOption&, const TableOption&) = default;
};

struct Table {
  std::string name;
  std::vector<Column> columns;  // in their order, invisible ones included
  std::vector<Index> indexes;   // in SHOW CREATE's order
  std::vector<ForeignKey> foreign_keys;
  std::vector<Check> checks;         // table-level
  std::vector<std::string> periods;  // MariaDB's PERIOD FOR clauses, as written
  std::vector<TableOption> options;  // in SHOW CREATE's order
  std::string partitioning;          // "PARTITION BY …", version comments resolved; empty for none
  std::string row_format;            // in force, as the catalogue says: "Dynamic"; empty when not read from a server
  std::string create_statement;      // SHOW CREATE TABLE, byte for byte

  // The option's value; empty when it is not written.
  std::string option(const std::string& name) const;
  const Column* FindColumn(const std::string& name) const;  // null: none; names compare without case
  const Index* FindIndex(const std::string& name) const;    // likewise
};

// A view, trigger, routine or event: compared and reported, never changed by a generated plan.
struct StoredObject {
  SchemaObject object;
  std::string table;  // of a trigger
  std::string
      create_statement;  // as SHOW CREATE says it; empty where the account may not see it (then in `unsupported`)
};

// "table", "view", "trigger", "event", "procedure" or "function".
const char* KindName(SchemaObject::Kind kind);

// Something that the schema has and this library cannot tell exactly: named, never silent.
struct Unsupported {
  std::string object;     // the table, view, …
  std::string attribute;  // such as "column c: default"; empty for the whole object
  std::string reason;
  friend bool operator==(const Unsupported&, const Unsupported&) = default;
};

// One database (schema) as one server stored it.
struct Schema {
  data_access::Flavour flavour = data_access::Flavour::kMySql;
  std::string server_version;
  bool server_in_utc = false;           // false: it is not, or that is not known
  std::string charset, collation;       // the database's defaults
  std::map<std::string, Table> tables;  // by name
  std::vector<StoredObject> objects;    // by kind, then name
  std::vector<Unsupported> unsupported;
};

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_MODEL_H_
