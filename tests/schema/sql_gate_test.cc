#include "services/schema/sql_gate/sql_gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/schema/sql_gate/model_gate.h"
#include "services/schema/sql_gate/sql_limits.h"
#include "tests/support/status_matchers.h"

namespace bonnie::schema {
namespace {

using data_access::Flavour;
using test_support::IsOk;
using test_support::StatusIs;
using ::testing::AnyOf;
using ::testing::HasSubstr;

constexpr Flavour kFlavours[] = {Flavour::kMySql, Flavour::kMariaDb};

struct RefusedCase {
  const char* sql;
  const char* want;  // in the message, on the flavour that says more
};

TEST(SqlGateTest, RefusesWhatItDoesNotKnow) {
  constexpr RefusedCase kCases[] = {
      // What the check reads must be what runs.
      {"/*!99999 CREATE TABLE t (a INT) */ SET PASSWORD = 'x'", ""},
      {"/*M!999999 CREATE TABLE t (a INT) */ GRANT ALL ON *.* TO x", ""},
      {"SET PASSWORD = 'x'", "'SET' cannot be in a revision"},
      {"SET GLOBAL max_connections = 1", "'SET' cannot be in a revision"},
      {"ALTER USER USER() IDENTIFIED BY 'x'", "want TABLE"},
      {"GRANT ALL ON *.* TO x", "'GRANT' cannot be in a revision"},
      {"WITH a AS (SELECT 1) DELETE FROM t", "'WITH' cannot be in a revision"},
      {"CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (HOST 'x')", "want TABLE"},
      {"CREATE SEQUENCE s", "want TABLE"},
      {"CREATE TABLESPACE s ADD DATAFILE 'x.ibd'", "want TABLE"},
      {"CREATE LOGFILE GROUP g ADD UNDOFILE 'u'", "want TABLE"},
      {"CREATE AGGREGATE FUNCTION f RETURNS STRING SONAME 'f.so'", ""},
      {"CREATE FUNCTION f RETURNS STRING SONAME 'f.so'", "SONAME"},
      // Rows and values that go in silence.
      {"ALTER IGNORE TABLE t ADD UNIQUE KEY u (a)", "IGNORE"},
      {"UPDATE IGNORE t SET a = 1", "IGNORE"},
      {"INSERT IGNORE INTO t VALUES (1)", "IGNORE"},
      {"DELETE IGNORE FROM t", "IGNORE"},
      {"ALTER TABLE t ENGINE=BLACKHOLE", "ENGINE=blackhole"},
      {"ALTER TABLE t ENGINE = MEMORY", "ENGINE=memory"},
      {"ALTER TABLE t ADD a INT, ENGINE MyISAM", "ENGINE=myisam"},
      {"CREATE TABLE t (a INT) ENGINE=FEDERATED CONNECTION='mysql://x'", "ENGINE=federated"},
      {"CREATE TABLE t (a INT) ENGINE=CONNECT TABLE_TYPE=CSV FILE_NAME='/etc/passwd'", "ENGINE=connect"},
      {"CREATE TABLE t (a INT) `ENGINE`=CSV", "the option"},
      {"ALTER TABLE t TRUNCATE PARTITION p", "the option TRUNCATE PARTITION"},
      {"ALTER TABLE t EXCHANGE PARTITION p WITH TABLE u", "the option EXCHANGE PARTITION"},
      {"ALTER TABLE t CONVERT PARTITION p TO TABLE u", "CONVERT PARTITION"},
      {"ALTER TABLE t CONVERT TABLE u TO PARTITION p VALUES IN (1)", ""},
      {"ALTER TABLE t DISCARD TABLESPACE", "the option DISCARD TABLESPACE"},
      {"ALTER TABLE t IMPORT TABLESPACE", "the option IMPORT TABLESPACE"},
      {"ALTER TABLE t SECONDARY_LOAD", "the option SECONDARY_LOAD"},
      {"ALTER TABLE t UNION=(a, b)", "the option UNION"},
      {"ALTER TABLE t a b c", "the option"},
      {"DROP TABLE t, u", "one DROP"},
      {"DROP DATABASE d", "want TABLE"},
      // Files and disk of the database's host.
      {"CREATE TABLE t (a INT) DATA DIRECTORY='/tmp/x'", "the option DATA DIRECTORY"},
      {"CREATE TABLE t (a INT) INDEX DIRECTORY='/tmp/x'", "the option INDEX DIRECTORY"},
      {"CREATE TABLE t (a INT) /*!50100 DATA DIRECTORY='/tmp/x' */", "the option DATA DIRECTORY"},
      {"CREATE TABLE t (a INT) TABLESPACE innodb_system", "the option TABLESPACE"},
      {"CREATE TABLE t (a INT) CONNECTION='x'", "the option CONNECTION"},
      {"CREATE TABLE t (a INT) UNION=(u)", "the option UNION"},
      {"CREATE TABLE t (a INT STORAGE DISK)", "'storage'"},
      {"CREATE TABLE t (a INT SECONDARY_ENGINE_ATTRIBUTE='{}')", "'secondary_engine_attribute'"},
      {"CREATE TABLE t (a INT FIELD_LENGTH=3)", "'field_length'"},
      {"CREATE TABLE t (a INT) PARTITION BY HASH (a) (PARTITION p DATA DIRECTORY='/tmp/x')", "DATA DIRECTORY"},
      {"CREATE TABLE t (a INT) PARTITION BY HASH (a) (PARTITION p ENGINE=MyISAM)", "ENGINE=myisam"},
      {"ALTER TABLE t ADD PARTITION (PARTITION p VALUES IN (1) TABLESPACE s)", "TABLESPACE"},
      {"ALTER TABLE t PARTITION BY HASH (a) PARTITIONS 8192", "8192 partitions"},
      {"CREATE TABLE t (a INT) PARTITION BY RANGE (a) SUBPARTITION BY HASH (a) SUBPARTITIONS 600 "
       "(PARTITION p VALUES LESS THAN (1), PARTITION q VALUES LESS THAN (2))",
       "1200 partitions"},
      {"INSERT INTO t SELECT LOAD_FILE('/etc/passwd')", "LOAD_FILE"},
      {"CREATE TABLE t AS SELECT 1 INTO OUTFILE '/tmp/x'", "OUTFILE"},
      // Locks and the server's state.
      {"CREATE TABLE t (a INT DEFAULT (GET_LOCK('bonnie', 1)))", "GET_LOCK"},
      {"UPDATE t SET a = RELEASE_ALL_LOCKS()", "RELEASE_ALL_LOCKS"},
      {"CREATE VIEW v AS SELECT @@GLOBAL.datadir", "'@@'"},
      {"CREATE VIEW v AS SELECT @ @datadir", "'@@'"},
      // Other databases.
      {"UPDATE bonnie_ledger.bonnie_plans SET decision = 'approve'", "'bonnie_ledger.'"},
      {"UPDATE t JOIN `BONNIE_LEDGER` . bonnie_plans SET a = 1", "'BONNIE_LEDGER.'"},
      {"INSERT INTO t SELECT * FROM mysql.user", "'mysql.'"},
      {"CREATE VIEW v AS SELECT * FROM information_schema.PROCESSLIST", "'information_schema.'"},
      {"CREATE TABLE t (a INT, FOREIGN KEY (a) REFERENCES other.secret (a))", "'.secret'"},
      {"CREATE TABLE other.t (a INT)", "'other.'"},
      {"ALTER TABLE t RENAME TO other.t", ""},
      {"CREATE VIEW v AS SELECT 1 \\! touch /tmp/x", "outside of a string"},
      {"UPDATE { oj other.t } SET a = 1", "outside of a string"},
      {"CREATE TABLE t (a INT, FOREIGN KEY (a) REFERENCES other.1t (a))", "'.1t'"},
      {"ALTER TABLE t ADD COLUMN z INT PARTITION BY RANGE (id) (PARTITION p VALUES LESS THAN (1) DATA DIRECTORY='/x')",
       "DATA DIRECTORY"},
      {"ALTER TABLE t ADD COLUMN y INT PARTITION BY HASH (id) PARTITIONS 2000", "2000 partitions"},
      {"CREATE TABLE t (a INT PARTITION BY HASH (a) PARTITIONS 9)", ""},
      // What recurses over the content of a string, or makes rows and tables without a bound.
      {"CREATE TABLE t (a TEXT, CHECK (EXTRACTVALUE(a, REPEAT('-', 500000)) = ''))", "EXTRACTVALUE"},
      {"CREATE TABLE t (a TEXT, CHECK (UpdateXML (a, '/', a) = ''))", "UPDATEXML"},
      {"CREATE TABLE t (a TEXT, CHECK (JSON_SCHEMA_VALID(REPEAT('(', 100000), a)))", "JSON_SCHEMA_VALID"},
      {"INSERT INTO t WITH RECURSIVE s AS (SELECT 1 UNION ALL SELECT 2 FROM s) SELECT 1 FROM s", "WITH RECURSIVE"},
      {"INSERT INTO t WITH a AS (SELECT 1 x), b AS (SELECT 1 x), c AS (SELECT 1 x), d AS (SELECT 1 x), e AS (SELECT 1 "
       "x), "
       "f AS (SELECT 1 x), g AS (SELECT 1 x), h AS (SELECT 1 x), i AS (SELECT 1 x) SELECT 1",
       "common table expressions"},
      // Bodies.
      {"CREATE EVENT e ON SCHEDULE EVERY CASE @do WHEN 1 THEN insert('1',1,1,'1') ELSE 1 END HOUR DO DROP TABLE victim",
       "schedule"},
      {"CREATE EVENT e ON SCHEDULE EVERY 1 HOUR COMMENT 'do' DO WITH c AS (SELECT 1) DELETE FROM victim", "'WITH'"},
      {"CREATE PROCEDURE p() BEGIN IF CASE 1 WHEN @end THEN insert('1',1,1,'1') ELSE 0 END THEN DROP TABLE victim; END "
       "IF; "
       "END",
       "'DROP'"},
      {"CREATE PROCEDURE p() BEGIN IF @then THEN DROP TABLE victim; END IF; END", "'DROP'"},
      {"CREATE PROCEDURE p() BEGIN SELECT t.case; WHILE @do DO ALTER TABLE t DROP a; END WHILE; END", "'ALTER'"},
      {"CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET time_zone = '+10:00'", "SET TIME_ZONE"},
      {"CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1, sql_select_limit = 0", "SET SQL_SELECT_LIMIT"},
      {"CREATE PROCEDURE p(a INT) SET @a = 1, PASSWORD = PASSWORD('x')", "SET PASSWORD"},
      {"CREATE PROCEDURE p(a INT) BEGIN DECLARE b INT; SET b = 1, c = 2; END", "SET C"},
      {"CREATE PROCEDURE p() BEGIN BEGIN DECLARE time_zone INT; END; SET time_zone = '+10:00'; END", "SET TIME_ZONE"},
      {"CREATE PROCEDURE p() BEGIN DECLARE time_zone CONDITION FOR 1062; SET time_zone = '+10:00'; END",
       "SET TIME_ZONE"},
      {"CREATE PROCEDURE p() BEGIN DECLARE time_zone CURSOR FOR SELECT 1; SET time_zone = '+10:00'; END",
       "SET TIME_ZONE"},
      {"CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW WHILE NEW.do DO TRUNCATE TABLE victim; END WHILE",
       "'TRUNCATE'"},
      {"CREATE PROCEDURE p() WHILE (SELECT t.do FROM t) DO EXECUTE s; END WHILE", "'EXECUTE'"},
      {"CREATE PROCEDURE p() IF (SELECT t.then FROM t) THEN FLUSH TABLES; END IF", "'FLUSH'"},
      {"CREATE PROCEDURE p() SELECT 1; UPDATE t SET a = NULL", "a body is one statement"},
      {"CREATE VIEW v AS SELECT 1; DROP TABLE victim", "a ';' within a statement"},
      {"CREATE TABLE t AS SELECT 1; SET PASSWORD = 'x'", "a ';' within a statement"},
      {"INSERT INTO t VALUES (1); DROP TABLE victim", "a ';' within a statement"},
      {"CREATE PROCEDURE p() BEGIN DECLARE password INT; SET password = 'stolen'; END", "SET PASSWORD"},
      {"CREATE EVENT e ON SCHEDULE EVERY 1 SECOND DO DROP TABLE patients", "'DROP'"},
      {"CREATE EVENT e ON SCHEDULE AT NOW() DO BEGIN IF 1 THEN ALTER TABLE t DROP a; END IF; END", "'ALTER'"},
      {"ALTER EVENT e DO TRUNCATE t", "'TRUNCATE'"},
      {"CREATE PROCEDURE p() BEGIN PREPARE s FROM 'DROP TABLE t'; EXECUTE s; END", "'PREPARE'"},
      {"CREATE PROCEDURE p() EXECUTE IMMEDIATE 'DROP TABLE t'", "'EXECUTE'"},
      {"CREATE PROCEDURE p() BEGIN DECLARE EXIT HANDLER FOR SQLEXCEPTION DROP TABLE t; END", "'DROP'"},
      {"CREATE PROCEDURE p() BEGIN l: LOOP SET GLOBAL x = 1; END LOOP; END", "SET GLOBAL"},
      {"CREATE PROCEDURE p() SET NAMES latin1", "SET NAMES"},
      {"CREATE PROCEDURE p() SET PASSWORD = 'x'", "SET PASSWORD"},
      {"CREATE PROCEDURE p() CASE 1 WHEN 1 THEN GRANT ALL ON *.* TO x; END CASE", "'GRANT'"},
      {"CREATE FUNCTION f() RETURNS INT LANGUAGE JAVASCRIPT AS 'x'", "LANGUAGE must be SQL"},
      {"CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW LOCK TABLES u WRITE", "'LOCK'"},
  };
  for (const RefusedCase& c : kCases) {
    SCOPED_TRACE(c.sql);
    std::string said;
    for (const Flavour flavour : kFlavours) {
      const absl::StatusOr<GatedSql> gated = GateSql(c.sql, flavour);
      EXPECT_THAT(gated, StatusIs(absl::StatusCode::kInvalidArgument));
      absl::StrAppend(&said, gated.status().message(), "\n");
    }
    EXPECT_THAT(said, HasSubstr(c.want));
  }
}

TEST(SqlGateTest, FindsTheLossBehindWordsAroundIt) {
  constexpr struct {
    const char* sql;
    const char* loss;
  } kCases[] = {
      {"ALTER TABLE patients /*!50100 ADD */ /* x */ COLUMN a INT", ""},
      {"ALTER TABLE t WAIT 5 DROP a", "drops column a of t"},
      {"ALTER TABLE t NOWAIT DROP COLUMN IF EXISTS a", "drops column a of t"},
      {"ALTER TABLE t ALGORITHM=INPLACE, LOCK=NONE, DROP a", "drops column a of t"},
      {"ALTER TABLE t COMMENT='x' ROW_FORMAT=DYNAMIC, DROP a, DROP INDEX i", "drops column a of t"},
      {"ALTER TABLE t ADD (b INT, c INT), DROP a", "drops column a of t"},
      {"ALTER TABLE t DROP PARTITION p, q", "drops a partition of t"},
      {"REPLACE INTO t VALUES (1)", "replaces rows of t"},
      {"REPLACE DELAYED t VALUES (1)", "replaces rows of t"},
      {"DELETE QUICK FROM t", "deletes rows of t"},
      {"ALTER TABLE t MODIFY a VARCHAR(30) GENERATED ALWAYS AS ('x') STORED",
       "drops the values of column a, which becomes a generated one, of t"},
      {"ALTER TABLE t MODIFY COLUMN IF EXISTS a INT AS (1)",
       "drops the values of column a, which becomes a generated one, of t"},
      {"ALTER TABLE t CHANGE COLUMN a b INT AS (NULL) STORED",
       "drops the values of column a, which becomes a generated one, of t"},
      {"ALTER TABLE t ADD z INT REMOVE PARTITIONING, DROP a", "drops column a of t"},
      {"CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO BEGIN DELETE FROM a; REPLACE INTO b VALUES (1); END",
       "makes event e, which deletes rows of a, replaces rows of b"},
      {"CREATE TRIGGER x AFTER INSERT ON t FOR EACH ROW DELETE FROM u", "makes trigger x, which deletes rows of u"},
      {"CREATE PROCEDURE p() IF 1 THEN DELETE FROM u; END IF", "makes procedure p, which deletes rows of u"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.sql);
    for (const Flavour flavour : kFlavours) {
      const absl::StatusOr<GatedSql> gated = GateSql(c.sql, flavour);
      ASSERT_THAT(gated, IsOk());
      EXPECT_EQ(gated->facts.loss, c.loss);
    }
  }
  const auto hidden = GateSql("ALTER TABLE patients /*!99999 ADD */ DROP COLUMN contact_number", Flavour::kMariaDb);
  ASSERT_THAT(hidden, IsOk());
  EXPECT_EQ(hidden->text, "ALTER TABLE patients   DROP COLUMN contact_number");
  EXPECT_EQ(hidden->facts.loss, "drops column contact_number of patients");
}

TEST(SqlGateTest, LetsThroughWhatSchemasAreMadeOf) {
  constexpr const char* kAllowed[] = {
      "CREATE TABLE t (a INT NOT NULL AUTO_INCREMENT PRIMARY KEY, b DECIMAL(5,2) DEFAULT 1.5, c TIMESTAMP(3) NOT NULL "
      "DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3), d VARCHAR(9) CHARACTER SET ascii COLLATE ascii_bin "
      "COMMENT 'x', e INT GENERATED ALWAYS AS (a + 1) STORED, CONSTRAINT k CHECK (a > 0), KEY i (d(3)) "
      "KEY_BLOCK_SIZE=8, FOREIGN KEY (b) REFERENCES u (b) ON DELETE SET NULL) ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT "
      "CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci ROW_FORMAT=DYNAMIC COMMENT='x' STATS_PERSISTENT=1",
      "CREATE TABLE t (a INT) /*!50100 PARTITION BY RANGE (a) (PARTITION p VALUES LESS THAN (10) ENGINE = InnoDB, "
      "PARTITION q VALUES LESS THAN MAXVALUE COMMENT = 'x' ENGINE = InnoDB) */",
      "CREATE TABLE t (a INT) PARTITION BY KEY ALGORITHM = 1 (a) PARTITIONS 4",
      "CREATE TABLE t (PRIMARY KEY (id)) AS SELECT 1 AS id",
      "CREATE TABLE t LIKE u",
      "ALTER TABLE t ADD COLUMN a INT FIRST, MODIFY b INT NOT NULL AFTER a, CHANGE c d INT, ALTER e SET DEFAULT 5, "
      "RENAME COLUMN f TO g, RENAME INDEX h TO i, ADD UNIQUE KEY j (a), DROP FOREIGN KEY k, DROP PRIMARY KEY",
      "ALTER TABLE t CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci",
      "ALTER TABLE t REORGANIZE PARTITION p INTO (PARTITION p VALUES IN (1), PARTITION q VALUES IN (2))",
      "ALTER ONLINE TABLE IF EXISTS t ENGINE=InnoDB, FORCE",
      "CREATE UNIQUE INDEX i ON t (a DESC, (b + 1)) COMMENT 'x' INVISIBLE",
      "DROP INDEX i ON t ALGORITHM=INPLACE LOCK=NONE",
      "CREATE OR REPLACE ALGORITHM=MERGE DEFINER=`app`@`%` SQL SECURITY INVOKER VIEW v (a) AS SELECT b.a FROM b",
      "CREATE DEFINER=CURRENT_USER() TRIGGER x BEFORE UPDATE ON t FOR EACH ROW FOLLOWS y SET NEW.a = OLD.a + 1",
      "CREATE FUNCTION f(a INT) RETURNS VARCHAR(9) CHARSET utf8mb4 DETERMINISTIC COMMENT 'x' RETURN CASE a WHEN 1 THEN "
      "'b' ELSE 'c' END",
      "CREATE EVENT e ON SCHEDULE EVERY '1:30' HOUR_MINUTE STARTS CURRENT_TIMESTAMP + INTERVAL 1 DAY ENDS '2030-01-01' "
      "ON "
      "COMPLETION NOT PRESERVE DISABLE COMMENT 'x' DO UPDATE t SET a = 1",
      "ALTER TABLE t ADD COLUMN z INT PARTITION BY HASH (id) PARTITIONS 4",
      "CREATE TABLE t (a INT, b INT AS ((a + 1)), c INT AS ((a + 1)), d INT AS ((a + 1)), e INT AS ((a + 1)), f INT AS "
      "((a "
      "+ 1)), g INT AS ((a + 1)), h INT AS ((a + 1)), i INT AS ((a + 1)), j INT AS ((a + 1)))",
      "CREATE PROCEDURE p() BEGIN SELECT t.do, t.end FROM t WHERE truncate(t.a, 1) = 1.; END;",
      "CREATE PROCEDURE p(OUT a INT, b VARCHAR(9)) BEGIN DECLARE c, d INT; SET a = 1, b = (SELECT 1), @c = 2, d := 3; "
      "END",
      "CREATE PROCEDURE p(IN a INT) SQL SECURITY INVOKER BEGIN DECLARE b INT DEFAULT 0; DECLARE c CURSOR FOR SELECT 1; "
      "DECLARE CONTINUE HANDLER FOR NOT FOUND, SQLSTATE '23000' SET b = 1; OPEN c; l: LOOP FETCH c INTO a; IF b = CASE "
      "a WHEN 1 THEN 1 END THEN LEAVE l; ELSEIF b THEN UPDATE t SET a = 1; ELSE ITERATE l; END IF; END LOOP; CLOSE c; "
      "REPEAT SET b = b + 1; UNTIL b > 5 END REPEAT; WHILE b DO SET b = 0; END WHILE; CASE b WHEN 1 THEN SELECT 1; END "
      "CASE; END",
      "INSERT INTO t (a) SELECT u.a FROM u ON DUPLICATE KEY UPDATE a = VALUES(a)",
      "UPDATE t JOIN u ON u.a = t.a SET t.b = u.b",
  };
  for (const char* sql : kAllowed) {
    SCOPED_TRACE(sql);
    for (const Flavour flavour : kFlavours) {
      const absl::StatusOr<GatedSql> gated = GateSql(sql, flavour);
      ASSERT_THAT(gated, IsOk());
      EXPECT_EQ(gated->facts.loss, "");
      const absl::StatusOr<GatedSql> again = GateSql(gated->text, flavour);
      ASSERT_THAT(again, IsOk());
      EXPECT_EQ(again->text, gated->text);
    }
  }
}

std::string Nested(size_t depth) {
  std::string sql = "CREATE TABLE t (a INT, CHECK (";
  for (size_t i = 0; i < depth; ++i) sql += "abs(";
  sql += "a";
  for (size_t i = 0; i < depth; ++i) sql += ")";
  return sql + " > 0))";
}

std::string Chained(const char* sign, size_t count) {
  std::string sql = "CREATE TABLE t (a INT, CHECK (a";
  for (size_t i = 0; i < count; ++i) absl::StrAppend(&sql, " ", sign, " a");
  return sql + "))";
}

TEST(SqlGateTest, RefusesExpressionsThatExhaustAServersStack) {
  constexpr Flavour kMySql = Flavour::kMySql;
  EXPECT_THAT(GateSql(Nested(60), kMySql), IsOk());
  EXPECT_THAT(GateSql(Nested(2000), kMySql),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("nested deeper than the 64 levels")));
  EXPECT_THAT(GateSql(Chained("+", 400), kMySql), IsOk());
  for (const char* sign : {"+", "OR", "||", "AND NOT", "- -", "XOR ~"}) {
    EXPECT_THAT(GateSql(Chained(sign, 2000), kMySql),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("more than the 1024 words and signs")));
  }
  std::string blocks = "CREATE PROCEDURE p() ";
  for (int i = 0; i < 100; ++i) blocks += "BEGIN DO 1; ";
  EXPECT_THAT(GateSql(blocks, kMySql), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("blocks are nested")));
}

