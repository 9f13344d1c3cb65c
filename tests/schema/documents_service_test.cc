// Diagrams and data dictionaries through a whole Site on a real server.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "bonnie/schema/v1/schema_service.grpc.pb.h"
#include "tests/schema/folder.h"
#include "tests/schema/running_site.h"
#include "tests/support/test_database.h"

namespace bonnie::schema {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class DocumentsServiceTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { database_ = new test_support::TestDatabase(); }
  static void TearDownTestSuite() {
    delete database_;
    database_ = nullptr;
  }
  DocumentsServiceTest() {
    EXPECT_EQ(database_->Empty(), absl::OkStatus());
    folder_.AddRevision("0001", "", "CREATE TABLE a (id INT NOT NULL, PRIMARY KEY (id));", "DROP TABLE a;");
    folder_.AddRevision("0002", "0001",
                        "ALTER TABLE a ADD b INT COMMENT 'a number';\n"
                        "CREATE TABLE c (a_id INT NOT NULL, CONSTRAINT f FOREIGN KEY (a_id) REFERENCES a (id));",
                        "DROP TABLE c;\nALTER TABLE a DROP COLUMN b;");
    folder_.Seal();
    site_ = std::make_unique<RunningSite>(*database_, folder_, "azure", [](config::v1::SchemaConfig& config) {
      config.mutable_scratch()->set_user("bonnie_scratch");
      config.mutable_scratch()->set_password_file(database_->password_file("scratch"));
    });
  }

  grpc::Status Render(const v1::RenderErdRequest& request, std::string* text) {
    grpc::ClientContext context;
    return Read<v1::RenderErdResponse>(site_->schema->RenderErd(&context, request), text);
  }
  grpc::Status Export(const v1::ExportDocsRequest& request, std::string* text) {
    grpc::ClientContext context;
    return Read<v1::ExportDocsResponse>(site_->schema->ExportDocs(&context, request), text);
  }
  template <typename Response, typename Reader>
  grpc::Status Read(std::unique_ptr<Reader> reader, std::string* text) {
    Response part;
    while (reader->Read(&part)) *text += part.chunk();
    return reader->Finish();
  }

  static test_support::TestDatabase* database_;
  Folder folder_;
  std::unique_ptr<RunningSite> site_;
};

test_support::TestDatabase* DocumentsServiceTest::database_ = nullptr;

TEST_F(DocumentsServiceTest, DrawsTheDatabase) {
  ASSERT_TRUE(database_
                  ->RootQuery("CREATE TABLE a (id INT NOT NULL, PRIMARY KEY (id)); CREATE TABLE c (a_id INT NOT "
                              "NULL, CONSTRAINT f FOREIGN KEY (a_id) REFERENCES a (id))")
                  .ok());
  std::string svg, again;
  const grpc::Status status = Render({}, &svg);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_THAT(svg, AllOf(StartsWith("<?xml"), HasSubstr(">a_id<"), HasSubstr("f: c (a_id) → a (id)")));
  ASSERT_TRUE(Render({}, &again).ok());
  EXPECT_EQ(svg, again);
}

TEST_F(DocumentsServiceTest, DrawsTheWayFromOneRevisionToAnother) {
  v1::RenderErdRequest request;
  request.mutable_before()->set_revision("0001");
  request.mutable_source()->set_revision("0002");
  request.set_format(v1::ERD_FORMAT_MERMAID);
  std::string text;
  const grpc::Status status = Render(request, &text);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_THAT(text, AllOf(StartsWith("erDiagram\n"), HasSubstr("%% \"c\": + added"), HasSubstr("%% \"a\": changed"),
                          HasSubstr("b \"+ added\""), HasSubstr("\"a\" ||--o{ \"c\" : \"+ added f\"")));
}

TEST_F(DocumentsServiceTest, DrawsAModelAgainstTheDatabaseWithItsRenames) {
  ASSERT_TRUE(database_->RootQuery("CREATE TABLE t (name INT NOT NULL)").ok());
  v1::RenderErdRequest request;
  request.mutable_before();  // the database
  v1::ModelFile* file = request.mutable_source()->mutable_model()->add_files();
  file->set_name("t.sql");
  file->set_text("CREATE TABLE t (\n  full_name INT NOT NULL -- renamed-from: name\n);\n");
  request.set_format(v1::ERD_FORMAT_DOT);
  std::string text;
  const grpc::Status status = Render(request, &text);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_THAT(text,
              AllOf(StartsWith("digraph"), HasSubstr("~ full_name"), HasSubstr("was name"), Not(HasSubstr("− "))));
}

