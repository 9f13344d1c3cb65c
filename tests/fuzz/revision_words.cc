// The words for revisions. An input is a graph, one revision a line (`id parents dependencies label`, - for none), an
// empty line, a line with the current heads, and the word.
#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "services/schema/revision_graph.h"
#include "services/server/error.h"
#include "tests/fuzz/check.h"

namespace bonnie::schema {
namespace {

std::vector<std::string> List(absl::string_view text) {
  if (text == "-") return {};
  return absl::StrSplit(text, ',', absl::SkipEmpty());
}

struct Input {
  std::vector<RevisionLinks> revisions;
  std::vector<std::string> current;
  absl::string_view word;
};

// Files with other ids and labels are refused before there is a graph.
bool IsName(absl::string_view name) {
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_'; });
}

bool HasOnlyNames(const Input& input) {
  std::vector<std::string> names = input.current;
  for (const RevisionLinks& links : input.revisions) {
    names.insert(names.end(), {links.id, links.branch_label});
    names.insert(names.end(), links.revises.begin(), links.revises.end());
    names.insert(names.end(), links.depends_on.begin(), links.depends_on.end());
  }
  return std::all_of(names.begin(), names.end(), IsName);
}

Input Parse(absl::string_view text) {
  Input input;
  bool graph = true;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const absl::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!graph) {
      input.current = List(line);
      input.word = text;
      break;
    }
    std::vector<absl::string_view> fields = absl::StrSplit(line, ' ');
    fields.resize(4, "-");
    graph = !line.empty();
    if (graph) {
      input.revisions.push_back(
          {std::string(fields[0]), List(fields[1]), List(fields[2]), fields[3] == "-" ? "" : std::string(fields[3])});
    }
  }
  return input;
}

void CheckRefusal(const absl::Status& status) {
  FUZZ_CHECK(server::DetailsOf(status).has_value());
  FUZZ_CHECK(!server::DetailsOf(status)->reason.empty());
  FUZZ_CHECK(!status.message().empty());
}

// Every step stands on what it needs, leaves what is applied closed, and leads to the heads that were promised.
void CheckPath(const RevisionGraph& graph, const Input& input, Direction direction, const RevisionPath& path) {
  std::set<std::string> applied = graph.Ancestors(input.current);
  const std::vector<std::string> before = graph.HeadsOf(applied);
  std::set<std::string> heads(before.begin(), before.end());
  for (const std::string& id : path.revisions) {
    FUZZ_CHECK(graph.Contains(id));
    FUZZ_CHECK((applied.count(id) == 0) == (direction == Direction::kUp));
    graph.Step(id, direction, applied, heads);
    FUZZ_CHECK(graph.Ancestors({applied.begin(), applied.end()}) == applied);
    const std::vector<std::string> now = graph.HeadsOf(applied);
    FUZZ_CHECK((heads == std::set<std::string>(now.begin(), now.end())));
  }
  FUZZ_CHECK((path.to == std::vector<std::string>(heads.begin(), heads.end())));
}

void Try(const RevisionGraph& graph, const Input& input) {
  for (const Direction direction : {Direction::kUp, Direction::kDown}) {
    const auto path = graph.Path(input.current, input.word, direction);
    path.ok() ? CheckPath(graph, input, direction, *path) : CheckRefusal(path.status());
  }
  const auto one = graph.One(input.word, input.current);
  if (!one.ok()) CheckRefusal(one.status());
  FUZZ_CHECK(!one.ok() || graph.Contains(*one));
  const auto range = graph.Range(input.word, input.current);
  if (!range.ok()) return CheckRefusal(range.status());
  const std::set<std::string> unique(range->begin(), range->end());
  FUZZ_CHECK(unique.size() == range->size() && unique.size() <= graph.order().size());
}

}  // namespace
}  // namespace bonnie::schema

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bonnie::schema;
  const Input input = Parse(absl::string_view(reinterpret_cast<const char*>(data), size));
  if (!HasOnlyNames(input)) return 0;
  const auto graph = RevisionGraph::Make(input.revisions);
  graph.ok() ? Try(*graph, input) : CheckRefusal(graph.status());
  return 0;
}
