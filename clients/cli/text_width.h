#ifndef BONNIE_CLIENTS_CLI_TEXT_WIDTH_H_
#define BONNIE_CLIENTS_CLI_TEXT_WIDTH_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace bonnie::cli {

// UTF-8 text on a terminal: a character takes 0 (combining), 1 or 2 (East Asian) columns, whatever its bytes. Each is
// pure, and independent of the process's locale.

// Whether all of `text` is UTF-8; protobuf's strings must be.
bool IsUtf8(absl::string_view text);

// Columns that `text` takes. Bytes that are not UTF-8 count as one column each.
std::size_t Width(absl::string_view text);

// `text` in one line that cannot steer a terminal: line breaks and tabs become spaces, other control characters,
// bidirectional controls and bytes that are not UTF-8 become `?`.
std::string Printable(absl::string_view text);

// `text` with what could steer a terminal made visible: control characters but line feed and tab, bidirectional
// controls, line separators and tag characters as `<U+001B>`, bytes that are not UTF-8 as `<FF>`. The rest stays.
std::string Visible(absl::string_view text);

// The first `width` columns of `text`, the last of them `…` when it was longer.
std::string Clip(absl::string_view text, std::size_t width);

}  // namespace bonnie::cli

#endif  // BONNIE_CLIENTS_CLI_TEXT_WIDTH_H_
