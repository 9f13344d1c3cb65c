#include "services/schema/ledger_tables.h"

#include "absl/strings/str_cat.h"

namespace bonnie::schema {

namespace {

constexpr char kOptions[] = ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci";

// Primary key: all rows are read, there are as many as heads.
constexpr char kCreateRevisions[] = R"sql(CREATE TABLE IF NOT EXISTS bonnie_revisions (
  revision VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  hash VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  apply_time TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (revision))sql";

// One row a plan; an operation takes its plan's over, and has a fence from then on. Primary key: written and ended by
// its id. bonnie_plans_fence (fence): the newest first. bonnie_plans_fingerprint (fingerprint): the plan that an
// approval or an apply means.
constexpr char kCreatePlans[] = R"sql(CREATE TABLE IF NOT EXISTS bonnie_plans (
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
  KEY bonnie_plans_fingerprint (fingerprint))sql";

// bonnie_journal_kind (kind, entry): the last revision that was closed, and every revision's hash, without the
// statements' rows. bonnie_journal_operation (operation_id): how many statements an operation has done.
constexpr char kCreateJournal[] = R"sql(CREATE TABLE IF NOT EXISTS bonnie_journal (
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
  KEY bonnie_journal_operation (operation_id))sql";

// Primary key: the one row.
constexpr char kCreateLease[] = R"sql(CREATE TABLE IF NOT EXISTS bonnie_lease (
  id TINYINT NOT NULL,
  fence BIGINT NOT NULL,
  server VARCHAR(255) NULL,
  connection_id BIGINT NULL,
  identity VARCHAR(512) NULL,
  operation_id VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  renew_time TIMESTAMP(6) NULL DEFAULT NULL,
  PRIMARY KEY (id))sql";

constexpr char kAddLeaseRow[] = "INSERT IGNORE INTO bonnie_lease (id, fence) VALUES (1, 0)";

}  // namespace

const std::vector<std::string>& LedgerStatements() {
  static const auto* const kStatements = new std::vector<std::string>{
      absl::StrCat(kCreateRevisions, kOptions), absl::StrCat(kCreatePlans, kOptions),
      absl::StrCat(kCreateJournal, kOptions), absl::StrCat(kCreateLease, kOptions), kAddLeaseRow};
  return *kStatements;
}

const std::vector<LedgerChange>& LedgerChanges() {
  using Unless = LedgerChange::Unless;
  static const auto* const kChanges = new std::vector<LedgerChange>{
      {"bonnie_journal", Unless::kColumnIsThere, "fingerprint_expected",
       "ADD COLUMN fingerprint_expected VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL AFTER "
       "fingerprint_before"},
      {"bonnie_journal", Unless::kKeyIsThere, "bonnie_journal_operation",
       "ADD KEY bonnie_journal_operation (operation_id)"},
      {"bonnie_plans", Unless::kKeyIsThere, "bonnie_plans_fence", "ADD KEY bonnie_plans_fence (fence)"},
      {"bonnie_plans", Unless::kKeyIsThere, "bonnie_plans_fingerprint",
       "ADD COLUMN base_fingerprint CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL, ADD COLUMN author "
       "VARCHAR(512) "
       "NULL, ADD COLUMN target TEXT NULL, ADD COLUMN content LONGTEXT NULL, ADD COLUMN create_time TIMESTAMP(6) NOT "
       "NULL "
       "DEFAULT CURRENT_TIMESTAMP(6), ADD COLUMN expire_time TIMESTAMP(6) NULL DEFAULT NULL, ADD COLUMN decision "
       "VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NULL, ADD COLUMN decider VARCHAR(512) NULL, ADD COLUMN "
       "decide_time TIMESTAMP(6) NULL DEFAULT NULL, ADD COLUMN allow TEXT NULL, ADD COLUMN comment TEXT NULL, ADD KEY "
       "bonnie_plans_fingerprint (fingerprint)"},
  };
  return *kChanges;
}

}  // namespace bonnie::schema
