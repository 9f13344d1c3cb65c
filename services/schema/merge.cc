#include "services/schema/merge.h"

#include <map>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/data_access/status_macros.h"
#include "services/schema/revision_text.h"
#include "services/server/error.h"

namespace bonnie::schema {

namespace {

absl::Status NothingToMerge(absl::string_view why) {
  return server::Error(absl::StatusCode::kFailedPrecondition, "NOTHING_TO_MERGE", why);
}

absl::Status CheckParents(const RevisionGraph& graph, const std::set<std::string>& parents) {
  if (parents.size() < 2) {
    return NothingToMerge(parents.empty()
                              ? "there is no revision to merge"
                              : absl::StrCat("there is one head, ", *parents.begin(), ": nothing to merge"));
  }
  for (const std::string& id : parents) {
    std::set<std::string> before = graph.Ancestors({id});
    before.erase(id);
    for (const std::string& other : parents) {
      if (before.count(other) > 0) return NothingToMerge(absl::StrCat(id, " follows ", other, ": nothing to merge"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Revision> MergeRevisions(const MigrationFolder& folder, const MergeRequest& request,
                                        const std::vector<std::string>& current, absl::Time now) {
  const RevisionGraph& graph = folder.graph();
  const std::string words = request.revisions.empty() ? "heads" : absl::StrJoin(request.revisions, ",");
  BONNIE_ASSIGN_OR_RETURN(std::set<std::string> parents, graph.Many(words, current));
  BONNIE_RETURN_IF_ERROR(CheckParents(graph, parents));
  RevisionDraft draft;
  draft.links.id = request.rev_id.empty() ? RevisionIdAt(now) : request.rev_id;
  draft.links.revises.assign(parents.begin(), parents.end());
  draft.links.branch_label = request.branch_label;
  draft.message = request.message.empty() ? absl::StrCat("merge ", absl::StrJoin(parents, " and ")) : request.message;
  draft.down.emplace();  // there is a way down: nothing to do
  if (graph.Contains(draft.links.id)) {
    return server::Error(absl::StatusCode::kInvalidArgument, "REVISION_EXISTS",
                         absl::StrCat("revision ", draft.links.id, " is there already; give another id"));
  }
  const std::string name = RevisionFileName(draft.links.id, draft.message);
  std::map<std::string, std::string> files = {{name, WriteRevision(draft)}};
  for (const std::string& id : graph.order()) files[folder.at(id).file_name] = folder.at(id).text;
  absl::StatusOr<std::shared_ptr<const MigrationFolder>> whole = MigrationFolder::Of(files);
  if (!whole.ok()) {  // an id, label or message that no file may have
    return server::Error(absl::StatusCode::kInvalidArgument, "REVISION_FILE_INVALID", whole.status().message());
  }
  return (*whole)->at(draft.links.id);
}

}  // namespace bonnie::schema
