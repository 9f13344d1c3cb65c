#ifndef BONNIE_SERVICES_SCHEMA_ERD_TEXT_H_
#define BONNIE_SERVICES_SCHEMA_ERD_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace bonnie::schema {

// Text in pictures. All pure, and independent of the fonts and the locale of this machine.

// `text` for XML and for Graphviz's HTML-like labels, in attributes too: valid UTF-8 in one line, `&<>"'` as entities;
// control characters become spaces, bytes that are not UTF-8 U+FFFD.
std::string EscapeMarkup(absl::string_view text);

// At most `characters` characters, the last of them `…` when there were more.
std::string Shortened(absl::string_view text, int characters);

// About how wide a sans-serif font of `size` pixels writes `text`, in pixels: at least as wide as the usual ones do
// (measured by DejaVu Sans, the widest of them, so that boxes fit whichever font the reader has).
double TextWidth(absl::string_view text, double size, bool bold);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_ERD_TEXT_H_
