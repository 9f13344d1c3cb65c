// SchemaService's handlers that write documents: diagrams and data dictionaries.
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/data_access/status_macros.h"
#include "services/schema/create_revision.h"
#include "services/schema/docs.h"
#include "services/schema/erd.h"
#include "services/schema/erd_dot.h"
#include "services/schema/erd_layout.h"
#include "services/schema/erd_mermaid.h"
#include "services/schema/erd_svg.h"
#include "services/schema/harmonise.h"
#include "services/schema/model_convert.h"
#include "services/schema/peer_schema.h"
#include "services/schema/schema_service.h"

namespace bonnie::schema {

namespace {

using SchemaPtr = std::shared_ptr<const Schema>;

constexpr server::Method kRenderErd{kSchemaService, "RenderErd", absl::Seconds(30), absl::Minutes(10)};
constexpr server::Method kExportDocs{kSchemaService, "ExportDocs", absl::Seconds(30), absl::Minutes(10)};

// Each keeps a core and a whole schema busy.
constexpr int kMaxDocuments = 4;
constexpr int kMaxPatterns = 100, kMaxDistance = 100;
constexpr size_t kMaxPatternBytes = 256;
constexpr size_t kChunkBytes = 64 * 1024;

// One of the documents that are written at a time.
class DocumentSlot {
 public:
  explicit DocumentSlot(std::atomic<int>& written) : written_(written), has_(written.fetch_add(1) < kMaxDocuments) {}
  ~DocumentSlot() { written_.fetch_sub(1); }
  DocumentSlot(const DocumentSlot&) = delete;
  DocumentSlot& operator=(const DocumentSlot&) = delete;

  absl::Status status() const {
    if (has_) return absl::OkStatus();
    return server::Error(absl::StatusCode::kResourceExhausted,
                         absl::StrCat(kMaxDocuments, " documents are being written already; call again"),
                         {.reason = "TOO_MANY_DRAWINGS", .retry_after = absl::Seconds(2)});
  }

