#include "services/schema/statement_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace bonnie::schema {
namespace {

using ::testing::HasSubstr;
using Kind = SchemaObject::Kind;

TEST(StatementFactsTest, FindsWhatAStatementTouchesAndDrops) {
  const struct {
    const char* sql;
    bool is_ddl;
    std::vector<SchemaObject> objects;
    const char* loss;
  } kCases[] = {
      {"CREATE TABLE a (id INT)", true, {{Kind::kTable, "a"}}, ""},
      {"create table if not exists `A b` (id INT)", true, {{Kind::kTable, "A b"}}, ""},
      {"CREATE UNIQUE INDEX i ON a (b)", true, {{Kind::kTable, "a"}}, ""},
      {"CREATE OR REPLACE VIEW v AS SELECT 1", true, {{Kind::kView, "v"}}, ""},
      {"CREATE DEFINER=`table`@`%` TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET NEW.b = 1",
       true,
       {{Kind::kTrigger, "t"}},
       ""},
      {"CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM a",
       true,
       {{Kind::kEvent, "e"}},
       "makes event e, which deletes rows of a"},
      {"CREATE PROCEDURE p() SELECT 1", true, {{Kind::kProcedure, "p"}}, ""},
      {"DROP TABLE IF EXISTS a", true, {{Kind::kTable, "a", false}}, "drops table a"},
      {"DROP INDEX i ON a", true, {{Kind::kTable, "a"}}, ""},
      {"DROP VIEW v", true, {{Kind::kView, "v", false}}, ""},
      {"RENAME TABLE a TO b", true, {{Kind::kTable, "a", false}, {Kind::kTable, "b"}}, ""},
      {"ALTER TABLE a RENAME TO b", true, {{Kind::kTable, "a", false}, {Kind::kTable, "b"}}, ""},
      {"ALTER TABLE a RENAME COLUMN b TO c", true, {{Kind::kTable, "a"}}, ""},
      {"ALTER TABLE a ADD COLUMN b INT DEFAULT 1, ADD KEY (b, c)", true, {{Kind::kTable, "a"}}, ""},
      {"ALTER TABLE a DROP COLUMN b", true, {{Kind::kTable, "a"}}, "drops column b of a"},
      {"ALTER TABLE a DROP b, ADD c ENUM('x, DROP y'), DROP COLUMN IF EXISTS `key`",
       true,
       {{Kind::kTable, "a"}},
       "drops column b, column key of a"},
      {"ALTER TABLE a DROP KEY b, DROP FOREIGN KEY c, DROP PRIMARY KEY, DROP CONSTRAINT d, DROP CHECK e, DROP INDEX f",
       true,
       {{Kind::kTable, "a"}},
       ""},
      {"ALTER TABLE a ALTER COLUMN b DROP DEFAULT", true, {{Kind::kTable, "a"}}, ""},
      {"ALTER TABLE a DROP PARTITION p", true, {{Kind::kTable, "a"}}, "drops a partition of a"},
      {"/*!80000 ALTER TABLE a DROP COLUMN b */", true, {{Kind::kTable, "a"}}, "drops column b of a"},
      {"INSERT INTO a VALUES (1)", false, {}, ""},
      {"UPDATE a SET b = 1", false, {}, ""},
      {"DELETE FROM a WHERE b = 1", false, {}, "deletes rows of a"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.sql);
    const auto facts = LookAt(c.sql);
    ASSERT_TRUE(facts.ok()) << facts.status();
    EXPECT_EQ(facts->is_ddl, c.is_ddl);
    EXPECT_EQ(facts->objects, c.objects);
    EXPECT_EQ(facts->loss, c.loss);
  }
}

TEST(StatementFactsTest, RefusesToChangeOrReadRowsOfAnotherSchema) {
  for (const char* sql : {
           "INSERT INTO other.a VALUES (1)",
           "INSERT other.a VALUES (1)",
           "INSERT LOW_PRIORITY IGNORE INTO `other`.`a` (b) VALUES (1)",
           "INSERT INTO a SELECT * FROM other.b",
           "INSERT INTO a SELECT * FROM b JOIN other.c ON c.id = b.id",
           "INSERT INTO a (b) SELECT x FROM (SELECT x FROM c, other.d) e",
           "INSERT INTO a TABLE other.b",
           "REPLACE INTO other.a SET b = 1",
           "REPLACE other.a VALUES (1)",
           "UPDATE other.a SET b = 1",
           "UPDATE a, other.b SET a.c = b.c",
           "UPDATE a LEFT JOIN other.b ON a.id = b.id SET a.c = b.c",
           "UPDATE (a JOIN other.b USING (id)) SET a.c = 1",
           "UPDATE a SET b = (SELECT MAX(c) FROM other.d)",
           "DELETE FROM other.a",
           "DELETE other.a FROM a",
           "DELETE FROM a USING a JOIN other.b USING (id)",
           "DELETE other.a.* FROM a",
           "DELETE FROM a WHERE EXISTS (SELECT 1 FROM other.b)",
       }) {
    SCOPED_TRACE(sql);
    const auto facts = LookAt(sql);
    ASSERT_FALSE(facts.ok());
    EXPECT_THAT(std::string(facts.status().message()), HasSubstr("'other.'"));
  }
}

TEST(StatementFactsTest, TakesADotBetweenATableAndAColumnForWhatItIs) {
  for (const char* sql : {
           "INSERT INTO a (b) VALUES (1.5), (.5)",
           "INSERT INTO a (b) SELECT c.d FROM c WHERE c.e > 0 ORDER BY c.d, c.f",
           "INSERT INTO a VALUES (1) ON DUPLICATE KEY UPDATE a.b = a.c, a.d = 1",
           "REPLACE a SET b = 1",
           "UPDATE a SET a.b = a.c, a.d = 1 WHERE a.e IN (a.f, a.g)",
           "UPDATE a x, b y SET x.c = y.c, y.d = x.d WHERE x.id = y.id",
           "UPDATE a JOIN b ON b.id = a.id AND b.x IN (a.x, b.y) SET a.c = EXTRACT(YEAR FROM b.born)",
           "UPDATE a USE INDEX (i) SET b = TRIM(LEADING 'x' FROM a.b)",
           "DELETE a.* FROM a JOIN b ON a.id = b.id",
           "DELETE a, b FROM a JOIN b USING (id) WHERE b.c = 'FROM other.t'",
           "DELETE QUICK FROM a WHERE a.b = 1 ORDER BY a.c LIMIT 1",
       }) {
    SCOPED_TRACE(sql);
    EXPECT_TRUE(LookAt(sql).ok()) << LookAt(sql).status();
  }
}

TEST(StatementFactsTest, RefusesWhatARevisionMayNotHold) {
  const struct {
    const char* sql;
    const char* message;
  } kCases[] = {
      {"TRUNCATE TABLE a", "write DELETE"},
      {"CREATE OR REPLACE TABLE a (b INT)", "write DROP TABLE"},
      {"ALTER TABLE a TRUNCATE PARTITION p", "TRUNCATE PARTITION"},
      {"ALTER TABLE a EXCHANGE PARTITION p WITH TABLE b", "EXCHANGE PARTITION"},
      {"DROP TABLE a, b", "one DROP"},
      {"RENAME TABLE a TO b, b TO a", "write a statement for each"},
      {"CREATE TEMPORARY TABLE a (b INT)", "TEMPORARY"},
      {"SET sql_mode = ''", "'SET'"},
      {"USE other", "'USE'"},
      {"BEGIN", "'BEGIN'"},
      {"GRANT ALL ON a TO b", "'GRANT'"},
      {"DROP TABLE other.a", "'other.'"},
      {"ALTER TABLE `o`.a ADD b INT", "'o.'"},
      {"DROP DATABASE bonnie", "want TABLE"},
      {"RENAME USER a TO b", "RENAME TABLE"},
      {"", "cannot be"},
      {"CREATE INDEX i", "no ON"},
      {"ALTER TABLE", "no name"},
      {"SELECT 1", "'SELECT'"},
      {"CREATE TRIGGER t AFTER INSERT ON a FOR EACH ROW UPDATE bonnie_ledger.bonnie_plans SET decision = 'approve'",
       "'bonnie_ledger.'"},
      {"CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM `Bonnie_Ledger` . `BONNIE_REVISIONS`",
       "'Bonnie_Ledger.'"},
      {"UPDATE a, x.bonnie_plans SET decision = 'approve'", "'x.'"},
      {"INSERT INTO a SELECT fence FROM b WHERE c IN (SELECT fence FROM x.bonnie_lease)", "'x.'"},
      {"CREATE VIEW v AS SELECT * FROM bonnie_ledger.bonnie_journal", "'bonnie_ledger.'"},
      {"CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO BEGIN SET @s = CONCAT('UPDATE ', 'x'); PREPARE s FROM @s; EXECUTE s; "
       "END",
       "'PREPARE'"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.sql);
    const auto facts = LookAt(c.sql);
    ASSERT_FALSE(facts.ok());
    EXPECT_EQ(facts.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(facts.status().message()), HasSubstr(c.message));
  }
}

}  // namespace
}  // namespace bonnie::schema
