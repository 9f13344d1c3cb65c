#include "services/schema/revision_graph.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/data_access/status_macros.h"
#include "services/server/error.h"

namespace bonnie::schema {

namespace {

absl::Status BadFolder(absl::string_view reason, const RevisionLinks& at, absl::string_view message) {
  return server::Error(absl::StatusCode::kFailedPrecondition,
                       absl::StrCat(at.where, at.where.empty() ? "" : ": ", message), {.reason = std::string(reason)});
}

// Words that would hide a revision or label of that name.
bool IsReserved(absl::string_view name) {
  return name == "head" || name == "heads" || name == "base" || name == "current";
}

}  // namespace

absl::StatusOr<RevisionGraph> RevisionGraph::Make(const std::vector<RevisionLinks>& revisions) {
  RevisionGraph graph;
  BONNIE_RETURN_IF_ERROR(graph.Link(revisions));
  BONNIE_RETURN_IF_ERROR(graph.Sort());
  for (const auto& [id, node] : graph.nodes_) {
    if (node.children.empty()) graph.heads_.push_back(id);
  }
  return graph;
}

absl::Status RevisionGraph::Link(const std::vector<RevisionLinks>& revisions) {
  for (const RevisionLinks& links : revisions) {
    for (const std::string& name : {links.id, links.branch_label}) {
      if (!IsReserved(name)) continue;
      return BadFolder("REVISION_FILE_INVALID", links, absl::StrCat("'", name, "' means something else as a word"));
    }
    if (!nodes_.emplace(links.id, Node{.links = links}).second) {
      return BadFolder("REVISION_FILE_INVALID", links, absl::StrCat("revision ", links.id, " is there twice"));
    }
    if (!links.branch_label.empty() && !labels_.emplace(links.branch_label, links.id).second) {
      return BadFolder("REVISION_FILE_INVALID", links,
                       absl::StrCat("branch-label ", links.branch_label, " is there twice: in ",
                                    labels_[links.branch_label], " and ", links.id));
    }
  }
  for (const auto& [label, id] : labels_) {
    if (id == label || !Contains(label)) continue;
    return BadFolder("REVISION_FILE_INVALID", At(id).links,
                     absl::StrCat("branch-label ", label, " is a revision's id"));
  }
  for (const RevisionLinks& links : revisions) {
    for (const auto* parents : {&links.revises, &links.depends_on}) {
      for (const std::string& parent : *parents) {
        const auto found = nodes_.find(parent);
        if (found == nodes_.end()) {
          return BadFolder("REVISION_MISSING", links,
                           absl::StrCat("revision ", links.id, " names ", parent, ", which is not there"));
        }
        found->second.followers.insert(links.id);
        if (parents == &links.revises) found->second.children.insert(links.id);
      }
    }
  }
  return absl::OkStatus();
}

absl::Status RevisionGraph::Sort() {
  std::map<std::string, int> waits_for;
  Ids ready;
  for (const auto& [id, node] : nodes_) {
    Ids needs(node.links.revises.begin(), node.links.revises.end());
    needs.insert(node.links.depends_on.begin(), node.links.depends_on.end());
    waits_for[id] = static_cast<int>(needs.size());
    if (needs.empty()) ready.insert(id);
  }
  while (!ready.empty()) {
    const std::string id = *ready.begin();
    ready.erase(ready.begin());
    order_.push_back(id);
    for (const std::string& follower : At(id).followers) {
      if (--waits_for[follower] == 0) ready.insert(follower);
    }
  }
  if (order_.size() == nodes_.size()) return absl::OkStatus();
  return Circle(waits_for);
}

// Of those that still wait, each waits for another of them: whoever is met twice is on a circle.
absl::Status RevisionGraph::Circle(const std::map<std::string, int>& waits_for) const {
  const auto waits = [&](const std::string& id) { return waits_for.at(id) > 0; };
  std::string at =
      std::find_if(waits_for.begin(), waits_for.end(), [](const auto& it) { return it.second > 0; })->first;
  std::vector<std::string> way;
  while (std::find(way.begin(), way.end(), at) == way.end()) {
    way.push_back(at);
    std::vector<std::string> needs = At(at).links.revises;
    needs.insert(needs.end(), At(at).links.depends_on.begin(), At(at).links.depends_on.end());
    at = *std::find_if(needs.begin(), needs.end(), waits);
  }
  way.erase(way.begin(), std::find(way.begin(), way.end(), at));
  std::rotate(way.begin(), std::min_element(way.begin(), way.end()), way.end());
  const RevisionLinks& first = At(way.front()).links;
  way.push_back(way.front());
  return BadFolder("REVISION_FILE_INVALID", first,
                   absl::StrCat("revisions follow each other in a circle: ", absl::StrJoin(way, " needs ")));
}

bool RevisionGraph::Contains(absl::string_view id) const { return nodes_.count(std::string(id)) > 0; }

std::set<std::string> RevisionGraph::Ancestors(const std::vector<std::string>& ids) const {
  Ids found;
  std::vector<std::string> open(ids);
  while (!open.empty()) {
    const std::string id = std::move(open.back());
    open.pop_back();
    if (!Contains(id) || !found.insert(id).second) continue;
    const RevisionLinks& links = At(id).links;
    open.insert(open.end(), links.revises.begin(), links.revises.end());
    open.insert(open.end(), links.depends_on.begin(), links.depends_on.end());
  }
  return found;
}

RevisionGraph::Ids RevisionGraph::Descendants(const Ids& ids) const {
  Ids found;
  std::vector<std::string> open(ids.begin(), ids.end());
  while (!open.empty()) {
    const std::string id = std::move(open.back());
    open.pop_back();
    if (!found.insert(id).second) continue;
    const Ids& followers = At(id).followers;
    open.insert(open.end(), followers.begin(), followers.end());
  }
  return found;
}

bool RevisionGraph::IsRevisedIn(const std::string& id, const Ids& applied) const {
  const Ids& children = At(id).children;
  return std::any_of(children.begin(), children.end(),
                     [&](const std::string& child) { return applied.count(child) > 0; });
}

std::vector<std::string> RevisionGraph::HeadsOf(const std::set<std::string>& applied) const {
  std::vector<std::string> heads;
  for (const std::string& id : applied) {
    if (!IsRevisedIn(id, applied)) heads.push_back(id);
  }
  return heads;
}

void RevisionGraph::Step(const std::string& id, Direction direction, std::set<std::string>& applied,
                         std::set<std::string>& heads) const {
  const std::vector<std::string>& parents = At(id).links.revises;
  if (direction == Direction::kUp) {
    applied.insert(id);
    heads.insert(id);
    for (const std::string& parent : parents) heads.erase(parent);
  } else {
    applied.erase(id);
    heads.erase(id);
    for (const std::string& parent : parents) {
      if (!IsRevisedIn(parent, applied)) heads.insert(parent);
    }
  }
}

}  // namespace bonnie::schema
