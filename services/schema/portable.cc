#include "services/schema/portable.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/schema/clause_reader.h"
#include "services/schema/plain_text.h"

namespace bonnie::schema {

namespace {

using Kind = PortablePart::Kind;

std::string PlainColumn(const Column& column) {
  const bool json = IsJson(column);
  return absl::StrJoin(
      {PlainType(column), std::string(column.nullable ? "NULL" : "NOT NULL"), PlainDefault(column),
       PlainExpression(column.on_update), PlainExpression(column.generated), std::string(column.stored ? "STORED" : ""),
       std::string(column.auto_increment ? "AUTO_INCREMENT" : ""), std::string(column.invisible ? "INVISIBLE" : ""),
       json ? std::string() : PlainCharset(column.charset), json ? std::string() : PlainCharset(column.collation),
       column.comment},
      "\n");
}

std::string PlainIndex(const Index& index) {
  std::string text =
      absl::StrCat(static_cast<int>(index.kind), " ", index.invisible, " ", index.parser, " ", index.comment);
  for (const IndexPart& part : index.parts) {
    absl::StrAppend(&text, "\n", part.column, "|", PlainExpression(part.expression), "|", part.prefix, "|",
                    part.descending);
  }
  return text;
}

// MySQL and MariaDB before 12.0 write t_ibfk_1, later ones a bare number.
bool IsServersForeignKeyName(const std::string& table, absl::string_view name) {
  const std::string prefix = absl::StrCat(table, "_ibfk_");
  if (absl::StartsWith(name, prefix)) name.remove_prefix(prefix.size());
  return !name.empty() && std::all_of(name.begin(), name.end(), absl::ascii_isdigit);
}

bool IsServersCheckName(const std::string& table, absl::string_view name) {
  const std::string mysql = absl::StrCat(table, "_chk_");
  const absl::string_view prefix = absl::StartsWith(name, mysql) ? absl::string_view(mysql) : "CONSTRAINT_";
  if (!absl::StartsWith(name, prefix)) return false;
  name.remove_prefix(prefix.size());
  return !name.empty() && std::all_of(name.begin(), name.end(), absl::ascii_isdigit);
}

class Collector {
 public:
  explicit Collector(const Table& table) : table_(table) {}

  std::vector<PortablePart> Collect() {
    Add(Kind::kTable, "", table_.name, table_.name);
    std::vector<std::string> names;
    for (const Column& column : table_.columns) {
      Add(Kind::kColumn, column.name, PlainColumn(column), column.definition);
      names.push_back(column.name);
    }
    Add(Kind::kColumnOrder, "", absl::AsciiStrToLower(absl::StrJoin(names, ",")), absl::StrJoin(names, ", "));
    const size_t sorted_from = parts_.size();
    for (const Index& index : table_.indexes) Add(Kind::kIndex, index.name, PlainIndex(index), index.definition);
    AddForeignKeys();
    AddChecks();
    AddOptions();
    if (!table_.partitioning.empty()) {
      Add(Kind::kPartitioning, "", PlainExpression(table_.partitioning), table_.partitioning);
    }
    std::stable_sort(parts_.begin() + static_cast<std::ptrdiff_t>(sorted_from), parts_.end(),
                     [](const PortablePart& a, const PortablePart& b) {
                       return std::make_pair(a.kind, a.name) < std::make_pair(b.kind, b.name);
                     });
    return std::move(parts_);
  }

 private:
  void Add(Kind kind, std::string name, std::string plain, std::string text) {
    parts_.push_back({kind, table_.name, std::move(name), std::move(plain), std::move(text)});
  }

  void AddForeignKeys() {
    for (const ForeignKey& key : table_.foreign_keys) {
      const std::string columns = absl::StrJoin(key.columns, ",");
      Add(Kind::kForeignKey, PortableName(table_.name, key),
          absl::StrJoin(
              {columns, key.referenced_schema, absl::AsciiStrToLower(key.referenced_table),
               absl::StrJoin(key.referenced_columns, ","), PlainAction(key.on_delete), PlainAction(key.on_update)},
              "\n"),
          key.definition);
    }
  }

  // MySQL makes a table's check of a column's.
  void AddChecks() {
    for (const Check& check : table_.checks) {
      const std::string plain = PlainExpression(check.expression);
      const bool unnamed = IsServersCheckName(table_.name, check.name);
      Add(Kind::kCheck, unnamed ? absl::StrCat("(", plain, ")") : check.name, absl::StrCat(plain, "\n", check.enforced),
          check.definition);
    }
    for (const Column& column : table_.columns) {
      if (column.check.empty() || IsJson(column)) continue;
      const std::string plain = PlainExpression(column.check);
      Add(Kind::kCheck, absl::StrCat("(", plain, ")"), absl::StrCat(plain, "\n", true),
          absl::StrCat("CHECK (", column.check, ")"));
    }
  }

  void AddOptions() {
    for (const char* name : {"ENGINE", "COMMENT", "ROW_FORMAT", "KEY_BLOCK_SIZE"}) {
      const std::string value = table_.option(name);
      if (!value.empty()) Add(Kind::kTableOption, name, absl::AsciiStrToUpper(value), absl::StrCat(name, "=", value));
    }
    const std::string charset = table_.option("DEFAULT CHARSET");
    if (charset.empty()) return;
    Add(Kind::kTableOption, "DEFAULT CHARSET", PlainCharset(charset), absl::StrCat("CHARSET=", charset));
    Add(Kind::kTableOption, "COLLATE", PlainCollation(table_), absl::StrCat("COLLATE=", PlainCollation(table_)));
  }

  const Table& table_;
  std::vector<PortablePart> parts_;
};

// Text and definer are the server's and the site's own; what is compared is that the object is there.
PortablePart PartOf(const StoredObject& object) {
  return {Kind::kObject, object.table, absl::StrCat(KindName(object.object.kind), " ", object.object.name), "",
          object.create_statement};
}

}  // namespace

std::string PortablePart::Key() const {
  // Column names have no case either; names of constraints and indexes neither.
  return absl::StrCat(absl::AsciiStrToLower(table), "\n", static_cast<int>(kind), "\n", absl::AsciiStrToLower(name));
}

std::string PortableName(const std::string& table, const ForeignKey& key) {
  return IsServersForeignKeyName(table, key.name) ? absl::StrCat("(", absl::StrJoin(key.columns, ","), ")") : key.name;
}

std::vector<PortablePart> PortableParts(const Schema& schema) {
  std::vector<PortablePart> parts;
  for (const auto& [name, table] : schema.tables) {
    for (PortablePart& part : Collector(table).Collect()) parts.push_back(std::move(part));
  }
  for (const StoredObject& object : schema.objects) parts.push_back(PartOf(object));
  return parts;
}

bool AreOfOneSeries(const Schema& a, const Schema& b) {
  const auto series = [](const Schema& schema) {
    const size_t dot = schema.server_version.find('.');
    return schema.server_version.substr(0, schema.server_version.find('.', dot + 1));
  };
  return a.flavour == b.flavour && series(a) == series(b);
}

std::string ExactText(const PortablePart& part) {
  if (part.kind != Kind::kColumn) return part.kind == Kind::kTableOption ? "" : part.text;
  ClauseReader reader(part.text);
  std::string exact;
  while (!reader.AtEnd()) {
    const size_t begin = reader.next_begin();
    const bool charset = reader.TakeWords({"character", "set"}) || reader.TakeWord("collate");
    reader.Skip();
    if (!charset) absl::StrAppend(&exact, reader.Between(begin, reader.last_end()), " ");
  }
  return exact;
}

}  // namespace bonnie::schema
