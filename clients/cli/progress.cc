#include "clients/cli/progress.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "clients/cli/field_text.h"
#include "clients/cli/terminal_filter.h"

namespace bonnie::cli {
namespace {

constexpr int kBarWidth = 30;
constexpr absl::Duration kRedraw = absl::Milliseconds(100);
constexpr absl::Duration kPlainLine = absl::Seconds(5);
constexpr char kEmptyLine[] = "\r\033[K";

}  // namespace

Progress::Progress(std::ostream& err, bool is_terminal, std::string label, int64_t total,
                   std::function<absl::Time()> now)
    : err_(err),
      is_terminal_(is_terminal),
      label_(std::move(label)),
      total_(total),
      now_(std::move(now)),
      begun_(now_()),
      next_draw_(begun_ + (is_terminal_ ? absl::ZeroDuration() : kPlainLine)) {}

void Progress::Add(int64_t done) {
  absl::MutexLock lock(&mu_);
  done_ += done;
  if (now_() < next_draw_) return;
  Draw();
  next_draw_ = now_() + (is_terminal_ ? kRedraw : kPlainLine);
}

void Progress::Note(const std::string& note) {
  absl::MutexLock lock(&mu_);
  note_ = note;
  if (note_.empty() || now_() < next_draw_) return;  // what comes next will draw
  Draw();
  next_draw_ = now_() + (is_terminal_ ? kRedraw : kPlainLine);
}

void Progress::Say(const std::string& line) {
  absl::MutexLock lock(&mu_);
  if (is_terminal_) WriteTrusted(err_, kEmptyLine);
  err_ << line << std::flush;
  if (is_terminal_) Draw();
}

void Progress::Finish() {
  absl::MutexLock lock(&mu_);
  Draw();
  if (is_terminal_) err_ << "\n";
}

void Progress::Draw() {
  const double seconds = absl::ToDoubleSeconds(now_() - begun_);
  const bool is_many = total_ >= 100;  // of a few slow steps, a rate says nothing
  const std::string rate =
      !is_many || seconds < 0.05 ? "" : absl::StrCat(", ", CountText(static_cast<int64_t>(done_ / seconds)), "/s");
  const std::string counts =
      absl::StrCat(CountText(done_), " of ", CountText(total_), rate, note_.empty() ? "" : "  ", note_);
  if (!is_terminal_) {
    err_ << label_ << ": " << counts << "\n" << std::flush;
    return;
  }
  const int filled = total_ == 0 ? kBarWidth : static_cast<int>(kBarWidth * std::min(done_, total_) / total_);
  WriteTrusted(err_, kEmptyLine);
  err_ << absl::StrFormat("%-16s", label_) << "[" << std::string(filled, '#') << std::string(kBarWidth - filled, ' ')
       << "] " << counts << std::flush;
}

}  // namespace bonnie::cli
