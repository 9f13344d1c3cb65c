#include "services/schema/object_drift.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/optional.h"
#include "services/data_access/status_macros.h"
#include "services/schema/create_table.h"
#include "services/schema/diff.h"
#include "services/server/error.h"

namespace bonnie::schema {

namespace {

constexpr size_t kMaxChanges = 10;

// The changes of one table, each in words; empty when they cannot be told.
std::vector<std::string> Changes(const std::string& before, const std::string& now, data_access::Flavour flavour) {
  Schema from{.flavour = flavour}, to{.flavour = flavour};
  for (const auto& [text, schema] : {std::make_pair(&before, &from), std::make_pair(&now, &to)}) {
    absl::StatusOr<Table> table = ParseCreateTable(*text);
    if (!table.ok()) return {};
    schema->tables[table->name] = *std::move(table);
  }
  std::vector<std::string> words;
  for (const Change& change : Diff(from, to).changes) {
    if (words.size() == kMaxChanges) {
      words.push_back("…");
      break;
    }
    words.push_back(Describe(change));
  }
  return words;
}

std::string HowItDiffers(const ObjectState& was, const absl::optional<std::string>& now, data_access::Flavour flavour) {
  if (!was.present) return absl::StrCat(was.object.name, ": is there now");
  if (!now.has_value()) return absl::StrCat(was.object.name, ": is gone");
  std::vector<std::string> changes;
  if (was.object.kind == SchemaObject::Kind::kTable) changes = Changes(was.create_statement, *now, flavour);
  return changes.empty() ? absl::StrCat(was.object.name, ": reads otherwise now") : absl::StrJoin(changes, "; ");
}

}  // namespace

absl::Status CheckObjects(DdlSession& ddl, const std::vector<ObjectState>& objects) {
  std::vector<std::string> differences;
  for (const ObjectState& was : objects) {
    if (was.fingerprint.empty()) continue;  // the account may not see it
    BONNIE_ASSIGN_OR_RETURN(const std::string fingerprint, ddl.Fingerprint({was.object}));
    if (fingerprint == was.fingerprint) continue;
    BONNIE_ASSIGN_OR_RETURN(const absl::optional<std::string> now, ddl.ShowCreate(was.object));
    differences.push_back(HowItDiffers(was, now, ddl.session().flavour()));
  }
  if (differences.empty()) return absl::OkStatus();
  return server::Error(absl::StatusCode::kFailedPrecondition,
                       absl::StrCat("somebody changed what this plan touches since it was made: ",
                                    absl::StrJoin(differences, "; "), ". Plan again and look at it"),
                       {.reason = "SCHEMA_CHANGED"});
}

}  // namespace bonnie::schema
