#ifndef BONNIE_SERVICES_SCHEMA_MARKDOWN_H_
#define BONNIE_SERVICES_SCHEMA_MARKDOWN_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace bonnie::schema {

// Pieces of GitHub's Markdown, with whatever they hold shown as it is: in a line, inside a table too. All pure.

// `text` as prose: nothing in it is markup, HTML or a table's border.
std::string MarkdownText(absl::string_view text);
// `text` between backticks, as many as it wants.
std::string MarkdownCode(absl::string_view text);
// Lines of code of `language`, fenced by more backticks than they have in a row.
std::string MarkdownBlock(absl::string_view language, absl::string_view code);
// A name as it may stand in id="…" and behind `#` in a link: different for different names.
std::string MarkdownAnchor(absl::string_view name);
// A table's line.
std::string MarkdownRow(const std::vector<std::string>& cells);
// A table's head with the line under it.
std::string MarkdownHead(const std::vector<std::string>& cells);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_MARKDOWN_H_
