-- The ledger of one site's database: makes its tables, brings older ones up to date, moves a ledger that an earlier
-- release kept in the site's database, and grants what the services need. Both flavours. An administrator runs it with the
-- ledger's database current, which is named like the site's with `_ledger` after it:
--   mariadb … -e 'CREATE DATABASE IF NOT EXISTS bonnie_ledger CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci'
--   mariadb … bonnie_ledger < ledger.sql
-- Run it before the schema service's first start, and again with each release. It may be cut off anywhere and run again.
-- The move needs an empty new ledger and nobody who applies a plan; else the script ends with the reason and changes
-- nothing. The accounts have rows here and no DDL: a name that the schema account could drop, rename or make anew is a
-- name whose grants it could give to a table of patients.

SET SESSION time_zone = '+00:00', lock_wait_timeout = 30, group_concat_max_len = 4096;

DROP PROCEDURE IF EXISTS bonnie_refuse;
DROP PROCEDURE IF EXISTS bonnie_run;
DROP PROCEDURE IF EXISTS bonnie_copy;
DROP PROCEDURE IF EXISTS bonnie_revoke;
DROP PROCEDURE IF EXISTS bonnie_change;
DELIMITER //
-- Ends the script.
CREATE PROCEDURE bonnie_refuse(IN is_wrong BOOLEAN, IN reason VARCHAR(128)) SQL SECURITY INVOKER
BEGIN
  IF is_wrong THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = reason; END IF;
END//
-- Runs `statement`, which names databases that the script knows when it runs.
CREATE PROCEDURE bonnie_run(IN is_wanted BOOLEAN, IN statement TEXT) SQL SECURITY INVOKER
BEGIN
  IF is_wanted THEN
    SET @bonnie_statement = statement;
    PREPARE bonnie_statement FROM @bonnie_statement;
    EXECUTE bonnie_statement;
    DEALLOCATE PREPARE bonnie_statement;
  END IF;
END//
-- Copies a table of the site's database, which may be of an older version and then has fewer columns.
CREATE PROCEDURE bonnie_copy(IN site TEXT, IN name TEXT) SQL SECURITY INVOKER
BEGIN
  DECLARE columns_there TEXT;
  SELECT GROUP_CONCAT(COLUMN_NAME ORDER BY ORDINAL_POSITION) INTO columns_there FROM information_schema.COLUMNS
   WHERE TABLE_SCHEMA = site AND TABLE_NAME = name;
  CALL bonnie_run(columns_there IS NOT NULL, CONCAT('REPLACE INTO ', name, ' (', columns_there, ') SELECT ', columns_there,
                                                    ' FROM `', site, '`.', name));
END//
-- Takes all rights on a name of the site's database from an account; it may have none.
CREATE PROCEDURE bonnie_revoke(IN site TEXT, IN name TEXT, IN account TEXT) SQL SECURITY INVOKER
BEGIN
  DECLARE CONTINUE HANDLER FOR 1141, 1147 BEGIN END;
  CALL bonnie_run(TRUE, CONCAT('REVOKE ALL PRIVILEGES ON `', site, '`.', name, ' FROM ', account));
END//
-- Alters a table of the ledger unless it has the column or key `part` already.
CREATE PROCEDURE bonnie_change(IN name TEXT, IN part TEXT, IN clause TEXT) SQL SECURITY INVOKER
BEGIN
  CALL bonnie_run(NOT EXISTS (SELECT 1 FROM information_schema.COLUMNS
                               WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = name AND COLUMN_NAME = part)
              AND NOT EXISTS (SELECT 1 FROM information_schema.STATISTICS
                               WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = name AND INDEX_NAME = part),
                  CONCAT('ALTER TABLE ', name, ' ', clause));
END//
DELIMITER ;

CALL bonnie_refuse(COALESCE(DATABASE(), '') NOT LIKE '_%\_ledger',
                   'Run this with the ledger''s database current; its name is the site''s with _ledger after it');
SET @site = LEFT(DATABASE(), CHAR_LENGTH(DATABASE()) - CHAR_LENGTH('_ledger'));
CALL bonnie_refuse(COALESCE(GET_LOCK(CONCAT('bonnie.ledger.', LEFT(SHA2(@site, 256), 40)), 10), 0) <> 1,
                   'This script runs already for this database');

