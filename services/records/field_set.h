#ifndef BONNIE_SERVICES_RECORDS_FIELD_SET_H_
#define BONNIE_SERVICES_RECORDS_FIELD_SET_H_

#include <cstdint>
#include <initializer_list>
#include <vector>

#include "services/records/violations.h"
#include "services/server/api.h"

namespace google::protobuf {
class Descriptor;
class FieldDescriptor;
class FieldMask;
class Message;
}  // namespace google::protobuf

namespace bonnie::records {

// Fields of one message type, by their numbers (below 64). A value type.
class FieldSet {
 public:
  constexpr FieldSet() = default;
  constexpr FieldSet(std::initializer_list<int> numbers) {
    for (int number : numbers) Add(number);
  }
  constexpr void Add(int number) { bits_ |= std::uint64_t{1} << number; }
  constexpr bool Has(int number) const { return (bits_ >> number & 1) != 0; }
  friend constexpr bool operator==(const FieldSet&, const FieldSet&) = default;
  friend constexpr FieldSet operator|(FieldSet a, const FieldSet& b) {
    a.bits_ |= b.bits_;
    return a;
  }

 private:
  std::uint64_t bits_ = 0;
};

// The fields of `resource` that an update with `mask` is about (AIP-134): those named; with an empty mask those
// populated; with `*` all but the ones of `keep_if_unset` that are unset. Unknown paths go to `violations`.
FieldSet FieldsToUpdate(const google::protobuf::Message& resource, const google::protobuf::FieldMask& mask,
                        const FieldSet& keep_if_unset, Violations& violations);

// Adds to `violations` each path of `read_mask` that is no field of `type`, and not `*`.
void CheckReadMask(const google::protobuf::Descriptor& type, const google::protobuf::FieldMask& read_mask,
                   Violations& violations);

// What a caller gets to see of resources of one type: the fields of the read mask, less those hidden from all of the
// caller's roles. Made once a call, applied to each resource. Thread-compatible.
class View {
 public:
  // An empty mask or `*` shows all that is not hidden.
  View(const google::protobuf::Descriptor& type, const google::protobuf::FieldMask& read_mask,
       const server::FieldNames& hidden_fields);

  // Clears what is not to be seen.
  void Apply(google::protobuf::Message* resource) const;

 private:
  std::vector<const google::protobuf::FieldDescriptor*> unseen_;
};

}  // namespace bonnie::records

#endif  // BONNIE_SERVICES_RECORDS_FIELD_SET_H_
