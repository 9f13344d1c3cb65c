#ifndef BONNIE_TESTS_SCHEMA_SCHEMA_OF_H_
#define BONNIE_TESTS_SCHEMA_SCHEMA_OF_H_

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "services/schema/create_table.h"
#include "services/schema/model.h"

namespace bonnie::schema {

// A schema of tables as SHOW CREATE writes them on a server of `flavour`. The test fails when one cannot be parsed.
inline Schema SchemaOf(const std::vector<std::string>& creates,
                       data_access::Flavour flavour = data_access::Flavour::kMariaDb) {
  Schema schema;
  schema.flavour = flavour;
  for (const std::string& create : creates) {
    const auto table = ParseCreateTable(create);
    EXPECT_TRUE(table.ok()) << table.status() << "\n" << create;
    if (table.ok()) schema.tables.emplace(table->name, *table);
  }
  return schema;
}

}  // namespace bonnie::schema

#endif  // BONNIE_TESTS_SCHEMA_SCHEMA_OF_H_
