#include "services/schema/schema_sources.h"

#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/data_access/status_macros.h"
#include "services/schema/aside.h"
#include "services/schema/inspect.h"
#include "services/schema/ledger.h"
#include "services/schema/model_folder.h"
#include "services/schema/statement_renames.h"
#include "services/schema/tool_tables.h"
#include "services/server/error.h"

namespace bonnie::schema {

namespace {

using data_access::Connection;
using data_access::Session;
using SchemaPtr = std::shared_ptr<const Schema>;

constexpr absl::Duration kAnswerMargin = absl::Seconds(5);

// Scratch's objects belong to the scratch account, live ones to whoever made them: that is no difference.
void ForgetDefiners(Schema* schema) {
  constexpr char kDefiner[] = " DEFINER=";
  for (StoredObject& object : schema->objects) {
    const size_t begin = object.create_statement.find(kDefiner);
    if (begin == std::string::npos) continue;
    const size_t end = object.create_statement.find(' ', begin + sizeof(kDefiner) - 1);
    if (end != std::string::npos) object.create_statement.erase(begin, end - begin);
  }
}

// An object of which the account may not see the text is named in `unsupported`; that it is there is all that is known.
void ForgetUnseen(const Schema& live, Schema* made) {
  for (const StoredObject& object : live.objects) {
    if (!object.create_statement.empty()) continue;
    for (StoredObject& other : made->objects) {
      if (other.object == object.object) other.create_statement.clear();
    }
  }
}

void Append(const std::vector<Unsupported>& parts, std::vector<Unsupported>* all) {
  for (const Unsupported& part : parts) {
    if (std::find(all->begin(), all->end(), part) == all->end()) all->push_back(part);
  }
}

absl::StatusOr<std::vector<std::string>> HeadsOf(const MigrationFolder& folder, const RevisionSource& source) {
  std::vector<std::string> heads;
  if (source.word == "base") return heads;
  if (source.word == "heads") return folder.graph().heads();
  BONNIE_ASSIGN_OR_RETURN(std::string id, folder.graph().One(source.word, {}));
  heads.push_back(std::move(id));
  return heads;
}

absl::Status NoModel() {
  return server::Error(
      absl::StatusCode::kFailedPrecondition,
      "model/ holds no file: write one CREATE TABLE a file, or let `bonnie schema pull` write what is there",
      {.reason = "MODEL_MISSING"});
}

}  // namespace

absl::StatusOr<std::unique_ptr<Session>> SchemaSources::Connect(absl::Time deadline) {
  data_access::ConnectOptions options = live_;
  options.read_timeout = std::max(deadline - absl::Now(), absl::ZeroDuration()) + kAnswerMargin;
  BONNIE_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection, driver_.Connect(options));
  return std::make_unique<Session>(std::move(connection), nullptr);
}

absl::StatusOr<Schema> SchemaSources::ReadLive(absl::Time deadline) {
  data_access::ConnectOptions options = live_;
  options.multi_statements = true;
  options.read_timeout = std::max(deadline - absl::Now(), absl::ZeroDuration()) + kAnswerMargin;
  BONNIE_ASSIGN_OR_RETURN(std::unique_ptr<Connection> connection, driver_.Connect(options));
  return Inspect(*connection);
}

SchemaSources::Live SchemaSources::BeginReadingLive(bool now, absl::Time deadline) {
  const auto read = [this, deadline]() -> absl::StatusOr<SchemaPtr> {
    BONNIE_ASSIGN_OR_RETURN(Schema live, ReadLive(deadline));
    return std::make_shared<const Schema>(std::move(live));
  };
  return (now ? Aside(read) : std::async(std::launch::deferred, read)).share();
}

absl::StatusOr<DdlSetting> SchemaSources::ReadSetting(Session& session, Live live) {
  BONNIE_ASSIGN_OR_RETURN(DdlSetting setting, ReadDdlSetting(session));
  setting.live = [live = std::move(live)] { return live.get(); };
  return setting;
}

absl::StatusOr<std::vector<ModelFile>> SchemaSources::Files(const ModelSource& source) const {
  if (!source.files.empty()) return ParseModel(source.files);
  BONNIE_ASSIGN_OR_RETURN(auto files, ReadModelTexts(absl::StrCat(dir_.path(), "/model")));
  return ParseModel(files);
}

absl::StatusOr<SchemaPtr> SchemaSources::ReadWith(const DdlSetting& setting, const Source& source,
                                                  absl::Time deadline) {
  if (const auto* model = std::get_if<ModelSource>(&source)) {
    BONNIE_ASSIGN_OR_RETURN(std::vector<ModelFile> files, Files(*model));
    return canonical_.OfModel(files, setting, deadline);
  }
  if (const auto* revision = std::get_if<RevisionSource>(&source)) {
    BONNIE_ASSIGN_OR_RETURN(auto folder, dir_.Load());
    BONNIE_ASSIGN_OR_RETURN(const std::vector<std::string> heads, HeadsOf(*folder, *revision));
    return canonical_.OfRevisions(*folder, heads, setting, deadline);
  }
  return setting.live();
}

