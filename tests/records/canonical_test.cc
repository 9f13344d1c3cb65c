#include "services/records/canonical.h"

#include <gtest/gtest.h>

#include "bonnie/internal/rpcwire/v1/status.pb.h"
#include "bonnie/records/v1/patient_service.pb.h"

namespace bonnie::records {
namespace {

TEST(CanonicalTest, IsTheSameForEqualMessagesOnly) {
  v1::GetPatientRequest a, b;
  a.set_id(7);
  b.set_id(7);
  EXPECT_EQ(CanonicalBytes(a), CanonicalBytes(b));
  b.set_id(8);
  EXPECT_NE(CanonicalBytes(a), CanonicalBytes(b));
  EXPECT_EQ(CanonicalBytes(v1::GetPatientRequest()), "");
}

TEST(CanonicalTest, DoesNotDependOnTheOrderOfAMap) {
  internal::rpcwire::v1::ErrorInfo forth, back;
  for (int i = 0; i < 50; ++i) (*forth.mutable_metadata())[std::to_string(i)] = "x";
  for (int i = 49; i >= 0; --i) (*back.mutable_metadata())[std::to_string(i)] = "x";
  EXPECT_EQ(CanonicalBytes(forth), CanonicalBytes(back));
}

TEST(CanonicalTest, HoldsEveryByteOfALongMessage) {
  v1::CreatePatientRequest request;
  request.mutable_patient()->set_first_name(std::string(100'000, 'x'));
  v1::CreatePatientRequest parsed;
  ASSERT_TRUE(parsed.ParseFromString(CanonicalBytes(request)));
  EXPECT_EQ(parsed.patient().first_name().size(), 100'000u);
}

}  // namespace
}  // namespace bonnie::records
