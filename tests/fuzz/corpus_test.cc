// Runs the fuzz targets on every input of their corpora: what was found once is not found again. Inputs that crash end
// the program; the last file named is the one.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <ostream>
#include <sstream>
#include <string>
#include <vector>

// fuzz_targets.inc is made by CMakeLists.txt: FUZZ_TARGET(name, "folder:folder") for each target.
#define FUZZ_TARGET(name, folders) extern "C" int fuzz_##name(const std::uint8_t* data, std::size_t size);
#include "fuzz_targets.inc"
#undef FUZZ_TARGET

namespace {

struct FuzzTarget {
  const char* name;
  const char* folders;
  int (*run)(const std::uint8_t* data, std::size_t size);
};

void PrintTo(const FuzzTarget& target, std::ostream* out) { *out << target.name; }

constexpr FuzzTarget kTargets[] = {
#define FUZZ_TARGET(name, folders) {#name, folders, &fuzz_##name},
#include "fuzz_targets.inc"
#undef FUZZ_TARGET
};

class CorpusTest : public testing::TestWithParam<FuzzTarget> {
 protected:
  static void Run(const std::string& input) {
    GetParam().run(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
  }
};

TEST_P(CorpusTest, HoldsOnEveryInputAndOnItsBeginnings) {
  std::vector<std::filesystem::path> files;
  std::istringstream folders(GetParam().folders);
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::size_t before = files.size();
    for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path());
    ASSERT_GT(files.size(), before) << folder;
  }
  std::sort(files.begin(), files.end());
  for (const std::filesystem::path& file : files) {
    std::cout << file.filename().string() << std::endl;
    std::ifstream stream(file, std::ios::binary);
    const std::string input((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
    ASSERT_FALSE(stream.bad()) << file;
    Run(input);
    const std::size_t step = input.size() / 256 + 1;  // what was cut off anywhere
    for (std::size_t length = 0; length < input.size(); length += step) Run(input.substr(0, length));
  }
}

INSTANTIATE_TEST_SUITE_P(Fuzz, CorpusTest, testing::ValuesIn(kTargets),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
