#include "services/schema/peer_schema.h"

#include <utility>

#include "absl/strings/match.h"
#include "bonnie/schema/v1/schema_service.grpc.pb.h"
#include "services/data_access/status_macros.h"
#include "services/schema/create_table.h"
#include "services/schema/forwarding.h"
#include "services/schema/model_convert.h"
#include "services/schema/unsayable.h"

namespace bonnie::schema {

namespace {

// Of its own, a site does not look for these.
void ForgetUnsayable(Schema* schema) {
  for (const Unsupported& part : FindUnsayable(*schema)) {
    std::erase_if(schema->unsupported, [&](const Unsupported& one) {
      return one.object == part.object && one.attribute == part.attribute && one.reason == part.reason;
    });
  }
}

template <class Call>
absl::StatusOr<Schema> Read(const Peers& peers, const Call& call, const std::string& site,
                            const v1::SchemaSource& source, absl::Time deadline) {
  v1::InspectSchemaRequest request;
  request.set_site(site);
  *request.mutable_source() = source;
  request.mutable_source()->clear_site();
  SchemaAssembly assembly;
  BONNIE_RETURN_IF_ERROR(AskStream(peers, call, site, deadline, &v1::SchemaService::Stub::InspectSchema, request,
                                   [&](const v1::InspectSchemaResponse& part) { assembly.Take(part); }));
  Schema schema = assembly.Finish();
  ForgetUnsayable(&schema);
  return schema;
}

}  // namespace

void SchemaAssembly::Take(const v1::InspectSchemaResponse& part) {
  switch (part.part_case()) {
    case v1::InspectSchemaResponse::kHeader:
      schema_.flavour =
          part.header().server_flavour() == "MariaDB" ? data_access::Flavour::kMariaDb : data_access::Flavour::kMySql;
      schema_.server_version = part.header().server_version();
      schema_.charset = part.header().charset();
      schema_.collation = part.header().collation();
      return;
    case v1::InspectSchemaResponse::kTable:
      return TakeTable(part.table());
    case v1::InspectSchemaResponse::kObject:
      schema_.objects.push_back(FromProto(part.object()));
      return;
    case v1::InspectSchemaResponse::kUnsupported:
      schema_.unsupported.push_back(
          {part.unsupported().object(), part.unsupported().attribute(), part.unsupported().reason()});
      return;
    case v1::InspectSchemaResponse::PART_NOT_SET:
      schema_.unsupported.push_back({"", "", "the site's service sends something that this version does not know"});
      return;
  }
}

void SchemaAssembly::TakeTable(const v1::SchemaTable& message) {
  absl::StatusOr<Table> table = ParseCreateTable(message.create_statement());
  if (!table.ok()) {
    schema_.unsupported.push_back({message.name(), "", std::string(table.status().message())});
    return;
  }
  // What the peer asked its catalogue besides.
  for (const v1::TableColumn& from : message.columns()) {
    for (Column& column : table->columns) {
      if (column.name != from.name()) continue;
      column.definition = from.definition();
      column.charset = from.charset();
      column.collation = from.collation();
      if (!from.has_default_value()) continue;
      column.default_value = from.default_value();
      // MariaDB writes none such: it stands for a default of which its text loses characters.
      const bool lost =
          schema_.flavour == data_access::Flavour::kMariaDb && absl::StartsWith(from.default_value(), "0x");
      if (lost) column.default_bytes = from.default_value().substr(2);
    }
  }
  schema_.tables[message.name()] = *std::move(table);
}

absl::StatusOr<Schema> ReadPeerSchema(const Peers& peers, const server::UnaryCall& call, const std::string& site,
                                      const v1::SchemaSource& source, absl::Time deadline) {
  return Read(peers, call, site, source, deadline);
}

absl::StatusOr<Schema> ReadPeerSchema(const Peers& peers, const server::StreamCall& call, const std::string& site,
                                      const v1::SchemaSource& source, absl::Time deadline) {
  return Read(peers, call, site, source, deadline);
}

}  // namespace bonnie::schema
