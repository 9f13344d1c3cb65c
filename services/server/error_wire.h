#ifndef BONNIE_SERVICES_SERVER_ERROR_WIRE_H_
#define BONNIE_SERVICES_SERVER_ERROR_WIRE_H_

#include <string>

#include "absl/strings/str_cat.h"

namespace bonnie::server {

// Where a detail's type is found: Bonnie's messages of `bonnie.internal.rpcwire.v1` are wire-identical to those of
// google.rpc, and go by their names.
template <class Message>
const std::string& DetailUrl() {
  static const std::string& url =
      *new std::string(absl::StrCat("type.googleapis.com/google.rpc.", Message::descriptor()->name()));
  return url;
}

}  // namespace bonnie::server

#endif  // BONNIE_SERVICES_SERVER_ERROR_WIRE_H_
