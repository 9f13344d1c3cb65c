#ifndef BONNIE_CLIENTS_CLI_WRITE_OPTIONS_H_
#define BONNIE_CLIENTS_CLI_WRITE_OPTIONS_H_

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "bonnie/type/v1/date.pb.h"

namespace google::protobuf {
class FieldMask;
class Message;
}  // namespace google::protobuf

namespace bonnie::cli {

// Options of the verbs that write. What they set outlives the parsing.

// --request-id and --validate-only, of a request that has both.
template <class Request>
void AddWriteOptions(CLI::App& verb, Request& request) {
  verb.add_option("--request-id", *request.mutable_request_id(),
                  "A UUID under which this write may be repeated for 24 hours; default: a new one")
      ->type_name("UUID");
  verb.add_flag_callback(
      "--validate-only", [&request] { request.set_validate_only(true); }, "Only say whether it would work");
}

// --etag, by which a write is refused when the row has changed.
void AddEtagOption(CLI::App& verb, std::string& etag);

// A date as YYYY-MM-DD.
CLI::Option* AddDateOption(CLI::App& verb, const std::string& name, const std::string& description,
                           std::function<void(const type::v1::Date&)> set);

// Sets `mask` to the fields of `resource` that are populated, but for id, etag and what is set at creation only, and
// `clear`. kInvalidArgument: there is none of either, or a field is both.
absl::Status SetMask(const google::protobuf::Message& resource, const std::vector<std::string>& clear,
                     google::protobuf::FieldMask& mask);

}  // namespace bonnie::cli

#endif  // BONNIE_CLIENTS_CLI_WRITE_OPTIONS_H_
