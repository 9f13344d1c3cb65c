#ifndef BONNIE_TESTS_SCHEMA_MODEL_HARNESS_H_
#define BONNIE_TESTS_SCHEMA_MODEL_HARNESS_H_

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/data_access/mysql_driver.h"
#include "services/schema/canonical.h"
#include "services/schema/create_revision.h"
#include "services/schema/model_files.h"
#include "services/schema/schema_sources.h"
#include "services/server/error.h"
#include "tests/schema/folder.h"
#include "tests/schema/harness.h"
#include "tests/schema/reason_of.h"
#include "tests/support/test_database.h"

namespace bonnie::schema {

using Files = std::vector<std::pair<std::string, std::string>>;  // of a model: name and text

// A site with a model, without its RPC service: an empty database that the schema account may read, as a project's is,
// a scratch account, and a migrations folder. `database` outlives it.
class ModelHarness {
 public:
  explicit ModelHarness(test_support::TestDatabase& database)
      : database_(database),
        harness_(database, folder_.path()),
        canonical_(harness_.driver(), Scratch()),
        sources_(harness_.driver(), harness_.Connect(), harness_.dir(), canonical_) {
    harness_.Reset();
    harness_.Query("GRANT SELECT, INSERT ON bonnie.* TO 'bonnie_schema'@'%'");  // INSERT: to rename tables
    folder_.Seal();
  }

  Folder& folder() { return folder_; }
  Harness& harness() { return harness_; }
  Canonical& canonical() { return canonical_; }
  SchemaSources& sources() { return sources_; }
  std::string Query(const std::string& sql) { return harness_.Query(sql); }
  // How the scratch account connects.
  data_access::ConnectOptions Scratch() const {
    data_access::ConnectOptions options = harness_.Connect();
    options.credentials = data_access::PasswordFile("bonnie_scratch", database_.password_file("scratch"));
    return options;
  }
  static absl::Time Soon() { return absl::Now() + absl::Minutes(4); }

  absl::StatusOr<CreatedRevision> Create(const Files& model, const std::string& id) {
    NewRevision request;
    request.message = "change " + id;
    request.rev_id = id;
    return sources_.CreateRevision(request, ModelSource{model}, absl::Now(), Soon());
  }
  // Writes the revision that leads to `model` and applies it.
  absl::Status Carry(const Files& model, const std::string& id) {
    auto created = Create(model, id);
    if (!created.ok()) return created.status();
    folder_.Write("versions/" + created->revision.file_name, created->revision.text);
    folder_.Seal();
    absl::Status applied = harness_.Apply("head", Direction::kUp);
    if (applied.ok()) return applied;
    return absl::Status(applied.code(), absl::StrCat(applied.message(), "\n", created->revision.text));
  }
  // What `check` would say, a line each: nothing when model, revisions and database agree.
  std::string Check(const Files& model) {
    const auto pending = sources_.FindPending(ModelSource{model}, Soon());
    if (!pending.ok()) return pending.status().ToString();
    std::string text;
    for (const Change& change : pending->model_changes) absl::StrAppend(&text, "model: ", Describe(change), "\n");
    for (const Change& change : pending->drift) absl::StrAppend(&text, "drift: ", Describe(change), "\n");
    for (const std::string& id : pending->pending_revisions) absl::StrAppend(&text, "pending: ", id, "\n");
    for (const Unsupported& part : pending->unsupported) {
      absl::StrAppend(&text, "unsupported: ", part.object, " ", part.attribute, " ", part.reason, "\n");
    }
    return text;
  }
  // The model that `pull` would write.
  Files Pulled() {
    const auto live = sources_.Read(LiveSource{}, Soon());
    EXPECT_TRUE(live.ok()) << live.status();
    Files files;
    for (const auto& [name, table] : (*live)->tables) files.emplace_back(ModelFileName(name), FormatModelFile(table));
    return files;
  }
  // Of the server, since it started.
  int TablesCreated() {
    const std::string row = Query("SHOW GLOBAL STATUS LIKE 'Com_create_table'");
    return std::atoi(row.substr(row.find('\t') + 1).c_str());
  }

 private:
  test_support::TestDatabase& database_;
  Folder folder_;
  Harness harness_;
  Canonical canonical_;
  SchemaSources sources_;
};

}  // namespace bonnie::schema

#endif  // BONNIE_TESTS_SCHEMA_MODEL_HARNESS_H_
