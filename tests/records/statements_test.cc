// Every statement of services/records through EXPLAIN: it is understood by the server, and finds its rows by the index
// that it says it relies on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/records/database_facts.h"
#include "services/records/medical_records.h"
#include "services/records/patients.h"
#include "services/records/request_log.h"
#include "tests/records/shared_site.h"

namespace bonnie::records {
namespace {

// What stands for the question marks, in order: of rows that exist, because both servers look constants up while they
// explain. A list of keys has its own.
const std::map<std::string, std::string>& Parameters() {
  static const auto* const parameters = new std::map<std::string, std::string>{
      {"patients.list_live", "100, 50"},
      {"patients.list_all", "100, 50"},
      {"patients.find_by_source_key", "'explain:101'"},
      {"patients.insert", "'a', 'b', '1980-01-01', 'other', NULL, 0, NULL"},
      {"patients.update", "'a', 'b', '1980-01-01', 'other', NULL, 0, 7, 1"},
      {"medical_records.list_live_of", "7, '2020-01-01', '2020-01-01', 3, 50"},
      {"medical_records.list_all_of", "7, '2020-01-01', '2020-01-01', 3, 50"},
      {"medical_records.list_live", "100, 50"},
      {"medical_records.list_all", "100, 50"},
      {"medical_records.find_by_source_key", "'explain:7:1'"},
      {"medical_records.insert", "7, 'a', NULL, '2020-01-01', NULL, NULL"},
      {"medical_records.update", "'a', NULL, '2020-01-01', NULL, 7, 1"},
      {"medical_records.delete_of", "'2020-01-01 00:00:00', 7"},
      {"medical_records.count_deleted_at", "7, '2020-01-01 00:00:00'"},
      {"request_log.claim", "'a', 'b', '00000000-0000-0000-0000-000000000000', ''"},
      {"request_log.find", "'p', 'm', '000000000000000000000000000000000007'"},
      {"request_log.complete", "1, 1, 'a', 'b', '00000000-0000-0000-0000-000000000000'"},
      {"request_log.sweep", "1000"},
  };
  return *parameters;
}

std::string WithValues(const IndexedSql& statement) {
  std::string text = statement.sql.text;
  const auto given = Parameters().find(statement.sql.name);
  std::vector<std::string> values;
  if (given != Parameters().end()) values = absl::StrSplit(given->second, ", ");
  std::string filled;
  std::size_t next = 0;
  for (char c : text) {
    if (c != '?') {
      filled += c;
    } else {
      filled += next < values.size() ? values[next] : absl::StrCat(next + 1);  // ids
      ++next;
    }
  }
  return filled;
}

// Enough rows for the optimizer to want an index, without a single statement per row.
void FillTables() {
  const absl::StatusOr<std::string> filled = SharedDatabase().RootQuery(R"sql(
    INSERT INTO patients (first_name, last_name, date_of_birth, gender, source_key)
      WITH RECURSIVE n AS (SELECT 1 x UNION ALL SELECT x + 1 FROM n WHERE x < 70)
      SELECT 'a', 'b', '1980-01-01', 'other', CONCAT('explain:', a.x * 100 + b.x) FROM n a, n b;
    INSERT INTO medical_records (patient_id, diagnosis, admission_date, source_key)
      WITH RECURSIVE n AS (SELECT 1 x UNION ALL SELECT x + 1 FROM n WHERE x < 3)
      SELECT id, 'd', '2020-01-01' + INTERVAL x DAY, CONCAT('explain:', id, ':', x) FROM patients, n;
    INSERT INTO request_log (principal, method, request_id, payload_hmac, resource_id, row_version, expire_time)
      SELECT 'p', 'm', LPAD(id, 36, '0'), '', 1, 1, CURRENT_TIMESTAMP(6) + INTERVAL id MINUTE FROM patients;
    ANALYZE TABLE patients, medical_records, request_log;)sql");
  ASSERT_TRUE(filled.ok()) << filled.status();
}

class StatementsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { FillTables(); }
  // Rows of EXPLAIN, columns by tabs.
  static std::vector<std::string> Explain(const IndexedSql& statement) {
    const std::string prelude = SharedDatabase().is_mysql() ? "SET explain_format = traditional; " : "";
    const auto answer =
        SharedDatabase().RootQuery(absl::StrCat(prelude, "DO LAST_INSERT_ID(7); EXPLAIN ", WithValues(statement)));
    EXPECT_TRUE(answer.ok()) << statement.sql.name << ": " << answer.status();
    if (!answer.ok()) return {};
    return absl::StrSplit(*answer, '\n', absl::SkipEmpty());
  }
};

TEST_F(StatementsTest, UseTheirIndexes) {
  std::vector<IndexedSql> all;
  for (const auto& some :
       {PatientStatements(), MedicalRecordStatements(), RequestLogStatements(), DatabaseFactsStatements("bonnie")}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  ASSERT_GT(all.size(), 40u);
  // id, select_type, table, [partitions on MySQL,] type, possible_keys, key, key_len, ref, rows, [filtered,] Extra
  const std::size_t type = SharedDatabase().is_mysql() ? 4 : 3;
  for (const IndexedSql& statement : all) {
    const std::vector<std::string> rows = Explain(statement);
    if (statement.index == nullptr) continue;
    ASSERT_EQ(rows.size(), 1u) << statement.sql.name;
    const std::vector<std::string> columns = absl::StrSplit(rows[0], '\t');
    EXPECT_THAT(columns.back(), ::testing::Not(::testing::HasSubstr("filesort"))) << statement.sql.name;
    if (*statement.index == '\0') continue;  // the whole table, by whatever index is smallest
    EXPECT_EQ(columns[type + 2], statement.index) << statement.sql.name << ": " << rows[0];
    EXPECT_NE(columns[type], "ALL") << statement.sql.name << ": " << rows[0];
  }
}

TEST_F(StatementsTest, HaveNamesOfTheirOwn) {
  std::set<std::string> names;
  for (const auto& some : {PatientStatements(), MedicalRecordStatements(), RequestLogStatements()}) {
    for (const IndexedSql& statement : some) {
      if (absl::EndsWith(statement.sql.name, "by_ids")) continue;  // one name for all sizes
      EXPECT_TRUE(names.insert(statement.sql.name).second) << statement.sql.name;
    }
  }
}

}  // namespace
}  // namespace bonnie::records