TEST(SqlGateTest, RefusesDefinitionsThatAreTooLong) {
  std::string sql = "CREATE TABLE t (a INT";
  for (int i = 0; i < 5000; ++i) absl::StrAppend(&sql, ", column_", i, " INT");
  EXPECT_THAT(GateSql(sql + ")", Flavour::kMySql),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("at most 65536 are allowed")));
}

TEST(ModelGateTest, LimitsTablesAndPartitionsOfAModelTogether) {
  std::vector<ModelFile> files;
  for (size_t i = 0; i <= kMaxModelTables; ++i) {
    files.push_back({.file_name = "t.sql", .table = absl::StrCat("t", i), .sql = "CREATE TABLE t (a INT)", .line = 1});
  }
  EXPECT_THAT(GateModel(files, Flavour::kMySql),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("2001 tables; at most 2000")));
  files.resize(2);
  for (ModelFile& file : files) file.sql = "CREATE TABLE t (a INT) PARTITION BY HASH (a) PARTITIONS 600";
  EXPECT_THAT(GateModel(files, Flavour::kMySql),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("1200 partitions; at most 1024")));
  files.resize(1);
  EXPECT_THAT(GateModel(files, Flavour::kMySql), IsOk());
  files[0].sql = "CREATE TABLE t (a INT) DATA DIRECTORY='/tmp/x'";
  EXPECT_THAT(GateModel(files, Flavour::kMySql),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("model/t.sql:1: the option DATA DIRECTORY")));
}

}  // namespace
}  // namespace bonnie::schema
