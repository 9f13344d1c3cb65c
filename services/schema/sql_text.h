#ifndef BONNIE_SERVICES_SCHEMA_SQL_TEXT_H_
#define BONNIE_SERVICES_SCHEMA_SQL_TEXT_H_

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace bonnie::schema {

// Whether the bytes of an SQL file (revision or model) are what such a file may hold: UTF-8 without byte order mark,
// lines that end with LF alone, no NUL, at most 1 MiB. Pure. kInvalidArgument: the message is `line: what is wrong`.
absl::Status CheckSqlText(absl::string_view text);

// Where a text stops being well-formed UTF-8, without what UTF-8 can spell but must not (overlong forms, surrogates,
// beyond U+10FFFF); npos when it is well-formed. Pure.
size_t FirstBadByte(absl::string_view text);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_SQL_TEXT_H_
