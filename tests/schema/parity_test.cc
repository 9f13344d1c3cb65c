// CheckParity and comparisons across sites: whole Sites that ask each other, on servers of both flavours.
//
// The first site is on $BONNIE_TEST_ENGINE, the second on MariaDB: a run with mysql compares flavours, one with mariadb
// shows that equals are equal.
#include "services/schema/parity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/schema/fleet.h"
#include "tests/support/migrate_for_test.h"

namespace bonnie::schema {
namespace {

using test_support::TestDatabase;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// A database of its own on a server, named by the schema account.
void MakeDatabase(const TestDatabase& server, const std::string& name) {
  const auto made = server.RootQuery(absl::StrCat(
      "DROP DATABASE IF EXISTS ", name, "; DROP DATABASE IF EXISTS ", name, "_ledger; CREATE DATABASE ", name,
      " CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci; GRANT ALL ON ", name, ".* TO 'bonnie_schema'@'%'"));
  ASSERT_TRUE(made.ok()) << made.status();
  ASSERT_EQ(server.MakeLedger(name), absl::OkStatus());
}

std::vector<std::string> Descriptions(const v1::CheckParityResponse& parity) {
  std::vector<std::string> lines;
  for (const v1::ParityDifference& difference : parity.differences()) {
    if (difference.aspect() >= v1::PARITY_ASPECT_TABLE) lines.push_back(difference.description());
  }
  return lines;
}

std::vector<std::string> NotPortable(const v1::CheckParityResponse& parity) {
  std::vector<std::string> lines;
  for (const v1::NotPortablePart& part : parity.not_portable()) {
    lines.push_back(absl::StrCat(part.site(), " ", part.table(), " ", part.object(), ": ", part.feature()));
  }
  return lines;
}

v1::CheckParityResponse Parity(const ServingSite& site, const std::vector<std::string>& sites = {}) {
  v1::SchemaService::Stub stub(site.Channel());
  grpc::ClientContext context;
  v1::CheckParityRequest request;
  *request.mutable_sites() = {sites.begin(), sites.end()};
  v1::CheckParityResponse response;
  const grpc::Status status = stub.CheckParity(&context, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return response;
}

v1::SchemaSource SourceAt(const std::string& site, const std::string& revision = "") {
  v1::SchemaSource source;
  source.set_site(site);
  if (!revision.empty()) source.set_revision(revision);
  return source;
}

// The diagram of the way from `before` to `source`, as Mermaid.
std::string Diagram(const ServingSite& azure, const v1::SchemaSource& before = SourceAt("gcp"),
                    const v1::SchemaSource& source = {}) {
  v1::SchemaService::Stub stub(azure.Channel());
  grpc::ClientContext context;
  v1::RenderErdRequest request;
  request.set_format(v1::ERD_FORMAT_MERMAID);
  request.set_detail(v1::ERD_DETAIL_ALL);
  *request.mutable_before() = before;
  *request.mutable_source() = source;
  auto reader = stub.RenderErd(&context, request);
  std::string text;
  for (v1::RenderErdResponse part; reader->Read(&part);) text += part.chunk();
  const grpc::Status status = reader->Finish();
  EXPECT_TRUE(status.ok()) << status.error_message();
  return text;
}

class ParityTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    first_ = new TestDatabase();
    second_ = new TestDatabase({.engine = "mariadb"});
  }
  static void TearDownTestSuite() {
    delete first_;
    delete second_;
    first_ = second_ = nullptr;
  }
  ParityTest() {
    MakeDatabase(*first_, "bonnie");
    MakeDatabase(*second_, "bonnie");
  }

  // Makes tables on both sites, or other ones on the second.
  void Make(const std::string& sql, const std::string& on_second = "") {
    const auto first = first_->RootQuery(sql);
    ASSERT_TRUE(first.ok()) << first.status();
    const auto second = second_->RootQuery(on_second.empty() ? sql : on_second);
    ASSERT_TRUE(second.ok()) << second.status();
  }
  void Start() { Start(*first_, *second_); }
  void Start(const TestDatabase& azure, const TestDatabase& gcp) {
    const int port = FreePort();
    azure_ = std::make_unique<ServingSite>(azure, FleetSite{.name = "azure", .peers = {{"gcp", port}}});
    gcp_ = std::make_unique<ServingSite>(gcp, FleetSite{.name = "gcp", .port = port});
  }
  v1::CheckParityResponse Compare() {
    if (azure_ == nullptr) Start();
    return Parity(*azure_);
  }

