#ifndef BONNIE_CLIENTS_CLI_LIST_COMMAND_H_
#define BONNIE_CLIENTS_CLI_LIST_COMMAND_H_

#include <google/protobuf/repeated_field.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cli/context.h"
#include "clients/cpp/page_range.h"

namespace CLI {
class App;
}

namespace bonnie::cli {

// What every verb `list` takes.
struct ListOptions {
  int64_t limit = 50;  // 0: all
  bool show_deleted = false;
};

// Both outlive the parsing.
void AddListOptions(CLI::App& verb, ListOptions& options);

// The page size to ask for: no more than will be shown.
int PageSize(const ListOptions& options);

// Says on the console's error stream that there is more than was shown.
void SayThereIsMore(Context& context, int64_t limit);

// Names ids that were asked for and are not there, on the console's error stream. Empty: says nothing.
void SayWhatIsMissing(Context& context, const google::protobuf::RepeatedField<int64_t>& ids);

// Prints a list of up to `options.limit` items of `range`, each by `print`. The first error, if any; nothing is printed
// when it comes first.
template <class Item, class Print>
absl::Status PrintItems(Context& context, const ListOptions& options, std::vector<Column> columns,
                        client::PageRange<Item> range, Print print) {
  int64_t printed = 0;
  for (const absl::StatusOr<Item>& item : range) {
    if (!item.ok()) return item.status();
    context.output().BeginList(columns);
    if (options.limit > 0 && printed == options.limit) {
      SayThereIsMore(context, options.limit);
      break;
    }
    print(*item);
    ++printed;
  }
  context.output().BeginList(std::move(columns));  // of an empty list
  return absl::OkStatus();
}

}  // namespace bonnie::cli

#endif  // BONNIE_CLIENTS_CLI_LIST_COMMAND_H_
