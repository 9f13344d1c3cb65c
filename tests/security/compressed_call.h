#ifndef BONNIE_TESTS_SECURITY_COMPRESSED_CALL_H_
#define BONNIE_TESTS_SECURITY_COMPRESSED_CALL_H_

#include <grpc/compression.h>
#include <grpc/status.h>

#include <string>

namespace bonnie::security {

// zlib's result for `bytes` zeros: about a thousandth of them. `algorithm`: gzip or deflate.
std::string CompressedZeros(std::size_t bytes, grpc_compression_algorithm algorithm);

struct CompressedCall {
  std::string address;   // host:port
  std::string identity;  // name of a certificate of the test PKI
  std::string method;    // /package.Service/Method
  grpc_compression_algorithm algorithm = GRPC_COMPRESS_GZIP;
  std::string payload;  // one message, compressed already: this side never holds what it inflates to
};

// Makes the call over mTLS by gRPC's C API, because the C++ API compresses messages itself. Blocks, at most 30 s.
grpc_status_code Send(const CompressedCall& call);

}  // namespace bonnie::security

#endif  // BONNIE_TESTS_SECURITY_COMPRESSED_CALL_H_