  static TestDatabase* first_;
  static TestDatabase* second_;
  std::unique_ptr<ServingSite> azure_, gcp_;
};

TestDatabase* ParityTest::first_ = nullptr;
TestDatabase* ParityTest::second_ = nullptr;

TEST_F(ParityTest, TheProjectsOwnRevisionsMakeTheSameOnBothFlavours) {
  ASSERT_EQ(test_support::MigrateForTest(*first_), absl::OkStatus());
  ASSERT_EQ(test_support::MigrateForTest(*second_), absl::OkStatus());
  const v1::CheckParityResponse parity = Compare();
  EXPECT_THAT(Descriptions(parity), IsEmpty());
  EXPECT_TRUE(parity.same_schema());
  ASSERT_EQ(parity.sites_size(), 2);
  EXPECT_EQ(parity.sites(0).portable_fingerprint(), parity.sites(1).portable_fingerprint());
  EXPECT_EQ(parity.sites(0).tables(), parity.sites(1).tables());
  EXPECT_GT(parity.sites(0).tables(), 2);
  EXPECT_THAT(NotPortable(parity), IsEmpty());
  EXPECT_EQ(parity.unsupported_size(), 0);
  EXPECT_THAT(parity.verdict(), HasSubstr("azure, gcp"));
}

TEST_F(ParityTest, WhatFlavoursWriteDifferentlyIsNoDifference) {
  Make(R"sql(
    CREATE TABLE widths (id INT NOT NULL AUTO_INCREMENT, small SMALLINT UNSIGNED NOT NULL,
      flag TINYINT(1) NOT NULL DEFAULT 0,
      filled INT(6) ZEROFILL NOT NULL DEFAULT 7, big BIGINT NULL, y YEAR NOT NULL, d DECIMAL(9,2) NOT NULL DEFAULT 0.5,
      PRIMARY KEY (id)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
    CREATE TABLE defaults (id INT NOT NULL PRIMARY KEY, word VARCHAR(10) DEFAULT 'NULL',
      nothing VARCHAR(10) DEFAULT NULL, none VARCHAR(10), needed VARCHAR(10) NOT NULL,
      blank VARCHAR(10) NOT NULL DEFAULT '', quote VARCHAR(10) DEFAULT 'it''s',
      slash VARCHAR(10) DEFAULT 'a\\b', long_text TEXT, bytes BINARY(4) DEFAULT 'ab', bits BIT(8) DEFAULT b'101',
      made TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
      day DATE NOT NULL DEFAULT '2020-01-01', expression INT DEFAULT (1 + 2), e ENUM('x','y') NOT NULL DEFAULT 'y')
      ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci COMMENT='what is not there';
    CREATE TABLE others (id INT NOT NULL PRIMARY KEY, doc JSON,
      old VARCHAR(20) CHARACTER SET utf8 COLLATE utf8_general_ci,
      raw VARBINARY(20), parent INT, total INT GENERATED ALWAYS AS (id * 2 + 1) STORED, name VARCHAR(50) NOT NULL,
      CONSTRAINT grouped CHECK (id > 0 OR parent > 0 AND total > 0), CHECK (total > 0),
      CONSTRAINT named CHECK (name <> '' AND id IN (1, 2, 3)),
      KEY by_name (name(10)), UNIQUE KEY by_raw (raw), CONSTRAINT to_widths FOREIGN KEY (parent) REFERENCES widths (id)
      ON DELETE CASCADE) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
    CREATE TABLE parts (id INT NOT NULL, PRIMARY KEY (id)) ENGINE=InnoDB DEFAULT CHARSET=latin1
      PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE);
    CREATE TABLE keyed (id INT NOT NULL PRIMARY KEY, parent INT,
      FOREIGN KEY (parent) REFERENCES widths (id) ON DELETE RESTRICT)
      ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
  )sql");
  const v1::CheckParityResponse parity = Compare();
  EXPECT_THAT(Descriptions(parity), IsEmpty());
  EXPECT_TRUE(parity.same_schema()) << parity.verdict();
  EXPECT_EQ(parity.sites(0).portable_fingerprint(), parity.sites(1).portable_fingerprint());
  const std::string diagram = Diagram(*azure_);
  EXPECT_THAT(diagram, HasSubstr("widths"));
  for (const char* mark : {"+ added", "− removed", "changed"}) EXPECT_THAT(diagram, Not(HasSubstr(mark)));
  ASSERT_TRUE(second_->RootQuery("ALTER TABLE others MODIFY name VARCHAR(51) NOT NULL, DROP COLUMN raw").ok());
  EXPECT_THAT(Diagram(*azure_), AllOf(HasSubstr("+ added"), HasSubstr("changed"), Not(HasSubstr("− removed"))));
}

// Each is a drift of the second site; all must be found, by name, and nothing besides.
TEST_F(ParityTest, FindsEveryDrift) {
  const char* const tables = R"sql(
    CREATE TABLE patients (id INT NOT NULL AUTO_INCREMENT, name VARCHAR(50) NOT NULL, born DATE NOT NULL,
      note VARCHAR(20) NULL DEFAULT 'x', doc JSON, PRIMARY KEY (id), KEY by_name (name), KEY by_born (born),
      CONSTRAINT named CHECK (name <> '')) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
    CREATE TABLE records (id INT NOT NULL, patient INT NOT NULL, PRIMARY KEY (id), KEY to_patient (patient),
      CONSTRAINT to_patient FOREIGN KEY (patient) REFERENCES patients (id)) ENGINE=InnoDB
      DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
    CREATE TABLE parts (id INT NOT NULL, PRIMARY KEY (id)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4
      COLLATE=utf8mb4_unicode_520_ci PARTITION BY HASH (id) PARTITIONS 2;
    CREATE VIEW names AS SELECT name FROM patients;
  )sql";
  struct Case {
    const char* drift;
    const char* found;
  };
  const Case cases[] = {
      {"ALTER TABLE patients MODIFY name VARCHAR(51) NOT NULL", "patients: column name differs"},
      {"ALTER TABLE patients MODIFY name VARCHAR(50) NULL", "patients: column name differs"},
      {"ALTER TABLE patients MODIFY note VARCHAR(20) NULL DEFAULT 'y'", "patients: column note differs"},
      {"ALTER TABLE patients MODIFY note VARCHAR(20) NULL DEFAULT NULL", "patients: column note differs"},
      {"ALTER TABLE patients MODIFY note VARCHAR(20) NULL DEFAULT 'NULL'", "patients: column note differs"},
      {"ALTER TABLE patients MODIFY note VARCHAR(20) NULL DEFAULT 'X'", "patients: column note differs"},
      {"ALTER TABLE patients MODIFY note VARCHAR(20) NULL DEFAULT 'x' COMMENT 'why'", "patients: column note differs"},
      {"ALTER TABLE patients MODIFY note VARCHAR(20) COLLATE utf8mb4_bin NULL DEFAULT 'x'",
       "patients: column note differs"},
      {"ALTER TABLE patients MODIFY note VARCHAR(20) CHARACTER SET latin1 NULL DEFAULT 'x'",
       "patients: column note differs"},
      {"ALTER TABLE patients MODIFY doc LONGTEXT", "patients: column doc differs"},
      {"ALTER TABLE patients MODIFY id INT NOT NULL", "patients: column id differs"},
      {"ALTER TABLE patients MODIFY born TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP",
       "patients: column born differs"},
      {"ALTER TABLE patients ADD extra INT", "patients: column extra is not there on azure"},
      {"ALTER TABLE patients DROP COLUMN note", "patients: column note is not there on gcp"},
      {"ALTER TABLE patients MODIFY born DATE NOT NULL FIRST", "patients: order of columns differs"},
      {"ALTER TABLE patients DROP INDEX by_born", "patients: index by_born is not there on gcp"},
      {"ALTER TABLE patients ADD UNIQUE INDEX once (note)", "patients: index once is not there on azure"},
      {"ALTER TABLE patients DROP INDEX by_name, ADD INDEX by_name (name(10))", "patients: index by_name differs"},
      {"ALTER TABLE patients DROP INDEX by_name, ADD UNIQUE INDEX by_name (name)", "patients: index by_name differs"},
      {"ALTER TABLE patients DROP CONSTRAINT named", "patients: check named is not there on gcp"},
      {"ALTER TABLE patients DROP CONSTRAINT named, ADD CONSTRAINT named CHECK (name <> 'x')",
       "patients: check named differs"},
      {"ALTER TABLE records DROP FOREIGN KEY to_patient", "records: foreign key to_patient is not there on gcp"},
      {"ALTER TABLE records DROP FOREIGN KEY to_patient; ALTER TABLE records ADD CONSTRAINT to_patient FOREIGN KEY "
       "(patient) REFERENCES patients (id) ON DELETE CASCADE",
       "records: foreign key to_patient differs"},
      {"ALTER TABLE patients COMMENT 'people'", "patients: option COMMENT is not there on azure"},
      {"ALTER TABLE records DEFAULT CHARSET=latin1", "records: option"},
      {"ALTER TABLE parts REMOVE PARTITIONING", "parts: partitioning is not there on gcp"},
      {"ALTER TABLE parts PARTITION BY HASH (id) PARTITIONS 3", "parts: partitioning differs"},
      {"DROP TABLE records", "table records is not there on gcp"},
      {"CREATE TABLE visits (id INT PRIMARY KEY)", "table visits is not there on azure"},
      {"DROP VIEW names", "view names is not there on gcp"},
      {"CREATE TRIGGER t BEFORE INSERT ON patients FOR EACH ROW SET NEW.note = 'z'", "trigger t is not there on azure"},
  };
  Start();
  ASSERT_TRUE(first_->RootQuery(tables).ok());
  int found = 0;
  for (const Case& one : cases) {
    MakeDatabase(*second_, "bonnie");
    ASSERT_TRUE(second_->RootQuery(tables).ok());
    const auto drifted = second_->RootQuery(one.drift);
    ASSERT_TRUE(drifted.ok()) << one.drift << drifted.status();
    const v1::CheckParityResponse parity = Compare();
    EXPECT_FALSE(parity.same_schema()) << one.drift;
    const std::vector<std::string> lines = Descriptions(parity);
    EXPECT_THAT(lines, ::testing::Each(HasSubstr(one.found))) << one.drift;
    EXPECT_THAT(lines, Not(IsEmpty())) << one.drift;
    EXPECT_NE(parity.sites(0).portable_fingerprint(), parity.sites(1).portable_fingerprint()) << one.drift;
    found += lines.empty() ? 0 : 1;
  }
  RecordProperty("drifts_found", found);
}

TEST_F(ParityTest, NamesTheOddOneOutOfThree) {
  const char* const names[] = {"one", "two", "three"};
  for (const char* name : names) MakeDatabase(*second_, name);
  ASSERT_TRUE(
      second_
          ->RootQuery("CREATE TABLE one.t (id INT PRIMARY KEY, a INT); CREATE TABLE two.t (id INT PRIMARY KEY, a "
                      "BIGINT); CREATE TABLE three.t (id INT PRIMARY KEY, a INT)")
          .ok());
  const int two = FreePort(), three = FreePort();
  const ServingSite b(*second_, FleetSite{.name = "two", .port = two, .schema = "two"});
  const ServingSite c(*second_, FleetSite{.name = "three", .port = three, .schema = "three"});
  const ServingSite a(*second_, FleetSite{.name = "one", .peers = {{"two", two}, {"three", three}}, .schema = "one"});
  const v1::CheckParityResponse parity = Parity(a);
  EXPECT_THAT(Descriptions(parity), ElementsAre("t: column a differs"));
  EXPECT_THAT(parity.odd_sites(), ElementsAre("two"));
  EXPECT_THAT(parity.differences(0).odd_sites(), ElementsAre("two"));
  EXPECT_THAT(parity.verdict(), HasSubstr("the odd one out: two"));
  const v1::CheckParityResponse pair = Parity(a, {"two", "one"});
  EXPECT_THAT(pair.odd_sites(), IsEmpty());
  EXPECT_THAT(pair.verdict(), HasSubstr("two sites have no majority"));
  EXPECT_EQ(pair.sites(0).site(), "two");
  EXPECT_TRUE(Parity(a, {"one", "three"}).same());
}

TEST_F(ParityTest, ASiteThatIsDownIsNamedAndTheOthersAreCompared) {
  MakeDatabase(*second_, "two");
  const int two = FreePort();
  const ServingSite b(*second_, FleetSite{.name = "two", .port = two, .schema = "two"});
  const ServingSite a(*second_, FleetSite{.name = "one", .peers = {{"two", two}, {"gone", FreePort()}}});
  const v1::CheckParityResponse parity = Parity(a);
  ASSERT_EQ(parity.sites_size(), 3);
  EXPECT_EQ(parity.sites(1).site(), "gone");
  EXPECT_FALSE(parity.sites(1).answered());
  EXPECT_EQ(parity.sites(1).error_reason(), "PEER_UNAVAILABLE");
  EXPECT_TRUE(parity.sites(2).answered());
  EXPECT_EQ(parity.differences_size(), 0);
  EXPECT_FALSE(parity.same());
  EXPECT_THAT(parity.verdict(), AllOf(HasSubstr("in parity"), HasSubstr("gone did not answer")));
}

TEST_F(ParityTest, RefusesSitesThatItDoesNotKnow) {
  Start();
  v1::SchemaService::Stub stub(azure_->Channel());
  grpc::ClientContext context;
  v1::CheckParityRequest request;
  request.add_sites("azure");
  request.add_sites("aws");
  v1::CheckParityResponse response;
  const grpc::Status status = stub.CheckParity(&context, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), AllOf(HasSubstr("sites[1]"), HasSubstr("azure, gcp")));
}

