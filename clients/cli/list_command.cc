#include "clients/cli/list_command.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>

#include "absl/strings/str_join.h"
#include "clients/cli/option_checks.h"

namespace bonnie::cli {

void AddListOptions(CLI::App& verb, ListOptions& options) {
  verb.add_option("--limit", options.limit, "The most to show; 0 for all; default 50")
      ->check(NumberFrom(0, 1000000000))
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

void SayWhatIsMissing(Context& context, const google::protobuf::RepeatedField<int64_t>& ids) {
  if (!ids.empty()) context.console().err << "(not there: " << absl::StrJoin(ids, ", ") << ")\n";
}

}  // namespace bonnie::cli
