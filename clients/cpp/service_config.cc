#include "clients/cpp/service_config.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace bonnie::client {
namespace {

// A name without a method means every method of the service that no other entry names.
constexpr char kTemplate[] = R"json({
  "loadBalancingConfig": [{"round_robin": {}}],
  "retryThrottling": {"maxTokens": 10, "tokenRatio": 0.1},
  "methodConfig": [
    {"name": [{"service": "bonnie.records.v1.PatientService"},
              {"service": "bonnie.records.v1.MedicalRecordService"},
              {"service": "bonnie.records.v1.StatusService"},
              {"service": "bonnie.schema.v1.SchemaService"},
              {"service": "bonnie.schema.v1.MigrationService"},
              {"service": "grpc.health.v1.Health", "method": "Check"}],
     $single "retryPolicy": $retry},
    {"name": [{"service": "bonnie.records.v1.PatientService", "method": "BatchGetPatients"},
              {"service": "bonnie.records.v1.MedicalRecordService", "method": "BatchGetMedicalRecords"}],
     $batch "retryPolicy": $retry},
    {"name": [{"service": "bonnie.schema.v1.MigrationService", "method": "PlanMigration"},
              {"service": "bonnie.schema.v1.MigrationService", "method": "CreateRevision"},
              {"service": "bonnie.schema.v1.MigrationService", "method": "CheckPending"},
              {"service": "bonnie.schema.v1.MigrationService", "method": "CancelOperation"},
              {"service": "bonnie.schema.v1.MigrationService", "method": "StampRevision"},
              {"service": "bonnie.schema.v1.SchemaService", "method": "CompareSchemas"},
              {"service": "bonnie.schema.v1.SchemaService", "method": "LintSchema"},
              {"service": "bonnie.schema.v1.SchemaService", "method": "CheckParity"},
              {"service": "bonnie.schema.v1.SchemaService", "method": "InspectSchema"},
              {"service": "bonnie.schema.v1.SchemaService", "method": "RenderErd"},
              {"service": "bonnie.schema.v1.SchemaService", "method": "ExportDocs"}],
     $plan "retryPolicy": $retry},
    {"name": [{"service": "bonnie.schema.v1.MigrationService", "method": "ApplyPlan"},
              {"service": "bonnie.schema.v1.MigrationService", "method": "WatchOperation"},
              {"service": "bonnie.schema.v1.MigrationService", "method": "RecoverOperation"}]}
  ]
})json";

constexpr char kRetry[] =
    R"json({"maxAttempts": 4, "initialBackoff": "0.1s", "maxBackoff": "2s", "backoffMultiplier": 2,
            "retryableStatusCodes": ["UNAVAILABLE"]})json";

std::string Timeout(bool with_timeouts, absl::Duration timeout) {
  return with_timeouts ? absl::StrCat("\"timeout\": \"", absl::ToInt64Seconds(timeout), "s\",") : "";
}

}  // namespace

std::string ServiceConfig(bool with_timeouts) {
  return absl::StrReplaceAll(kTemplate, {{"$retry", kRetry},
                                         {"$single", Timeout(with_timeouts, kSingleTimeout)},
                                         {"$batch", Timeout(with_timeouts, kBatchTimeout)},
                                         {"$plan", Timeout(with_timeouts, kPlanTimeout)}});
}

}  // namespace bonnie::client
