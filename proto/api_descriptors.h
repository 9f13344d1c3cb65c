#ifndef BONNIE_PROTO_API_DESCRIPTORS_H_
#define BONNIE_PROTO_API_DESCRIPTORS_H_

#include <cstddef>

namespace bonnie {

// The descriptors of all services of both binaries, health and reflection included, and of all that they import: a
// serialized google.protobuf.FileDescriptorSet, each file after the files that it imports.
//
// A binary links the generated code of its own services only. A role policy names methods and fields of all of them.
extern const unsigned char kApiDescriptors[];
extern const std::size_t kApiDescriptorsSize;

}  // namespace bonnie

#endif  // BONNIE_PROTO_API_DESCRIPTORS_H_
