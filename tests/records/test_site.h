#ifndef BONNIE_TESTS_RECORDS_TEST_SITE_H_
#define BONNIE_TESTS_RECORDS_TEST_SITE_H_

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/time/time.h"
#include "bonnie/config/v1/config.pb.h"
#include "bonnie/internal/rpcwire/v1/status.pb.h"
#include "bonnie/records/v1/medical_record_service.grpc.pb.h"
#include "bonnie/records/v1/patient_service.grpc.pb.h"
#include "bonnie/records/v1/status_service.grpc.pb.h"
#include "services/records/site.h"
#include "tests/records/key_files.h"
#include "tests/support/test_database.h"

namespace bonnie::records {

// What a caller can read of an error: google.rpc.Status and the details that were asked for.
struct WireError {
  explicit WireError(const grpc::Status& status);

  grpc::StatusCode code;
  std::string reason;  // ErrorInfo
  std::map<std::string, std::string> metadata;
  std::vector<std::string> fields;  // BadRequest
  std::string resource;             // ResourceInfo.resource_name
  std::string precondition;         // PreconditionFailure: type and subject of the first
  double retry_seconds = 0;         // RetryInfo
  std::string everything;           // all of it as text
};

// The configuration of a records service on `database`, with mTLS both ways, on a free port of 127.0.0.1; its key and
// its log are in `folder`.
config::v1::RecordsConfig SiteConfig(const test_support::TestDatabase& database, const KeyFolder& folder);

// What such a service has logged.
std::string ReadLog(const KeyFolder& folder);

// A channel with a connection of its own, without retries, as `identity` of the test PKI, such as client, clerk, reader
// or stranger.
std::shared_ptr<grpc::Channel> ConnectTo(const test_support::TestDatabase& database, int port,
                                         const std::string& identity = "client");

// Whether health says so within `limit`.
bool WaitForHealth(const std::shared_ptr<grpc::Channel>& channel, bool serving, absl::Duration limit);

// A whole records service in this process, on a free port, with mTLS on both sides, on a database that MigrateForTest
// made. The log goes to a file that can be read.
class TestSite {
 public:
  using Change = std::function<void(config::v1::RecordsConfig&)>;

  // Aborts the process when the service does not start. Does not wait for it to serve.
  explicit TestSite(const test_support::TestDatabase& database, const Change& change = {});
  ~TestSite();

  // ConnectTo this site.
  std::shared_ptr<grpc::Channel> Connect(const std::string& identity = "client") const;
  std::unique_ptr<v1::PatientService::Stub> Patients(const std::string& identity = "client") const;
  std::unique_ptr<v1::MedicalRecordService::Stub> Records(const std::string& identity = "client") const;
  std::unique_ptr<v1::StatusService::Stub> Status(const std::string& identity = "client") const;

  // Whether health says SERVING within `limit`.
  bool WaitUntilServing(bool serving = true, absl::Duration limit = absl::Seconds(30)) const;
  std::string Log() const;

 private:
  const test_support::TestDatabase& database_;
  KeyFolder folder_;
  std::unique_ptr<Site> site_;
  std::thread runner_;
};

// Calls a method of a stub with a deadline: `Call(*stub, &Stub::GetPatient, request, &response)`. Waits for the
// connection: gRPC's synchronous client connects only while a call waits, so one whose calls all fail at once never
// comes back.
template <class Stub, class Request, class Response>
grpc::Status Call(Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                  const Request& request, Response* response, absl::Duration deadline = absl::Seconds(10)) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + deadline));
  context.set_wait_for_ready(true);
  return (stub.*method)(&context, request, response);
}

// A random version 4 UUID.
std::string NewRequestId();

}  // namespace bonnie::records

#endif  // BONNIE_TESTS_RECORDS_TEST_SITE_H_
