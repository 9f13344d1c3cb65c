#ifndef BONNIE_TESTS_CLIENT_FAKE_RECORDS_SERVICE_H_
#define BONNIE_TESTS_CLIENT_FAKE_RECORDS_SERVICE_H_

#include <grpcpp/channel.h>
#include <grpcpp/server.h>

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "bonnie/records/v1/medical_record_service.grpc.pb.h"
#include "bonnie/records/v1/patient_service.grpc.pb.h"

namespace bonnie::client {

// google.rpc's status with an ErrorInfo of `reason` and, if given, metadata and one refused field.
grpc::Status RichError(grpc::StatusCode code, const std::string& message, const std::string& reason,
                       const std::map<std::string, std::string>& metadata = {}, const std::string& field = "");

// A records service in memory, on a unix socket of its own: it keeps what is created, knows source keys, and answers
// the next creates with errors that a test queued. Thread-safe.
class FakeRecordsService {
 public:
  FakeRecordsService();
  ~FakeRecordsService();

  // A channel with the library's own service config.
  std::shared_ptr<grpc::Channel> channel() const;

  // The next CreatePatient that comes answers `status`, after doing its work when `after_the_work`.
  void FailNextCreate(grpc::Status status, bool after_the_work = false) ABSL_LOCKS_EXCLUDED(mu_);
  // CreatePatient and CreateMedicalRecord refuse this name or diagnosis.
  void RefuseText(std::string text) ABSL_LOCKS_EXCLUDED(mu_);

  std::vector<std::string> request_ids() const ABSL_LOCKS_EXCLUDED(mu_);  // of the creates, in order
  int patients() const ABSL_LOCKS_EXCLUDED(mu_);
  int records() const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  class Patients;
  class Records;

  // Takes a source key, or says which id has it.
  grpc::Status Take(const std::string& kind, const std::string& source_key, const std::string& text,
                    const std::string& request_id, int64_t* id) ABSL_LOCKS_EXCLUDED(mu_);

  std::string socket_;
  std::unique_ptr<Patients> patients_service_;
  std::unique_ptr<Records> records_service_;
  std::unique_ptr<grpc::Server> server_;

  struct Failure {
    grpc::Status status;
    bool after_the_work;
  };
  mutable absl::Mutex mu_;
  std::deque<Failure> failures_ ABSL_GUARDED_BY(mu_);
  std::string refused_text_ ABSL_GUARDED_BY(mu_);
  std::vector<std::string> request_ids_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, int64_t> by_request_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, int64_t> by_key_ ABSL_GUARDED_BY(mu_);  // kind + source key
  std::map<std::string, int> counts_ ABSL_GUARDED_BY(mu_);      // by kind
  int64_t next_id_ ABSL_GUARDED_BY(mu_) = 1;
};

}  // namespace bonnie::client

#endif  // BONNIE_TESTS_CLIENT_FAKE_RECORDS_SERVICE_H_