 private:
  std::atomic<int>& written_;
  const bool has_;
};

template <typename Patterns>
absl::Status CheckTables(const Patterns& tables, int distance) {
  std::vector<server::FieldViolation> violations;
  if (tables.size() > kMaxPatterns) {
    violations.push_back({"tables", absl::StrCat(tables.size(), " names, want at most ", kMaxPatterns)});
  }
  for (int i = 0; i < tables.size(); ++i) {
    if (tables[i].empty() || tables[i].size() > kMaxPatternBytes) {
      violations.push_back({absl::StrCat("tables[", i, "]"), absl::StrCat("want 1 to ", kMaxPatternBytes, " bytes")});
    }
  }
  if (distance < 0 || distance > kMaxDistance) {
    violations.push_back({"distance", absl::StrCat(distance, ", want 0 to ", kMaxDistance)});
  }
  if (distance > 0 && tables.empty()) violations.push_back({"distance", "counts from tables; name some"});
  return violations.empty() ? absl::OkStatus() : InvalidRequest(std::move(violations));
}

absl::Status CheckRequest(const v1::RenderErdRequest& request) {
  if (!v1::ErdFormat_IsValid(request.format()) || !v1::ErdDetail_IsValid(request.detail())) {
    return InvalidRequest({{v1::ErdFormat_IsValid(request.format()) ? "detail" : "format", "no such value"}});
  }
  return CheckTables(request.tables(), request.distance());
}

ErdDetail DetailOf(v1::ErdDetail detail) {
  switch (detail) {
    case v1::ERD_DETAIL_ALL:
      return ErdDetail::kAll;
    case v1::ERD_DETAIL_KEYS:
      return ErdDetail::kKeys;
    case v1::ERD_DETAIL_NAMES:
      return ErdDetail::kNames;
    default:
      return ErdDetail::kAutomatic;
  }
}

absl::StatusOr<std::string> WriteErd(const ErdGraph& graph, v1::ErdFormat format, absl::Time deadline) {
  if (format == v1::ERD_FORMAT_DOT) return WriteDot(graph);
  if (format == v1::ERD_FORMAT_MERMAID) return WriteMermaid(graph);
  return WriteSvg(graph, deadline);
}

// Cuts `text` into messages.
template <typename Response>
absl::Status Send(const std::string& text, server::StreamCall& call, grpc::ServerWriter<Response>* writer) {
  for (size_t at = 0; at < text.size(); at += kChunkBytes) {
    Response response;
    response.set_chunk(text.substr(at, kChunkBytes));
    if (!call.Write(writer, response)) return absl::CancelledError("the caller has gone");
    call.CountSent();
  }
  return absl::OkStatus();
}

// The schema that a source of a request stands for.
absl::StatusOr<SchemaPtr> ReadSource(const ServiceParts& parts, const server::StreamCall& call,
                                     const v1::SchemaSource& source) {
  BONNIE_RETURN_IF_ERROR(parts.CheckSourceSite(source.site(), call.is_forwarded()));
  const absl::Time deadline = call.budget().deadline;
  if (parts.IsLocal(source.site())) {
    return parts.AwaitJob(call, [&] { return parts.sources.Read(FromProto(source), deadline); });
  }
  BONNIE_ASSIGN_OR_RETURN(Schema schema, ReadPeerSchema(parts.peers, call, source.site(), source, deadline));
  return std::make_shared<const Schema>(std::move(schema));
}

// A schema of names alone: the model's tables and the foreign keys between them.
Schema SkeletonOf(const std::vector<ModelFile>& files) {
  Schema skeleton;
  for (const ModelFile& file : files) {
    Table& table = skeleton.tables[file.table];
    table.name = file.table;
    for (const auto& [parent, line] : file.references) table.foreign_keys.emplace_back().referenced_table = parent;
  }
  return skeleton;
}

// Refuses a picture that is too large by the texts of its model alone, before scratch makes the model's tables: 2,000
// CREATE TABLE statements keep the database server busy for a minute, for a picture that LayOut refuses. Of tables that
// only the other schema has, nothing is known yet; LayOut counts them.
absl::Status CheckModelSize(const ServiceParts& parts, const v1::RenderErdRequest& request, const ErdOptions& options) {
  const bool is_svg = request.format() != v1::ERD_FORMAT_DOT && request.format() != v1::ERD_FORMAT_MERMAID;
  for (const v1::SchemaSource* source : {&request.before(), &request.source()}) {
    if (!is_svg || !source->has_model() || !parts.IsLocal(source->site())) continue;
    BONNIE_ASSIGN_OR_RETURN(const std::vector<ModelFile> files, parts.sources.Files(FromProto(source->model())));
    const absl::StatusOr<ErdGraph> graph = MakeErd(SkeletonOf(files), nullptr, options);
    if (graph.ok()) {
      BONNIE_RETURN_IF_ERROR(CheckErdSize(graph->tables.size(), graph->edges.size()));
    } else if (!request.has_before()) {  // the other schema may have the tables that this one lacks
      return graph.status();
    }
  }
  return absl::OkStatus();
}

}  // namespace

grpc::Status SchemaService::RenderErd(grpc::ServerContext* context, const v1::RenderErdRequest* request,
                                      grpc::ServerWriter<v1::RenderErdResponse>* writer) {
  return parts_.calls.ServeStream(context, kRenderErd, [&](server::StreamCall& call) -> absl::Status {
    if (auto elsewhere = parts_.Elsewhere(call, &v1::SchemaService::Stub::RenderErd, *request, writer)) {
      return *elsewhere;
    }
    BONNIE_RETURN_IF_ERROR(CheckRequest(*request));
    const DocumentSlot slot(documents_);
    BONNIE_RETURN_IF_ERROR(slot.status());
    const absl::Time deadline = call.budget().deadline;
    ErdOptions options;
    options.tables = {request->tables().begin(), request->tables().end()};
    options.distance = request->distance();
    options.detail = DetailOf(request->detail());
    BONNIE_RETURN_IF_ERROR(CheckModelSize(parts_, *request, options));
    SchemaPtr before;
    if (request->has_before()) {
      BONNIE_ASSIGN_OR_RETURN(before, ReadSource(parts_, call, request->before()));
      // Another site's revisions are its own.
      const bool local = parts_.IsLocal(request->before().site()) && parts_.IsLocal(request->source().site());
      if (request->source().has_model() || local) {
        BONNIE_ASSIGN_OR_RETURN(options.hints, parts_.sources.HintsBetween(FromProto(request->before()),
                                                                           FromProto(request->source()), deadline));
      }
    }
    BONNIE_ASSIGN_OR_RETURN(const SchemaPtr schema, ReadSource(parts_, call, request->source()));
    // Of two sites, what their servers write differently is no difference.
    if (before != nullptr) before = std::make_shared<const Schema>(Harmonised(*before, *schema));
    BONNIE_ASSIGN_OR_RETURN(const ErdGraph graph, MakeErd(*schema, before.get(), options));
    BONNIE_ASSIGN_OR_RETURN(const std::string text, WriteErd(graph, request->format(), deadline));
    return Send(text, call, writer);
  });
}

grpc::Status SchemaService::ExportDocs(grpc::ServerContext* context, const v1::ExportDocsRequest* request,
                                       grpc::ServerWriter<v1::ExportDocsResponse>* writer) {
  return parts_.calls.ServeStream(context, kExportDocs, [&](server::StreamCall& call) -> absl::Status {
    if (auto elsewhere = parts_.Elsewhere(call, &v1::SchemaService::Stub::ExportDocs, *request, writer)) {
      return *elsewhere;
    }
    BONNIE_RETURN_IF_ERROR(CheckTables(request->tables(), 0));
    const DocumentSlot slot(documents_);
    BONNIE_RETURN_IF_ERROR(slot.status());
    BONNIE_ASSIGN_OR_RETURN(const SchemaPtr schema, ReadSource(parts_, call, request->source()));
    BONNIE_ASSIGN_OR_RETURN(const std::string text,
                            WriteDocs(*schema, {request->tables().begin(), request->tables().end()}));
    return Send(text, call, writer);
  });
}

}  // namespace bonnie::schema
