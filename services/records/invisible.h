#ifndef BONNIE_SERVICES_RECORDS_INVISIBLE_H_
#define BONNIE_SERVICES_RECORDS_INVISIBLE_H_

#include "absl/strings/string_view.h"

namespace bonnie::records {

// Characters that show nothing. A name that holds one looks like another name: two patients that a person cannot tell
// apart, and a search that does not find the one that is meant. Unicode TR 36, section 2.

// Whether `text`, which is UTF-8, holds at least one character that shows something: not only spaces, combining marks
// and invisible characters. Pure.
bool ShowsSomething(absl::string_view text);

// Whether each invisible character of `text`, which is UTF-8, is one that its script requires in this place:
// - U+200C and U+200D (ZWNJ, ZWJ) between two letters of a script that joins letters or stacks consonants (Persian,
//   Hindi, Sinhala, …), or after a virama, where they decide how the consonant looks;
// - a variation selector after a Han ideograph or a Mongolian letter.
// Every other format character, such as U+200B, a bidirectional control, a filler or a soft hyphen, is one too many.
// Pure.
bool HasOnlyRequiredInvisibles(absl::string_view text);

}  // namespace bonnie::records

#endif  // BONNIE_SERVICES_RECORDS_INVISIBLE_H_
