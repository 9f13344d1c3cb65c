#ifndef BONNIE_SERVICES_RECORDS_INDEXED_SQL_H_
#define BONNIE_SERVICES_RECORDS_INDEXED_SQL_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "services/data_access/statement.h"

namespace bonnie::records {

// A statement and the index that finds its rows; a test asks EXPLAIN of both server flavours whether that is so.
struct IndexedSql {
  data_access::Sql sql;
  const char* index;  // kWholeTable where every row is meant, kNone where nothing is looked for (INSERT … VALUES)
};
inline constexpr char kPrimary[] = "PRIMARY";
inline constexpr char kWholeTable[] = "";
inline constexpr const char* kNone = nullptr;

// The statements `head` + "(?, ?, …)" for 1, 2, 4, …, 128 keys and for 200 (the most that BatchGet takes): few texts,
// so that sessions can keep them prepared. A caller with a number between repeats a key.
//
// Thread-safe. Made once, for the life of the process: the texts are borrowed by whoever runs them.
class SizedSql {
 public:
  SizedSql(const char* name, const char* head, const char* index);
  // The smallest statement that holds `keys` (1 to 200), bound to them; the last key fills it up.
  data_access::Statement For(absl::Span<const std::int64_t> keys) const;
  // The smallest one for `keys` of them.
  const IndexedSql& Sized(int keys) const;
  const std::vector<IndexedSql>& all() const { return statements_; }

 private:
  std::vector<std::string> texts_;
  std::vector<IndexedSql> statements_;
};

}  // namespace bonnie::records

#endif  // BONNIE_SERVICES_RECORDS_INDEXED_SQL_H_
