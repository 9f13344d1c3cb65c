// A file of model/: its parser on any text.
#include <cstdint>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "services/schema/known_tables.h"
#include "services/schema/model_files.h"
#include "services/server/error.h"
#include "tests/fuzz/check.h"

namespace bonnie::schema {
namespace {

// "model/f.sql:12: what", so that an editor finds the place.
void CheckRefusal(const absl::Status& status) {
  absl::string_view message = status.message();
  FUZZ_CHECK(server::DetailsOf(status)->reason == "MODEL_FILE_INVALID");
  FUZZ_CHECK(absl::StartsWith(message, "model/f.sql:"));
  message.remove_prefix(sizeof("model/f.sql:") - 1);
  FUZZ_CHECK(!message.empty() && absl::ascii_isdigit(message[0]) && message[0] != '0');
  message.remove_prefix(message.find_first_not_of("0123456789"));
  FUZZ_CHECK(absl::StartsWith(message, ": ") && message.size() > 2);
}

void CheckFile(absl::string_view text, const ModelFile& file) {
  FUZZ_CHECK(absl::StartsWith(text, absl::StrCat(file.preamble, file.sql)));
  FUZZ_CHECK(absl::StartsWithIgnoreCase(file.sql, "create") || absl::StartsWith(file.sql, "/*"));
  FUZZ_CHECK(file.line >= 1);
  for (const auto& [table, line] : file.references) FUZZ_CHECK(line >= file.line);
  const auto again = ParseModelFile("f.sql", file.sql);
  FUZZ_CHECK(again.ok() && again->table == file.table && again->sql == file.sql);
  FUZZ_CHECK(again->references.size() == file.references.size());
  const MakingStatement making = OfModelFile(file);
  FUZZ_CHECK(making.creates == file.table && making.references.size() == file.references.size());
}

}  // namespace
}  // namespace bonnie::schema

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bonnie::schema;
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const auto file = ParseModelFile("f.sql", text);
  file.ok() ? CheckFile(text, *file) : CheckRefusal(file.status());
  return 0;
}
