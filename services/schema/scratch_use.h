#ifndef BONNIE_SERVICES_SCHEMA_SCRATCH_USE_H_
#define BONNIE_SERVICES_SCHEMA_SCRATCH_USE_H_

#include <string>
#include <type_traits>

#include "bonnie/schema/v1/migration_service.pb.h"
#include "bonnie/schema/v1/schema_service.pb.h"

// Which requests have SQL executed in a scratch database: the caller's own (a model, a revision) or that of the site's
// revisions. Who sends one requires RIGHT_EXECUTE_IN_SCRATCH (ServiceParts::CheckRight).
//
// WhyScratch has an overload for each request of both services, so that a new method does not compile before somebody
// decides what it requires.
namespace bonnie::schema {

template <class Request, class... Others>
inline constexpr bool kIsOneOf = (std::is_same_v<Request, Others> || ...);

// They read the live schema, the ledger or files, or decide on and apply plans that were made before.
template <class Request>
concept UsesNoScratch = kIsOneOf<Request, v1::ListSitesRequest, v1::CheckSiteRequest, v1::CheckParityRequest,
                                 v1::ListRevisionsRequest, v1::GetRevisionRequest, v1::GetCurrentRequest,
                                 v1::ApprovePlanRequest, v1::ApplyPlanRequest, v1::ListOperationsRequest,
                                 v1::WatchOperationRequest, v1::CancelOperationRequest, v1::RecoverOperationRequest>;

// Why the request requires the right: which field brings what; empty when it does not. Pure.
template <UsesNoScratch Request>
std::string WhyScratch(const Request&) {
  return "";
}
std::string WhyScratch(const v1::InspectSchemaRequest& request);
std::string WhyScratch(const v1::CompareSchemasRequest& request);
std::string WhyScratch(const v1::LintSchemaRequest& request);
std::string WhyScratch(const v1::RenderErdRequest& request);
std::string WhyScratch(const v1::ExportDocsRequest& request);
std::string WhyScratch(const v1::CreateRevisionRequest& request);
std::string WhyScratch(const v1::CheckPendingRequest& request);
std::string WhyScratch(const v1::MergeRevisionsRequest& request);
std::string WhyScratch(const v1::StampRevisionRequest& request);
std::string WhyScratch(const v1::PushRevisionsRequest& request);
std::string WhyScratch(const v1::PlanMigrationRequest& request);

}  // namespace bonnie::schema

#endif  // BONNIE_SERVICES_SCHEMA_SCRATCH_USE_H_
