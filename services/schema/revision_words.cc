// Alembic's words: what they mean in a graph.
#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/data_access/status_macros.h"
#include "services/schema/revision_graph.h"
#include "services/server/error.h"

namespace bonnie::schema {

namespace {

constexpr int kShortestPrefix = 4;

absl::Status RefuseWord(absl::string_view reason, absl::string_view message) {
  return server::Error(absl::StatusCode::kInvalidArgument, message, {.reason = std::string(reason)});
}

absl::Status SeveralHeads(absl::string_view word, const std::set<std::string>& heads) {
  return server::Error(absl::StatusCode::kFailedPrecondition,
                       absl::StrCat("'", word, "' is ambiguous: there are several heads: ", absl::StrJoin(heads, ", "),
                                    "; name one of them, say 'heads' for all, or merge them by a revision ('merge')"),
                       {.reason = "SEVERAL_HEADS", .metadata = {{"heads", absl::StrJoin(heads, ",")}}});
}

absl::Status TooFar(absl::string_view word) {
  return RefuseWord("TARGET_UNREACHABLE", absl::StrCat("'", word, "': there are not that many revisions on the way"));
}

std::set<std::string> Intersection(const std::set<std::string>& a, const std::set<std::string>& b) {
  std::set<std::string> both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::inserter(both, both.end()));
  return both;
}

std::set<std::string> ToSet(const std::vector<std::string>& ids) { return {ids.begin(), ids.end()}; }

}  // namespace

// A word taken apart: [branch@][symbol][+N|-N].
struct RevisionGraph::Word {
  absl::string_view text;
  absl::string_view branch;
  absl::string_view symbol;
  int steps = 0;
  bool relative = false;

  static absl::StatusOr<Word> Parse(absl::string_view text) {
    Word word{.text = text};
    absl::string_view rest = text;
    if (const size_t at = rest.find('@'); at != absl::string_view::npos) {
      word.branch = rest.substr(0, at);
      rest = rest.substr(at + 1);
      if (word.branch.empty()) return Unknown(text);
    }
    if (const size_t sign = rest.find_first_of("+-"); sign != absl::string_view::npos) {
      word.relative = true;
      const absl::string_view number = rest.substr(sign + 1);
      if (number.empty() || !std::all_of(number.begin(), number.end(), absl::ascii_isdigit) ||
          !absl::SimpleAtoi(number, &word.steps) || word.steps == 0) {
        return Unknown(text);
      }
      if (rest[sign] == '-') word.steps = -word.steps;
      rest = rest.substr(0, sign);
    }
    word.symbol = rest;
    const auto is_word = [](char c) { return absl::ascii_isalnum(c) || c == '_'; };
    if (!std::all_of(rest.begin(), rest.end(), is_word) || (rest.empty() && !word.relative)) return Unknown(text);
    return word;
  }

  static absl::Status Unknown(absl::string_view text) {
    return RefuseWord("REVISION_UNKNOWN",
                      absl::StrCat("'", text,
                                   "' is not a revision word; want head, heads, base, an id, a prefix of "
                                   "at least 4 characters, +N, -N, <id>+N or <label>@head"));
  }
};

absl::StatusOr<std::string> RevisionGraph::ById(absl::string_view word) const {
  if (Contains(word)) return std::string(word);
  if (static_cast<int>(word.size()) < kShortestPrefix) {
    return RefuseWord("REVISION_UNKNOWN",
                      absl::StrCat("no revision '", word, "' (a prefix needs at least 4 characters)"));
  }
  Ids matches;
  for (auto it = nodes_.lower_bound(std::string(word)); it != nodes_.end() && absl::StartsWith(it->first, word); ++it) {
    matches.insert(it->first);
  }
  if (matches.empty()) return RefuseWord("REVISION_UNKNOWN", absl::StrCat("no revision '", word, "'"));
  if (matches.size() > 1) {
    return RefuseWord("REVISION_AMBIGUOUS", absl::StrCat("'", word, "' may be ", absl::StrJoin(matches, ", ")));
  }
  return *matches.begin();
}

absl::StatusOr<std::string> RevisionGraph::BranchStart(absl::string_view label) const {
  const auto labelled = labels_.find(std::string(label));
  if (labelled != labels_.end()) return labelled->second;
  return ById(label);
}

