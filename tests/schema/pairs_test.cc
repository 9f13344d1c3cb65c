// Version pairs: what a schema was and what it becomes, as release histories have them. Each folder of
// tests/schema/pairs holds before.sql and after.sql; those below mariadb/ and mysql/ are for that server only. Beside
// them may stand rows.sql (rows put into `before`), same.sql (a query that must answer the same afterwards), hints.txt
// (lines "table NEW OLD" or "column TABLE NEW OLD"), refused.txt (what the refusal must say) and refused_down.txt (what the
// refusal of the way back must say).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/data_access/status_macros.h"
#include "services/schema/alter.h"
#include "services/schema/create_table.h"
#include "services/schema/statement_facts.h"
#include "services/schema/statement_renames.h"
#include "tests/support/test_database.h"

namespace bonnie::schema {
namespace {

namespace fs = std::filesystem;
using data_access::Flavour;

std::string TextOf(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// Stands before each answer that has several lines.
constexpr char kMark[] = "==== next ====\n";

// SHOW CREATE TABLE without the counter.
std::string Normalised(const Table& table) {
  std::string text = table.create_statement;
  const size_t counter = text.find(" AUTO_INCREMENT=", text.rfind("\n)"));
  if (counter != std::string::npos) text.erase(counter, text.find(' ', counter + 1) - counter);
  return text;
}

RenameHints ReadHints(const fs::path& path) {
  RenameHints hints;
  for (const absl::string_view line : absl::StrSplit(TextOf(path), '\n', absl::SkipEmpty())) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ');
    if (words[0] == "table") hints.tables[words.at(1)] = words.at(2);
    if (words[0] == "column") hints.columns[words.at(1)][words.at(2)] = words.at(3);
  }
  return hints;
}

class PairsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { database_ = std::make_unique<test_support::TestDatabase>(); }
  static void TearDownTestSuite() { database_.reset(); }

  static Flavour flavour() { return database_->is_mysql() ? Flavour::kMySql : Flavour::kMariaDb; }

  // As a session of the service is, in an empty database.
  static absl::Status Fresh(const std::string& name, const std::string& sql) {
    return database_
        ->RootQuery(absl::StrCat("DROP DATABASE IF EXISTS ", name, ";CREATE DATABASE ", name, ";USE ", name,
                                 ";SET foreign_key_checks=0;\n", sql))
        .status();
  }

  static absl::StatusOr<std::string> Query(const std::string& name, const std::string& sql) {
    const std::string keep = database_->is_mysql() ? "" : "SET system_versioning_alter_history=KEEP;";
    return database_->RootQuery(absl::StrCat("USE ", name, ";", keep, sql));
  }

  static absl::StatusOr<Schema> Read(const std::string& name) {
    Schema schema;
    schema.flavour = flavour();
    BONNIE_ASSIGN_OR_RETURN(const std::string tables, Query(name, "SHOW TABLES"));
    std::string show;
    for (const absl::string_view table : absl::StrSplit(tables, '\n', absl::SkipEmpty())) {
      absl::StrAppend(&show, "SELECT '", absl::StripAsciiWhitespace(kMark), "';SHOW CREATE TABLE ", QuoteName(table),
                      ";");
    }
    BONNIE_ASSIGN_OR_RETURN(const std::string created, Query(name, absl::StrCat("DO 0;", show)));
    for (const absl::string_view row : absl::StrSplit(created, kMark, absl::SkipEmpty())) {
      const absl::string_view statement = absl::StripTrailingAsciiWhitespace(row.substr(row.find('\t') + 1));
      BONNIE_ASSIGN_OR_RETURN(Table table, ParseCreateTable(statement));
      const std::string table_name = table.name;
      schema.tables.emplace(table_name, std::move(table));
    }
    return schema;
  }

  // Leads the database `live` from one schema to the other. kFailedPrecondition: refused by name, or by the server.
  static absl::Status Carry(const Schema& from, const Schema& to, const RenameHints& hints) {
    const AlterScript script = WriteAlter(from, to, hints);
    for (const Unsupported& part : script.unsupported) {
      return absl::FailedPreconditionError(absl::StrCat(part.object, ": ", part.attribute, ": ", part.reason));
    }
    for (const std::string& statement : script.statements) {
      const auto facts = LookAt(statement);
      if (!facts.ok()) return absl::FailedPreconditionError(absl::StrCat(statement, "\n", facts.status().message()));
    }
    const auto ran = Query("live", absl::StrCat("DO 0;", absl::StrJoin(script.statements, ";\n")));
    if (ran.ok()) return absl::OkStatus();
    return absl::FailedPreconditionError(
        absl::StrCat(ran.status().message(), "\n", absl::StrJoin(script.statements, ";\n")));
  }

