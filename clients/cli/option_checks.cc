#include "clients/cli/option_checks.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace bonnie::cli {
namespace {

OptionCheck Number(int64_t least, int64_t most, const std::string& want) {
  return [least, most, want](const std::string& text) {
    int64_t number = 0;
    if (absl::SimpleAtoi(text, &number) && number >= least && number <= most) return std::string();
    return absl::StrCat("'", text, "', want ", want);
  };
}

}  // namespace

OptionCheck NumberFrom(int64_t least, int64_t most) {
  return Number(least, most, absl::StrCat("a number from ", least, " to ", most));
}

OptionCheck Id() { return Number(1, std::numeric_limits<int64_t>::max(), "an id, a number from 1"); }

OptionCheck OneOf(std::vector<std::string> words) {
  return [words = std::move(words)](const std::string& text) {
    if (std::find(words.begin(), words.end(), text) != words.end()) return std::string();
    return absl::StrCat("'", text, "', want ", words.size() == 1 ? "" : "one of ", absl::StrJoin(words, ", "));
  };
}

}  // namespace bonnie::cli
