#ifndef BONNIE_TESTS_SUPPORT_MIGRATE_FOR_TEST_H_
#define BONNIE_TESTS_SUPPORT_MIGRATE_FOR_TEST_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "tests/support/test_database.h"

namespace bonnie::test_support {

// Brings an empty database to revision `to` (empty: the last one): runs the `migrate:up` sections of
// migrations/versions in their order as administrator, writes the head into the ledger, and grants the records
// user its rights when the tables are there. For tests of what uses the schema; the runner has tests of its own.
// kInternal: what the client said of a statement that failed.
absl::Status MigrateForTest(const TestDatabase& database, absl::string_view to = "");

}  // namespace bonnie::test_support

#endif  // BONNIE_TESTS_SUPPORT_MIGRATE_FOR_TEST_H_