TEST_F(ParityTest, NamesAKeyThatOneServerMadeByItself) {
  if (!first_->is_mysql()) GTEST_SKIP() << "MariaDB makes no such keys";
  const TestDatabase generous({.server_lines = {"sql_generate_invisible_primary_key=ON"}});
  MakeDatabase(generous, "bonnie");
  ASSERT_TRUE(generous.RootQuery("CREATE TABLE log (a INT)").ok());
  ASSERT_TRUE(first_->RootQuery("CREATE TABLE log (a INT)").ok());
  Start(generous, *first_);
  const v1::CheckParityResponse parity = Compare();
  EXPECT_FALSE(parity.same_schema());
  EXPECT_THAT(
      Descriptions(parity),
      Contains(AllOf(HasSubstr("log: column my_row_id is not there on gcp"), HasSubstr("made a primary key of its own"),
                     HasSubstr("sql_generate_invisible_primary_key is ON on azure, OFF on gcp"))));
  EXPECT_THAT(NotPortable(parity), Contains(AllOf(HasSubstr("azure log column my_row_id"), HasSubstr("by itself"))));
  bool named = false;
  for (const v1::ParityDifference& difference : parity.differences()) {
    named |= difference.aspect() == v1::PARITY_ASPECT_VARIABLE &&
             difference.object() == "sql_generate_invisible_primary_key";
  }
  EXPECT_TRUE(named);
}