-- Primary key: all rows are read, there are as many as heads.
CREATE TABLE IF NOT EXISTS bonnie_revisions (
  revision VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  hash VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  apply_time TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (revision)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

-- One row for each plan; the operation that applies it takes the row over, and has a fence from then on. Primary key:
-- written and ended by its id. bonnie_plans_fence (fence): the newest first. bonnie_plans_fingerprint (fingerprint): the
-- plan that an approval or an apply means.
CREATE TABLE IF NOT EXISTS bonnie_plans (
  operation_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  fingerprint CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  fence BIGINT NOT NULL,
  identity VARCHAR(512) NOT NULL,
  direction VARCHAR(4) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  from_heads TEXT NOT NULL,
  to_heads TEXT NOT NULL,
  statements INT NOT NULL,
  begin_time TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  end_time TIMESTAMP(6) NULL DEFAULT NULL,
  outcome VARCHAR(64) NULL,
  base_fingerprint CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  author VARCHAR(512) NULL,
  target TEXT NULL,
  content LONGTEXT NULL,
  create_time TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  expire_time TIMESTAMP(6) NULL DEFAULT NULL,
  decision VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NULL,
  decider VARCHAR(512) NULL,
  decide_time TIMESTAMP(6) NULL DEFAULT NULL,
  allow TEXT NULL,
  comment TEXT NULL,
  PRIMARY KEY (operation_id),
  KEY bonnie_plans_fence (fence),
  KEY bonnie_plans_fingerprint (fingerprint)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

-- bonnie_journal_kind (kind, entry): the last revision that was closed, and every revision's hash, without the
-- statements' rows. bonnie_journal_operation (operation_id): how many statements an operation has done.
CREATE TABLE IF NOT EXISTS bonnie_journal (
  entry BIGINT NOT NULL AUTO_INCREMENT,
  operation_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  fence BIGINT NOT NULL,
  kind VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  revision VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  direction VARCHAR(4) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  revision_hash VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  ordinal INT NOT NULL,
  statement MEDIUMTEXT NULL,
  state VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  fingerprint_before VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  fingerprint_expected VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  fingerprint_after VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  intent_time TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  done_time TIMESTAMP(6) NULL DEFAULT NULL,
  PRIMARY KEY (entry),
  KEY bonnie_journal_kind (kind, entry),
  KEY bonnie_journal_operation (operation_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

-- One row: who applies now.
CREATE TABLE IF NOT EXISTS bonnie_lease (
  id TINYINT NOT NULL,
  fence BIGINT NOT NULL,
  server VARCHAR(255) NULL,
  connection_id BIGINT NULL,
  identity VARCHAR(512) NULL,
  operation_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  renew_time TIMESTAMP(6) NULL DEFAULT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
INSERT IGNORE INTO bonnie_lease (id, fence) VALUES (1, 0);

-- Who pushed which revision. Primary key: a push that is repeated adds nothing.
CREATE TABLE IF NOT EXISTS bonnie_pushes (
  revision VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  hash VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  identity VARCHAR(512) COLLATE utf8mb4_bin NOT NULL,
  push_time TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (revision, hash, identity)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;

-- One row. version: what the services compare with the version that they need; 0 until this script has ended once.
-- move: of a ledger that was in the site's database: '' not begun, copied, or done (also where there was none).
CREATE TABLE IF NOT EXISTS bonnie_version (
  id TINYINT NOT NULL,
  version INT NOT NULL,
  move VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
INSERT IGNORE INTO bonnie_version (id, version, move) VALUES (1, 0, '');

-- Changes since version 1, oldest first.
CALL bonnie_change('bonnie_plans', 'kind',
                   'ADD COLUMN kind VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT ''migrate''');

-- The move. Its two named locks are those of the schema service's lease: with them, nobody applies or begins to.
SET @move = (SELECT move FROM bonnie_version WHERE id = 1);
SET @old = (SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = @site
             AND TABLE_NAME IN ('bonnie_revisions', 'bonnie_plans', 'bonnie_journal', 'bonnie_lease'));
SET @old_lease = (SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = @site AND TABLE_NAME = 'bonnie_lease');
SET @copy = @old > 0 AND @move = '';
CALL bonnie_refuse(@old > 0 AND @move = 'done',
                   'The site''s database has tables named bonnie_… beside this ledger; look at them, and drop them by hand');
CALL bonnie_refuse(@copy AND EXISTS (SELECT 1 FROM bonnie_revisions UNION ALL SELECT 1 FROM bonnie_plans
                                     UNION ALL SELECT 1 FROM bonnie_journal),
                   'The site''s database has a ledger, and this one is not empty; empty the wrong one by hand');
CALL bonnie_refuse(@copy AND COALESCE(GET_LOCK(CONCAT('bonnie.guard.', LEFT(SHA2(@site, 256), 40)), 2), 0) <> 1,
                   'A schema service applies a plan (it holds the lease); wait until that has ended, and run this again');
CALL bonnie_refuse(@copy AND COALESCE(GET_LOCK(CONCAT('bonnie.session.', LEFT(SHA2(@site, 256), 40)), 0), 0) <> 1,
                   'A statement of an operation that was cut off still runs; wait for its end, and run this again');
-- A holder on another server of a cluster holds its locks there.
SET @elsewhere = 0;
CALL bonnie_run(@copy AND @old_lease > 0, CONCAT(
  'SELECT COUNT(*) INTO @elsewhere FROM `', @site, '`.bonnie_lease WHERE connection_id IS NOT NULL AND server <> ',
  'CONCAT(@@hostname, '':'', @@port) AND renew_time > CURRENT_TIMESTAMP(6) - INTERVAL 1 MINUTE'));
CALL bonnie_refuse(@elsewhere > 0, 'A schema service applies a plan by another server of the cluster; run this again later');

-- Before the copy: from here on nobody writes the old tables any more.
CALL bonnie_revoke(@site, 'bonnie_revisions', '''bonnie_schema''@''%''');
CALL bonnie_revoke(@site, 'bonnie_plans', '''bonnie_schema''@''%''');
CALL bonnie_revoke(@site, 'bonnie_journal', '''bonnie_schema''@''%''');
CALL bonnie_revoke(@site, 'bonnie_lease', '''bonnie_schema''@''%''');
CALL bonnie_revoke(@site, 'bonnie_revisions', '''bonnie_records''@''%''');

START TRANSACTION;
CALL bonnie_run(@copy, 'UPDATE bonnie_version SET move = ''copied'' WHERE id = 1');
CALL bonnie_copy(IF(@copy, @site, ''), 'bonnie_revisions');
CALL bonnie_copy(IF(@copy, @site, ''), 'bonnie_plans');
CALL bonnie_copy(IF(@copy, @site, ''), 'bonnie_journal');
CALL bonnie_copy(IF(@copy, @site, ''), 'bonnie_lease');
COMMIT;
-- Only a copy that is committed lets the old tables go.
SET @drop = @old > 0 AND (SELECT move FROM bonnie_version WHERE id = 1) = 'copied';
CALL bonnie_run(@drop, CONCAT('DROP TABLE IF EXISTS `', @site, '`.bonnie_revisions, `', @site, '`.bonnie_plans, `', @site,
                              '`.bonnie_journal, `', @site, '`.bonnie_lease'));
UPDATE bonnie_version SET move = 'done' WHERE id = 1;

GRANT SELECT, INSERT, DELETE ON bonnie_revisions TO 'bonnie_schema'@'%';
GRANT SELECT, INSERT, UPDATE, DELETE ON bonnie_plans TO 'bonnie_schema'@'%';
GRANT SELECT, INSERT, UPDATE ON bonnie_journal TO 'bonnie_schema'@'%';
GRANT SELECT, UPDATE ON bonnie_lease TO 'bonnie_schema'@'%';
GRANT SELECT, INSERT ON bonnie_pushes TO 'bonnie_schema'@'%';
GRANT SELECT ON bonnie_version TO 'bonnie_schema'@'%';
-- Which revision the tables are at.
GRANT SELECT ON bonnie_revisions TO 'bonnie_records'@'%';

UPDATE bonnie_version SET version = 2 WHERE id = 1;
DROP PROCEDURE bonnie_change;
DROP PROCEDURE bonnie_revoke;
DROP PROCEDURE bonnie_copy;
DROP PROCEDURE bonnie_run;
DROP PROCEDURE bonnie_refuse;
DO RELEASE_ALL_LOCKS();
