#include "services/schema/plan.h"

#include <openssl/sha.h>

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/data_access/status_macros.h"
#include "services/schema/sql_gate/normal_sql.h"
#include "services/schema/sql_gate/sql_gate.h"
#include "services/server/error.h"

namespace bonnie::schema {

namespace {

const std::vector<RevisionStatement>* SectionOf(const Revision& revision, Direction direction) {
  if (direction == Direction::kUp) return &revision.up;
  return revision.down.has_value() ? &*revision.down : nullptr;
}

// What became of a journalled statement that is not there to be looked at could never be settled.
absl::Status Gone(const Revision& revision, int ordinal) {
  return server::FailedPrecondition("REVISION_EDITED",
                                    absl::StrCat("versions/", revision.file_name, " was edited: its statement ",
                                                 ordinal, " was begun and is gone; put it back, and correct it there"),
                                    {{"file", revision.file_name}});
}

absl::StatusOr<PlanRevision> PlanOne(const Revision& revision, Direction direction, data_access::Flavour flavour,
                                     const Unfinished* unfinished) {
  PlanRevision planned{.id = revision.links.id, .hash = revision.hash};
  const std::vector<RevisionStatement>* section = SectionOf(revision, direction);
  if (section == nullptr) {
    return server::Error(
        absl::StatusCode::kInvalidArgument,
        absl::StrCat("versions/", revision.file_name, " has no '-- migrate:down', so there is no way back"),
        {.reason = "TARGET_UNREACHABLE"});
  }
  for (const RevisionStatement& statement : *section) {
    if (!RunsOn(statement, flavour)) {
      if (unfinished != nullptr && unfinished->steps.count(statement.ordinal) > 0) {
        return Gone(revision, statement.ordinal);
      }
      continue;
    }
    absl::StatusOr<GatedSql> gated = GateSql(statement.sql, flavour);
    if (!gated.ok()) {
      return server::FailedPrecondition(
          "REVISION_FILE_INVALID",
          absl::StrCat("versions/", revision.file_name, ":", statement.line, ": ", gated.status().message()),
          {{"file", revision.file_name}, {"line", absl::StrCat(statement.line)}});
    }
    PlanStep step{.revision = revision.links.id,
                  .ordinal = statement.ordinal,
                  .sql = std::move(gated->text),
                  .file_name = revision.file_name,
                  .line = statement.line,
                  .loss = statement.keeps.empty() ? gated->facts.loss : "",
                  .keeps = gated->facts.loss.empty() ? "" : statement.keeps,
                  .nolint = statement.nolint};
    step.facts = std::move(gated->facts);
    if (unfinished != nullptr) {
      const auto found = unfinished->steps.find(statement.ordinal);
      step.already_done = found != unfinished->steps.end() && found->second.done;
    }
    planned.steps.push_back(std::move(step));
  }
  return planned;
}

// Length before content, so that no two different plans have the same text.
void Cover(std::string& text, absl::string_view field) { absl::StrAppend(&text, field.size(), ":", field, ";"); }

std::string FingerprintOf(const Plan& plan) {
  std::string text;
  Cover(text, plan.site);
  Cover(text, absl::StrJoin(plan.from, ","));
  Cover(text, absl::StrJoin(plan.to, ","));
  Cover(text, plan.direction == Direction::kUp ? "up" : "down");
  for (const PlanRevision& revision : plan.revisions) {
    Cover(text, revision.id);
    Cover(text, revision.hash);
    for (const PlanStep& step : revision.steps) {
      Cover(text, absl::StrCat(step.ordinal, " ", step.line, " ", step.already_done ? 1 : 0));
      Cover(text, step.sql);
      Cover(text, step.loss);
      Cover(text, step.keeps);
    }
  }
  return Sha256Hex(text);
}

// Whether a statement of the journal is this one of a file. The journal has it normalised; one of an older release as
// the file says it.
bool IsStatement(const std::string& written, const std::string& journalled) {
  if (written == journalled) return true;
  for (const data_access::Flavour flavour : {data_access::Flavour::kMySql, data_access::Flavour::kMariaDb}) {
    const absl::StatusOr<std::string> normal = NormalizeSql(written, flavour);
    if (normal.ok() && *normal == journalled) return true;
  }
  return false;
}

absl::Status CheckUnfinished(const MigrationFolder& folder, const Unfinished& unfinished) {
  if (!folder.graph().Contains(unfinished.revision)) {
    return server::FailedPrecondition("REVISION_MISSING", absl::StrCat("revision ", unfinished.revision,
                                                                       " is half run, and has no file in versions/"));
  }
  const Revision& revision = folder.at(unfinished.revision);
  const std::vector<RevisionStatement>* section = SectionOf(revision, unfinished.direction);
  for (const auto& [ordinal, step] : unfinished.steps) {
    const bool there = section != nullptr && ordinal <= static_cast<int>(section->size());
    if (!there) return Gone(revision, ordinal);
    if (step.done && !IsStatement((*section)[ordinal - 1].sql, step.statement)) {
      return server::FailedPrecondition(
          "REVISION_EDITED", absl::StrCat("versions/", revision.file_name, " was edited: its statement ", ordinal,
                                          " is not the one that has run; put it back, and correct those after it"));
    }
  }
  return absl::OkStatus();
}

bool HasStep(const Plan& plan, bool (*claim)(const PlanStep&)) {
  return std::any_of(plan.revisions.begin(), plan.revisions.end(), [&](const PlanRevision& revision) {
    return std::any_of(revision.steps.begin(), revision.steps.end(), claim);
  });
}

}  // namespace

std::vector<std::string> LedgerState::HeadIds() const {
  std::vector<std::string> ids;
  for (const auto& [id, hash] : heads) ids.push_back(id);
  return ids;
}

int Plan::step_count() const {
  int count = 0;
  for (const PlanRevision& revision : revisions) count += static_cast<int>(revision.steps.size());
  return count;
}

bool Plan::drops_data() const {
  return HasStep(*this, [](const PlanStep& step) { return !step.loss.empty() && !step.already_done; });
}

bool Plan::drops_what_is_kept() const {
  return HasStep(*this, [](const PlanStep& step) { return !step.keeps.empty() && !step.already_done; });
}

absl::Status CheckApplied(const MigrationFolder& folder, const LedgerState& ledger) {
  for (const auto& [id, hash] : ledger.heads) {
    if (!folder.graph().Contains(id)) {
      return server::FailedPrecondition("REVISION_MISSING",
                                        absl::StrCat("revision ", id, " is applied, and has no file in versions/"));
    }
  }
  const std::set<std::string> applied = folder.graph().Ancestors(ledger.HeadIds());
  for (const std::string& id :
       folder.graph().order()) {  // parents first: an edit changes the hashes of what follows too
    if (applied.count(id) == 0) continue;
    const auto head = ledger.heads.find(id);
    const auto known = ledger.hashes.find(id);
    const std::string was = head != ledger.heads.end()     ? head->second
                            : known != ledger.hashes.end() ? known->second
                                                           : "";
    const Revision& revision = folder.at(id);
    if (!was.empty() && was != revision.hash) {
      return server::FailedPrecondition(
          "REVISION_EDITED",
          absl::StrCat("versions/", revision.file_name, " was edited after it was applied: its hash is ", revision.hash,
                       ", ", was, " was applied; put it back, and write a new revision instead"),
          {{"file", revision.file_name}});
    }
  }
  return ledger.unfinished.has_value() ? CheckUnfinished(folder, *ledger.unfinished) : absl::OkStatus();
}

absl::StatusOr<Plan> MakePlan(const MigrationFolder& folder, const LedgerState& ledger, data_access::Flavour flavour,
                              absl::string_view site, absl::string_view target, Direction direction) {
  BONNIE_RETURN_IF_ERROR(CheckApplied(folder, ledger));
  const RevisionGraph& graph = folder.graph();
  Plan plan{.site = std::string(site), .from = ledger.HeadIds(), .direction = direction};
  BONNIE_ASSIGN_OR_RETURN(RevisionPath path, graph.Path(plan.from, target, direction));
  plan.to = path.to;
  const Unfinished* unfinished = ledger.unfinished.has_value() ? &*ledger.unfinished : nullptr;
  if (unfinished != nullptr) {
    const auto found = std::find(path.revisions.begin(), path.revisions.end(), unfinished->revision);
    if (unfinished->direction != direction || found == path.revisions.end()) {
      const char* verb = unfinished->direction == Direction::kUp ? "upgrade" : "downgrade";
      return server::FailedPrecondition("OPERATION_UNFINISHED",
                                        absl::StrCat("revision ", unfinished->revision, " is half run by an ", verb,
                                                     " that was cut off; finish that first"),
                                        {{"revision", unfinished->revision}, {"operation", unfinished->operation_id}});
    }
    std::rotate(path.revisions.begin(), found, found + 1);  // whatever it needs is there, or it would not have begun
  }
  std::set<std::string> applied = graph.Ancestors(plan.from);
  std::set<std::string> heads(plan.from.begin(), plan.from.end());
  for (const std::string& id : path.revisions) {
    const bool half_run = unfinished != nullptr && unfinished->revision == id;
    BONNIE_ASSIGN_OR_RETURN(PlanRevision planned,
                            PlanOne(folder.at(id), direction, flavour, half_run ? unfinished : nullptr));
    graph.Step(id, direction, applied, heads);
    planned.heads_after.assign(heads.begin(), heads.end());
    plan.revisions.push_back(std::move(planned));
  }
  plan.fingerprint = FingerprintOf(plan);
  return plan;
}

std::string Sha256Hex(absl::string_view bytes) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<char*>(digest), sizeof(digest)));
}

}  // namespace bonnie::schema
