#ifndef BONNIE_SERVICES_SERVER_CALL_H_
#define BONNIE_SERVICES_SERVER_CALL_H_

#include <grpcpp/grpcpp.h>
#include <grpcpp/support/server_callback.h>

#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/data_access/budget.h"

namespace bonnie::server {

// What the wrapper knows of an RPC method: a constant beside its handler.
struct Method {
  const char* service;  // such as bonnie.records.v1.PatientService
  const char* name;     // such as GetPatient
  absl::Duration default_deadline;
  absl::Duration max_deadline;  // infinite for streams without one
};

class Calls;

// One unary RPC that was let in; also its reactor. Finished exactly once, from any thread.
class UnaryCall final : public grpc::ServerUnaryReactor {
 public:
  // When to be done, and whether the caller still waits. The deadline is min(the caller's, the method's maximum).
  const data_access::Budget& budget() const { return budget_; }
  // Who calls: the certificate's URI SAN, else its DNS SAN; "insecure" on a plaintext loopback listener.
  const std::string& identity() const { return identity_; }
  // Fields (paths such as `medical_record.diagnosis`) that no role of the caller may see; empty for most.
  const std::vector<std::string>& hidden_fields() const { return *hidden_fields_; }
  // Puts a name and a count or id into the call's log line; never a value of a row.
  void Note(absl::string_view key, std::int64_t value);
  void Note(absl::string_view key, absl::string_view value);

  // Ends the call: maps `status` to a grpc::Status with details, counts, logs. The call is gone when this returns.
  // The response must be complete (it is sent when `status` is OK).
  void Finish(const absl::Status& status);

 private:
  friend class Calls;
  UnaryCall();
  ~UnaryCall() override;
  void OnCancel() override;
  void OnDone() override;

  data_access::Budget budget_;
  std::string identity_;
  std::shared_ptr<const std::vector<std::string>> hidden_fields_;
  // … the rest is call.cc's
};

}  // namespace bonnie::server

#endif  // BONNIE_SERVICES_SERVER_CALL_H_
