#ifndef BONNIE_SERVICES_RECORDS_TEXT_H_
#define BONNIE_SERVICES_RECORDS_TEXT_H_

#include "absl/strings/string_view.h"

namespace bonnie::records {

// What a text field may hold. Lengths are in code points, as MySQL counts a VARCHAR.
struct TextRule {
  int min_length;
  int max_length;
  // A name: in NFC, no white space at either end, no invisible characters but those that a script requires
  // (invisible.h). Otherwise newlines and tabs are allowed.
  bool one_line;
};

// Whether `text` is well-formed UTF-8 that keeps `rule`, without control characters and without the bidirectional
// controls that make text read as something else (Unicode TR 36). Where `min_length` is not 0, it also shows something.
// Pure.
bool Keeps(const TextRule& rule, absl::string_view text);

// Whether `text` is 1 to `max_length` printable ASCII characters, with no space at either end. Pure.
bool IsPrintableAscii(absl::string_view text, int max_length);

// Whether `text` is 5 to 20 of `+0-9 ()-.` with at least 5 digits. Pure.
bool IsContactNumber(absl::string_view text);

// Whether `text` is a UUID in its 36-character form, of any version, in either case. Pure.
bool IsUuid(absl::string_view text);

}  // namespace bonnie::records

#endif  // BONNIE_SERVICES_RECORDS_TEXT_H_