absl::StatusOr<SchemaPtr> SchemaSources::Read(const Source& source, absl::Time deadline) {
  if (std::holds_alternative<LiveSource>(source)) {
    BONNIE_ASSIGN_OR_RETURN(Schema live, ReadLive(deadline));
    return std::make_shared<const Schema>(std::move(live));
  }
  BONNIE_ASSIGN_OR_RETURN(std::unique_ptr<Session> session, Connect(deadline));
  BONNIE_ASSIGN_OR_RETURN(const DdlSetting setting, ReadSetting(*session, BeginReadingLive(/*now=*/false, deadline)));
  return ReadWith(setting, source, deadline);
}

absl::StatusOr<Comparison> SchemaSources::Compare(const Source& from, const Source& to, bool prove,
                                                  absl::Time deadline) {
  const bool of_live = std::holds_alternative<LiveSource>(from) || std::holds_alternative<LiveSource>(to);
  const Live live = BeginReadingLive(of_live, deadline);  // what takes longest begins first
  const auto* model = std::get_if<ModelSource>(&to);
  std::vector<ModelFile> files;
  if (model != nullptr) {
    BONNIE_ASSIGN_OR_RETURN(files, Files(*model));
  }
  BONNIE_ASSIGN_OR_RETURN(std::unique_ptr<Session> session, Connect(deadline));
  BONNIE_ASSIGN_OR_RETURN(const DdlSetting setting, ReadSetting(*session, live));
  BONNIE_ASSIGN_OR_RETURN(SchemaPtr before, ReadWith(setting, from, deadline));
  BONNIE_ASSIGN_OR_RETURN(SchemaPtr after, model != nullptr ? canonical_.OfModel(files, setting, deadline)
                                                            : ReadWith(setting, to, deadline));
  Schema from_schema = *before, to_schema = *after;
  ForgetDefiners(&from_schema);
  ForgetDefiners(&to_schema);
  // A model holds tables only: what else there is stays.
  if (model != nullptr) to_schema.objects = from_schema.objects;
  if (std::holds_alternative<ModelSource>(from)) from_schema.objects = to_schema.objects;
  RenameHints hints = HintsOf(files);
  if (model == nullptr) {
    BONNIE_ASSIGN_OR_RETURN(hints, HintsBetween(from, to, deadline));
  }
  const LintOptions lint = WithNolint(lint_, files);
  Comparison comparison;
  comparison.script.difference = Diff(from_schema, to_schema, hints);
  Append(from_schema.unsupported, &comparison.unsupported);
  Append(to_schema.unsupported, &comparison.unsupported);
  if (!prove || comparison.script.difference.empty()) return comparison;
  BONNIE_ASSIGN_OR_RETURN(auto scratch, canonical_.OpenScratch(setting, deadline));
  absl::StatusOr<ProvenScript> script = Prove(*scratch, from_schema, to_schema, hints, lint);
  if (script.ok()) {
    comparison.script = *std::move(script);
  } else if (script.status().code() == absl::StatusCode::kFailedPrecondition) {
    comparison.unproven = script.status();
  } else {
    return script.status();
  }
  return comparison;
}

absl::StatusOr<std::set<std::string>> SchemaSources::RevisionsOf(const Source& source, absl::Time deadline) {
  if (std::holds_alternative<ModelSource>(source)) return std::set<std::string>();
  BONNIE_ASSIGN_OR_RETURN(const auto folder, dir_.Load());
  std::vector<std::string> heads;
  if (const auto* revision = std::get_if<RevisionSource>(&source)) {
    BONNIE_ASSIGN_OR_RETURN(heads, HeadsOf(*folder, *revision));
  } else {
    BONNIE_ASSIGN_OR_RETURN(std::unique_ptr<Session> session, Connect(deadline));
    BONNIE_ASSIGN_OR_RETURN(const LedgerState ledger, ReadLedger(*session));
    for (const std::string& id : ledger.HeadIds()) {
      if (folder->graph().Contains(id)) heads.push_back(id);
    }
  }
  return folder->graph().Ancestors(heads);
}

absl::StatusOr<RenameHints> SchemaSources::HintsBetween(const Source& from, const Source& to, absl::Time deadline) {
  if (const auto* model = std::get_if<ModelSource>(&to)) {
    BONNIE_ASSIGN_OR_RETURN(const std::vector<ModelFile> files, Files(*model));
    return HintsOf(files);
  }
  if (const auto* model = std::get_if<ModelSource>(&from)) {
    BONNIE_ASSIGN_OR_RETURN(const std::vector<ModelFile> files, Files(*model));
    return Reversed(HintsOf(files));
  }
  if (from.index() == to.index() && !std::holds_alternative<RevisionSource>(to)) return RenameHints();
  BONNIE_ASSIGN_OR_RETURN(const auto folder, dir_.Load());
  BONNIE_ASSIGN_OR_RETURN(const std::set<std::string> before, RevisionsOf(from, deadline));
  BONNIE_ASSIGN_OR_RETURN(const std::set<std::string> after, RevisionsOf(to, deadline));
  return RenamesBetween(*folder, before, after);
}

