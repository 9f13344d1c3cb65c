#include "clients/cli/schema_text.h"

#include "absl/strings/str_cat.h"
#include "clients/cli/text_width.h"

namespace bonnie::cli {
namespace {

using schema::v1::ChangeKind;

char Mark(ChangeKind kind) {
  switch (kind) {
    case schema::v1::CHANGE_KIND_ADD_TABLE:
    case schema::v1::CHANGE_KIND_ADD_COLUMN:
    case schema::v1::CHANGE_KIND_ADD_INDEX:
    case schema::v1::CHANGE_KIND_ADD_FOREIGN_KEY:
    case schema::v1::CHANGE_KIND_ADD_CHECK:
    case schema::v1::CHANGE_KIND_ADD_OBJECT:
      return '+';
    case schema::v1::CHANGE_KIND_DROP_TABLE:
    case schema::v1::CHANGE_KIND_DROP_COLUMN:
    case schema::v1::CHANGE_KIND_DROP_INDEX:
    case schema::v1::CHANGE_KIND_DROP_FOREIGN_KEY:
    case schema::v1::CHANGE_KIND_DROP_CHECK:
    case schema::v1::CHANGE_KIND_DROP_OBJECT:
      return '-';
    default:
      return '~';
  }
}

std::string Line(char mark, absl::string_view text, bool colour) {
  const char* const code = mark == '+' ? "32" : mark == '-' ? "31" : "33";
  const std::string line = absl::StrCat("  ", std::string(1, mark), " ", Printable(text));
  return colour ? absl::StrCat("\x1b[", code, "m", line, "\x1b[0m\n") : line + "\n";
}

}  // namespace

std::string ChangeText(const schema::v1::SchemaChange& change, bool colour) {
  const char mark = Mark(change.kind());
  std::string text = Line(mark, change.description(), colour);
  const bool renames = change.kind() == schema::v1::CHANGE_KIND_RENAME_TABLE ||
                       change.kind() == schema::v1::CHANGE_KIND_RENAME_COLUMN ||
                       change.kind() == schema::v1::CHANGE_KIND_RENAME_INDEX;
  if (mark != '~' || renames) return text;
  if (!change.before().empty()) absl::StrAppend(&text, "    ", Line('-', change.before(), colour));
  if (!change.after().empty()) absl::StrAppend(&text, "    ", Line('+', change.after(), colour));
  return text;
}

std::string WarningText(const schema::v1::RevisionWarning& warning) {
  return absl::StrCat("  ! ", warning.code(), " ", Printable(warning.description()), "\n");
}

std::string UnsupportedText(const schema::v1::UnsupportedPart& part) {
  return absl::StrCat("  ? ", Printable(part.object()), part.attribute().empty() ? "" : " (",
                      Printable(part.attribute()), part.attribute().empty() ? "" : ")", ": ", Printable(part.reason()),
                      "\n");
}

}  // namespace bonnie::cli
