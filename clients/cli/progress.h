#ifndef BONNIE_CLIENTS_CLI_PROGRESS_H_
#define BONNIE_CLIENTS_CLI_PROGRESS_H_

#include <cstdint>
#include <functional>
#include <ostream>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace bonnie::cli {

// How far a long piece of work is: a bar that is redrawn on a terminal, a plain line every few seconds elsewhere.
// Thread-safe. `err` outlives it.
class Progress {
 public:
  Progress(std::ostream& err, bool is_terminal, std::string label, int64_t total,
           std::function<absl::Time()> now = absl::Now);

  void Add(int64_t done) ABSL_LOCKS_EXCLUDED(mu_);
  // What stands behind the counts from now on, such as how far the current one is; empty for nothing.
  void Note(const std::string& note) ABSL_LOCKS_EXCLUDED(mu_);
  // Writes `line` (which ends with a newline) between two states of the bar.
  void Say(const std::string& line) ABSL_LOCKS_EXCLUDED(mu_);
  // Draws the last state, and leaves the line.
  void Finish() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  void Draw() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  std::ostream& err_;
  const bool is_terminal_;
  const std::string label_;
  const int64_t total_;
  const std::function<absl::Time()> now_;
  const absl::Time begun_;

  absl::Mutex mu_;
  int64_t done_ ABSL_GUARDED_BY(mu_) = 0;
  std::string note_ ABSL_GUARDED_BY(mu_);
  absl::Time next_draw_ ABSL_GUARDED_BY(mu_);
};

}  // namespace bonnie::cli

#endif  // BONNIE_CLIENTS_CLI_PROGRESS_H_
