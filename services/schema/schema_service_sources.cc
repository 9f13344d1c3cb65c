// SchemaService's handlers that look at schemas and compare them.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "services/data_access/error_table.h"
#include "services/data_access/status_macros.h"
#include "services/schema/inspect.h"
#include "services/schema/model_convert.h"
#include "services/schema/schema_service.h"

namespace bonnie::schema {

namespace {

using server::UnaryCall;

constexpr char kService[] = "bonnie.schema.v1.SchemaService";
constexpr server::Method kInspectSchema{kService, "InspectSchema", absl::Seconds(30), absl::Minutes(10)};
constexpr server::Method kCompareSchemas{kService, "CompareSchemas", absl::Seconds(30), absl::Minutes(10)};

void Fill(const Comparison& comparison, v1::CompareSchemasResponse* response) {
  FillProto(comparison.script.difference.changes, response->mutable_changes());
  FillProto(comparison.script.warnings, response->mutable_warnings());
  FillProto(comparison.unsupported, response->mutable_unsupported());
  for (const std::string& statement : comparison.script.up) response->add_up(statement);
  if (comparison.script.down.has_value()) {
    for (const std::string& statement : *comparison.script.down) response->add_down(statement);
  }
  response->set_unproven_reason(std::string(comparison.unproven.message()));
}

v1::SchemaHeader Header(const std::string& site, const Schema& schema, int tables) {
  v1::SchemaHeader header;
  header.set_site(site);
  header.set_server_flavour(std::string(data_access::FlavourName(schema.flavour)));
  header.set_server_version(schema.server_version);
  header.set_charset(schema.charset);
  header.set_collation(schema.collation);
  header.set_server_fingerprint(ServerFingerprint(schema));
  header.set_portable_fingerprint(PortableFingerprint(schema));
  header.set_tables(tables);
  return header;
}

}  // namespace

grpc::ServerUnaryReactor* SchemaService::CompareSchemas(grpc::CallbackServerContext* context,
                                                        const v1::CompareSchemasRequest* request,
                                                        v1::CompareSchemasResponse* response) {
  return parts_.calls.Serve(context, kCompareSchemas, [&](UnaryCall* call) {
    if (absl::Status local = parts_.CheckLocal(request->site()); !local.ok()) return call->Finish(local);
    parts_.FinishJob(call, [this, request, response](absl::Time deadline) -> absl::Status {
      BONNIE_ASSIGN_OR_RETURN(const Comparison comparison,
                              parts_.sources.Compare(FromProto(request->from()), FromProto(request->to()),
                                                     !request->changes_only(), deadline));
      Fill(comparison, response);
      return absl::OkStatus();
    });
  });
}

grpc::Status SchemaService::InspectSchema(grpc::ServerContext* context, const v1::InspectSchemaRequest* request,
                                          grpc::ServerWriter<v1::InspectSchemaResponse>* writer) {
  return parts_.calls.ServeStream(context, kInspectSchema, [&](server::StreamCall& call) -> absl::Status {
    BONNIE_RETURN_IF_ERROR(parts_.CheckLocal(request->site()));
    const Source source = FromProto(request->source());
    std::map<std::string, ModelFile> files;  // by table
    if (const auto* model = std::get_if<ModelSource>(&source)) {
      BONNIE_ASSIGN_OR_RETURN(std::vector<ModelFile> read, parts_.sources.Files(*model));
      for (ModelFile& file : read) files[file.table] = std::move(file);
    }
    BONNIE_ASSIGN_OR_RETURN(auto schema, parts_.sources.Read(source, call.budget().deadline));
    std::vector<v1::InspectSchemaResponse> parts(1);
    const auto wanted = [&](const std::string& table) {
      return request->tables().empty() || std::count(request->tables().begin(), request->tables().end(), table) > 0;
    };
    for (const auto& [name, table] : schema->tables) {
      if (!wanted(name)) continue;
      const auto file = files.find(name);
      *parts.emplace_back().mutable_table() = ToProto(table, file == files.end() ? nullptr : &file->second);
    }
    *parts[0].mutable_header() = Header(parts_.site, *schema, static_cast<int>(parts.size()) - 1);
    for (const StoredObject& object : schema->objects) {
      if (request->tables().empty()) *parts.emplace_back().mutable_object() = ToProto(object);
    }
    for (const Unsupported& part : schema->unsupported) {
      if (wanted(part.object)) *parts.emplace_back().mutable_unsupported() = ToProto(part);
    }
    for (const v1::InspectSchemaResponse& part : parts) {
      if (!writer->Write(part)) return absl::CancelledError("the caller has gone");
      call.CountSent();
    }
    return absl::OkStatus();
  });
}

}  // namespace bonnie::schema
