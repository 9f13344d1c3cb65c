#ifndef BONNIE_CLIENTS_CLI_TERMINAL_FILTER_H_
#define BONNIE_CLIENTS_CLI_TERMINAL_FILTER_H_

#include <ostream>
#include <streambuf>
#include <string>

#include "absl/strings/string_view.h"

namespace bonnie::cli {

// A stream buffer in front of a terminal's: whatever is written through it cannot steer the terminal (Visible).
//
// Rows, SQL texts and other people's comments are data. An escape sequence in them may clear the screen, write into the
// clipboard or show other words than there are; `bonnie schema upgrade --sql` on a terminal must show what would run.
// One filter for the whole stream, so that no verb can forget it. Pipes and files get no filter: programs need the
// exact bytes.
//
// Used by one thread at a time. `target` outlives it.
class TerminalFilter : public std::streambuf {
 public:
  explicit TerminalFilter(std::streambuf& target) : target_(target) {}
  // Writes what is left of a character that never ended.
  ~TerminalFilter() override;
  TerminalFilter(const TerminalFilter&) = delete;
  TerminalFilter& operator=(const TerminalFilter&) = delete;

  // As WriteTrusted. False: the target takes no more.
  bool PutTrusted(absl::string_view text);

 protected:
  int_type overflow(int_type byte) override;
  std::streamsize xsputn(const char* bytes, std::streamsize size) override;
  int sync() override;

 private:
  bool Put(absl::string_view text);
  bool PutLeftover();

  std::streambuf& target_;
  std::string leftover_;  // the first bytes of a character of which the others have not come yet
};

// Writes `text` as it is, its escape sequences too, also to a stream that has a TerminalFilter: colours and progress
// bars. Data in `text` must have passed Printable or Visible.
void WriteTrusted(std::ostream& out, absl::string_view text);

}  // namespace bonnie::cli

#endif  // BONNIE_CLIENTS_CLI_TERMINAL_FILTER_H_
