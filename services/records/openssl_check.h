#ifndef BONNIE_SERVICES_RECORDS_OPENSSL_CHECK_H_
#define BONNIE_SERVICES_RECORDS_OPENSSL_CHECK_H_

#include <cstdlib>

namespace bonnie::records {

// Ends the process unless OpenSSL answered 1: going on would seal with a nonce, key or hash of zeros. It fails only
// when the library itself is broken or out of memory.
inline void MustSucceed(int openssl_result) {
  if (openssl_result != 1) std::abort();
}

}  // namespace bonnie::records

#endif  // BONNIE_SERVICES_RECORDS_OPENSSL_CHECK_H_
