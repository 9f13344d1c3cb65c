#ifndef BONNIE_TESTS_RECORDS_SHARED_SITE_H_
#define BONNIE_TESTS_RECORDS_SHARED_SITE_H_

#include <cstdint>
#include <limits>
#include <memory>
#include <string>

#include "tests/records/test_site.h"
#include "tests/support/test_database.h"

namespace bonnie::records {

// One migrated database and one serving records service for all tests of a binary that do not disturb each other.
test_support::TestDatabase& SharedDatabase();
TestSite& SharedSite();

// An id that no patient and no medical record has.
constexpr std::int64_t kNobody = std::numeric_limits<std::int64_t>::max();

// Valid resources to change and create.
v1::Patient APatient();
v1::MedicalRecord ARecord(std::int64_t patient_id);

// Creates through the API; the test fails when that does.
v1::Patient CreatePatient(const v1::Patient& patient = APatient());
v1::MedicalRecord CreateRecord(const v1::MedicalRecord& record);

}  // namespace bonnie::records

#endif  // BONNIE_TESTS_RECORDS_SHARED_SITE_H_
