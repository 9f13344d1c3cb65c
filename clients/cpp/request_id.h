#ifndef BONNIE_CLIENTS_CPP_REQUEST_ID_H_
#define BONNIE_CLIENTS_CPP_REQUEST_ID_H_

#include <string>

namespace bonnie::client {

// A new random UUID (version 4), by which a service recognizes the retry of a write. Thread-safe.
std::string NewRequestId();

}  // namespace bonnie::client

#endif  // BONNIE_CLIENTS_CPP_REQUEST_ID_H_
