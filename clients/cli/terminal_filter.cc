#include "clients/cli/terminal_filter.h"

#include <algorithm>

#include "clients/cli/text_width.h"

namespace bonnie::cli {
namespace {

// Bytes of the character that begins with `lead`; 1 for a byte that begins none.
std::size_t CharacterBytes(unsigned char lead) {
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  return 1;
}

// How many bytes at the end of `text` begin a character that needs more bytes.
std::size_t UnfinishedBytes(absl::string_view text) {
  const std::size_t most = std::min<std::size_t>(3, text.size());
  for (std::size_t back = 1; back <= most; ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if ((byte & 0xC0) == 0x80) continue;  // a later byte of a character
    return CharacterBytes(byte) > back ? back : 0;
  }
  return 0;
}

}  // namespace

TerminalFilter::~TerminalFilter() { (void)PutLeftover(); }

bool TerminalFilter::Put(absl::string_view text) {
  const auto size = static_cast<std::streamsize>(text.size());
  return target_.sputn(text.data(), size) == size;
}

bool TerminalFilter::PutLeftover() {
  std::string unfinished;
  unfinished.swap(leftover_);
  return unfinished.empty() || Put(Visible(unfinished));
}

bool TerminalFilter::PutTrusted(absl::string_view text) { return PutLeftover() && Put(text); }

std::streamsize TerminalFilter::xsputn(const char* bytes, std::streamsize size) {
  leftover_.append(bytes, static_cast<std::size_t>(size));
  const std::size_t whole = leftover_.size() - UnfinishedBytes(leftover_);
  const bool written = Put(Visible(absl::string_view(leftover_).substr(0, whole)));
  leftover_.erase(0, whole);
  return written ? size : 0;
}

TerminalFilter::int_type TerminalFilter::overflow(int_type byte) {
  if (traits_type::eq_int_type(byte, traits_type::eof())) return traits_type::not_eof(byte);
  const char one = traits_type::to_char_type(byte);
  return xsputn(&one, 1) == 1 ? byte : traits_type::eof();
}

int TerminalFilter::sync() { return target_.pubsync(); }

void WriteTrusted(std::ostream& out, absl::string_view text) {
  auto* const filter = dynamic_cast<TerminalFilter*>(out.rdbuf());
  if (filter == nullptr) {
    out << text;
  } else if (!filter->PutTrusted(text)) {
    out.setstate(std::ios_base::badbit);
  }
}

}  // namespace bonnie::cli
