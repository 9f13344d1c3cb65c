#include "clients/cli/write_options.h"

#include <gmock/gmock.h>
#include <google/protobuf/field_mask.pb.h>
#include <gtest/gtest.h>

#include "bonnie/records/v1/resources.pb.h"

namespace bonnie::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(WriteOptionsTest, TheMaskIsWhatWasGiven) {
  records::v1::Patient patient;
  patient.set_id(7);
  patient.set_etag("*");
  google::protobuf::FieldMask none;
  EXPECT_EQ(SetMask(patient, {}, none).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(none.paths(), IsEmpty());
  patient.set_last_name("L");
  patient.set_is_deceased(false);
  google::protobuf::FieldMask mask;
  EXPECT_TRUE(SetMask(patient, {"contact_number"}, mask).ok());
  EXPECT_THAT(mask.paths(), ElementsAre("last_name", "is_deceased", "contact_number"));
}

TEST(WriteOptionsTest, ADateThatIsNoneIsWrongUse) {
  CLI::App app;
  type::v1::Date date;
  AddDateOption(app, "--on", "", [&](const type::v1::Date& given) { date = given; });
  app.parse("--on 2020-02-29");
  EXPECT_EQ(date.day(), 29);
  EXPECT_THROW(app.parse("--on 2021-02-29"), CLI::ValidationError);
}

}  // namespace
}  // namespace bonnie::cli
