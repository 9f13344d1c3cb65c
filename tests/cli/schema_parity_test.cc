#include "clients/cli/schema_parity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace bonnie::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

schema::v1::CheckParityResponse Parity() {
  schema::v1::CheckParityResponse parity;
  auto* difference = parity.add_differences();
  difference->set_description("patients: column name differs");
  difference->add_odd_sites("gcp");
  for (const char* site : {"azure", "gcp", "aws"}) {
    auto* text = difference->add_texts();
    text->set_site(site);
    text->set_present(std::string(site) != "aws");
    text->set_text("varchar(50)\x1b[2J");
  }
  auto* part = parity.add_not_portable();
  part->set_site("gcp");
  part->set_table("t");
  part->set_object("column u");
  part->set_feature("type uuid");
  part->add_lacking_sites("azure");
  parity.set_verdict("the odd one out: gcp");
  return parity;
}

TEST(SchemaParityTest, MarksTheOddOneOutWithoutColourToo) {
  const std::string text = ParityText(Parity(), /*colour=*/false);
  EXPECT_THAT(text, HasSubstr("  ~ patients: column name differs\n"));
  EXPECT_THAT(text, HasSubstr("      azure  varchar(50)"));
  EXPECT_THAT(text, HasSubstr("    ! gcp    varchar(50)"));
  EXPECT_THAT(text, HasSubstr("      aws    (not there)\n"));
  EXPECT_THAT(text, HasSubstr("  ? gcp: t (column u): type uuid; lacking on azure\n"));
  EXPECT_THAT(text, HasSubstr("the odd one out: gcp\n"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));  // neither ours nor the server's
}

TEST(SchemaParityTest, ColoursOnATerminal) {
  EXPECT_THAT(ParityText(Parity(), /*colour=*/true), HasSubstr("\x1b[31m    ! gcp"));
}

}  // namespace
}  // namespace bonnie::cli
