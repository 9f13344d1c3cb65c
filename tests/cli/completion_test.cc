#include "clients/cli/completion.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "clients/cli/app.h"

namespace bonnie::cli {
namespace {

// What bash offers for a command line, by the script as it is printed.
class CompletionTest : public ::testing::Test {
 protected:
  CompletionTest() : file_((std::filesystem::temp_directory_path() / absl::StrCat("completion-", getpid())).string()) {
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    Console console{in, out, err, false, false, false};
    const char* const arguments[] = {"bonnie", "completion", "bash"};
    EXPECT_EQ(cli::Run(3, arguments, console), 0);
    std::ofstream(file_) << out.str();
  }
  ~CompletionTest() override { std::filesystem::remove(file_); }

  std::string Complete(const std::string& words) {
    const std::string command =
        absl::StrCat("bash -c '. ", file_, "; cd /; COMP_WORDS=(", words,
                     "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _bonnie; echo \"${COMPREPLY[*]}\"' 2>&1");
    FILE* pipe = popen(command.c_str(), "r");
    std::string answer;
    for (int c = fgetc(pipe); c != EOF; c = fgetc(pipe)) answer += static_cast<char>(c);
    pclose(pipe);
    return answer;
  }

  const std::string file_;
};

TEST_F(CompletionTest, CompletesGroupsVerbsAndOptions) {
  EXPECT_EQ(Complete("bonnie pat"), "patients\n");
  EXPECT_EQ(Complete("bonnie patients ch"), "chart\n");
  EXPECT_EQ(Complete("bonnie schema dow"), "downgrade\n");
  EXPECT_EQ(Complete("bonnie records list --pat"), "--patient --patient-id\n");
}

TEST_F(CompletionTest, OptionsBeforeTheGroupDoNotConfuseIt) {
  EXPECT_EQ(Complete("bonnie --site azure --output json patients up"), "update\n");
  EXPECT_EQ(Complete("bonnie patients get --out"), "--output\n");
}

TEST_F(CompletionTest, CompletesValues) {
  EXPECT_EQ(Complete("bonnie --output j"), "json\n");
  EXPECT_EQ(Complete("bonnie --site al"), "all\n");
}

}  // namespace
}  // namespace bonnie::cli