absl::StatusOr<RevisionGraph::Ids> RevisionGraph::Branch(absl::string_view label) const {
  BONNIE_ASSIGN_OR_RETURN(std::string start, BranchStart(label));
  Ids branch = {start};
  std::vector<std::string> open = {start};
  while (!open.empty()) {
    const std::string id = std::move(open.back());
    open.pop_back();
    for (const std::string& child : At(id).children) {
      if (branch.insert(child).second) open.push_back(child);
    }
  }
  return branch;
}

absl::StatusOr<RevisionGraph::Ids> RevisionGraph::Symbol(const Word& word,
                                                         const std::vector<std::string>& current) const {
  Ids branch;
  std::string start;
  const bool in_branch = !word.branch.empty();
  if (in_branch) {
    BONNIE_ASSIGN_OR_RETURN(start, BranchStart(word.branch));
    BONNIE_ASSIGN_OR_RETURN(branch, Branch(word.branch));
  }
  if (word.symbol == "base") return in_branch ? Ids{start} : Ids();
  if (word.symbol == "head" || word.symbol == "heads" || word.symbol == "current") {
    Ids found = word.symbol == "current" ? ToSet(current) : ToSet(heads_);
    for (const std::string& id : found) {
      if (!Contains(id))
        return RefuseWord("REVISION_UNKNOWN", absl::StrCat("the database is at ", id, ", unknown here"));
    }
    if (in_branch) found = Intersection(found, branch);
    if (word.symbol == "head" && found.size() > 1) return SeveralHeads(word.text, found);
    return found;
  }
  if (const auto labelled = labels_.find(std::string(word.symbol)); labelled != labels_.end()) {
    return Ids{labelled->second};
  }
  BONNIE_ASSIGN_OR_RETURN(std::string id, ById(word.symbol));
  if (in_branch && branch.count(id) == 0 && Ancestors({start}).count(id) == 0) {
    return RefuseWord("REVISION_UNKNOWN", absl::StrCat("revision ", id, " is not on branch '", word.branch, "'"));
  }
  return Ids{id};
}

// Up a branch, a step keeps to it. Down, it leads past the branch's first revision, and past a root to base.
absl::StatusOr<RevisionGraph::Ids> RevisionGraph::Walk(const std::string& from, int steps, const Ids* branch) const {
  const std::string word = absl::StrCat(from, steps > 0 ? "+" : "", steps);
  std::string at = from;
  for (int left = std::abs(steps); left > 0; --left) {
    Ids next = steps > 0 ? At(at).children : ToSet(At(at).links.revises);
    if (branch != nullptr) {
      const Ids on_branch = Intersection(next, *branch);
      if (steps > 0 || !on_branch.empty()) next = on_branch;
    }
    if (next.empty() && steps < 0 && left == 1) return Ids();
    if (next.empty()) return TooFar(word);
    if (next.size() > 1) {
      return RefuseWord("REVISION_AMBIGUOUS",
                        absl::StrCat("'", word, "' is ambiguous: next to ", at, " are ", absl::StrJoin(next, ", ")));
    }
    at = *next.begin();
  }
  return Ids{at};
}

// From base, the first step leads to a root, or to a branch's first revision.
absl::StatusOr<std::string> RevisionGraph::FirstStep(absl::string_view text, const Ids* branch) const {
  Ids roots;
  for (const auto& [id, node] : nodes_) {
    const bool is_root = branch == nullptr
                             ? node.links.revises.empty()
                             : branch->count(id) > 0 && Intersection(ToSet(node.links.revises), *branch).empty();
    if (is_root) roots.insert(id);
  }
  if (roots.empty()) return TooFar(text);
  if (roots.size() > 1) {
    return RefuseWord("REVISION_AMBIGUOUS",
                      absl::StrCat("'", text, "' is ambiguous: roots are ", absl::StrJoin(roots, ", ")));
  }
  return *roots.begin();
}

