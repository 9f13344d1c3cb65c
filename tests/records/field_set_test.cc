#include "services/records/field_set.h"

#include <gmock/gmock.h>
#include <google/protobuf/field_mask.pb.h>
#include <gtest/gtest.h>

#include "bonnie/records/v1/resources.pb.h"

namespace bonnie::records {
namespace {

using P = v1::Patient;
using google::protobuf::FieldMask;

FieldMask Mask(std::initializer_list<const char*> paths) {
  FieldMask mask;
  for (const char* path : paths) mask.add_paths(path);
  return mask;
}

P APatient() {
  P patient;
  patient.set_id(7);
  patient.set_first_name("Ada");
  patient.set_is_deceased(false);
  patient.mutable_date_of_birth()->set_year(1980);
  return patient;
}

TEST(FieldsToUpdateTest, AreThePopulatedOnesWithoutAMask) {
  Violations violations;
  EXPECT_EQ(
      FieldsToUpdate(APatient(), {}, {}, violations),
      (FieldSet{P::kIdFieldNumber, P::kFirstNameFieldNumber, P::kIsDeceasedFieldNumber, P::kDateOfBirthFieldNumber}));
  EXPECT_TRUE(violations.empty());
}

TEST(FieldsToUpdateTest, AreThoseOfTheMask) {
  Violations violations;
  EXPECT_EQ(FieldsToUpdate(APatient(), Mask({"contact_number", "first_name"}), {}, violations),
            (FieldSet{P::kContactNumberFieldNumber, P::kFirstNameFieldNumber}));
  EXPECT_TRUE(violations.empty());
}

TEST(FieldsToUpdateTest, AreAllWithAStarButTheUnsetOnesToKeep) {
  Violations violations;
  const FieldSet fields = FieldsToUpdate(APatient(), Mask({"*"}), {P::kSourceKeyFieldNumber}, violations);
  EXPECT_TRUE(fields.Has(P::kContactNumberFieldNumber));
  EXPECT_FALSE(fields.Has(P::kSourceKeyFieldNumber));
  P with_key = APatient();
  with_key.set_source_key("a:1");
  EXPECT_TRUE(
      FieldsToUpdate(with_key, Mask({"*"}), {P::kSourceKeyFieldNumber}, violations).Has(P::kSourceKeyFieldNumber));
  EXPECT_TRUE(violations.empty());
}

TEST(FieldsToUpdateTest, RefusesUnknownPathsByPosition) {
  Violations violations;
  FieldsToUpdate(APatient(), Mask({"first_name", "secret of Ada", "date_of_birth.year", "*"}), {}, violations);
  const std::string message(violations.status().message());
  EXPECT_THAT(message, ::testing::HasSubstr("update_mask.paths[1]"));
  EXPECT_THAT(message, ::testing::HasSubstr("2 more"));
  EXPECT_THAT(message, ::testing::Not(::testing::HasSubstr("secret")));
}

TEST(ReadMaskTest, TakesFieldsAndAStarAlone) {
  Violations violations;
  CheckReadMask(*P::descriptor(), Mask({"*"}), violations);
  CheckReadMask(*P::descriptor(), Mask({"id", "etag"}), violations);
  EXPECT_TRUE(violations.empty());
  CheckReadMask(*P::descriptor(), Mask({"nothing"}), violations);
  EXPECT_EQ(violations.status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(ViewTest, ShowsAllWithoutAMask) {
  P patient = APatient();
  View(*P::descriptor(), {}, {}).Apply(&patient);
  EXPECT_EQ(patient.SerializeAsString(), APatient().SerializeAsString());
}

TEST(ViewTest, ShowsWhatTheMaskNames) {
  P patient = APatient();
  View(*P::descriptor(), Mask({"first_name"}), {}).Apply(&patient);
  P want;
  want.set_first_name("Ada");
  EXPECT_EQ(patient.SerializeAsString(), want.SerializeAsString());
}

TEST(ViewTest, HidesWhateverTheMaskNames) {
  for (const FieldMask& mask : {FieldMask(), Mask({"*"}), Mask({"first_name", "id"})}) {
    P patient = APatient();
    View(*P::descriptor(), mask, {"bonnie.records.v1.Patient.first_name", "bonnie.records.v1.MedicalRecord.id", "id"})
        .Apply(&patient);
    EXPECT_FALSE(patient.has_first_name());
    EXPECT_EQ(patient.id(), 7);
  }
}

}  // namespace
}  // namespace bonnie::records