absl::StatusOr<CreatedRevision> SchemaSources::CreateRevision(NewRevision request,
                                                              const absl::optional<ModelSource>& model, absl::Time now,
                                                              absl::Time deadline) {
  BONNIE_ASSIGN_OR_RETURN(auto folder, dir_.Load());
  if (model.has_value()) {
    Autogenerate body;
    BONNIE_ASSIGN_OR_RETURN(body.model, Files(*model));
    if (body.model.empty()) return NoModel();
    request.body = std::move(body);
  }
  BONNIE_ASSIGN_OR_RETURN(std::unique_ptr<Session> session, Connect(deadline));
  BONNIE_ASSIGN_OR_RETURN(const DdlSetting setting, ReadSetting(*session, BeginReadingLive(/*now=*/false, deadline)));
  return schema::CreateRevision(canonical_, *folder, setting, request, now, deadline, lint_);
}

absl::StatusOr<PendingChanges> SchemaSources::FindPending(const ModelSource& source, absl::Time deadline) {
  BONNIE_ASSIGN_OR_RETURN(auto folder, dir_.Load());
  const Live live = BeginReadingLive(/*now=*/true, deadline);
  BONNIE_ASSIGN_OR_RETURN(std::vector<ModelFile> model, Files(source));
  BONNIE_ASSIGN_OR_RETURN(std::unique_ptr<Session> session, Connect(deadline));
  BONNIE_ASSIGN_OR_RETURN(const DdlSetting setting, ReadSetting(*session, live));
  BONNIE_ASSIGN_OR_RETURN(const LedgerState ledger, ReadLedger(*session));
  BONNIE_RETURN_IF_ERROR(CheckApplied(*folder, ledger));
  PendingChanges pending;
  pending.heads = folder->graph().heads();
  pending.current = ledger.HeadIds();
  const std::set<std::string> applied = folder->graph().Ancestors(pending.current);
  for (const std::string& id : folder->graph().order()) {
    if (applied.count(id) == 0) pending.pending_revisions.push_back(id);
  }
  pending.has_model = !model.empty();
  if (pending.has_model) {
    BONNIE_ASSIGN_OR_RETURN(SchemaPtr from, canonical_.OfRevisions(*folder, pending.heads, setting, deadline));
    BONNIE_ASSIGN_OR_RETURN(SchemaPtr declared, canonical_.OfModel(model, setting, deadline));
    Schema to = *declared;
    to.objects = from->objects;
    pending.model_changes = Diff(*from, to, HintsOf(model)).changes;
    Append(from->unsupported, &pending.unsupported);
    Append(to.unsupported, &pending.unsupported);
  }
  if (ledger.unfinished.has_value()) {
    pending.unfinished_revision = ledger.unfinished->revision;
    return pending;
  }
  BONNIE_RETURN_IF_ERROR(FindDrift(*folder, setting, model, deadline, &pending));
  return pending;
}

absl::StatusOr<PendingChanges> SchemaSources::FindDriftFrom(const MigrationFolder& folder,
                                                            const std::vector<std::string>& heads,
                                                            absl::Time deadline) {
  const Live live = BeginReadingLive(/*now=*/true, deadline);
  BONNIE_ASSIGN_OR_RETURN(std::unique_ptr<Session> session, Connect(deadline));
  BONNIE_ASSIGN_OR_RETURN(const DdlSetting setting, ReadSetting(*session, live));
  PendingChanges pending;
  pending.current = heads;
  BONNIE_RETURN_IF_ERROR(FindDrift(folder, setting, /*model=*/{}, deadline, &pending));
  pending.current.clear();
  return pending;
}

absl::Status SchemaSources::FindDrift(const MigrationFolder& folder, const DdlSetting& setting,
                                      const std::vector<ModelFile>& model, absl::Time deadline,
                                      PendingChanges* pending) {
  BONNIE_ASSIGN_OR_RETURN(SchemaPtr replay, canonical_.OfRevisions(folder, pending->current, setting, deadline));
  Schema made = *replay;
  BONNIE_ASSIGN_OR_RETURN(const SchemaPtr read, setting.live());
  Schema live = *read;
  ForgetDefiners(&made);
  ForgetDefiners(&live);
  ForgetUnseen(live, &made);
  std::set<std::string> declared;
  for (const ModelFile& file : model) declared.insert(file.table);
  for (auto table = live.tables.begin(); table != live.tables.end();) {
    const bool known = made.tables.count(table->first) > 0;
    if (!known && !IsToolTable(table->first) && declared.count(table->first) == 0) {
      pending->unmanaged_tables.push_back(table->first);
    }
    const bool leave_out = !known && (IsToolTable(table->first) || declared.count(table->first) == 0);
    table = leave_out ? live.tables.erase(table) : std::next(table);
  }
  pending->drift = Diff(made, live).changes;
  Append(live.unsupported, &pending->unsupported);
  return absl::OkStatus();
}

}  // namespace bonnie::schema
