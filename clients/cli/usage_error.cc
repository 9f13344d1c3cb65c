#include "clients/cli/usage_error.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cli/text_width.h"

namespace bonnie::cli {
namespace {

// How far the parser understood the words: the last group or verb.
const CLI::App& LastUnderstood(const CLI::App& app) {
  const CLI::App* last = &app;
  while (!last->get_subcommands().empty()) last = last->get_subcommands().front();
  return *last;
}

// "schema upgrade"; empty for the command itself.
std::string PathOf(const CLI::App& app) {
  if (app.get_parent() == nullptr) return "";
  const std::string above = PathOf(*app.get_parent());
  return absl::StrCat(above, above.empty() ? "" : " ", app.get_name());
}

std::string Choices(const CLI::App& group) {
  return absl::StrJoin(group.get_subcommands({}), ", ",
                       [](std::string* text, const CLI::App* verb) { text->append(verb->get_name()); });
}

}  // namespace

std::string UsageErrorText(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App& last = LastUnderstood(app);
  const std::string path = PathOf(last);
  const bool wants_verb = !last.get_subcommands({}).empty();
  const char* const kind = path.empty() ? "command" : "verb";
  std::string text;
  for (const std::string& word : app.remaining(/*recurse=*/true)) {  // what nothing took
    if (absl::StartsWith(word, "-")) {
      text = absl::StrCat("unknown option '", word, "'");
    } else if (wants_verb) {
      text = absl::StrCat("unknown ", kind, " '", word, "'; one of ", Choices(last));
    } else {
      text = absl::StrCat("'", word, "' is one word too many");
    }
    break;
  }
  if (text.empty() && wants_verb) text = absl::StrCat("want a ", kind, ": one of ", Choices(last));
  if (text.empty()) text = error.what();
  return Printable(absl::StrCat(path, path.empty() ? "" : ": ", text, "; `bonnie", path.empty() ? "" : " ", path,
                                " --help` says more"));
}

}  // namespace bonnie::cli
