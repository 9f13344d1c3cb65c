#ifndef BONNIE_SERVICES_SCHEMA_PLAIN_TEXT_H_
#define BONNIE_SERVICES_SCHEMA_PLAIN_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "services/schema/model.h"

namespace bonnie::schema {

// Pieces of clauses in the words that both flavours have in common. All pure.

// An expression as both could have written it: its tree, or a text without spaces, parentheses and quotes of names
// where that is not understood.
std::string PlainExpression(absl::string_view expression);
// MySQL's json, and what MariaDB makes of that.
bool IsJson(const Column& column);
// Without the display width that only some servers still write.
std::string PlainType(const Column& column);
std::string PlainDefault(const Column& column);
// utf8 is utf8mb3, in collations too.
std::string PlainCharset(absl::string_view name);
// The character set's own collation where SHOW CREATE leaves it out.
std::string PlainCollation(const Table& table);
// RESTRICT for what means that.
std::string PlainAction(const std::string& action);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_PLAIN_TEXT_H_
