#include "tests/security/compressed_call.h"

#include <grpc/byte_buffer.h>
#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <grpc/support/alloc.h>
#include <grpc/support/time.h>
#include <zlib.h>

#include <algorithm>
#include <vector>

#include "tests/server/test_server.h"

namespace bonnie::security {
namespace {

grpc_slice SliceOf(const std::string& text) { return grpc_slice_from_copied_buffer(text.data(), text.size()); }

grpc_channel* OpenChannel(const CompressedCall& call) {
  const std::string ca = server::ReadText(server::Pki("ca.pem"));
  const std::string chain = server::ReadText(server::Pki(call.identity + ".pem"));
  const std::string key = server::ReadText(server::Pki(call.identity + ".key"));
  grpc_ssl_pem_key_cert_pair pair{key.c_str(), chain.c_str()};
  grpc_channel_credentials* credentials = grpc_ssl_credentials_create(ca.c_str(), &pair, nullptr, nullptr);
  grpc_channel* channel = grpc_channel_create(call.address.c_str(), credentials, nullptr);
  grpc_channel_credentials_release(credentials);
  return channel;
}

// Sends the one message and waits for the status; what comes in between is of no interest.
grpc_status_code Exchange(grpc_call* call, grpc_completion_queue* queue, const CompressedCall& what) {
  const char* name = nullptr;
  grpc_compression_algorithm_name(what.algorithm, &name);
  // What grpc::ClientContext::set_compression_algorithm sends; gRPC turns it into `grpc-encoding`.
  grpc_metadata encoding{};
  encoding.key = grpc_slice_from_static_string(GRPC_COMPRESSION_REQUEST_ALGORITHM_MD_KEY);
  encoding.value = grpc_slice_from_static_string(name);
  grpc_slice payload = SliceOf(what.payload);
  grpc_byte_buffer* message = grpc_raw_compressed_byte_buffer_create(&payload, 1, what.algorithm);
  grpc_metadata_array headers, trailers;
  grpc_metadata_array_init(&headers);
  grpc_metadata_array_init(&trailers);
  grpc_status_code status = GRPC_STATUS_UNKNOWN;
  grpc_slice text = grpc_empty_slice();
  std::vector<grpc_op> ops(5);
  ops[0].op = GRPC_OP_SEND_INITIAL_METADATA;
  ops[0].data.send_initial_metadata.count = 1;
  ops[0].data.send_initial_metadata.metadata = &encoding;
  ops[1].op = GRPC_OP_SEND_MESSAGE;
  ops[1].data.send_message.send_message = message;
  ops[2].op = GRPC_OP_SEND_CLOSE_FROM_CLIENT;
  ops[3].op = GRPC_OP_RECV_STATUS_ON_CLIENT;
  ops[3].data.recv_status_on_client.trailing_metadata = &trailers;
  ops[3].data.recv_status_on_client.status = &status;
  ops[3].data.recv_status_on_client.status_details = &text;
  ops[4].op = GRPC_OP_RECV_INITIAL_METADATA;
  ops[4].data.recv_initial_metadata.recv_initial_metadata = &headers;
  if (grpc_call_start_batch(call, ops.data(), ops.size(), nullptr, nullptr) == GRPC_CALL_OK) {
    grpc_completion_queue_next(queue, gpr_inf_future(GPR_CLOCK_REALTIME), nullptr);
  }
  grpc_metadata_array_destroy(&headers);
  grpc_metadata_array_destroy(&trailers);
  grpc_slice_unref(text);
  grpc_slice_unref(payload);
  grpc_byte_buffer_destroy(message);
  return status;
}

}  // namespace

std::string CompressedZeros(std::size_t bytes, grpc_compression_algorithm algorithm) {
  z_stream stream{};
  constexpr int kGzipHeader = 16;
  deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, MAX_WBITS + (algorithm == GRPC_COMPRESS_GZIP ? kGzipHeader : 0),
               MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY);
  std::vector<unsigned char> zeros(1 << 16), out(1 << 16);
  std::string compressed;
  for (int result = Z_OK; result != Z_STREAM_END;) {
    if (stream.avail_in == 0 && bytes > 0) {
      stream.next_in = zeros.data();
      stream.avail_in = static_cast<uInt>(std::min(bytes, zeros.size()));
      bytes -= stream.avail_in;
    }
    stream.next_out = out.data();
    stream.avail_out = static_cast<uInt>(out.size());
    result = deflate(&stream, bytes == 0 ? Z_FINISH : Z_NO_FLUSH);
    compressed.append(reinterpret_cast<const char*>(out.data()), out.size() - stream.avail_out);
  }
  deflateEnd(&stream);
  return compressed;
}

grpc_status_code Send(const CompressedCall& what) {
  grpc_init();
  grpc_channel* channel = OpenChannel(what);
  grpc_completion_queue* queue = grpc_completion_queue_create_for_next(nullptr);
  const grpc_slice method = SliceOf(what.method);
  const gpr_timespec deadline = gpr_time_add(gpr_now(GPR_CLOCK_REALTIME), gpr_time_from_seconds(30, GPR_TIMESPAN));
  grpc_call* call =
      grpc_channel_create_call(channel, nullptr, GRPC_PROPAGATE_DEFAULTS, queue, method, nullptr, deadline, nullptr);
  const grpc_status_code status = Exchange(call, queue, what);
  grpc_call_unref(call);
  grpc_slice_unref(method);
  grpc_completion_queue_shutdown(queue);
  grpc_completion_queue_next(queue, gpr_inf_future(GPR_CLOCK_REALTIME), nullptr);
  grpc_completion_queue_destroy(queue);
  grpc_channel_destroy(channel);
  grpc_shutdown();
  return status;
}

}  // namespace bonnie::security
