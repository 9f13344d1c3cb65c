#ifndef BONNIE_SERVICES_RECORDS_PAGE_H_
#define BONNIE_SERVICES_RECORDS_PAGE_H_

#include <google/protobuf/repeated_ptr_field.h>

#include <utility>
#include <vector>

#include "absl/types/optional.h"
#include "services/records/convert.h"
#include "services/records/field_set.h"
#include "services/records/page_token.h"

namespace bonnie::records {

// A page ends here, short of gRPC's usual limit of 4 MiB a message, so that stock clients never fail.
inline constexpr std::size_t kMaxPageBytes = std::size_t{3} << 20;

inline Cursor CursorAt(const Patient& patient) { return {absl::CivilDay(1, 1, 1), patient.id}; }
inline Cursor CursorAt(const MedicalRecord& record) { return {record.admission_date, record.id}; }

// Moves as many of `rows` into `page` as fit `max_rows` and kMaxPageBytes, at least one. Answers where the next page
// begins, or nullopt when no row was left over: ask the database for one row more than `max_rows`.
template <class Row, class Proto>
absl::optional<Cursor> FillPage(std::vector<Row> rows, int max_rows, const View& view,
                                google::protobuf::RepeatedPtrField<Proto>* page) {
  std::size_t bytes = 0;
  Cursor last;
  for (Row& row : rows) {
    if (page->size() == max_rows) return last;
    const Cursor here = CursorAt(row);
    Proto* proto = page->Add();
    ToProto(std::move(row), proto);
    view.Apply(proto);
    bytes += proto->ByteSizeLong();
    if (bytes > kMaxPageBytes && page->size() > 1) {
      page->RemoveLast();
      return last;
    }
    last = here;
  }
  return absl::nullopt;
}

}  // namespace bonnie::records

#endif  // BONNIE_SERVICES_RECORDS_PAGE_H_
