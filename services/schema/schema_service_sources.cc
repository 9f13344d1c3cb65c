// SchemaService's handlers that look at schemas and compare them.
#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "services/data_access/error_table.h"
#include "services/data_access/status_macros.h"
#include "services/schema/inspect.h"
#include "services/schema/model_convert.h"
#include "services/schema/peer_schema.h"
#include "services/schema/portable_diff.h"
#include "services/schema/schema_service.h"
#include "services/schema/tool_tables.h"
#include "services/schema/unsayable.h"

namespace bonnie::schema {

namespace {

using server::UnaryCall;

constexpr server::Method kInspectSchema{kSchemaService, "InspectSchema", absl::Seconds(30), absl::Minutes(10)};
constexpr server::Method kCompareSchemas{kSchemaService, "CompareSchemas", absl::Seconds(30), absl::Minutes(10)};

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
  return parts_.calls.Serve(context, kCompareSchemas, response, [&](UnaryCall* call) {
    if (parts_.Elsewhere(call, kCompareSchemas, request, response)) return;
    for (const v1::SchemaSource* source : {&request->from(), &request->to()}) {
      if (absl::Status known = parts_.CheckSourceSite(source->site(), call->is_forwarded()); !known.ok()) {
        return call->Finish(known);
      }
    }
    parts_.FinishJob(call, [this, call, request, response](absl::Time deadline) -> absl::Status {
      if (!parts_.IsLocal(request->from().site()) || !parts_.IsLocal(request->to().site())) {
        return CompareAcross(*call, *request, deadline, response);
      }
      BONNIE_ASSIGN_OR_RETURN(const Comparison comparison,
                              parts_.sources.Compare(FromProto(request->from()), FromProto(request->to()),
                                                     !request->changes_only(), deadline));
      Fill(comparison, response);
      return absl::OkStatus();
    });
  });
}

absl::Status SchemaService::CompareAcross(const UnaryCall& call, const v1::CompareSchemasRequest& request,
                                          absl::Time deadline, v1::CompareSchemasResponse* response) const {
  const std::string from_site = request.from().site().empty() ? parts_.site : request.from().site();
  const std::string to_site = request.to().site().empty() ? parts_.site : request.to().site();
  if (from_site == to_site) {  // a peer's own business, statements included
    v1::CompareSchemasRequest whole = request;
    whole.set_site(from_site);
    BONNIE_ASSIGN_OR_RETURN(
        *response, Ask(parts_.peers, call, from_site, deadline, &v1::SchemaService::Stub::CompareSchemas, whole));
    return absl::OkStatus();
  }
  BONNIE_ASSIGN_OR_RETURN(Schema from, ReadFrom(call, from_site, request.from(), deadline));
  BONNIE_ASSIGN_OR_RETURN(Schema to, ReadFrom(call, to_site, request.to(), deadline));
  // A model holds tables only: what else there is is no difference.
  if (request.to().has_model()) to.objects = from.objects;
  if (request.from().has_model()) from.objects = to.objects;
  FillProto(PortableDiff(from, to), response->mutable_changes());
  FillProto(from.unsupported, response->mutable_unsupported());
  FillProto(to.unsupported, response->mutable_unsupported());
  if (request.changes_only() || response->changes().empty()) return absl::OkStatus();
  response->set_unproven_reason(
      absl::StrCat("two servers' texts do not mix into statements: compare each site's database with the model or a "
                   "revision there"));
  return absl::OkStatus();
}

absl::StatusOr<Schema> SchemaService::ReadFrom(const UnaryCall& call, const std::string& site,
                                               const v1::SchemaSource& source, absl::Time deadline) const {
  if (site != parts_.site) return ReadPeerSchema(parts_.peers, call, site, source, deadline);
  BONNIE_ASSIGN_OR_RETURN(const auto schema, parts_.sources.Read(FromProto(source), deadline));
  return *schema;
}

grpc::Status SchemaService::InspectSchema(grpc::ServerContext* context, const v1::InspectSchemaRequest* request,
                                          grpc::ServerWriter<v1::InspectSchemaResponse>* writer) {
  return parts_.calls.ServeStream(context, kInspectSchema, [&](server::StreamCall& call) -> absl::Status {
    v1::InspectSchemaRequest meant = *request;
    if (meant.site().empty()) meant.set_site(meant.source().site());
    if (auto elsewhere = parts_.Elsewhere(call, &v1::SchemaService::Stub::InspectSchema, meant, writer)) {
      return *elsewhere;
    }
    if (!parts_.IsLocal(meant.source().site())) {
      return InvalidRequest({{"source.site", "want it empty, or as site"}});
    }
    const Source source = FromProto(request->source());
    const bool live = std::holds_alternative<LiveSource>(source);
    std::map<std::string, ModelFile> files;  // by table
    if (const auto* model = std::get_if<ModelSource>(&source)) {
      BONNIE_ASSIGN_OR_RETURN(std::vector<ModelFile> read, parts_.sources.Files(*model));
      for (ModelFile& file : read) files[file.table] = std::move(file);
    }
    BONNIE_ASSIGN_OR_RETURN(auto schema,
                            parts_.AwaitJob(call, [&] { return parts_.sources.Read(source, call.budget().deadline); }));
    std::vector<v1::InspectSchemaResponse> parts(1);
    const auto wanted = [&](const std::string& table) {
      return request->tables().empty() || std::count(request->tables().begin(), request->tables().end(), table) > 0;
    };
    for (const auto& [name, table] : schema->tables) {
      if (!wanted(name)) continue;
      const auto file = files.find(name);
      // MySQL's tables show it themselves.
      if (file != files.end() && schema->flavour == data_access::Flavour::kMySql) file->second.no_default.clear();
      v1::SchemaTable* part = parts.emplace_back().mutable_table();
      *part = ToProto(table, file == files.end() ? nullptr : &file->second);
      if (live && IsToolTable(name)) part->set_keep_reason("it is another tool's own table");
    }
    *parts[0].mutable_header() = Header(parts_.site, *schema, static_cast<int>(parts.size()) - 1);
    for (const StoredObject& object : schema->objects) {
      if (request->tables().empty()) *parts.emplace_back().mutable_object() = ToProto(object);
    }
    std::vector<Unsupported> unsupported = schema->unsupported;
    if (live) absl::c_move(FindUnsayable(*schema), std::back_inserter(unsupported));
    for (const Unsupported& part : unsupported) {
      if (wanted(part.object)) *parts.emplace_back().mutable_unsupported() = ToProto(part);
    }
    for (const v1::InspectSchemaResponse& part : parts) {
      if (!call.Write(writer, part)) return absl::CancelledError("the caller has gone");
      call.CountSent();
    }
    return absl::OkStatus();
  });
}

}  // namespace bonnie::schema