TEST_F(ParityTest, NamesTheCaseOfNames) {
  const TestDatabase lower({.engine = "mariadb", .server_lines = {"lower_case_table_names=1"}});
  MakeDatabase(lower, "bonnie");
  const char* const sql = "CREATE TABLE Patients (id INT PRIMARY KEY) DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci";
  ASSERT_TRUE(lower.RootQuery(sql).ok());
  ASSERT_TRUE(first_->RootQuery(sql).ok());
  Start(*first_, lower);
  const v1::CheckParityResponse parity = Compare();
  EXPECT_THAT(Descriptions(parity),
              ElementsAre("table Patients differs (lower_case_table_names is 0 on azure, 1 on gcp)"));
  bool named = false;
  for (const v1::ParityDifference& difference : parity.differences()) {
    named |= difference.object() == "lower_case_table_names";
  }
  EXPECT_TRUE(named);
}

TEST_F(ParityTest, ListsWhatIsNotPortable) {
  if (!first_->is_mysql()) GTEST_SKIP() << "both sites are of one flavour";
  Make(R"sql(
    CREATE TABLE m (id INT PRIMARY KEY, name VARCHAR(20) COLLATE utf8mb4_0900_ai_ci, at POINT NOT NULL SRID 4326,
      KEY on_expression ((id + 1)), KEY hidden (name) INVISIBLE, CONSTRAINT lax CHECK (id > 0) NOT ENFORCED)
      DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin)sql",
       R"sql(
    CREATE TABLE m (id INT PRIMARY KEY, name VARCHAR(20) COLLATE utf8mb4_uca1400_ai_ci, u UUID, i INET6,
      KEY hidden (name) IGNORED) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin)sql");
  const std::vector<std::string> lines = NotPortable(Compare());
  for (const char* part : {"azure m column name: collation utf8mb4_0900_ai_ci", "azure m column at: SRID",
                           "azure m index on_expression: an index", "azure m index hidden: INVISIBLE",
                           "azure m check lax: NOT ENFORCED", "gcp m column name: collation utf8mb4_uca1400_ai_ci",
                           "gcp m column u: type uuid", "gcp m column i: type inet6", "gcp m index hidden: IGNORED"}) {
    EXPECT_THAT(lines, Contains(HasSubstr(part)));
  }
}

