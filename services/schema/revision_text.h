#ifndef BONNIE_SERVICES_SCHEMA_REVISION_TEXT_H_
#define BONNIE_SERVICES_SCHEMA_REVISION_TEXT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"
#include "services/schema/revision_graph.h"

namespace bonnie::schema {

// What a revision file is written from.
struct RevisionDraft {
  RevisionLinks links;
  std::string message;
  std::vector<std::string> notes;                 // lines of prose for the header
  std::vector<std::string> up;                    // statements without delimiters
  absl::optional<std::vector<std::string>> down;  // nullopt: no way down, and no section for it
};

// The file's text. Pure. ParseRevision reads the same back.
std::string WriteRevision(const RevisionDraft& draft);

// `<id>_<slug of the message>.sql`: lower-case letters, digits and underscores, at most 40 of the slug; without it,
// `<id>.sql`.
std::string RevisionFileName(absl::string_view id, absl::string_view message);
// YYYYMMDDhhmmss in UTC.
std::string RevisionIdAt(absl::Time time);

// An ALTER TABLE of several clauses, or of one long one, a clause a line; any other statement as it is. Only white
// space between clauses changes. Pure.
std::string WrapStatement(absl::string_view sql);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_REVISION_TEXT_H_
