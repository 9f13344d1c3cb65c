#include "clients/cli/list_command.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>

namespace bonnie::cli {

void AddListOptions(CLI::App& verb, ListOptions& options) {
  verb.add_option("--limit", options.limit, "The most to show; 0 for all; default 50")
      ->check(CLI::Range(int64_t{0}, int64_t{1000000000}))
      ->type_name("N");
  verb.add_flag("--show-deleted", options.show_deleted, "Show softly deleted ones too");
}

int PageSize(const ListOptions& options) {
  constexpr int64_t kLargest = 500;
  // One more than the limit, to know whether there is more.
  return static_cast<int>(options.limit == 0 ? kLargest : std::min(kLargest, options.limit + 1));
}

void SayThereIsMore(Context& context, int64_t limit) {
  context.console().err << "(the first " << limit << "; --limit 0 for all)\n";
}

}  // namespace bonnie::cli
