#include "services/schema/scratch_use.h"

#include <initializer_list>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace bonnie::schema {

namespace {

constexpr absl::string_view kModel = "the model is executed in a scratch database";
constexpr absl::string_view kRevisions = "the revisions are executed in a scratch database";
constexpr absl::string_view kCallersSql = "it brings SQL, which is executed in a scratch database";

std::string Because(absl::string_view field, absl::string_view why) { return absl::StrCat(field, ": ", why); }

// Only the live schema is read without executing anything.
std::string WhyOfSources(std::initializer_list<std::pair<absl::string_view, const v1::SchemaSource*>> sources) {
  for (const auto& [field, source] : sources) {
    if (source->has_model()) return Because(absl::StrCat(field, ".model"), kModel);
    if (source->source_case() != v1::SchemaSource::SOURCE_NOT_SET) {
      return Because(absl::StrCat(field, ".revision"), kRevisions);
    }
  }
  return "";
}

}  // namespace

std::string WhyScratch(const v1::InspectSchemaRequest& request) {
  return WhyOfSources({{"source", &request.source()}});
}

std::string WhyScratch(const v1::CompareSchemasRequest& request) {
  return WhyOfSources({{"from", &request.from()}, {"to", &request.to()}});
}

std::string WhyScratch(const v1::LintSchemaRequest& request) {
  return WhyOfSources({{"source", &request.source()}, {"from", &request.from()}});
}

std::string WhyScratch(const v1::RenderErdRequest& request) {
  return WhyOfSources({{"source", &request.source()}, {"before", &request.before()}});
}

std::string WhyScratch(const v1::ExportDocsRequest& request) { return WhyOfSources({{"source", &request.source()}}); }

std::string WhyScratch(const v1::CreateRevisionRequest& request) {
  switch (request.body_case()) {
    case v1::CreateRevisionRequest::BODY_NOT_SET:  // a file without statements: nothing is executed
      return "";
    case v1::CreateRevisionRequest::kAutogenerate:
      return Because("autogenerate", kModel);
    default:
      return Because("sql", kCallersSql);
  }
}

std::string WhyScratch(const v1::CheckPendingRequest&) { return Because("model", kModel); }

std::string WhyScratch(const v1::MergeRevisionsRequest& request) {
  return request.files().empty() ? "" : Because("files", kCallersSql);
}

std::string WhyScratch(const v1::StampRevisionRequest&) { return Because("revisions", kRevisions); }

std::string WhyScratch(const v1::PushRevisionsRequest&) { return Because("files", kCallersSql); }

std::string WhyScratch(const v1::PlanMigrationRequest& request) {
  return request.plan_id().empty() ? Because("target", kRevisions) : "";
}

}  // namespace bonnie::schema
