// What SHOW CREATE TABLE answers: its parser, the writer of the same clauses, and the forms in which they are compared.
#include "services/schema/create_table.h"

#include <cstdint>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "services/schema/inspect.h"
#include "services/schema/known_tables.h"
#include "services/schema/model_files.h"
#include "services/schema/show_create.h"
#include "tests/fuzz/check.h"

namespace bonnie::schema {
namespace {

Schema SchemaOf(const Table& table) {
  Schema schema;
  schema.tables.emplace(table.name, table);
  return schema;
}

void CheckTable(absl::string_view text, const Table& table) {
  FUZZ_CHECK(table.create_statement == text);
  const std::string written = WriteCreateTable(table, /*with_foreign_keys=*/true);
  const auto again = ParseCreateTable(written);
  FUZZ_CHECK(again.ok());
  FUZZ_CHECK(again->name == table.name && again->columns.size() == table.columns.size());
  FUZZ_CHECK(again->indexes.size() == table.indexes.size() && again->checks.size() == table.checks.size());
  FUZZ_CHECK(again->foreign_keys.size() == table.foreign_keys.size());
  FUZZ_CHECK(WriteCreateTable(*again, /*with_foreign_keys=*/true) == written);
  // Normal forms depend on clauses alone.
  FUZZ_CHECK(ServerFingerprint(SchemaOf(table)) == ServerFingerprint(SchemaOf(*again)));
  FUZZ_CHECK(PortableFingerprint(SchemaOf(table)) == PortableFingerprint(SchemaOf(*again)));
  (void)ComparableText(table);
  const std::string formatted = FormatModelFile(table);
  FUZZ_CHECK(absl::EndsWith(formatted, ";\n"));
  FUZZ_CHECK(IsFormattedText(absl::string_view(formatted).substr(0, formatted.size() - 2), table));
  const auto file = ParseModelFile("f.sql", formatted);  // may be refused: a foreign key into another schema
  FUZZ_CHECK(!file.ok() || file->table == table.name);
}

}  // namespace
}  // namespace bonnie::schema

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bonnie::schema;
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const auto table = ParseCreateTable(text);
  if (table.ok()) {
    CheckTable(text, *table);
  } else {
    FUZZ_CHECK(!table.status().message().empty());
  }
  return 0;
}