absl::StatusOr<RevisionGraph::Ids> RevisionGraph::Resolve(absl::string_view text,
                                                          const std::vector<std::string>& current) const {
  BONNIE_ASSIGN_OR_RETURN(Word word, Word::Parse(text));
  if (word.relative && word.symbol.empty()) word.symbol = word.steps > 0 ? "current" : "heads";
  BONNIE_ASSIGN_OR_RETURN(Ids ids, Symbol(word, current));
  if (!word.relative) return ids;
  if (ids.size() > 1) return SeveralHeads(text, ids);
  Ids members;
  if (!word.branch.empty()) {
    BONNIE_ASSIGN_OR_RETURN(members, Branch(word.branch));
  }
  const Ids* branch = word.branch.empty() ? nullptr : &members;
  if (!ids.empty()) return Walk(*ids.begin(), word.steps, branch);
  if (word.steps < 0) return TooFar(text);
  BONNIE_ASSIGN_OR_RETURN(std::string first, FirstStep(text, branch));
  return word.steps == 1 ? Ids{first} : Walk(first, word.steps - 1, branch);
}

absl::StatusOr<std::set<std::string>> RevisionGraph::Many(absl::string_view words,
                                                          const std::vector<std::string>& current) const {
  Ids all;
  for (const absl::string_view word : absl::StrSplit(words, ',')) {
    BONNIE_ASSIGN_OR_RETURN(Ids ids, Resolve(word, current));
    all.insert(ids.begin(), ids.end());
  }
  return all;
}

absl::StatusOr<std::string> RevisionGraph::One(absl::string_view word, const std::vector<std::string>& current) const {
  BONNIE_ASSIGN_OR_RETURN(Ids ids, Resolve(word, current));
  if (ids.empty()) return RefuseWord("REVISION_UNKNOWN", absl::StrCat("'", word, "' names no revision"));
  if (ids.size() > 1) return SeveralHeads(word, ids);
  return *ids.begin();
}

absl::StatusOr<std::vector<std::string>> RevisionGraph::Range(absl::string_view range,
                                                              const std::vector<std::string>& current) const {
  Ids included = ToSet(order_);
  if (!range.empty()) {
    const size_t colon = range.find(':');
    if (colon == absl::string_view::npos || range.find(':', colon + 1) != absl::string_view::npos) {
      return RefuseWord("REVISION_UNKNOWN", absl::StrCat("range: '", range, "', want a:b, a: or :b"));
    }
    absl::string_view low = range.substr(0, colon);
    absl::string_view high = range.substr(colon + 1);
    std::string relative;  // `-2:x` is two below x, `x:+2` two above x
    if (absl::StartsWith(low, "-") && !high.empty()) {
      BONNIE_ASSIGN_OR_RETURN(std::string top, One(high, current));
      low = relative = absl::StrCat(top, low);
    } else if (absl::StartsWith(high, "+") && !low.empty()) {
      BONNIE_ASSIGN_OR_RETURN(std::string bottom, One(low, current));
      high = relative = absl::StrCat(bottom, high);
    }
    if (!high.empty()) {
      BONNIE_ASSIGN_OR_RETURN(Ids top, Resolve(high, current));
      included = Ancestors({top.begin(), top.end()});
    }
    if (!low.empty()) {
      BONNIE_ASSIGN_OR_RETURN(Ids bottom, Resolve(low, current));
      if (!bottom.empty()) included = Intersection(included, Descendants(bottom));  // base leaves all
    }
  }
  std::vector<std::string> found;
  for (auto it = order_.rbegin(); it != order_.rend(); ++it) {
    if (included.count(*it) > 0) found.push_back(*it);
  }
  return found;
}

absl::StatusOr<RevisionPath> RevisionGraph::Path(const std::vector<std::string>& current, absl::string_view target,
                                                 Direction direction) const {
  Ids change;
  for (const absl::string_view word : absl::StrSplit(target, ',')) {
    BONNIE_ASSIGN_OR_RETURN(Ids part,
                            direction == Direction::kUp ? ChangeUp(current, word) : ChangeDown(current, word));
    change.insert(part.begin(), part.end());
  }
  return MakePath(Ancestors(current), change, direction);
}

absl::StatusOr<RevisionGraph::Ids> RevisionGraph::ChangeUp(const std::vector<std::string>& current,
                                                           absl::string_view target) const {
  BONNIE_ASSIGN_OR_RETURN(Word word, Word::Parse(target));
  const bool from_current = word.relative && word.symbol.empty();
  BONNIE_ASSIGN_OR_RETURN(Ids goal, from_current ? StepsUp(current, word) : Resolve(target, current));
  const Ids applied = Ancestors(current);
  Ids change;
  for (const std::string& id : Ancestors({goal.begin(), goal.end()})) {
    if (applied.count(id) == 0) change.insert(id);
  }
  return change;
}

