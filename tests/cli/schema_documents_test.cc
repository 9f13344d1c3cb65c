#include "clients/cli/schema_documents.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace bonnie::cli {
namespace {

using schema::v1::ErdFormat;

TEST(ChooseErdFormatTest, TakesTheOptionThenTheFilesEnding) {
  struct Case {
    std::string format, file;
    ErdFormat want;
  } const cases[] = {
      {"", "", schema::v1::ERD_FORMAT_SVG},
      {"", "a/erd.svg", schema::v1::ERD_FORMAT_SVG},
      {"", "erd.dot", schema::v1::ERD_FORMAT_DOT},
      {"", "erd.gv", schema::v1::ERD_FORMAT_DOT},
      {"", "erd.mmd", schema::v1::ERD_FORMAT_MERMAID},
      {"mermaid", "notes.txt", schema::v1::ERD_FORMAT_MERMAID},
      {"dot", "erd.svg", schema::v1::ERD_FORMAT_DOT},
  };
  for (const Case& test : cases) {
    const auto format = ChooseErdFormat(test.format, test.file);
    ASSERT_TRUE(format.ok()) << test.file << ": " << format.status();
    EXPECT_EQ(*format, test.want) << test.format << " " << test.file;
  }
}

TEST(ChooseErdFormatTest, RefusesAnEndingThatSaysNone) {
  const auto format = ChooseErdFormat("", "erd.png");
  EXPECT_EQ(format.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(format.status().message()), testing::HasSubstr("erd.png: the ending says no format"));
}

}  // namespace
}  // namespace bonnie::cli