TEST_F(DocumentsServiceTest, RefusesWhatItCannotDraw) {
  struct Case {
    std::string name;
    v1::RenderErdRequest request;
    std::string want;
  } cases[6];
  cases[0].name = "a table that is not there";
  cases[0].request.add_tables("nobody");
  cases[0].want = "no such table: nobody";
  cases[1].name = "a distance from nothing";
  cases[1].request.set_distance(1);
  cases[1].want = "distance: counts from tables";
  cases[2].name = "a negative distance";
  cases[2].request.add_tables("*");
  cases[2].request.set_distance(-1);
  cases[2].want = "distance: -1, want 0 to 100";
  cases[3].name = "a pattern without an end";
  cases[3].request.add_tables(std::string(257, 'x'));
  cases[3].want = "tables[0]: want 1 to 256 bytes";
  cases[4].name = "an unknown format";
  cases[4].request.set_format(static_cast<v1::ErdFormat>(99));
  cases[4].want = "format: no such value";
  cases[5].name = "an unknown revision";
  cases[5].request.mutable_before()->set_revision("9999");
  cases[5].want = "9999";
  for (const Case& test : cases) {
    std::string text;
    const grpc::Status status = Render(test.request, &text);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << test.name << ": " << status.error_message();
    EXPECT_THAT(status.error_message(), HasSubstr(test.want)) << test.name;
  }
}

TEST_F(DocumentsServiceTest, SaysWhatToDoWhenThereAreTooManyTables) {
  std::string sql;
  for (int i = 0; i < 401; ++i) absl::StrAppend(&sql, "CREATE TABLE t", i, " (id INT) ENGINE=MEMORY;");
  ASSERT_TRUE(database_->RootQuery(sql).ok());
  std::string text;
  const grpc::Status status = Render({}, &text);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(status.error_details(), HasSubstr("ERD_TOO_LARGE"));
  EXPECT_THAT(status.error_message(), HasSubstr("name some tables and a distance, or ask for DOT or Mermaid"));
  v1::RenderErdRequest request;
  request.set_format(v1::ERD_FORMAT_DOT);
  EXPECT_TRUE(Render(request, &text).ok());
  EXPECT_THAT(text, HasSubstr("t400"));
}

// The site's scratch account cannot log in: what comes as far as scratch fails with another reason.
TEST_F(DocumentsServiceTest, RefusesAModelTooLargeForAPictureBeforeScratchMakesItsTables) {
  site_.reset();
  RunningSite site(*database_, folder_, "azure", [](config::v1::SchemaConfig& config) {
    config.mutable_scratch()->set_user("bonnie_scratch");
    config.mutable_scratch()->set_password_file(database_->password_file("schema"));
  });
  const auto render = [&](const v1::RenderErdRequest& request) {
    grpc::ClientContext context;
    std::string text;
    return Read<v1::RenderErdResponse>(site.schema->RenderErd(&context, request), &text);
  };
  v1::RenderErdRequest request;
  for (int i = 0; i <= 400; ++i) {
    v1::ModelFile* file = request.mutable_source()->mutable_model()->add_files();
    file->set_name(absl::StrCat("t", i, ".sql"));
    file->set_text(absl::StrCat("CREATE TABLE t", i, " (id INT NOT NULL, PRIMARY KEY (id));\n"));
  }
  EXPECT_THAT(render(request).error_details(), HasSubstr("ERD_TOO_LARGE"));
  request.add_tables("*");
  EXPECT_THAT(render(request).error_details(), HasSubstr("ERD_TOO_LARGE"));
  request.set_tables(0, "nobody");
  EXPECT_THAT(render(request).error_message(), HasSubstr("no such table: nobody"));
  request.mutable_before();
  request.set_tables(0, "*");
  EXPECT_THAT(render(request).error_details(), HasSubstr("ERD_TOO_LARGE")) << "beside the database";
  request.clear_before();
  request.set_tables(0, "t4*");
  EXPECT_THAT(render(request).error_message(), HasSubstr("scratch account")) << "12 tables fit";

  request.clear_source();
  request.clear_tables();
  std::string references = "CREATE TABLE t (id INT NOT NULL, PRIMARY KEY (id)";
  for (int i = 0; i <= 800; ++i) absl::StrAppend(&references, ", FOREIGN KEY (id) REFERENCES t (id)");
  v1::ModelFile* file = request.mutable_source()->mutable_model()->add_files();
  file->set_name("t.sql");
  file->set_text(references + ");\n");
  EXPECT_THAT(render(request).error_details(), HasSubstr("ERD_TOO_LARGE"));
}

TEST_F(DocumentsServiceTest, WritesADataDictionary) {
  v1::ExportDocsRequest request;
  request.mutable_source()->set_revision("head");
  std::string text;
  const grpc::Status status = Export(request, &text);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_THAT(text, AllOf(StartsWith("# Data dictionary\n"), HasSubstr("### a\n"), HasSubstr("| a number |"),
                          HasSubstr("| [`c`](#table-c) | `f` |"), HasSubstr("```mermaid\n")));
  request.add_tables("z*");
  EXPECT_EQ(Export(request, &text).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(DocumentsServiceTest, IsOfThisSiteAlone) {
  v1::ExportDocsRequest request;
  request.set_site("gcp");
  std::string text;
  EXPECT_THAT(Export(request, &text).error_details(), HasSubstr("SITE_NOT_LOCAL"));
}

}  // namespace
}  // namespace bonnie::schema