TEST_F(ParityTest, DrawsTheWayToARevisionThatOnlyThePeerHas) {
  Make("CREATE TABLE t (id INT PRIMARY KEY) DEFAULT CHARSET=utf8mb4");
  Start();
  gcp_->folder().AddRevision("0099", "", "CREATE TABLE other (id INT PRIMARY KEY);", "DROP TABLE other;");
  gcp_->folder().Seal();
  EXPECT_THAT(Diagram(*azure_, {}, SourceAt("gcp", "0099")), HasSubstr("other"));
}

TEST_F(ParityTest, ComparesDatabasesOfTwoSites) {
  Make("CREATE TABLE t (id INT PRIMARY KEY, a INT) DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci",
       "CREATE TABLE t (id INT PRIMARY KEY, a BIGINT, b INT) DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci");
  Start();
  v1::SchemaService::Stub stub(azure_->Channel());
  grpc::ClientContext context, same, model;
  v1::CompareSchemasRequest request;
  request.mutable_to()->set_site("gcp");
  v1::CompareSchemasResponse response;
  grpc::Status status = stub.CompareSchemas(&context, request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  std::vector<std::string> changes;
  for (const v1::SchemaChange& change : response.changes()) changes.push_back(change.description());
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_THAT(changes[0], HasSubstr("t: modify column a"));
  EXPECT_THAT(changes[1], HasSubstr("t: add column b"));
  EXPECT_EQ(response.up_size(), 0);
  EXPECT_THAT(response.unproven_reason(), HasSubstr("two servers"));

  // Both sides of one peer: that one proves the way.
  request.mutable_from()->set_site("gcp");
  request.mutable_from()->set_revision("base");
  v1::CompareSchemasResponse proven;
  status = stub.CompareSchemas(&same, request, &proven);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(proven.up_size(), 1);
  EXPECT_EQ(proven.unproven_reason(), "");

  // A model as the peer's server makes it, against the own database.
  v1::CompareSchemasRequest modelled;
  v1::ModelFile* file = modelled.mutable_to()->mutable_model()->add_files();
  file->set_name("t.sql");
  file->set_text("CREATE TABLE t (id INT PRIMARY KEY, a INT) DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci;\n");
  modelled.mutable_to()->set_site("gcp");
  v1::CompareSchemasResponse equal;
  status = stub.CompareSchemas(&model, modelled, &equal);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(equal.changes_size(), 0) << equal.changes(0).description();
}

}  // namespace
}  // namespace bonnie::schema
