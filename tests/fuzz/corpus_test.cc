// Runs a fuzz target on every input of its corpus: what was found once is not found again. Inputs that crash end the
// program; the last file named is the one.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void RunInput(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

TEST(CorpusTest, HoldsOnEveryInputAndOnItsBeginnings) {
  std::vector<std::filesystem::path> files;
  std::istringstream folders(BONNIE_CORPUS);
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
    RunInput(input);
    const std::size_t step = input.size() / 256 + 1;  // what was cut off anywhere
    for (std::size_t length = 0; length < input.size(); length += step) RunInput(input.substr(0, length));
  }
}

}  // namespace
