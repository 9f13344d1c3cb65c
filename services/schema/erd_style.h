#ifndef BONNIE_SERVICES_SCHEMA_ERD_STYLE_H_
#define BONNIE_SERVICES_SCHEMA_ERD_STYLE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "services/schema/erd.h"

namespace bonnie::schema {

// How a mark looks on white paper. `text` has a contrast of 6 : 1 at least on `fill` and on `head`.
struct ErdColours {
  const char *fill, *head, *text, *line;
};
ErdColours ColoursOf(ErdMark mark);

// What is written beside a column's name.
const std::string& TypeText(const ErdRow& row);

// "PK", "PK FK", … with `separator` between; empty for a column of no key.
std::string KeysText(const ErdRow& row, absl::string_view separator);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_ERD_STYLE_H_