  // How `live` differs from `to`; empty when it does not.
  static std::string LeftOver(const Schema& to) {
    const auto reached = Read("live");
    if (!reached.ok()) return std::string(reached.status().message());
    std::string left;
    for (const Change& change : Diff(*reached, to).changes) absl::StrAppend(&left, Describe(change), "\n");
    for (const auto& [name, table] : to.tables) {
      const auto found = reached->tables.find(name);
      if (found == reached->tables.end()) return absl::StrCat(name, " is missing");
      const std::string is = Normalised(found->second), want = Normalised(table);
      if (is != want) absl::StrAppend(&left, "is:\n", is, "\nwant:\n", want, "\n");
    }
    if (reached->tables.size() != to.tables.size()) absl::StrAppend(&left, "a table is there that should not\n");
    return left;
  }

  struct Count {
    int ways = 0, carried = 0, different = 0;
    std::vector<std::string> refused;
  };

  // One way of one pair.
  static void Go(const std::string& way, const Schema& from, const Schema& to, const RenameHints& hints, Count* count) {
    ++count->ways;
    if (const absl::Status carried = Carry(from, to, hints); !carried.ok()) {
      count->refused.push_back(absl::StrCat(way, ": ", carried.message()));
      return;
    }
    const std::string left = LeftOver(to);
    if (left.empty()) {
      ++count->carried;
    } else {
      ++count->different;
      ADD_FAILURE() << way << "\n" << left << absl::StrJoin(WriteAlter(from, to, hints).statements, ";\n");
    }
  }

  static void TryPair(const fs::path& folder, Count* count) {
    SCOPED_TRACE(folder.string());
    const std::string name = folder.filename();
    const auto before_made = Fresh("live", absl::StrCat(TextOf(folder / "before.sql"), TextOf(folder / "rows.sql")));
    const auto after_made = Fresh("goal", TextOf(folder / "after.sql"));
    ASSERT_TRUE(before_made.ok() && after_made.ok()) << before_made << after_made;
    const auto from = Read("live"), to = Read("goal");
    ASSERT_TRUE(from.ok() && to.ok()) << from.status() << to.status();
    const RenameHints hints = ReadHints(folder / "hints.txt");
    const std::string same = TextOf(folder / "same.sql");
    const std::string rows = same.empty() ? "" : Query("live", same).value_or("the query fails");
    if (const std::string reason = TextOf(folder / "refused.txt"); !reason.empty()) {
      EXPECT_THAT(std::string(Carry(*from, *to, hints).message()),
                  testing::HasSubstr(std::string(absl::StripAsciiWhitespace(reason))));
      return;
    }
    const size_t refused = count->refused.size();
    Go(absl::StrCat(name, " up"), *from, *to, hints, count);
    if (!same.empty()) {
      EXPECT_EQ(Query("live", same).value_or("the query fails afterwards"), rows);
    }
    if (const std::string reason = TextOf(folder / "refused_down.txt"); !reason.empty()) {
      EXPECT_THAT(std::string(Carry(*to, *from, Reversed(hints)).message()),
                  testing::HasSubstr(std::string(absl::StripAsciiWhitespace(reason))));
      return;
    }
    if (count->refused.size() == refused) Go(absl::StrCat(name, " down"), *to, *from, Reversed(hints), count);
  }

  static inline std::unique_ptr<test_support::TestDatabase> database_;
};

TEST_F(PairsTest, CarriesEachPairUpAndDownExactly) {
  const fs::path root = fs::path(BONNIE_SOURCE_DIR) / "tests/schema/pairs";
  std::vector<fs::path> folders;
  for (const fs::path& parent : {root, root / (database_->is_mysql() ? "mysql" : "mariadb")}) {
    for (const auto& entry : fs::directory_iterator(parent)) {
      if (fs::exists(entry.path() / "before.sql")) folders.push_back(entry.path());
    }
  }
  std::sort(folders.begin(), folders.end());
  Count count;
  for (const fs::path& folder : folders) TryPair(folder, &count);
  std::cout << "pairs: " << folders.size() << "; ways carried: " << count.carried << " of " << count.ways
            << ", refused: " << count.refused.size() << ", silently different: " << count.different << "\n";
  EXPECT_GE(folders.size(), 80u);
  EXPECT_THAT(count.refused, testing::IsEmpty()) << absl::StrJoin(count.refused, "\n\n");
}

}  // namespace
}  // namespace bonnie::schema
