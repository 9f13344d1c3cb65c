#include "services/schema/erd_style.h"

#include <vector>

#include "absl/strings/str_join.h"

namespace bonnie::schema {

ErdColours ColoursOf(ErdMark mark) {
  switch (mark) {
    case ErdMark::kAdded:
      return {"#e6ffec", "#abf2bc", "#0b4f20", "#1a7f37"};
    case ErdMark::kRemoved:
      return {"#ffebe9", "#ffc1ba", "#86061d", "#cf222e"};
    case ErdMark::kChanged:
      return {"#fff5d6", "#fae17d", "#5c3d00", "#9a6700"};
    case ErdMark::kNone:
      break;
  }
  return {"#ffffff", "#dfe7f2", "#1f2328", "#57606a"};
}

const std::string& TypeText(const ErdRow& row) { return row.change.empty() ? row.type : row.change; }

std::string KeysText(const ErdRow& row, absl::string_view separator) {
  std::vector<std::string> keys;
  if (row.primary) keys.push_back("PK");
  if (row.foreign) keys.push_back("FK");
  if (row.unique) keys.push_back("UK");
  return absl::StrJoin(keys, separator);
}

}  // namespace bonnie::schema
