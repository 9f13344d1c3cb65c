#ifndef BONNIE_SERVICES_SCHEMA_REVISION_GRAPH_H_
#define BONNIE_SERVICES_SCHEMA_REVISION_GRAPH_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace bonnie::schema {

enum class Direction { kUp, kDown };

// What a revision file's header says of its place among the others.
struct RevisionLinks {
  std::string id;
  std::vector<std::string> revises;     // parents; none for a root
  std::vector<std::string> depends_on;  // must be applied before, without being parents
  std::string branch_label;             // empty for none
  std::string where;                    // how errors name its place, such as versions/0002.sql:2; empty: its id alone
};

// Revisions to run, first to last, and where that leads.
struct RevisionPath {
  std::vector<std::string> revisions;
  std::vector<std::string> to;  // heads afterwards, sorted
};

// Revisions and how they follow each other, with Alembic's words for them (reference: alembic/script/revision.py):
//   head heads base current <id> <unique prefix of 4 or more> +N -N <id>+N <id>-N, each also as <label>@… or <id>@…,
//   which keeps to that branch; several targets separated by commas; ranges a:b, a:, :b
//
// Pure: knows neither files nor databases. "current" below is the set of heads of what is applied. A revision counts as
// applied when it is one of them or an ancestor, by `revises` or `depends-on`.
//
// Errors carry server::ErrorDetails. Everywhere: kInvalidArgument REVISION_UNKNOWN (a word names no revision),
// REVISION_AMBIGUOUS (several; all are named), kFailedPrecondition SEVERAL_HEADS.
//
// A value type; immutable once made.
class RevisionGraph {
 public:
  RevisionGraph() = default;
  // kFailedPrecondition REVISION_MISSING: a parent or dependency is not there. REVISION_FILE_INVALID: an id or label
  // occurs twice or is one of the words, or revisions follow each other in a circle (it is spelled out).
  static absl::StatusOr<RevisionGraph> Make(const std::vector<RevisionLinks>& revisions);

  bool Contains(absl::string_view id) const;
  // Revisions that no other revises, sorted.
  const std::vector<std::string>& heads() const { return heads_; }
  // All, each after those it revises or depends on; ties by id.
  const std::vector<std::string>& order() const { return order_; }
  // `ids` and everything they need, by `revises` and `depends-on`. Ids that are not there are skipped.
  std::set<std::string> Ancestors(const std::vector<std::string>& ids) const;
  // The members of `applied` that no other member revises, sorted.
  std::vector<std::string> HeadsOf(const std::set<std::string>& applied) const;
  // Adds `id` to what is applied, or takes it away, and keeps `heads` the heads of that.
  void Step(const std::string& id, Direction direction, std::set<std::string>& applied,
            std::set<std::string>& heads) const;

  // The one revision that `word` names. kInvalidArgument also for `base`, which is none.
  absl::StatusOr<std::string> One(absl::string_view word, const std::vector<std::string>& current) const;
  // All that `words` (separated by commas) name; empty for base.
  absl::StatusOr<std::set<std::string>> Many(absl::string_view words, const std::vector<std::string>& current) const;
  // The revisions of `range` (`a:b`, `a:`, `:b`; empty for all), newest first, both ends included.
  absl::StatusOr<std::vector<std::string>> Range(absl::string_view range,
                                                 const std::vector<std::string>& current) const;
  // The way from `current` to `target` (several: separated by commas), empty when there is nothing to do.
  // kInvalidArgument TARGET_UNREACHABLE: more steps than there are revisions, a relative step in the other direction,
  // or a target of a downgrade that is not applied.
  absl::StatusOr<RevisionPath> Path(const std::vector<std::string>& current, absl::string_view target,
                                    Direction direction) const;

 private:
  using Ids = std::set<std::string>;
  struct Node {
    RevisionLinks links;
    Ids children;   // revise this
    Ids followers;  // revise this or depend on it
  };
  struct Word;

  absl::Status Link(const std::vector<RevisionLinks>& revisions);
  absl::Status Sort();
  absl::Status Circle(const std::map<std::string, int>& waits_for) const;
  const Node& At(const std::string& id) const { return nodes_.at(id); }
  Ids Descendants(const Ids& ids) const;
  bool IsRevisedIn(const std::string& id, const Ids& applied) const;
  // Where the branch named by `label` (a branch label or a revision) begins, and what revises that.
  absl::StatusOr<std::string> BranchStart(absl::string_view label) const;
  absl::StatusOr<Ids> Branch(absl::string_view label) const;

  absl::StatusOr<std::string> ById(absl::string_view word) const;
  // What the symbol of a word (without steps) means; an empty set is base.
  absl::StatusOr<Ids> Symbol(const Word& word, const std::vector<std::string>& current) const;
  absl::StatusOr<Ids> Walk(const std::string& from, int steps, const Ids* branch) const;
  absl::StatusOr<std::string> FirstStep(absl::string_view text, const Ids* branch) const;
  absl::StatusOr<Ids> Resolve(absl::string_view text, const std::vector<std::string>& current) const;
  // The revisions that one target of an upgrade (downgrade) adds to (takes from) what is applied.
  absl::StatusOr<Ids> ChangeUp(const std::vector<std::string>& current, absl::string_view target) const;
  absl::StatusOr<Ids> ChangeDown(const std::vector<std::string>& current, absl::string_view target) const;
  absl::StatusOr<Ids> ChangeDownTo(const Ids& applied, const Ids& goal, const Word& word) const;
  absl::StatusOr<Ids> StepsUp(const std::vector<std::string>& current, const Word& word) const;
  absl::StatusOr<Ids> StepsDown(const std::vector<std::string>& current, const Word& word) const;
  RevisionPath MakePath(const Ids& applied, const Ids& change, Direction direction) const;

  std::map<std::string, Node> nodes_;
  std::map<std::string, std::string> labels_;  // label -> id
  std::vector<std::string> heads_;
  std::vector<std::string> order_;
};

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_REVISION_GRAPH_H_