absl::StatusOr<RevisionGraph::Ids> RevisionGraph::StepsUp(const std::vector<std::string>& current,
                                                          const Word& word) const {
  if (word.steps < 0) {
    return RefuseWord("TARGET_UNREACHABLE", absl::StrCat("'", word.text, "' leads down; an upgrade takes +N"));
  }
  std::string from_current = absl::StrCat(word.branch, word.branch.empty() ? "" : "@", "current+", word.steps);
  absl::StatusOr<Ids> goal = Resolve(from_current, current);
  if (!goal.ok() && goal.status().code() == absl::StatusCode::kFailedPrecondition) {
    return SeveralHeads(word.text, ToSet(current));
  }
  return goal;
}

absl::StatusOr<RevisionGraph::Ids> RevisionGraph::ChangeDown(const std::vector<std::string>& current,
                                                             absl::string_view target) const {
  BONNIE_ASSIGN_OR_RETURN(Word word, Word::Parse(target));
  const Ids applied = Ancestors(current);
  if (word.relative && word.symbol.empty()) return StepsDown(current, word);
  if (!word.relative && word.symbol == "base" && !word.branch.empty()) {  // the branch's first revision included
    BONNIE_ASSIGN_OR_RETURN(Ids branch, Branch(word.branch));
    return Intersection(applied, Descendants(branch));
  }
  BONNIE_ASSIGN_OR_RETURN(Ids goal, Resolve(target, current));
  if (goal.empty()) return applied;  // base
  for (const std::string& id : goal) {
    if (applied.count(id) > 0) continue;
    return RefuseWord("TARGET_UNREACHABLE",
                      absl::StrCat("revision ", id, " is not applied, so a downgrade cannot lead to it"));
  }
  return ChangeDownTo(applied, goal, word);
}

// With a branch named, only what lies on the way to it goes: `shop@root` leaves the other branches that begin at root.
absl::StatusOr<RevisionGraph::Ids> RevisionGraph::ChangeDownTo(const Ids& applied, const Ids& goal,
                                                               const Word& word) const {
  Ids roots;
  for (const std::string& id : goal) roots.insert(At(id).followers.begin(), At(id).followers.end());
  if (!word.branch.empty()) {
    BONNIE_ASSIGN_OR_RETURN(std::string start, BranchStart(word.branch));
    BONNIE_ASSIGN_OR_RETURN(Ids branch, Branch(word.branch));
    const Ids before = Ancestors({start});
    branch.insert(before.begin(), before.end());
    roots = Intersection(roots, branch);
  }
  Ids change = Intersection(applied, Descendants(roots));
  for (const std::string& id : Ancestors({goal.begin(), goal.end()})) change.erase(id);  // one may need another
  return change;
}

absl::StatusOr<RevisionGraph::Ids> RevisionGraph::StepsDown(const std::vector<std::string>& current,
                                                            const Word& word) const {
  if (word.steps > 0) {
    return RefuseWord("TARGET_UNREACHABLE", absl::StrCat("'", word.text, "' leads up; a downgrade takes -N"));
  }
  Ids branch;
  if (!word.branch.empty()) {
    BONNIE_ASSIGN_OR_RETURN(branch, Branch(word.branch));
  }
  Ids applied = Ancestors(current);
  Ids change;
  for (int left = -word.steps; left > 0; --left) {
    Ids heads = ToSet(HeadsOf(applied));
    if (!word.branch.empty()) heads = Intersection(heads, branch);
    if (heads.empty()) return TooFar(word.text);
    if (heads.size() > 1) return SeveralHeads(word.text, heads);
    for (const std::string& id : Intersection(applied, Descendants(heads))) {  // with what depends on it
      applied.erase(id);
      change.insert(id);
    }
  }
  return change;
}

RevisionPath RevisionGraph::MakePath(const Ids& applied, const Ids& change, Direction direction) const {
  RevisionPath path;
  for (const std::string& id : order_) {
    if (change.count(id) > 0) path.revisions.push_back(id);
  }
  if (direction == Direction::kDown) std::reverse(path.revisions.begin(), path.revisions.end());
  Ids after = applied;
  const std::vector<std::string> before = HeadsOf(applied);
  Ids heads = ToSet(before);
  for (const std::string& id : path.revisions) Step(id, direction, after, heads);
  path.to.assign(heads.begin(), heads.end());
  return path;
}

}  // namespace bonnie::schema
