#include "services/records/write.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "services/data_access/status_macros.h"
#include "services/data_access/transaction.h"
#include "services/records/canonical.h"
#include "services/records/errors.h"
#include "services/records/openssl_check.h"

namespace bonnie::records {
namespace {

using data_access::Querier;
using data_access::Session;
using data_access::Transaction;
using data_access::TransactionOptions;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

const FieldDescriptor* Field(const Message& message, const char* name) {
  return message.GetDescriptor()->FindFieldByName(name);
}

// The request without its id: what must be the same when the id comes again.
std::string Payload(const Message& request) {
  const std::unique_ptr<Message> copy(request.New());
  copy->CopyFrom(request);
  copy->GetReflection()->ClearField(copy.get(), Field(request, "request_id"));
  return CanonicalBytes(*copy);
}

// Keyed, so that the log's reader cannot guess small payloads.
std::string Hmac(const SealingKey& key, absl::string_view payload) {
  std::string hmac(32, '\0');
  unsigned int length = 0;
  const unsigned char* const made =
      HMAC(EVP_sha256(), key.payload_key.data(), static_cast<int>(key.payload_key.size()),
           reinterpret_cast<const unsigned char*>(payload.data()), payload.size(),
           reinterpret_cast<unsigned char*>(hmac.data()), &length);
  MustSucceed(made == nullptr ? 0 : 1);
  return hmac;
}

bool IsSame(const SealingKeys& keys, absl::string_view payload, const LoggedRequest& logged) {
  return std::any_of(keys.begin(), keys.end(),
                     [&](const SealingKey& key) { return Hmac(key, payload) == logged.payload_hmac; });
}

}  // namespace

absl::Status Writer::Run(Session& session, absl::string_view principal, absl::string_view method,
                         const Message& request, Write write, AnswerAgain answer_again) const {
  const google::protobuf::Reflection& fields = *request.GetReflection();
  const bool validate_only = fields.GetBool(request, Field(request, "validate_only"));
  const RequestKey key{std::string(principal), std::string(method),
                       absl::AsciiStrToLower(fields.GetString(request, Field(request, "request_id")))};
  const bool logged = !key.request_id.empty() && !validate_only;
  const std::string payload = logged ? Payload(request) : "";
  const auto keys = keys_.keys();
  TransactionOptions options;
  options.end = validate_only ? TransactionOptions::End::kRollback : TransactionOptions::End::kCommit;

  const absl::Status done = RunInTransaction(session, options, [&](Transaction& transaction) -> absl::Status {
    if (!logged) return write(transaction).status();
    BONNIE_ASSIGN_OR_RETURN(const absl::optional<LoggedRequest> before,
                            ClaimRequest(transaction, key, Hmac(keys->front(), payload)));
    if (before.has_value()) {
      return IsSame(*keys, payload, *before) ? answer_again(transaction, before->resource_id) : RequestIdReused();
    }
    BONNIE_ASSIGN_OR_RETURN(const Written written, write(transaction));
    return CompleteRequest(transaction, key, written.id, written.row_version);
  });
  return SettleOutcome(done, logged);
}

}  // namespace bonnie::records
