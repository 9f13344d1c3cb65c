#include "clients/cli/terminal_filter.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "clients/cli/output.h"

namespace bonnie::cli {
namespace {

class TerminalFilterTest : public ::testing::Test {
 protected:
  std::string Shown() const { return terminal_.str(); }

  std::stringbuf terminal_;
  TerminalFilter filter_{terminal_};
  std::ostream out_{&filter_};
};

TEST_F(TerminalFilterTest, NoDataReachTheTerminalAsAnEscapeSequence) {
  out_ << "SELECT '\x1b[2J\x1b]52;c;Zm9v\x07';\n" << '\x1b' << 42 << std::flush;
  EXPECT_EQ(Shown(), "SELECT '<U+001B>[2J<U+001B>]52;c;Zm9v<U+0007>';\n<U+001B>42");
}

TEST_F(TerminalFilterTest, CharactersMayComeInPieces) {
  const std::string text = "José 惠美 👩\u202e";
  for (const char byte : text) out_ << byte;
  EXPECT_EQ(Shown(), "José 惠美 👩<U+202E>");
}

TEST_F(TerminalFilterTest, ACharacterThatNeverEndsIsShownByItsBytes) {
  out_ << "\xe6\x83"
       << "abc\xc3";
  EXPECT_EQ(Shown(), "<E6><83>abc");
  WriteTrusted(out_, "\n");
  EXPECT_EQ(Shown(), "<E6><83>abc<C3>\n");
}

TEST_F(TerminalFilterTest, TheCommandsOwnColoursPass) {
  WriteTrusted(out_, "\x1b[31mred\x1b[0m");
  EXPECT_EQ(Shown(), "\x1b[31mred\x1b[0m");
  std::ostringstream pipe;
  WriteTrusted(pipe, "\x1b[31m");
  EXPECT_EQ(pipe.str(), "\x1b[31m");
}

TEST_F(TerminalFilterTest, CsvIsVisibleOnATerminalAndExactInAPipe) {
  const auto write = [](std::ostream& out) {
    Output output(Format::kCsv, /*with_site=*/false, out);
    output.BeginList({{"name"}});
    output.Cells("", {"\x1b[2JAda"});
    output.Cells("", {"\xc2\x9b"
                      "31m"});
    output.EndList();
  };
  write(out_);
  EXPECT_EQ(Shown(), "name\n<U+001B>[2JAda\n<U+009B>31m\n");
  std::ostringstream pipe;
  write(pipe);
  EXPECT_EQ(pipe.str(),
            "name\n\x1b[2JAda\n\xc2\x9b"
            "31m\n");
}

TEST(FullTerminalTest, AWriteThatFailsIsSeen) {
  struct Full : std::streambuf {
  } full;
  TerminalFilter filter(full);
  std::ostream out(&filter);
  out << "x";
  EXPECT_FALSE(out.good());
  out.clear();
  WriteTrusted(out, "x");
  EXPECT_FALSE(out.good());
}

}  // namespace
}  // namespace bonnie::cli
